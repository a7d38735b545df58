//! Versions of one entry that don't know each other: all are kept, and readers choose one.

use std::collections::{BTreeMap, BTreeSet};

use crate::ids::{EntryId, OpId, VersionId};

/// A version of a valid op, as the vault knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownVersion {
    /// Its entry.
    pub entry: EntryId,
    /// Its id.
    pub version: VersionId,
    /// The versions that it replaces.
    pub predecessors: Vec<VersionId>,
    /// (lamport, op id) of its op, and its place there.
    pub order: (u64, OpId, u32),
}

/// The current versions of one entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heads {
    /// The entry.
    pub entry: EntryId,
    /// Those that none other replaces, the one that readers choose first. More than one are
    /// siblings: a conflict.
    pub heads: Vec<VersionId>,
    /// The newest version that all of them know, if there is one: what each side changed.
    pub base: Option<VersionId>,
}

/// The current versions of every entry among these. A removal is a version like others.
pub fn heads(versions: &[KnownVersion]) -> Vec<Heads> {
    let mut entries: BTreeMap<EntryId, BTreeMap<VersionId, &KnownVersion>> = BTreeMap::new();
    for version in versions {
        let own = entries.entry(version.entry).or_default();
        own.insert(version.version, version);
    }
    let heads = entries.iter().map(|(entry, own)| {
        // Who names a version of another entry replaces nothing by it.
        let replaced: BTreeSet<VersionId> = own
            .values()
            .flat_map(|version| &version.predecessors)
            .copied()
            .collect();
        let mut heads: Vec<_> = own
            .values()
            .filter(|version| !replaced.contains(&version.version))
            .collect();
        heads.sort_by_key(|version| std::cmp::Reverse(version.order));
        Heads {
            entry: *entry,
            base: base(own, heads.iter().map(|head| head.version)),
            heads: heads.iter().map(|head| head.version).collect(),
        }
    });
    heads.collect()
}

/// The newest version that all of these come from.
fn base(
    own: &BTreeMap<VersionId, &KnownVersion>,
    heads: impl Iterator<Item = VersionId>,
) -> Option<VersionId> {
    let known = heads.map(|head| ancestors(own, head));
    let common = known.reduce(|all, next| all.intersection(&next).copied().collect())?;
    common.into_iter().max_by_key(|version| own[version].order)
}

fn ancestors(own: &BTreeMap<VersionId, &KnownVersion>, head: VersionId) -> BTreeSet<VersionId> {
    let (mut next, mut found) = (vec![head], BTreeSet::new());
    while let Some(version) = next.pop() {
        let before = own
            .get(&version)
            .into_iter()
            .flat_map(|of| &of.predecessors);
        let known = before.filter(|before| own.contains_key(*before));
        next.extend(known.filter(|before| found.insert(**before)));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u8) -> VersionId {
        VersionId::from_bytes([number; 16])
    }

    fn version(number: u8, predecessors: &[u8]) -> KnownVersion {
        KnownVersion {
            entry: EntryId::from_bytes([0; 16]),
            version: id(number),
            predecessors: predecessors.iter().map(|number| id(*number)).collect(),
            order: (number.into(), OpId::from_bytes([number; 32]), 0),
        }
    }

    #[test]
    fn what_nobody_replaced_is_current_and_siblings_have_a_base() {
        let all = [
            version(1, &[]),
            version(2, &[1]),
            version(3, &[2]),
            version(4, &[2]),
        ];
        let found = heads(&all);
        assert_eq!(found[0].heads, [id(4), id(3)]);
        assert_eq!(found[0].base, Some(id(2)));
        let resolved = [all.as_slice(), &[version(5, &[3, 4])]].concat();
        assert_eq!(heads(&resolved)[0].heads, [id(5)]);
    }

    #[test]
    fn a_circle_of_versions_that_name_each_other_ends() {
        let all = [version(1, &[2]), version(2, &[1]), version(3, &[1])];
        assert_eq!(heads(&all)[0].heads, [id(3)]);
    }

    #[test]
    fn two_that_know_nothing_have_no_base() {
        let found = heads(&[version(1, &[]), version(2, &[])]);
        assert_eq!(found[0].heads, [id(2), id(1)]);
        assert_eq!(found[0].base, None);
    }
}
