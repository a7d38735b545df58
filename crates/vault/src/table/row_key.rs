//! What names rows of a table: one column, or several.

use crypto::KeyId;
use team::ids::{BundleId, DeviceId, EntryId, OpId, TeamId, VersionId};

use crate::frame::Columns;
use crate::{EvidenceId, KeyKind};

/// Values of the columns that name a row.
pub(crate) trait RowKey {
    /// The columns, in parentheses if they are several, in the order of [`Self::visit`].
    const COLUMNS: &'static str;

    /// Hands over each value in order.
    fn visit(&self, columns: &mut impl Columns);
}

/// A version as its author named it: whoever chose a version's id may have taken one that stands
/// in another team, bundle or entry, so it is good in its own only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VersionPlace {
    /// The team.
    pub team: TeamId,
    /// The bundle.
    pub bundle: BundleId,
    /// The entry.
    pub entry: EntryId,
    /// The version.
    pub version: VersionId,
}

impl RowKey for VersionPlace {
    const COLUMNS: &'static str = "(team, bundle, entry, id)";

    fn visit(&self, columns: &mut impl Columns) {
        columns.bytes(self.team.as_bytes());
        columns.bytes(self.bundle.as_bytes());
        columns.bytes(self.entry.as_bytes());
        columns.bytes(self.version.as_bytes());
    }
}

macro_rules! row_keys {
    ($($(#[$doc:meta])* $name:ident($($id:ty),+) $columns:literal;)+) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
            pub(crate) struct $name($(pub(crate) $id),+);

            impl RowKey for $name {
                const COLUMNS: &'static str = $columns;

                row_keys!(@visit $($id),+);
            }
        )+
    };
    (@visit $first:ty) => {
        fn visit(&self, columns: &mut impl Columns) {
            columns.bytes(self.0.as_bytes());
        }
    };
    (@visit $first:ty, $second:ty) => {
        fn visit(&self, columns: &mut impl Columns) {
            columns.bytes(self.0.as_bytes());
            columns.bytes(self.1.as_bytes());
        }
    };
}

row_keys! {
    /// All rows of a team, or the only one.
    ByTeam(TeamId) "team";
    /// What belongs to an op.
    ByOp(OpId) "op";
    /// An op itself.
    ById(OpId) "id";
    /// An op in a team's outbox.
    ByTeamAndOp(TeamId, OpId) "(team, op)";
    /// Evidence in a team.
    ByTeamAndEvidence(TeamId, EvidenceId) "(team, id)";
    /// A version of an entry, in whichever bundle.
    InEntry(EntryId, VersionId) "(entry, id)";
    /// A seal of a version.
    ByVersion(EntryId, VersionId) "(entry, version)";
}

impl ByTeamAndEvidence {
    /// Both ids, which bind a sealed row to its place.
    pub(crate) fn to_bytes(self) -> Vec<u8> {
        [self.0.as_bytes().as_slice(), self.1.as_bytes()].concat()
    }
}

/// A key in a team, for one use. One key as two kinds is two keys: whoever knows a key can hand it
/// on as whatever they like.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ByUse(pub(crate) TeamId, pub(crate) KeyKind, pub(crate) KeyId);

impl RowKey for ByUse {
    const COLUMNS: &'static str = "(team, kind, id)";

    fn visit(&self, columns: &mut impl Columns) {
        columns.bytes(self.0.as_bytes());
        columns.int(self.1.number());
        columns.bytes(self.2.as_bytes());
    }
}

impl ByUse {
    /// All three, which bind a sealed row to its place.
    pub(crate) fn to_bytes(self) -> Vec<u8> {
        let Self(team, kind, key) = self;
        let kind = kind.number().to_be_bytes();
        [team.as_bytes().as_slice(), &kind, key.as_bytes()].concat()
    }
}

/// What an op brought at one place.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ByPos(pub(crate) OpId, pub(crate) u32);

impl RowKey for ByPos {
    const COLUMNS: &'static str = "(op, pos)";

    fn visit(&self, columns: &mut impl Columns) {
        columns.bytes(self.0.as_bytes());
        columns.int(self.1.into());
    }
}

/// A place in a device's chain.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ByChain(pub(crate) DeviceId, pub(crate) i64);

impl RowKey for ByChain {
    const COLUMNS: &'static str = "(device, seq)";

    fn visit(&self, columns: &mut impl Columns) {
        columns.bytes(self.0.as_bytes());
        columns.int(self.1);
    }
}
