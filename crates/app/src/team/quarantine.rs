//! What was written by somebody who had been removed and did not know it: shown for a review, taken
//! back in, or hidden for all.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use team::SignedOp;
use team::ids::{BundleId, OpId, TeamId};
use team::ledger::Reviewed;
use ts_rs::TS;
use vault::{Version, VersionState};

use crate::bundles::{self, BundleAt};
use crate::chosen::{Candidate, choose};
use crate::clock::now;
use crate::open::Open;
use crate::requests::UseCase;
use crate::session::Session;
use crate::sync::{judge_reviewed, write};
use crate::{Code, Fault, entries};

/// Lists what waits for a review: data that somebody wrote who was removed and did not know it.
#[derive(Debug, Serialize, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct ListQuarantine {
    /// Which team; all when absent.
    pub team: Option<String>,
}

/// An op that waits for a review.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct QuarantineView {
    /// Op id, hex.
    pub op: String,
    /// The bundle.
    pub bundle: String,
    /// Names of the entries that it changes.
    pub names: Vec<String>,
    /// Who wrote it.
    pub member: String,
    /// With which device.
    pub device: String,
    /// Unix seconds, by the author's clock.
    pub at: u64,
}

/// Decides on what waits for a review.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct Review {
    /// Beginnings of op ids.
    pub ops: Vec<String>,
    /// Take it back in; else it is hidden for all.
    pub adopt: bool,
}

impl UseCase for ListQuarantine {
    async fn carry_out(self, session: &mut Session) -> Result<Vec<QuarantineView>, Fault> {
        let (open, _) = session.opened()?;
        let ids = open.teams.meant_or_all(self.team.as_deref())?;
        let mut views = Vec::new();
        for id in ids {
            let waiting = waiting(open, &id).await?;
            views.extend(waiting.into_iter().map(|(_, view)| view));
        }
        Ok(views)
    }
}

/// Quarantined ops of the bundles that this member has.
async fn waiting(open: &mut Open, id: &TeamId) -> Result<Vec<(BundleAt, QuarantineView)>, Fault> {
    let mut found = Vec::new();
    let own = bundles::usable(&open.teams).into_iter();
    for at in own.filter(|at| at.team == *id) {
        let counts = open.vault.version_counts(id, &at.id).await?;
        let mut by_op: BTreeMap<OpId, Vec<Version>> = BTreeMap::new();
        for entry in counts.into_keys() {
            let versions = entries::versions_in_order(open, &at, &entry).await?;
            let quarantined = versions
                .into_iter()
                .filter(|version| version.state == VersionState::Quarantined);
            for version in quarantined {
                by_op.entry(version.op).or_default().push(version);
            }
        }
        for (op, versions) in by_op {
            found.push((at, view(open, &at, op, &versions).await?));
        }
    }
    Ok(found)
}

async fn view(
    open: &mut Open,
    at: &BundleAt,
    op: OpId,
    versions: &[Version],
) -> Result<QuarantineView, Fault> {
    let raw = open
        .vault
        .op(&op)
        .await?
        .map(|op| op.raw)
        .unwrap_or_default();
    let team = &open.teams[&at.team];
    let device = SignedOp::verify(&raw).ok().map(|op| op.device());
    let of_device = device.and_then(|device| team.ledger.state().devices().get(&device));
    let names: BTreeSet<String> = versions
        .iter()
        .filter_map(|version| entries::open_version(&open.teams, version).ok())
        .map(|opened| opened.content.name)
        .collect();
    Ok(QuarantineView {
        op: op.to_string(),
        bundle: bundles::full_name(&open.teams, at),
        names: names.into_iter().collect(),
        member: of_device
            .map(|of| team.member_name(&of.member))
            .unwrap_or_default(),
        device: of_device.map(|of| of.name.clone()).unwrap_or_default(),
        at: team::time_of(&raw, &team.keyring).unwrap_or(0),
    })
}

impl UseCase for Review {
    async fn carry_out(self, session: &mut Session) -> Result<Vec<QuarantineView>, Fault> {
        let (open, caller) = session.opened()?;
        let caller = caller.clone();
        let mut all = Vec::new();
        for id in open.teams.ids() {
            all.extend(waiting(open, &id).await?);
        }
        let candidate = |(it, (_, view)): (usize, &(BundleAt, QuarantineView))| Candidate {
            it,
            id: view.op.clone(),
            name: String::new(),
            first: true,
        };
        let candidates: Vec<_> = all.iter().enumerate().map(candidate).collect();
        let mut chosen: BTreeMap<(TeamId, BundleId), Vec<QuarantineView>> = BTreeMap::new();
        for text in &self.ops {
            let (at, view) = match choose(text, &candidates) {
                Ok(index) => &all[index],
                Err(unclear) => {
                    let nothing =
                        Fault::new(Code::NotFound, "Nothing of this id waits for a review.")
                            .about(text)
                            .next("`sealfold quarantine ls` shows what does.");
                    return Err(unclear.fault(text, nothing));
                }
            };
            let of_bundle = chosen.entry((at.team, at.id)).or_default();
            of_bundle.push(view.clone());
        }
        let verdict = match self.adopt {
            true => Reviewed::Adopt,
            false => Reviewed::Drop,
        };
        for ((team, bundle), views) in &chosen {
            let ids: Vec<OpId> = views.iter().filter_map(|view| op_id(&view.op)).collect();
            let at = BundleAt {
                team: *team,
                id: *bundle,
            };
            open.write(async |open, changes| {
                write(&mut open.teams[team], changes, |team| {
                    let ledger = &team.ledger;
                    ledger.review(&team.keyring, *bundle, ids.clone(), verdict, now())
                })?;
                judge_reviewed(open, team, changes, &ids).await?;
                let operation = match self.adopt {
                    true => "quarantine adopt",
                    false => "quarantine drop",
                };
                let names = views.iter().flat_map(|view| view.names.clone()).collect();
                entries::audit(open, changes, &caller, operation, at, names, None);
                Ok(())
            })
            .await?;
        }
        Ok(chosen.into_values().flatten().collect())
    }
}

fn op_id(hex: &str) -> Option<OpId> {
    OpId::from_slice(&hex::decode(hex).ok()?)
}
