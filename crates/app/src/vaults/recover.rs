//! A team comes back from its remote alone: the recovery words, where the ops are, and nothing else.
//!
//! The words open the recovery note that their owner left beside the ops, and with its seed all ops.
//! Then the recovery key revokes the devices that are lost, rotates the member seed and adds this
//! machine (protocol §2, in this order); the new device does what is due. Dying on the way leaves a
//! vault with a device that nobody has heard of: the same command goes on from there.

use crypto::{DeviceSecret, RecoveryKey};
use remotes::Location;
use team::ids::{DeviceId, MemberId, OpId, TeamId};
use team::keyring::{Keyring, Learned};
use team::ledger::{Device, Ledger, found_team};
use team::recovery_note::RecoveryNote;
use team::rules::Role;
use vault::{Changes, Remote as RemoteRow};

use super::life::{first_changes, make_vault};
use super::{RecoverTeam, RecoveredTeam, recovery_key};
use crate::chosen::{Candidate, check_no_id, choose};
use crate::clock::now;
use crate::open::{Open, Team, WriteError};
use crate::records::AuditEntry;
use crate::requests::UseCase;
use crate::session::Session;
use crate::sync::{RemoteSettings, do_what_is_due, find_notes, pull_everything, sync_team, write};
use crate::{Code, Fault, names, system};

impl UseCase for RecoverTeam {
    async fn carry_out(self, session: &mut Session) -> Result<RecoveredTeam, Fault> {
        let paper = recovery_key(&self.words)?;
        let location = self.location.parse::<Location>()?;
        let device_name = self.device_name.clone().unwrap_or_else(system::host_name);
        names::check_name(&device_name)?;
        check_no_id(&device_name)?;
        if self.new_vault.is_some() {
            session.home.must_have_room()?;
        } else {
            session.opened()?.0.may_write()?;
        }
        let place = self.find(session, &location, &paper).await?;
        let id = place.team;
        let (recovery, mut team) = place.into_team(&paper);
        team.remote = Some(RemoteSettings::at(location.to_string()));
        let mut warnings = Vec::new();
        match self.new_vault {
            Some(keys) => {
                let of_paper = is_same(&recovery, &paper);
                let (home, changes) = first_of(team, of_paper, &paper, &device_name)?;
                warnings = make_vault(session, keys, (&paper, &home), changes).await?.1;
            }
            None => add_to(session, team).await?,
        }
        take_in(session, &id, &recovery).await?;
        let revoked = enrol(session, &id, &recovery, &device_name, &self.keep).await?;
        let report = sync_team(session, &id, false).await?;
        let (open, _) = session.opened()?;
        let team = &open.teams[&id];
        let readable = crate::bundles::usable(&open.teams);
        Ok(RecoveredTeam {
            team: open.teams.label(team),
            team_id: id.to_string(),
            member: team.member_name(&team.member),
            role: crate::team::role_word(team.role()).to_owned(),
            bundles: readable.iter().filter(|at| at.team == id).count() as u64,
            revoked,
            failure: report.failure,
            warnings,
        })
    }
}

/// Where the words belong.
struct Place {
    team: TeamId,
    genesis: OpId,
    member: MemberId,
    /// What lies on the remote for the paper, and its bytes.
    note: Option<(RecoveryNote, Vec<u8>)>,
}

impl RecoverTeam {
    /// The one place that the words know there, and that the ids leave.
    async fn find(
        &self,
        session: &mut Session,
        location: &Location,
        paper: &RecoveryKey,
    ) -> Result<Place, Fault> {
        let team = whole(&self.team).map(TeamId::from_bytes);
        let found = find_notes(session, location, team.as_ref(), paper).await?;
        let begins = |wish: &Option<String>, id: String| {
            let wish = wish.as_deref().unwrap_or_default().to_lowercase();
            id.starts_with(&wish)
        };
        let mut places: Vec<Place> = Vec::new();
        for one in found {
            let fits = begins(&self.team, one.team.to_string())
                && begins(&self.genesis, one.note.genesis.to_string())
                && begins(&self.member, one.note.member.to_string());
            let place = Place {
                team: one.team,
                genesis: one.note.genesis,
                member: one.note.member,
                note: Some((one.note, one.bytes)),
            };
            let same = |known: &Place| {
                (known.team, known.genesis, known.member)
                    == (place.team, place.genesis, place.member)
            };
            match places.iter_mut().find(|known| same(known)) {
                // A later note of the same member: of the two, the one with the newer seed.
                Some(known) if known.generation() < place.generation() => *known = place,
                Some(_) => {}
                None if fits => places.push(place),
                None => {}
            }
        }
        match places.len() {
            1 => Ok(places.remove(0)),
            0 => self.by_ids(),
            _ => {
                let ids: Vec<String> = places.iter().map(Place::shown).collect();
                Err(Fault::new(Code::Usage, "These words open several teams, or several members, there: say which.")
                    .about(ids.join(", "))
                    .next("Give `--team`, `--genesis` and `--member`, or their beginnings: they stand beside the words, and `sealfold team ls --json` shows them on another device."))
            }
        }
    }

    /// Without a note, all three ids have to be known.
    fn by_ids(&self) -> Result<Place, Fault> {
        let ids = (whole(&self.team), whole(&self.genesis), whole(&self.member));
        let (Some(team), Some(genesis), Some(member)) = ids else {
            return Err(Fault::new(
                Code::NotFound,
                "Nothing there is sealed to these recovery words.",
            )
            .next("Check the words and the location. With the whole `--team`, `--genesis` and `--member` ids it is tried all the same."));
        };
        Ok(Place {
            team: TeamId::from_bytes(team),
            genesis: OpId::from_bytes(genesis),
            member: MemberId::from_bytes(member),
            note: None,
        })
    }
}

/// A whole id as a person gives it.
fn whole(text: &Option<String>) -> Option<[u8; 32]> {
    let mut id = [0; 32];
    hex::decode_to_slice(text.as_deref()?.trim(), &mut id).ok()?;
    Some(id)
}

impl Place {
    fn generation(&self) -> Option<u32> {
        self.note.as_ref().map(|(note, _)| note.generation)
    }

    fn shown(&self) -> String {
        let short = |id: String| id[..12].to_owned();
        format!(
            "team {} genesis {} member {}",
            short(self.team.to_string()),
            short(self.genesis.to_string()),
            short(self.member.to_string())
        )
    }

    /// The recovery key that the team knows, and the team as a new device of the member sees it.
    fn into_team(self, paper: &RecoveryKey) -> (RecoveryKey, Team) {
        let mut keyring = Keyring::new(self.team, self.member, DeviceSecret::make());
        let (mut own, mut kept) = (None, None);
        if let Some((note, bytes)) = self.note {
            keyring.add_seed(note.generation, note.seed);
            kept = note.own.is_some().then_some(bytes);
            own = note.own;
        }
        let mut team = Team::new(Ledger::new(self.team, self.genesis), keyring);
        team.facts.note = kept;
        (own.unwrap_or_else(|| super::paper::copy(paper)), team)
    }
}

fn is_same(one: &RecoveryKey, other: &RecoveryKey) -> bool {
    one.device().public() == other.device().public()
}

/// The rows of a team of which this vault knows no op yet.
fn rows(team: &Team, changes: &mut Changes) {
    let seeds = team.keyring.seeds();
    let seeds = seeds.map(|(seed, generation)| Learned::Seed(seed, generation));
    changes
        .keys
        .extend(seeds.filter_map(|seed| team.stored_key(seed)));
    changes
        .remotes
        .extend(team.remote.as_ref().map(|settings| RemoteRow {
            team: team.id,
            payload: settings.encode(),
        }));
    changes.identities.push(team.identity());
}

/// What a new vault begins with, and the team that counts as founded with it: the one that comes
/// back where it knows the paper's key, else a personal one under that key.
fn first_of(
    mut team: Team,
    of_paper: bool,
    paper: &RecoveryKey,
    device_name: &str,
) -> Result<(Team, Changes), Fault> {
    if of_paper {
        let mut changes = Changes::default();
        rows(&team, &mut changes);
        return Ok((team, changes));
    }
    let founding = found_team(paper, "", &system::user_name(), device_name, now())?;
    let (home, mut changes) = first_changes(founding)?;
    team.facts.order = 1;
    rows(&team, &mut changes);
    Ok((home, changes))
}

/// Adds the team to the open vault, unless an earlier try has.
async fn add_to(session: &mut Session, team: Team) -> Result<(), Fault> {
    let (open, _) = session.opened()?;
    if let Some(known) = open.teams.get(&team.id) {
        if known.is_let_in() {
            return Err(
                Fault::new(Code::Conflict, "This vault is in that team already.")
                    .next("`sealfold team ls` shows it; `sealfold sync` brings its news."),
            );
        }
        if known.genesis != team.genesis || known.member != team.member {
            return Err(Fault::new(
                Code::Conflict,
                "This vault knows that team by another genesis, or as another member.",
            )
            .next("Recover it into a vault of its own: `--vault FILE` names one."));
        }
    }
    let mut team = Some(team);
    open.write_unenrolled(async |open, changes| {
        let Some(mut new) = team.take() else {
            // Another process came first, and its state is loaded: the rows below are what counts.
            return Err(
                Fault::new(Code::Conflict, "Another command is writing to this vault.")
                    .next("Try again.")
                    .into(),
            );
        };
        if let Some(known) = open.teams.get(&new.id) {
            new.facts.order = known.facts.order;
            rows(&new, changes);
        } else {
            let id = new.id;
            open.teams.push(new);
            rows(&open.teams[&id], changes);
        }
        Ok(())
    })
    .await?;
    open.reload().await
}

/// Takes everything in with the eyes of the recovery key. Its secret stays in memory.
async fn take_in(session: &mut Session, id: &TeamId, recovery: &RecoveryKey) -> Result<(), Fault> {
    let (open, _) = session.opened()?;
    open.teams[id].hand_to(recovery.device());
    pull_everything(session, id).await?;
    let (open, _) = session.opened()?;
    let team = &open.teams[id];
    let stands = |key: &RecoveryKey| {
        let id = DeviceId::of(&key.device().public());
        team.ledger.device_stands(&id)
    };
    if team.ledger.state().members().is_empty() {
        return Err(Fault::new(
            Code::NotFound,
            "The remote shows nothing that these recovery words open.",
        )
        .next("See whether the remote is whole, and try again."));
    }
    if team.role() == Role::None {
        return Err(Fault::new(
            Code::NotAllowed,
            "The member of these recovery words is not in the team any more.",
        )
        .next("Ask an admin for an invitation."));
    }
    if !stands(recovery) {
        return Err(Fault::new(
            Code::NotAllowed,
            "These recovery words were replaced by newer ones.",
        )
        .next("Use the newest ones."));
    }
    Ok(())
}

/// Puts this machine in the place of the devices that are lost; gives their names.
async fn enrol(
    session: &mut Session,
    id: &TeamId,
    recovery: &RecoveryKey,
    name: &str,
    keep: &[String],
) -> Result<Vec<String>, Fault> {
    let (open, caller) = session.opened()?;
    let caller = caller.clone();
    open.write_unenrolled(async |open, changes| {
        let team = &mut open.teams[id];
        let lost = lost_devices(team, keep)?;
        let (signer, new) = (recovery.device(), DeviceSecret::make());
        team.hand_to(recovery.device());
        for device in &lost {
            write(team, changes, |team| {
                team.ledger
                    .revoke_device(&team.keyring, &signer, *device, now())
            })?;
        }
        write(team, changes, |team| {
            team.ledger.rotate_member_key(&team.keyring, &signer, now())
        })?;
        write(team, changes, |team| {
            team.ledger
                .add_device(&team.keyring, &signer, &new, name, now())
        })?;
        team.hand_to(new);
        changes.identities.push(team.identity());
        let names: Vec<String> = lost.iter().map(|lost| team.device_name(lost)).collect();
        do_what_is_due(open, changes, id).await?;
        audit(open, changes, &caller, id, &names);
        Ok::<_, WriteError>(names)
    })
    .await
}

fn audit(
    open: &Open,
    changes: &mut Changes,
    caller: &crate::session::Caller,
    id: &TeamId,
    revoked: &[String],
) {
    let entry = AuditEntry {
        operation: "recovery use".to_owned(),
        team: Some(open.teams.label(&open.teams[id])),
        detail: Some(format!("in place of {}", revoked.join(", "))),
        ..AuditEntry::default()
    };
    changes
        .audit
        .push(open.teams[id].stamp(caller, entry).encode());
}

/// The member's devices that stand, but for those that a person names.
fn lost_devices(team: &Team, keep: &[String]) -> Result<Vec<DeviceId>, Fault> {
    let devices = team.ledger.state().devices().iter();
    let standing = devices.filter(|(id, device)| {
        device.member == team.member && !device.recovery && team.ledger.device_stands(id)
    });
    let candidate = |(id, device): (&DeviceId, &Device)| Candidate {
        it: *id,
        id: id.to_string(),
        name: device.name.clone(),
        first: true,
    };
    let standing: Vec<_> = standing.map(candidate).collect();
    let mut lost: Vec<DeviceId> = standing.iter().map(|one| one.it).collect();
    for wish in keep {
        let nothing = Fault::new(Code::NotFound, "There is no such device.")
            .about(&**wish)
            .next("Leave `--keep` out, or give the name under which it was added.");
        let kept = choose(wish, &standing).map_err(|unclear| unclear.fault(wish, nothing))?;
        lost.retain(|device| *device != kept);
    }
    Ok(lost)
}
