//! Padding, so that a sealed value shows only roughly how long it is (`docs/protocol.md` section 1).
//!
//! A padded text is its length in 4 bytes big-endian, the text, and zeros up to a bucket: multiples
//! of 256 bytes up to 4 KiB, from there on the lengths of [Padmé], which add at most 6.25 % and leave
//! `log log` of the length to be seen.
//!
//! [Padmé]: https://petsymposium.org/popets/2019/popets-2019-0056.pdf

use crate::{OpenError, SecretVec};

/// Bytes of the length that stands in front.
const PREFIX: usize = 4;
/// Up to here the buckets are all of one size.
const EVEN_BUCKETS_UP_TO: usize = 4096;
const BUCKET: usize = 256;

/// How long a text of `len` bytes is once padded. Saturates for lengths that no machine has.
#[must_use]
pub fn padded_len(len: usize) -> usize {
    let len = len.saturating_add(PREFIX);
    if len <= EVEN_BUCKETS_UP_TO {
        return len.next_multiple_of(BUCKET);
    }
    // Padmé: with E = ⌊log₂ len⌋ and S = ⌊log₂ E⌋ + 1, the last E − S bits are rounded up to zero.
    let exponent = len.ilog2();
    let significant = exponent.ilog2() + 1;
    let mask = (1 << (exponent - significant)) - 1;
    len.saturating_add(mask) & !mask
}

/// Pads `text` to its bucket.
///
/// # Panics
/// At 4 GiB or more. Callers cap what they seal far below: an op at 1 MiB, a blob at 64 MiB.
#[must_use]
pub fn pad(text: &[u8]) -> SecretVec {
    let mut padded = Vec::with_capacity(padded_len(text.len()));
    extend_padded(&mut padded, text);
    SecretVec::new(padded)
}

/// Appends the padded `text` to `out`, whose capacity the caller has seen to.
pub(crate) fn extend_padded(out: &mut Vec<u8>, text: &[u8]) {
    let len = u32::try_from(text.len()).expect("callers cap what they seal far below 4 GiB");
    let end = out.len() + padded_len(text.len());
    out.extend_from_slice(&len.to_be_bytes());
    out.extend_from_slice(text);
    out.resize(end, 0);
}

/// Takes the padding off, in place.
///
/// # Errors
/// If the length is not that of the text's own bucket or the fill is not zero: a text has exactly
/// one padded form.
pub fn unpad(mut padded: SecretVec) -> Result<SecretVec, OpenError> {
    // EXPOSE: read here to find where the text ends; it stays in its buffer.
    let bytes = padded.expose();
    let (prefix, rest) = bytes.split_first_chunk::<PREFIX>().ok_or(OpenError)?;
    let len = usize::try_from(u32::from_be_bytes(*prefix)).map_err(|_| OpenError)?;
    let fill = rest.get(len..).ok_or(OpenError)?;
    if padded_len(len) != bytes.len() || fill.iter().any(|byte| *byte != 0) {
        return Err(OpenError);
    }
    padded.keep(PREFIX..PREFIX + len);
    Ok(padded)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn buckets_are_as_the_protocol_says() {
        // threat 20: the edges of the buckets, and Padmé's first steps.
        for (len, padded) in [
            (0, 256),
            (252, 256),
            (253, 512),
            (4092, 4096),
            (4093, 4352),
            (8188, 8192),
            (8189, 8704),
            (65_532, 65_536),
            (65_533, 67_584),
            (1_000_000, 1_015_808),
        ] {
            assert_eq!(padded_len(len), padded, "{len}");
        }
        assert!(padded_len(usize::MAX) >= usize::MAX / 2);
    }

    fn unpad_bytes(bytes: &[u8]) -> Result<SecretVec, OpenError> {
        unpad(SecretVec::new(bytes.to_vec()))
    }

    #[test]
    fn only_the_canonical_form_is_taken_off() {
        let good = pad(b"value");
        assert_eq!(unpad_bytes(good.expose()).unwrap().expose(), b"value");

        let mut dirty = good.expose().to_vec();
        dirty[255] = 1;
        assert_eq!(unpad_bytes(&dirty), Err(OpenError));

        let mut longer = good.expose().to_vec();
        longer.resize(512, 0);
        assert_eq!(unpad_bytes(&longer), Err(OpenError));

        let mut past_the_end = good.expose().to_vec();
        past_the_end[..4].copy_from_slice(&u32::MAX.to_be_bytes());
        assert_eq!(unpad_bytes(&past_the_end), Err(OpenError));

        assert_eq!(unpad_bytes(&[]), Err(OpenError));
        assert_eq!(unpad_bytes(&[0, 0, 0]), Err(OpenError));
    }

    proptest! {
        #[test]
        fn what_is_padded_comes_back(text in proptest::collection::vec(any::<u8>(), 0..10_000)) {
            let padded = pad(&text);
            prop_assert_eq!(padded.len(), padded_len(text.len()));
            let unpadded = unpad(padded).unwrap();
            prop_assert_eq!(unpadded.expose(), text.as_slice());
        }

        #[test]
        fn padding_is_monotone_and_cheap(len in 0usize..1 << 40) {
            let padded = padded_len(len);
            prop_assert!(padded >= len + 4);
            prop_assert!(padded <= padded_len(len + 1));
            prop_assert!(padded - (len + 4) <= 255.max((len + 4) / 16));
        }

        #[test]
        fn unpad_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            let _ = unpad(SecretVec::new(bytes));
        }
    }
}
