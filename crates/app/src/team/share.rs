//! A bundle is given to members, and taken from them.

use serde::{Deserialize, Serialize};
use team::caps::GRANTED_KEYS;
use team::ids::{EntryId, MemberId};
use ts_rs::TS;
use vault::Changes;

use super::members::named;
use crate::bundles::{self, BundleAt, BundleView};
use crate::clock::now;
use crate::names::BundleName;
use crate::open::{Open, WriteError};
use crate::requests::UseCase;
use crate::session::Session;
use crate::sync::{reseal_older, rotate_after, write};
use crate::{Fault, entries};

/// Shares a bundle, or one entry in a bundle of its own.
#[derive(Debug, Serialize, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct Share {
    /// `[TEAM/]PROJECT/ENV`.
    pub bundle: String,
    /// Share only this entry: it moves to a bundle of its own.
    pub entry: Option<String>,
    /// Names, or beginnings of ids.
    pub with: Vec<String>,
    /// Older versions too.
    pub history: bool,
}

/// Takes a bundle from members: a new key is made at once.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct Unshare {
    /// `[TEAM/]PROJECT/ENV`.
    pub bundle: String,
    /// Names, or beginnings of ids.
    pub with: Vec<String>,
}

impl UseCase for Share {
    async fn carry_out(self, session: &mut Session) -> Result<BundleView, Fault> {
        let (open, caller) = session.opened()?;
        let caller = caller.clone();
        let at = open
            .write(async |open, changes| {
                let from = bundles::find_usable(&open.teams, Some(&self.bundle))?;
                let members = members(open, &from, &self.with)?;
                let at = match &self.entry {
                    None => from,
                    Some(name) => move_out(open, changes, &from, name).await?,
                };
                // Who is given the newest key reads what stands under it: the rest is sealed anew.
                if self.entry.is_none() {
                    reseal_older(open, changes, &at).await?;
                }
                let bundle = at.id;
                let team = &mut open.teams[&at.team];
                let known = team.bundle(&bundle);
                let has = |to: &MemberId| known.is_some_and(|of| team.ledger.has_access(to, of));
                let mut new: Vec<MemberId> = members.into_iter().filter(|to| !has(to)).collect();
                new.sort_unstable();
                new.dedup();
                // With the history each is given a key an epoch.
                let keys = known
                    .filter(|_| self.history)
                    .map_or(1, |of| of.epochs.len());
                for members in new.chunks((GRANTED_KEYS / keys).max(1)) {
                    write(team, changes, |team| {
                        let ledger = &team.ledger;
                        ledger.grant_to(&team.keyring, bundle, members, self.history, now())
                    })?;
                }
                let detail = Some(format!("with {}", self.with.join(", ")));
                let names = self.entry.iter().cloned().collect();
                entries::audit(open, changes, &caller, "share", at, names, detail);
                Ok(at)
            })
            .await?;
        bundles::view(open, at).await
    }
}

fn members(open: &Open, at: &BundleAt, with: &[String]) -> Result<Vec<MemberId>, Fault> {
    let team = &open.teams[&at.team];
    with.iter().map(|text| named(team, text)).collect()
}

/// Moves an entry to a bundle of its own, called after it.
async fn move_out(
    open: &mut Open,
    changes: &mut Changes,
    from: &BundleAt,
    name: &str,
) -> Result<BundleAt, WriteError> {
    let heads = entries::live_by_name(open, from, name).await?;
    let Some(first) = heads.first() else {
        let bundle = bundles::full_name(&open.teams, from);
        return Err(entries::no_entry(name, &bundle).into());
    };
    let mut content = entries::open_version(&open.teams, first)?.content;
    let (project, environment) = {
        let bundle = open.teams[&from.team].bundle(&from.id);
        bundle.map_or_else(Default::default, |of| {
            (of.project.clone(), of.environment.clone())
        })
    };
    let own = BundleName {
        team: None,
        project,
        environment: format!("{environment}.{name}"),
    };
    bundles::check_free(&open.teams, from.team, &own)?;
    let old = bundles::full_name(&open.teams, from);
    let to = bundles::create(&mut open.teams[&from.team], changes, &own)?;
    content.metadata.lineage = Some(format!("moved from {old}/{name}"));
    content.written = now();
    entries::put(
        open,
        changes,
        to,
        &[(EntryId::make(), Vec::new(), &content)],
    )?;
    let found = entries::Found {
        bundle: *from,
        entry: first.entry,
        field: None,
        heads,
    };
    entries::delete(open, changes, *from, &[(&found, name.to_owned())])?;
    Ok(to)
}

impl UseCase for Unshare {
    async fn carry_out(self, session: &mut Session) -> Result<BundleView, Fault> {
        let (open, caller) = session.opened()?;
        let caller = caller.clone();
        let at = open
            .write(async |open, changes| {
                let name = BundleName::parse(&self.bundle)?;
                let at = bundles::find_any(&open.teams, &name)?;
                for member in members(open, &at, &self.with)? {
                    write(&mut open.teams[&at.team], changes, |team| {
                        let ledger = &team.ledger;
                        ledger.ungrant(&team.keyring, at.id, member, now())
                    })?;
                }
                let detail = Some(format!("from {}", self.with.join(", ")));
                entries::audit(open, changes, &caller, "unshare", at, Vec::new(), detail);
                Ok(at)
            })
            .await?;
        // A new key at once: what is written from now on is not theirs.
        rotate_after(open, &at.team).await;
        bundles::view(open, at).await
    }
}
