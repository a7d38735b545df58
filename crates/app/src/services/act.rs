//! Services are made, listed and ended.

use team::ids::{DeviceId, MemberId, TeamId};
use team::jobs::{Service, ServiceDue, Terms, make_service};
use team::ledger::KnownService;

use super::{CreateService, CreatedService, ListServices, RemoveService, ServiceView};
use crate::bundles::{self, BundleAt};
use crate::chosen::{Candidate, choose};
use crate::clock::now;
use crate::names::check_name;
use crate::open::{Open, Team};
use crate::records::AuditEntry;
use crate::requests::UseCase;
use crate::session::Session;
use crate::sync::write;
use crate::team::{DueView, named_device};
use crate::{Code, Fault, Plaintext};

const DAY: u64 = 24 * 60 * 60;
/// How old a sheet may be where nobody says.
const MAX_AGE: u64 = 7 * DAY;
/// For how long a token is good where nobody says.
const LIFE: u64 = 90 * DAY;
/// Devices publish before half of the greatest age, and sync every few minutes.
const LEAST_AGE: u64 = 30 * 60;

impl UseCase for CreateService {
    async fn carry_out(self, session: &mut Session) -> Result<CreatedService, Fault> {
        check_name(&self.name)?;
        let (open, caller) = session.opened()?;
        let caller = caller.clone();
        let made = now();
        let max_age = self.max_age.unwrap_or(MAX_AGE);
        if max_age < LEAST_AGE {
            return Err(Fault::new(
                Code::Usage,
                "A sheet has to be good for half an hour at least.",
            )
            .next("Nobody could publish that often: give `--max-age` a longer span."));
        }
        let expires = self.expires.unwrap_or(made + LIFE);
        if expires <= made {
            return Err(Fault::new(
                Code::Usage,
                "The token would have expired already.",
            ));
        }
        let (id, bundles) = bundles_of(open, &self.bundles)?;
        let (token, service, remote) = open
            .write(async |open, changes| {
                let team = &open.teams[&id];
                let remote = remote_of(team)?;
                must_be_free(team, &self.name, made)?;
                let terms = Terms {
                    signers: signers(team, &self.signers)?,
                    min_count: 1,
                    max_age,
                    expires,
                };
                let ids = (team.id, team.genesis);
                let (token, service) = make_service(ids, &remote, bundles.clone(), terms);
                must_read_all(team, &service)?;
                write(&mut open.teams[&id], changes, |team| {
                    let ledger = &team.ledger;
                    ledger.add_service(&team.keyring, &self.name, &service, made)
                })?;
                let entry = AuditEntry {
                    operation: "service create".to_owned(),
                    team: Some(open.teams.label(&open.teams[&id])),
                    detail: Some(self.name.clone()),
                    ..AuditEntry::default()
                };
                changes.audit.push(open.stamp(&caller, entry).encode());
                Ok((token, service, remote))
            })
            .await?;
        let team = &open.teams[&id];
        let mut warnings = Vec::new();
        if let [only] = service.terms.signers.as_slice() {
            warnings.push(format!(
                "only {} signs for it: while that device is off, jobs work for {} at most; `--signer` can name another one that is always on",
                team.device_name(only),
                in_words(max_age),
            ));
        }
        Ok(CreatedService {
            token: Plaintext::from(token.to_text()),
            service: view(open, &id, &service.id()).ok_or_else(no_service)?,
            remote,
            warnings,
        })
    }
}

fn in_words(seconds: u64) -> String {
    match seconds / DAY {
        0 => crate::counted(seconds / 3600, "hour", "hours"),
        days => crate::counted(days, "day", "days"),
    }
}

/// The bundles of a service, all of one team; ascending.
fn bundles_of(open: &Open, names: &[String]) -> Result<(TeamId, Vec<team::ids::BundleId>), Fault> {
    let found = names
        .iter()
        .map(|name| bundles::find_usable(&open.teams, Some(name)));
    let mut found: Vec<BundleAt> = found.collect::<Result<_, _>>()?;
    found.sort_unstable();
    found.dedup();
    let first = found.first().copied();
    let first = first.ok_or_else(|| Fault::new(Code::Usage, "A service needs a bundle."))?;
    if found.iter().any(|at| at.team != first.team) {
        return Err(Fault::new(Code::Usage, "The bundles are of several teams.")
            .next("Make a service in each team."));
    }
    if found.len() > team::caps::SERVICE_BUNDLES {
        return Err(Fault::new(
            Code::Usage,
            "A service is given 64 bundles at most.",
        ));
    }
    Ok((first.team, found.iter().map(|at| at.id).collect()))
}

fn remote_of(team: &Team) -> Result<String, Fault> {
    let remote = team.remote.as_ref().map(|remote| remote.location.clone());
    remote.ok_or_else(|| {
        Fault::new(
            Code::NotFound,
            "The team has no remote, and jobs read from there.",
        )
        .next("`sealfold remote add` names one.")
    })
}

fn must_be_free(team: &Team, name: &str, at: u64) -> Result<(), Fault> {
    let mut services = team.ledger.state().services().iter();
    let taken = services.any(|(id, known)| {
        known.name == name && team.ledger.service_due(id, at) != Some(ServiceDue::Ended)
    });
    if taken {
        return Err(
            Fault::new(Code::Conflict, "There is a service of this name already.")
                .about(name)
                .next("Choose another name, or `sealfold service remove` that one first."),
        );
    }
    Ok(())
}

/// Who can't read a bundle can't publish its values.
fn must_read_all(team: &Team, service: &Service) -> Result<(), Fault> {
    let mut signers = service.terms.signers.iter();
    let lacking = signers
        .find(|signer| team.ledger.readable_for(service, signer).len() < service.bundles.len());
    match lacking {
        None => Ok(()),
        Some(signer) => Err(Fault::new(
            Code::NotAllowed,
            "A device that signs has to be of somebody who has all the bundles.",
        )
        .about(team.device_name(signer))
        .next("`sealfold share` gives them a bundle; or name another device.")),
    }
}

/// The devices that were named, or this one; ascending.
fn signers(team: &Team, names: &[String]) -> Result<Vec<DeviceId>, Fault> {
    let mut signers = match names {
        [] => vec![team.device],
        names => names
            .iter()
            .map(|name| named_device(team, name))
            .collect::<Result<_, _>>()?,
    };
    signers.sort_unstable();
    signers.dedup();
    if signers.len() > team::caps::SERVICE_SIGNERS {
        return Err(Fault::new(
            Code::Usage,
            "At most 64 devices sign for a service.",
        ));
    }
    Ok(signers)
}

impl UseCase for ListServices {
    async fn carry_out(self, session: &mut Session) -> Result<Vec<ServiceView>, Fault> {
        let (open, _) = session.opened()?;
        let ids = open.teams.meant_or_all(self.team.as_deref())?;
        let mut views = Vec::new();
        for id in ids {
            let services = open.teams[&id].ledger.state().services().keys();
            views.extend(services.filter_map(|service| view(open, &id, service)));
        }
        let ended = |view: &ServiceView| matches!(&*view.state, "expired" | "removed");
        views.retain(|view| self.all || !ended(view));
        views.sort_by(|a, b| (&a.team, &a.name, a.created).cmp(&(&b.team, &b.name, b.created)));
        Ok(views)
    }
}

impl UseCase for RemoveService {
    async fn carry_out(self, session: &mut Session) -> Result<ServiceView, Fault> {
        let (open, caller) = session.opened()?;
        let caller = caller.clone();
        let (id, service) = open
            .write(async |open, changes| {
                let team = open.teams.meant(self.team.as_deref())?;
                let (id, service) = (team.id, named(team, &self.name)?);
                write(&mut open.teams[&id], changes, |team| {
                    team.ledger.remove_service(&team.keyring, service, now())
                })?;
                let entry = AuditEntry {
                    operation: "service remove".to_owned(),
                    team: Some(open.teams.label(&open.teams[&id])),
                    detail: Some(self.name.clone()),
                    ..AuditEntry::default()
                };
                changes.audit.push(open.stamp(&caller, entry).encode());
                Ok((id, service))
            })
            .await?;
        view(open, &id, &service).ok_or_else(no_service)
    }
}

/// The service that a person calls so: one that has not ended before those that have.
fn named(team: &Team, text: &str) -> Result<MemberId, Fault> {
    let candidate = |(id, known): (&MemberId, &KnownService)| Candidate {
        it: *id,
        id: id.to_string(),
        name: known.name.clone(),
        first: !known.is_removed(),
    };
    let services = team.ledger.state().services().iter();
    let candidates: Vec<_> = services.map(candidate).collect();
    let nothing = no_service().about(text);
    choose(text, &candidates).map_err(|unclear| unclear.fault(text, nothing))
}

fn no_service() -> Fault {
    Fault::new(Code::NotFound, "There is no such service.")
        .next("`sealfold service ls` shows them.")
}

/// What a service is called; a part of the id where that is not known.
pub(crate) fn name_of(team: &Team, service: &MemberId) -> String {
    let known = team.ledger.state().services().get(service);
    known.map_or_else(
        || service.to_string()[..8].to_owned(),
        |known| known.name.clone(),
    )
}

fn view(open: &Open, id: &TeamId, service: &MemberId) -> Option<ServiceView> {
    let team = &open.teams[id];
    let known = team.ledger.state().services().get(service)?;
    let full = team.ledger.service(service)?;
    let bundle_name = |bundle: &team::ids::BundleId| {
        let at = BundleAt {
            team: *id,
            id: *bundle,
        };
        bundles::full_name(&open.teams, &at)
    };
    let read = |bundle: &&team::ids::BundleId| is_read(team, &full, bundle);
    let left_out = known.bundles.iter().filter(|bundle| !read(bundle));
    let names = |devices: Vec<DeviceId>| -> Vec<String> {
        devices
            .iter()
            .map(|device| team.device_name(device))
            .collect()
    };
    let stands = |device: &&DeviceId| team.ledger.device_stands(device);
    let signers = known.terms.signers.iter();
    let remembered = team.remote.as_ref().and_then(|of| of.sheet_of(service));
    Some(ServiceView {
        id: service.to_string(),
        team: open.teams.label(team),
        name: known.name.clone(),
        bundles: known.bundles.iter().map(bundle_name).collect(),
        left_out: left_out.map(bundle_name).collect(),
        signers: names(signers.clone().copied().collect()),
        gone: names(signers.filter(|device| !stands(device)).copied().collect()),
        creator: team.member_name(&known.creator),
        created: known.created,
        expires: known.terms.expires,
        max_age: known.terms.max_age,
        state: state(team, service, known).to_owned(),
        published: remembered.map(|sheet| sheet.time).filter(|time| *time > 0),
    })
}

/// Whether a device that publishes for a service can read a bundle of it.
fn is_read(team: &Team, service: &Service, bundle: &team::ids::BundleId) -> bool {
    let mut signers = service.terms.signers.iter();
    signers.any(|signer| {
        let ledger = &team.ledger;
        ledger.publishes(service, signer) && ledger.readable_for(service, signer).contains(bundle)
    })
}

fn state(team: &Team, id: &MemberId, known: &KnownService) -> &'static str {
    match team.ledger.service_due(id, now()) {
        None => "active",
        Some(ServiceDue::NewToken(_)) => "needs_new_token",
        Some(ServiceDue::Ended) if known.is_removed() => "removed",
        Some(ServiceDue::Ended) => "expired",
    }
}

/// Services that need a new token.
pub(crate) fn due_services(team: &Team) -> Vec<DueView> {
    let services = team.ledger.state().services().iter();
    let due = services.filter_map(|(id, known)| match team.ledger.service_due(id, now())? {
        ServiceDue::NewToken(gone) => Some(DueView::Token {
            service: known.name.clone(),
            device: team.device_name(&gone),
        }),
        ServiceDue::Ended => None,
    });
    due.collect()
}
