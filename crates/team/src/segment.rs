//! Segments: runs of signed ops as they lie on a remote, of one device in its log, or of many in a
//! cover (protocol §5). A list of byte strings in DAG-CBOR, in its one encoding. What its ops are is
//! seen when each is received like any other.

use serde_bytes::{ByteBuf, Bytes};

use crate::caps;
use crate::cbor;

/// Most bytes of ops in a segment; the last op may go over it.
pub const BYTES: usize = 8 << 20;
/// Most ops of a segment.
pub const OPS: usize = 10_000;

/// Ops as they are pushed.
pub fn encode(ops: &[impl AsRef<[u8]>]) -> Vec<u8> {
    let ops: Vec<&Bytes> = ops.iter().map(|op| Bytes::new(op.as_ref())).collect();
    cbor::encode(&ops)
}

/// The ops of a segment whose name promises so many, as far as the bytes alone can tell: their
/// number and the one encoding. Whether each stands at its place is seen when its signature was
/// verified.
pub fn decode(count: u64, bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    if bytes.len() > BYTES + caps::OP_BYTES || count > OPS as u64 {
        return None;
    }
    // Before anything is built: nine million bytes could be as many ops (threat 13).
    if cbor::list_len(bytes).ok()? != count {
        return None;
    }
    let ops: Vec<ByteBuf> = cbor::decode(bytes).ok()?;
    Some(ops.into_iter().map(ByteBuf::into_vec).collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        // threat 13
        #[test]
        fn any_bytes_are_read_without_a_panic(
            ops in vec(vec(any::<u8>(), 0..40), 0..5),
            bytes in vec(any::<u8>(), 0..200),
            cut in 0_usize..200,
        ) {
            let count = ops.len() as u64;
            let mut list = encode(&ops);
            prop_assert_eq!(decode(count, &list), Some(ops));
            list.truncate(cut);
            for bytes in [list, bytes] {
                if let Some(ops) = decode(count, &bytes) {
                    prop_assert_eq!(encode(&ops), bytes);
                }
            }
        }
    }

    // threats 13 and 14
    #[test]
    fn what_its_name_does_not_promise_is_none() {
        let ops: Vec<Vec<u8>> = vec![vec![1; 30], Vec::new()];
        let bytes = encode(&ops);
        assert_eq!(decode(2, &bytes), Some(ops));
        assert!(decode(1, &bytes).is_none() && decode(3, &bytes).is_none());
        // The same list with its length in two bytes.
        let long = [&[0x98, 2], &bytes[1..]].concat();
        assert!(decode(2, &long).is_none());
        let (most, one_more) = (vec![[0_u8; 1]; OPS], vec![[0_u8; 1]; OPS + 1]);
        assert!(decode(OPS as u64, &encode(&most)).is_some());
        assert!(decode(OPS as u64 + 1, &encode(&one_more)).is_none());
        let large = vec![0; BYTES + caps::OP_BYTES + 1];
        assert!(decode(1, &encode(&[large])).is_none());
    }
}
