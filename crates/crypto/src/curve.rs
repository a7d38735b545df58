//! Which public keys of Curve25519 are sound: one encoding a key, and none of small order.
//!
//! Both curves encode a coordinate modulo p = 2^255 − 19 in 32 bytes little-endian.

/// Whether the low 255 bits are below p. The top bit is the caller's to judge: Ed25519 keeps a sign
/// in it, X25519 ignores it.
pub(crate) fn is_below_p(encoded: &[u8; 32]) -> bool {
    // p is ed ff … ff 7f: only an encoding with all of the upper 31 bytes full can reach it.
    let upper_full = encoded[1..31].iter().all(|byte| *byte == 0xff) && encoded[31] & 0x7f == 0x7f;
    !(upper_full && encoded[0] >= 0xed)
}

/// The u-coordinates whose points have small order, on the curve and on its twist, below p: 0, 1,
/// p − 1 and two of order 8 (RFC 7748 section 6.1; <https://cr.yp.to/ecdh.html#validate>). X25519 of
/// any of them is zero, whatever the secret.
const SMALL_ORDER_U: [[u8; 32]; 5] = [
    [0; 32],
    {
        let mut one = [0; 32];
        one[0] = 1;
        one
    },
    {
        let mut minus_one = [0xff; 32];
        minus_one[0] = 0xec;
        minus_one[31] = 0x7f;
        minus_one
    },
    [
        0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4,
        0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49,
        0xb8, 0x00,
    ],
    [
        0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef,
        0x5b, 0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f,
        0x11, 0x57,
    ],
];

/// Whether `public` is the one encoding of an X25519 key that is not of small order.
pub(crate) fn is_sound_x25519(public: &[u8; 32]) -> bool {
    public[31] & 0x80 == 0 && is_below_p(public) && !SMALL_ORDER_U.contains(public)
}

#[cfg(test)]
mod tests {
    use x25519_dalek::x25519;

    use super::*;

    #[test]
    fn points_of_small_order_give_nothing_and_are_refused() {
        // threat 24
        for public in SMALL_ORDER_U {
            assert_eq!(x25519([0x42; 32], public), [0; 32]);
            assert!(!is_sound_x25519(&public));
        }
        assert!(is_sound_x25519(&x25519_dalek::X25519_BASEPOINT_BYTES));
    }

    #[test]
    fn a_key_has_one_encoding() {
        let mut p = [0xff; 32];
        p[0] = 0xed;
        p[31] = 0x7f;
        assert!(!is_below_p(&p));
        let mut below = p;
        below[0] -= 1;
        assert!(is_below_p(&below));
        let mut above = p;
        above[0] = 0xff;
        assert!(!is_below_p(&above));
        let mut inside = p;
        inside[17] = 0xfe;
        assert!(is_below_p(&inside));

        let mut top_bit = x25519_dalek::X25519_BASEPOINT_BYTES;
        top_bit[31] |= 0x80;
        assert!(!is_sound_x25519(&top_bit));
    }
}
