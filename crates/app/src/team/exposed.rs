//! What somebody could read who has no right to it any more: listed until each secret is changed,
//! or somebody says why it need not be. And what a member's keys open, with a right to it or without.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use team::ids::{BundleId, EntryId, MemberId, TeamId, VersionId};
use team::ledger::{ExposedVersion, ExposureState, Lost};
use ts_rs::TS;

use super::versions::{Known, versions_of};
use super::was_read::{PublishedReads, WasRead};
use crate::bundles::{self, BundleAt};
use crate::clock::now;
use crate::open::{Open, Team};
use crate::requests::UseCase;
use crate::session::Session;
use crate::sync::write;
use crate::{Code, Fault, entries, services};

/// Lists secrets that somebody could read who has no right to them any more.
#[derive(Debug, Serialize, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct ListExposed {
    /// Which team; all when absent.
    pub team: Option<String>,
    /// Those that are done, too.
    pub all: bool,
}

/// A version of a secret that somebody could read: exposed, or theirs to read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ExposedView {
    /// Its bundle.
    pub bundle: String,
    /// Name of the entry.
    pub name: String,
    /// Number of the version, from 1.
    pub version: u64,
    /// Who could read it.
    pub to: Vec<String>,
    /// Who answers for the secret, where its metadata say so.
    pub owner: Option<String>,
    /// `needs_rotation`, `rotated` or `settled`; or `in_use`, by those who have a right to it.
    pub state: String,
    /// Why it needs no rotation, and who says so.
    pub reason: Option<String>,
    /// Whether reads published to this member say that they read it: `yes`, `no` or `unknown`.
    pub was_read: String,
    /// Unix seconds: when they read it last, as far as is known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub read_at: Option<u64>,
    /// Unix seconds: up to then they had not, and their devices had published all that they read.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub not_read_until: Option<u64>,
}

/// Says that an exposed secret needs no rotation.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct SettleExposed {
    /// `[TEAM/]PROJECT/ENV`.
    pub bundle: String,
    /// Name of the entry.
    pub name: String,
    /// Why.
    pub reason: String,
}

const IN_USE: &str = "in_use";
const NEEDS_ROTATION: &str = "needs_rotation";

impl ExposedView {
    /// As it would be if those who have a right to it lost that.
    pub(super) fn lose(&mut self) {
        if self.state == IN_USE {
            NEEDS_ROTATION.clone_into(&mut self.state);
        }
    }

    /// Whether its value has to be changed.
    pub(super) fn is_due(&self) -> bool {
        self.state == NEEDS_ROTATION
    }
}

impl UseCase for ListExposed {
    async fn carry_out(self, session: &mut Session) -> Result<Vec<ExposedView>, Fault> {
        let (open, _) = session.opened()?;
        let ids = open.teams.meant_or_all(self.team.as_deref())?;
        let mut views = Vec::new();
        for id in ids {
            let mut exposed = exposed(open, &id).await?;
            exposed.retain(|(one, _)| self.all || one.state == ExposureState::NeedsRotation);
            views.extend(self::views(open, &id, &exposed));
        }
        Ok(views)
    }
}

/// Every version that a member's keys could open, what they have a right to among it. Whether it
/// was read is said of their devices alone.
pub(super) async fn of_member(
    open: &mut Open,
    id: &TeamId,
    member: &MemberId,
) -> Result<Vec<ExposedView>, Fault> {
    let mut readable = opened_by(open, id, member).await?;
    for (one, _) in &mut readable {
        one.to.retain(|lost| lost.of_member() == Some(*member));
        if one.to.is_empty() {
            one.to.insert(Lost::Member(*member));
        }
    }
    Ok(views(open, id, &readable))
}

fn views(open: &Open, id: &TeamId, exposed: &[(ExposedVersion, Known)]) -> Vec<ExposedView> {
    let mut published = PublishedReads::default();
    let all = exposed.iter();
    all.map(|(one, known)| {
        let version = (one.bundle, &one.version);
        let was_read = published.of(&open.teams[id], &one.to, version);
        view(open, id, (one, known), was_read)
    })
    .collect()
}

fn view(
    open: &Open,
    id: &TeamId,
    (one, known): (&ExposedVersion, &Known),
    was_read: WasRead,
) -> ExposedView {
    let team = &open.teams[id];
    let at = BundleAt {
        team: *id,
        id: one.bundle,
    };
    let (state, reason) = match &one.state {
        ExposureState::InUse => (IN_USE, None),
        ExposureState::NeedsRotation => (NEEDS_ROTATION, None),
        ExposureState::Rotated => ("rotated", None),
        ExposureState::Settled(by) => {
            let who = team.member_name(&by.by);
            ("settled", Some(format!("{} ({who})", by.reason)))
        }
    };
    let (was_read, read_at, not_read_until) = match was_read {
        WasRead::Yes(at) => ("yes", Some(at), None),
        WasRead::No(until) => ("no", None, Some(until)),
        WasRead::Unknown => ("unknown", None, None),
    };
    ExposedView {
        bundle: bundles::full_name(&open.teams, &at),
        name: known.name.clone(),
        version: known.number,
        to: one.to.iter().map(|lost| who(team, lost)).collect(),
        owner: known.owner.clone(),
        state: state.to_owned(),
        reason,
        was_read: was_read.to_owned(),
        read_at,
        not_read_until,
    }
}

fn who(team: &Team, lost: &Lost) -> String {
    match lost {
        Lost::Member(member) => team.member_name(member),
        Lost::Device(member, device) => {
            format!(
                "{} ({})",
                team.device_name(device),
                team.member_name(member)
            )
        }
        Lost::Service(service) => format!("the service {}", services::name_of(team, service)),
        Lost::Unknown(member, _) => format!("an unknown key of {}", team.member_name(member)),
    }
}

/// Every exposed version of a team, with what this vault knows of it.
async fn exposed(open: &mut Open, id: &TeamId) -> Result<Vec<(ExposedVersion, Known)>, Fault> {
    let keys = open.teams[id].ledger.exposed_keys().into_iter();
    let ended = open.teams[id].ledger.bundles_of_ended_services(now());
    let concerned: BTreeSet<BundleId> = keys.map(|key| key.bundle).chain(ended).collect();
    let (sealed, known) = versions_of(open, id, &concerned).await?;
    let exposed = open.teams[id].ledger.exposed_versions(sealed, now());
    Ok(named(exposed, known))
}

/// Every version that a member's keys could open, with what this vault knows of it.
async fn opened_by(
    open: &mut Open,
    id: &TeamId,
    member: &MemberId,
) -> Result<Vec<(ExposedVersion, Known)>, Fault> {
    let keys = open.teams[id].ledger.keys_of(member);
    let concerned: BTreeSet<BundleId> = keys.iter().map(|(bundle, _)| *bundle).collect();
    let (sealed, known) = versions_of(open, id, &concerned).await?;
    let ledger = &open.teams[id].ledger;
    let readable = ledger.versions_opened_by(member, sealed, now());
    Ok(named(readable, known))
}

/// With what is known of each, in the order of bundles, names and numbers.
fn named(
    versions: Vec<ExposedVersion>,
    mut known: BTreeMap<(EntryId, VersionId), Known>,
) -> Vec<(ExposedVersion, Known)> {
    let with_known = versions.into_iter().filter_map(|one| {
        let known = known.remove(&(one.entry, one.version))?;
        Some((one, known))
    });
    let mut found: Vec<_> = with_known.collect();
    found.sort_by(|(a, of_a), (b, of_b)| {
        (a.bundle, &of_a.name, of_a.number).cmp(&(b.bundle, &of_b.name, of_b.number))
    });
    found
}

impl UseCase for SettleExposed {
    async fn carry_out(self, session: &mut Session) -> Result<Vec<ExposedView>, Fault> {
        let (open, caller) = session.opened()?;
        let caller = caller.clone();
        let at = bundles::find_usable(&open.teams, Some(&self.bundle))?;
        let all = exposed(open, &at.team).await?;
        let due: Vec<_> = all
            .iter()
            .filter(|(one, known)| {
                one.bundle == at.id
                    && known.name == self.name
                    && one.state == ExposureState::NeedsRotation
            })
            .map(|(one, _)| (one.bundle, one.entry, one.version))
            .collect();
        if due.is_empty() {
            return Err(
                Fault::new(Code::NotFound, "Nothing of this name needs rotation.")
                    .about(&*self.name)
                    .next("`sealfold exposed ls` shows what does."),
            );
        }
        open.write(async |open, changes| {
            for which in &due {
                write(&mut open.teams[&at.team], changes, |team| {
                    let ledger = &team.ledger;
                    ledger.settle_exposure(&team.keyring, *which, &self.reason, now())
                })?;
            }
            let names = vec![self.name.clone()];
            let reason = Some(self.reason.clone());
            entries::audit(open, changes, &caller, "exposed done", at, names, reason);
            Ok(())
        })
        .await?;
        let mut settled = exposed(open, &at.team).await?;
        settled.retain(|(one, _)| due.contains(&(one.bundle, one.entry, one.version)));
        Ok(views(open, &at.team, &settled))
    }
}
