//! Which entry is meant, and its versions opened.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use team::entry::{self, Opened, Place};
use team::ids::{EntryId, OpId};
use vault::{Seal, Version};

use super::EntryRef;
use crate::bundles::BundleAt;
use crate::names::Reference;
use crate::open::{Open, Teams};
use crate::{Code, Fault, bundles};

/// An entry as it was found: its current versions, the one that readers choose first.
pub(crate) struct Found {
    pub bundle: BundleAt,
    pub entry: EntryId,
    /// The field that a reference names.
    pub field: Option<String>,
    /// All live versions of this name: siblings, and entries that got the same name apart. Then
    /// removals that stand beside a live version of their entry.
    pub heads: Vec<Version>,
}

impl Found {
    /// The version that readers choose: max(lamport, op id) (protocol §4).
    pub fn chosen(&self) -> Option<&Version> {
        self.heads.first()
    }

    /// A word about several versions that stand side by side.
    pub fn several_values(&self, name: &str) -> Option<String> {
        let count = self.heads.len();
        (count > 1).then(|| format!("{name} has {count} values side by side; the newest is given"))
    }

    /// Whether several versions stand side by side.
    pub fn conflict(&self) -> bool {
        self.heads.len() > 1
    }
}

/// What readers choose by: the version with the greatest (lamport, op id, place in the op).
pub(crate) fn rank(version: &Version) -> (u64, OpId, u32) {
    (version.lamport, version.op, version.pos)
}

/// Puts the version that readers choose first: the newest that is no removal, for nobody should
/// lose a value because somebody else, who did not see it, removed the entry.
pub(crate) fn chosen_first(heads: &mut [Version]) {
    heads.sort_by_key(|version| (version.deleted, Reverse(rank(version))));
}

/// Puts an older seal in the place of one that this member has no key for: who was given a bundle
/// late, or lost it, reads what they have.
pub(crate) async fn make_readable(open: &mut Open, versions: &mut [Version]) -> Result<(), Fault> {
    let locked = |teams: &Teams, version: &Version| {
        let keyring = &teams[&version.team].keyring;
        version.sealed.is_some() && keyring.bundle_key(&version.key).is_none()
    };
    take_older_seals(open, versions, locked).await
}

/// The same in the place of one that does not open at all: whoever has a bundle can seal anything
/// anew, noise too.
pub(crate) async fn make_openable(open: &mut Open, versions: &mut [Version]) -> Result<(), Fault> {
    let broken = |teams: &Teams, version: &Version| {
        version.sealed.is_some() && open_version(teams, version).is_err()
    };
    take_older_seals(open, versions, broken).await
}

async fn take_older_seals(
    open: &mut Open,
    versions: &mut [Version],
    of: impl Fn(&Teams, &Version) -> bool,
) -> Result<(), Fault> {
    let wanting = versions
        .iter_mut()
        .filter(|version| of(&open.teams, version));
    let wanting: Vec<&mut Version> = wanting.collect();
    if wanting.is_empty() {
        return Ok(());
    }
    let places: Vec<_> = wanting.iter().map(|version| version.place()).collect();
    let seals = open.vault.seals(&places).await?;
    for version in wanting {
        let of_version = seals
            .iter()
            .filter(|seal| (seal.entry, seal.version) == (version.entry, version.id));
        let as_sealed = |seal: &Seal| Version {
            key: seal.key,
            sealed_by: seal.sealed_by,
            sealed: Some(seal.sealed.clone()),
            ..version.clone()
        };
        let mut openable = of_version
            .map(as_sealed)
            .filter(|version| open_version(&open.teams, version).is_ok());
        if let Some(openable) = openable.next() {
            *version = openable;
        }
    }
    Ok(())
}

/// Opens a version under the key that it is sealed under.
pub(crate) fn open_version(teams: &Teams, version: &Version) -> Result<Opened, Fault> {
    let sealed = version.sealed.as_deref().ok_or_else(|| {
        Fault::new(
            Code::NotFound,
            "This version removes the entry: it has no content.",
        )
    })?;
    let team = &teams[&version.team];
    let key = team.keyring.bundle_key(&version.key).ok_or_else(|| {
        Fault::new(
            Code::NotAllowed,
            "The key of this version is not in this vault.",
        )
    })?;
    let place = Place {
        team: team.id,
        bundle: version.bundle,
        epoch: version.key,
        entry: version.entry,
        version: version.id,
        sealed_by: version.sealed_by,
    };
    Ok(entry::open(key, &place, sealed)?)
}

/// What a person is told of an entry whose content does not open: somebody who has the bundle wrote
/// noise, or their device is broken.
pub(crate) fn unreadable(teams: &Teams, version: &Version) -> Fault {
    let bundle = BundleAt {
        team: version.team,
        id: version.bundle,
    };
    let device = teams[&version.team].device_name(&version.sealed_by);
    let bundle = bundles::full_name(teams, &bundle);
    Fault::new(
        Code::Integrity,
        format!("What the device {device} wrote does not open."),
    )
    .about(version.entry.to_string())
    .next(format!(
        "`sealfold rm -b {bundle} {}` takes the entry out; `sealfold restore` brings back what was before.",
        version.entry
    ))
}

/// As [`open_version`], for a version that was looked up by its name: it has to bear that name.
/// Look-ups go by a hash beside the sealed content, which somebody may have put there for another
/// entry's (threat 46).
pub(crate) fn open_named(teams: &Teams, version: &Version, name: &str) -> Result<Opened, Fault> {
    let opened = open_version(teams, version)?;
    if opened.content.name == name {
        Ok(opened)
    } else {
        Err(other_name())
    }
}

pub(super) fn other_name() -> Fault {
    Fault::new(
        Code::Integrity,
        "What the vault file holds under this name is another entry.",
    )
    .next("The file was changed by something else: run `sealfold doctor`.")
}

/// Finds a live entry.
pub(crate) async fn find(open: &mut Open, entry: &EntryRef) -> Result<Found, Fault> {
    let (bundle, name, field) = match entry {
        EntryRef::Named { bundle, name } => (
            bundles::find_usable(&open.teams, bundle.as_deref())?,
            name.clone(),
            None,
        ),
        EntryRef::Reference(text) => {
            let reference = Reference::parse(text)?;
            let bundle = bundles::find_any(&open.teams, &reference.bundle)?;
            (bundle, reference.name, reference.field)
        }
    };
    let heads = live_by_name(open, &bundle, &name).await?;
    match heads.first() {
        Some(first) => Ok(Found {
            bundle,
            entry: first.entry,
            field,
            heads,
        }),
        None => Err(no_entry(&name, &bundles::full_name(&open.teams, &bundle))),
    }
}

/// Versions that are no removals.
pub(crate) fn live(heads: &[Version]) -> impl Iterator<Item = &Version> {
    heads.iter().filter(|version| !version.deleted)
}

/// The heads of a name that is live, the chosen one first. The keyed hash finds them without a scan; each
/// is opened to see that it bears the name.
pub(crate) async fn live_by_name(
    open: &mut Open,
    bundle: &BundleAt,
    name: &str,
) -> Result<Vec<Version>, Fault> {
    let hash = open.vault.name_hash(&bundle.id, name);
    let mut heads = open
        .vault
        .heads_by_name(&bundle.team, &bundle.id, &hash)
        .await?;
    make_openable(open, &mut heads).await?;
    chosen_first(&mut heads);
    let live: BTreeSet<EntryId> = live(&heads).map(|version| version.entry).collect();
    heads.retain(|version| live.contains(&version.entry));
    for version in self::live(&heads) {
        open_named(&open.teams, version, name)?;
    }
    Ok(heads)
}

pub(crate) fn no_entry(name: &str, bundle: &str) -> Fault {
    Fault::new(Code::NotFound, "There is no such entry.")
        .about(format!("{name} in {bundle}"))
        .next("`sealfold ls` shows what is there; `sealfold history` what was.")
}
