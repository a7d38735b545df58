//! Escape files follow their bundles.

use std::io::Write;
use std::path::Path;

use crypto::{Hasher, Purpose, SecretVec};
use formats::export::{Format, Written, write};
use formats::names::is_dangerous_name;
use team::entry::EntryKind;
use team::ids::{TeamId, VersionId};
use vault::VersionState;

use super::Setting;
use crate::age::{self, To};
use crate::audit::{MOST_NAMES, Reads};
use crate::bundles::{self, BundleAt};
use crate::clock::now;
use crate::entries::live_entries;
use crate::open::Open;
use crate::records::AuditEntry;
use crate::session::Caller;
use crate::{Code, Fault};

/// Writes those escape files anew whose bundle or readers changed. Each op moves the head of a
/// chain, so while these stay, there is nothing to look at. What goes wrong with a file is kept
/// with its setting; a fault is one of the vault's own.
pub(crate) async fn follow(open: &mut Open, caller: &Caller) -> Result<(), Fault> {
    // A vault that was put back to an older state must not put a newer file back too.
    if open.may_write().is_err() {
        return Ok(());
    }
    for id in open.teams.ids() {
        if open.teams[&id].facts.escapes.is_empty() {
            continue;
        }
        let heads = heads(open, &id);
        if open.escapes_seen.get(&id) == Some(&heads) {
            continue;
        }
        let bundles = open.teams[&id].facts.escapes.iter();
        let bundles: Vec<_> = bundles.map(|setting| setting.bundle).collect();
        for bundle in bundles {
            let at = BundleAt {
                team: id,
                id: bundle,
            };
            follow_one(open, caller, &at).await?;
        }
        open.escapes_seen.insert(id, heads);
    }
    Ok(())
}

fn heads(open: &Open, id: &TeamId) -> [u8; 32] {
    let mut hasher = Hasher::new(Purpose::StateHash);
    for (_, device, seq, op) in open.teams[id].ledger.chains().heads() {
        hasher.update(device.as_bytes());
        hasher.update(&seq.to_be_bytes());
        hasher.update(op.as_bytes());
    }
    hasher.finish()
}

/// Brings the escape file of one bundle up to date.
pub(super) async fn follow_one(
    open: &mut Open,
    caller: &Caller,
    at: &BundleAt,
) -> Result<(), Fault> {
    let Some(before) = setting(open, at).cloned() else {
        return Ok(());
    };
    let (to, without) = before.readers(&open.teams[&at.team]);
    let state = state(open, at, &before, &to).await?;
    if before.state == Some(state) {
        return Ok(());
    }
    let outcome = write_file(open, at, &before, &to).await;
    let (trouble, given, left_out) = match outcome {
        Ok((given, left_out)) => {
            let trouble = (!without.is_empty()).then(|| {
                "Not all who were named can open it: somebody is out of the bundle, or their new key is not known here yet."
                    .to_owned()
            });
            (trouble, Some(given), left_out)
        }
        Err(fault) => (Some(fault.message), None, before.left_out),
    };
    // Tried again at the next news, not at every request.
    let state = given.is_some().then_some(state);
    if given.is_none() && before.trouble == trouble && before.state.is_none() {
        return Ok(());
    }
    let detail = age::shown(&open.teams[&at.team], &to).join(", ");
    let bundle = bundles::full_name(&open.teams, at);
    open.write_unenrolled(async |open, changes| {
        if let Some((names, versions)) = &given {
            let entry = AuditEntry {
                operation: "escape".to_owned(),
                bundle: Some(bundle.clone()),
                names: names.iter().take(MOST_NAMES).cloned().collect(),
                count: names.len() as u64,
                detail: Some(format!("to {detail}")),
                reads: Reads::of(&open.teams[&at.team], at.id, versions.iter().copied()),
                ..AuditEntry::default()
            };
            changes.audit.push(open.stamp(caller, entry).encode());
        }
        let team = &mut open.teams[&at.team];
        let mut settings = team.facts.escapes.iter_mut();
        if let Some(setting) = settings.find(|setting| setting.bundle == at.id) {
            setting.state = state;
            setting.trouble = trouble.clone();
            setting.left_out = left_out;
            if state.is_some() {
                setting.written = Some(now());
            }
        }
        changes.identities.push(team.identity());
        Ok(())
    })
    .await
}

pub(super) fn setting<'a>(open: &'a Open, at: &BundleAt) -> Option<&'a Setting> {
    let mut settings = open.teams.get(&at.team)?.facts.escapes.iter();
    settings.find(|setting| setting.bundle == at.id)
}

/// What the file depends on: where it lies, who opens it, and the bundle's current versions.
async fn state(
    open: &mut Open,
    at: &BundleAt,
    setting: &Setting,
    to: &[To],
) -> Result<[u8; 32], Fault> {
    let mut hasher = Hasher::new(Purpose::StateHash);
    let mut part = |bytes: &[u8]| {
        hasher.update(&(bytes.len() as u64).to_be_bytes());
        hasher.update(bytes);
    };
    part(setting.path.as_bytes());
    for to in to {
        part(to.key.to_string().as_bytes());
    }
    let mut versions = Vec::new();
    open.vault
        .visit_heads(&at.team, &at.id, |version: &vault::Version| {
            if version.state == VersionState::Head {
                versions.push((version.op, version.pos));
            }
            Ok::<_, Fault>(())
        })
        .await?;
    versions.sort_unstable();
    for (op, pos) in versions {
        part(op.as_bytes());
        part(&pos.to_be_bytes());
    }
    Ok(hasher.finish())
}

/// Writes the file; gives the names that are in it, and how many entries are not.
async fn write_file(
    open: &mut Open,
    at: &BundleAt,
    setting: &Setting,
    to: &[To],
) -> Result<(Given, u64), Fault> {
    let path = Path::new(&setting.path);
    if to.is_empty() {
        // What lies there is open to somebody who is to read it no more.
        match std::fs::remove_file(path) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(io_fault(&error)),
        }
        return Err(Fault::new(
            Code::NotFound,
            "Nobody is left who may open it, so it was removed.",
        ));
    }
    let team = &open.teams[&at.team];
    if !team.bundle(&at.id).is_some_and(|bundle| team.has(bundle)) {
        return Err(Fault::new(
            Code::NotAllowed,
            "The bundle is not shared with you any more, so it stays as it was.",
        ));
    }
    let (values, mut left_out) = values(open, at).await?;
    let (written, given) = dotenv(values, &mut left_out);
    let keys: Vec<_> = to.iter().map(|to| to.key.clone()).collect();
    // EXPOSE: encrypted to those whom the person named; the audit says so.
    let sealed = age::seal(written.expose(), &keys, age::Form::Binary);
    put_in_place(path, &sealed).map_err(|error| io_fault(&error))?;
    Ok((given, left_out))
}

/// What was written: names, and the versions that their values are of.
type Given = (Vec<String>, Vec<VersionId>);

/// A variable on its way out.
struct Value {
    name: String,
    version: VersionId,
    value: SecretVec,
}

/// All variables that may stand in a `.env` file, and the number of the other entries.
async fn values(open: &mut Open, at: &BundleAt) -> Result<(Vec<Value>, u64), Fault> {
    let listed = live_entries(open, at).await?;
    let (mut values, mut left_out) = (Vec::new(), listed.unreadable.len() as u64);
    for mut live in listed.live {
        let name = live.opened.content.name.clone();
        let is_variable = live.opened.content.kind == EntryKind::Variable;
        let fields = &mut live.opened.content.fields;
        match fields.remove(EntryKind::Variable.fields()[0]) {
            Some(value) if is_variable && !is_dangerous_name(&name) => values.push(Value {
                name,
                version: live.version,
                value,
            }),
            _ => left_out += 1,
        }
    }
    Ok((values, left_out))
}

/// One value that fits no `.env` file must not keep the others out of it.
fn dotenv(mut values: Vec<Value>, left_out: &mut u64) -> (Written, Given) {
    loop {
        // EXPOSE: into the written form, which is wiped when dropped.
        let pairs: Vec<(&str, &[u8])> = values
            .iter()
            .map(|one| (one.name.as_str(), one.value.expose()))
            .collect();
        match write(&pairs, Format::Dotenv) {
            Ok(written) => {
                let given = values.into_iter().map(|one| (one.name, one.version));
                return (written, given.unzip());
            }
            Err(error) => {
                values.remove(error.index);
                *left_out += 1;
            }
        }
    }
}

/// Whole or not at all, for this user alone. What stands beside it for a moment is encrypted too.
fn put_in_place(path: &Path, sealed: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    let mut file = tempfile::Builder::new()
        .prefix(".sealfold-")
        .tempfile_in(folder)?;
    file.write_all(sealed)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

fn io_fault(error: &std::io::Error) -> Fault {
    Fault::new(
        Code::Io,
        format!("The file can't be written: {}.", error.kind()),
    )
}
