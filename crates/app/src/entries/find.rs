//! Which entry is meant, and its versions opened.

use std::cmp::Reverse;

use team::entry::{self, Opened, Place};
use team::ids::{BundleId, EntryId, OpId};
use vault::Version;

use super::EntryRef;
use crate::names::{BundleName, Reference};
use crate::open::{Open, Team};
use crate::{Code, Fault, bundles};

/// An entry as it was found: its current versions, the one that readers choose first.
pub(crate) struct Found {
    pub bundle: BundleId,
    pub entry: EntryId,
    /// The field that a reference names.
    pub field: Option<String>,
    /// All live versions of this name: siblings, and entries that got the same name apart.
    pub heads: Vec<Version>,
}

impl Found {
    /// The version that readers choose: max(lamport, op id) (protocol §4).
    pub fn chosen(&self) -> Option<&Version> {
        self.heads.first()
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

/// Puts the version that readers choose first.
pub(crate) fn chosen_first(heads: &mut [Version]) {
    heads.sort_by_key(|version| Reverse(rank(version)));
}

/// Opens a version under the key that it is sealed under.
pub(crate) fn open_version(team: &Team, version: &Version) -> Result<Opened, Fault> {
    let sealed = version.sealed.as_deref().ok_or_else(|| {
        Fault::new(
            Code::NotFound,
            "This version removes the entry: it has no content.",
        )
    })?;
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

/// As [`open_version`], for a version that was looked up by its name: it has to bear that name.
/// Look-ups go by a hash beside the sealed content, which somebody may have put there for another
/// entry's (threat 46).
pub(crate) fn open_named(team: &Team, version: &Version, name: &str) -> Result<Opened, Fault> {
    let opened = open_version(team, version)?;
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
            bundles::find_usable(&open.team, bundle.as_deref())?,
            name.clone(),
            None,
        ),
        EntryRef::Reference(text) => {
            let reference = Reference::parse(text)?;
            let own = open.team.ledger.state().team_name();
            if reference.team.as_deref().is_some_and(|team| team != own) {
                return Err(
                    Fault::new(Code::NotFound, "This vault is not of that team.").about(text),
                );
            }
            let bundle = bundles::find_any(&open.team, &BundleName::parse(&reference.bundle)?)?;
            (bundle, reference.name, reference.field)
        }
        EntryRef::Id(text) => return find_by_id(open, text).await,
    };
    let heads = live_by_name(open, &bundle, &name).await?;
    match heads.first() {
        Some(first) => Ok(Found {
            bundle,
            entry: first.entry,
            field,
            heads,
        }),
        None => Err(no_entry(&name, &bundles::full_name(&open.team, &bundle))),
    }
}

/// Live versions of a name, the chosen one first. The keyed hash finds them without a scan; each
/// is opened to see that it bears the name.
pub(crate) async fn live_by_name(
    open: &mut Open,
    bundle: &BundleId,
    name: &str,
) -> Result<Vec<Version>, Fault> {
    let hash = open.vault.name_hash(bundle, name);
    let mut heads = open
        .vault
        .heads_by_name(&open.team.id, bundle, &hash)
        .await?;
    heads.retain(|version| !version.deleted);
    chosen_first(&mut heads);
    for version in &heads {
        open_named(&open.team, version, name)?;
    }
    Ok(heads)
}

async fn find_by_id(open: &mut Open, text: &str) -> Result<Found, Fault> {
    let id = decode_hex(text).and_then(|bytes| EntryId::from_slice(&bytes));
    let missing = || Fault::new(Code::NotFound, "There is no entry with this id.").about(text);
    let id = id.ok_or_else(missing)?;
    let mut heads = Vec::new();
    for bundle in open.team.ledger.state().bundles().keys() {
        let found = open.vault.versions_of_entry(&open.team.id, bundle, &id);
        heads.extend(found.await?);
    }
    heads.retain(|version| version.state == vault::VersionState::Head && !version.deleted);
    chosen_first(&mut heads);
    let first = heads.first().ok_or_else(missing)?;
    Ok(Found {
        bundle: first.bundle,
        entry: first.entry,
        field: None,
        heads,
    })
}

fn decode_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    if digits.len().is_multiple_of(2) {
        digits.chunks(2).map(pair).collect()
    } else {
        None
    }
}

pub(crate) fn no_entry(name: &str, bundle: &str) -> Fault {
    Fault::new(Code::NotFound, "There is no such entry.")
        .about(format!("{name} in {bundle}"))
        .next("`sealfold ls` shows what is there; `sealfold history` what was.")
}
