//! How much that waits is kept on disk (threat 13).

use super::super::incoming::Incoming;

/// For all. What goes beyond is fetched again: the objects that
/// brought it are not remembered.
pub(super) const ROOM: Room = Room {
    ops: 10_000,
    bytes: 256 << 20,
};
/// How much of that is for devices that nobody has introduced: anybody can sign with such.
pub(super) const ROOM_FOR_STRANGERS: Room = Room {
    ops: 256,
    bytes: 16 << 20,
};

/// Room for ops that wait.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    ops: usize,
    bytes: usize,
}

impl Room {
    pub fn take(&mut self, incoming: &Incoming) -> bool {
        let bytes = incoming.op.len() + incoming.pack.as_ref().map_or(0, Vec::len);
        match (self.ops.checked_sub(1), self.bytes.checked_sub(bytes)) {
            (Some(ops), Some(bytes)) => {
                *self = Self { ops, bytes };
                true
            }
            _ => false,
        }
    }
}
