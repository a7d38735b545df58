//! Packs: sealed entry versions that are too large together to travel inside their op.

use serde_bytes::ByteBuf;

use crate::caps;
use crate::cbor;
use crate::error::Malformed;
use crate::ids::BlobId;
use crate::op::Content;

/// Sealed versions, in the order of the op that cites them.
pub type SealedVersions = Vec<ByteBuf>;

/// Puts sealed versions where they belong: inside the op, or in a pack beside it.
pub fn make_content(sealed: SealedVersions) -> (Content, Option<Vec<u8>>) {
    if sealed.iter().map(|version| version.len()).sum::<usize>() <= caps::INLINE_BYTES {
        return (Content::Inline(sealed), None);
    }
    let bytes = cbor::encode(&sealed);
    (Content::Pack(pack_id(&bytes)), Some(bytes))
}

/// The id of a pack with these bytes.
pub fn pack_id(bytes: &[u8]) -> BlobId {
    BlobId::from_bytes(crypto::hash(crypto::Purpose::BlobHash, bytes))
}

/// Opens a pack that an op cites: its hash is checked, then its encoding.
pub fn read_pack(id: &BlobId, bytes: &[u8], versions: usize) -> Result<SealedVersions, Malformed> {
    if bytes.len() > caps::PACK_BYTES {
        return Err(Malformed::TooLarge);
    }
    if pack_id(bytes) != *id {
        return Err(Malformed::Inconsistent);
    }
    // Before anything is built: 64 MiB could claim to be as many versions (threat 13).
    if cbor::list_len(bytes)? != versions as u64 {
        return Err(Malformed::Inconsistent);
    }
    cbor::decode(bytes)
}
