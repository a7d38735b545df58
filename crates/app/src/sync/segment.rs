//! Segments: runs of signed ops of one device, as they lie on a remote. A list of byte strings in
//! DAG-CBOR; what does not encode to the same bytes again is none.

use serde_bytes::ByteBuf;

/// Most bytes of a segment.
pub(super) const BYTES: usize = 8 << 20;
/// Most ops of a segment.
pub(super) const OPS: usize = 10_000;

/// Ops as they are pushed.
pub(super) fn encode(ops: &[impl AsRef<[u8]>]) -> Vec<u8> {
    let bytes = ops.iter().map(|op| serde_bytes::Bytes::new(op.as_ref()));
    let list: Vec<&serde_bytes::Bytes> = bytes.collect();
    serde_ipld_dagcbor::to_vec(&list).expect("a list of byte strings is DAG-CBOR")
}

/// The ops of a segment whose name promises so many, as far as the bytes alone can tell: their number
/// and the one encoding. Whether each stands at its place is seen when its signature was verified.
pub(super) fn decode(count: u64, bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    if bytes.len() > BYTES + team::caps::OP_BYTES || count > OPS as u64 {
        return None;
    }
    let list: Vec<ByteBuf> = serde_ipld_dagcbor::from_slice(bytes).ok()?;
    let ops: Vec<Vec<u8>> = list.into_iter().map(ByteBuf::into_vec).collect();
    (ops.len() as u64 == count && encode(&ops) == bytes).then_some(ops)
}

#[cfg(test)]
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
}
