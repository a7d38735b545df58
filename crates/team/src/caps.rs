//! How large anything that comes from outside may be. Checked before anything is allocated for it
//! (protocol §4; threat 13).

/// Bytes of one op, signature included: 1 MiB.
pub const OP_BYTES: usize = 1 << 20;
/// Citations of other devices' heads in one op.
pub const DEPS: usize = 10_000;
/// Citations that an author writes into one op; what is left is cited by the next.
pub const CITED: usize = 4_000;
/// Branches of one device that are cited whatever stands on them.
pub const BRANCHES_CITED: usize = 8;
/// Nesting of an encoded value.
pub const DEPTH: usize = 16;
/// Bytes of one pack of entry versions: 64 MiB.
pub const PACK_BYTES: usize = 64 << 20;
/// Entry versions that together have more sealed bytes than this travel in a pack: 64 KiB.
pub const INLINE_BYTES: usize = 64 << 10;
/// Entry versions of one op, so that their ids fit it; a larger import is several ops of one
/// commit.
pub const VERSIONS: usize = 16_384;
/// Bytes of a name of a member, device, project or environment: what a person can read. Names of
/// entries are held to it when they are written.
pub const NAME_BYTES: usize = 256;
/// Wraps and predecessor seals in the key section of one op.
pub const KEYS: usize = 4_096;
/// Ops that wait for something missing, over all devices; the oldest from unknown devices go first.
pub const WAITING: usize = 10_000;
/// Ops that wait from devices which no known op has added.
pub const WAITING_UNKNOWN: usize = 256;
/// Bytes of all that waits, packs included: 256 MiB.
pub const WAITING_BYTES: usize = 256 << 20;
/// Keys that are taken from ops of devices which no op has introduced: a new device needs a few.
pub const KEYS_FROM_STRANGERS: usize = 256;
/// Bytes of a reason: a few sentences.
pub const REASON_BYTES: usize = 1_024;
/// Devices that a returning member names.
pub const RETURNING_DEVICES: usize = 64;
/// How far the number of a generation goes up when a member comes back: theirs may have rotated
/// elsewhere, and nobody uses the numbers up.
pub const GENERATIONS_AT_ONCE: u32 = 1_024;
/// Ops that one review names.
pub const REVIEWED: usize = 4_096;
/// Bundle keys that one grant hands over; a longer history takes several.
pub const GRANTED_KEYS: usize = 4_096;
/// Bundles whose values one service is given.
pub const SERVICE_BUNDLES: usize = 64;
/// Devices that sign for one service: as many as their ids fit its token.
pub const SERVICE_SIGNERS: usize = 64;
/// Characters of an invitation or a service's token, with the hint where its remote is.
pub const INVITATION_BYTES: usize = 8_192;
/// Bytes of a request to join.
pub const REQUEST_BYTES: usize = 16_384;
/// Bytes of a recovery note.
pub const RECOVERY_NOTE_BYTES: usize = 2_048;
/// Keys for others that one op carries along.
pub const REPAIRED: usize = 512;
