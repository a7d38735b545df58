//! All teams of a vault, and which of them a person means.

use std::ops::{Index, IndexMut};

use team::ids::TeamId;
use vault::Vault;

use super::Team;
use crate::chosen::{Candidate, choose, short};
use crate::records::Identity;
use crate::{Code, Fault};

/// The teams of a vault, the one founded with it first.
pub(crate) struct Teams {
    readable: Vec<Team>,
    unreadable: Vec<Unreadable>,
}

/// A team whose stored ops do not add up. Nothing of it is shown, taken in or signed; the other
/// teams go on without it.
pub(crate) struct Unreadable {
    pub id: TeamId,
    order: u32,
}

impl Unreadable {
    /// As people see it: its name is in what can't be read.
    pub(crate) fn label(&self) -> String {
        self.id.to_string()[..8].to_owned()
    }
}

impl Teams {
    /// Loads every team of the vault.
    pub(crate) async fn load(vault: &mut Vault) -> Result<Self, Fault> {
        let (mut readable, mut unreadable) = (Vec::new(), Vec::new());
        for row in vault.identities().await? {
            let identity = Identity::decode(&row.payload)?;
            let (id, order) = (identity.team, identity.facts.order);
            match Team::load(vault, identity).await? {
                Ok(team) => readable.push(team),
                Err(_) => unreadable.push(Unreadable { id, order }),
            }
        }
        readable.sort_by_key(|team| (team.facts.order, team.id));
        let teams = Self {
            readable,
            unreadable,
        };
        if teams.readable.is_empty() {
            // Without any team there is nobody in whose name anything could be done.
            teams.all_readable()?;
            return Err(Fault::new(Code::Integrity, "The vault holds no team.")
                .next("Run `sealfold doctor`."));
        }
        Ok(teams)
    }

    /// The team that was founded with the vault; where that can't be read, the next.
    pub(crate) fn home(&self) -> &Team {
        &self.readable[0]
    }

    /// Those that can't be read.
    pub(crate) fn unreadable(&self) -> &[Unreadable] {
        &self.unreadable
    }

    /// What needs all teams, or picks one of them by what it holds, must not pass over one.
    ///
    /// # Errors
    /// `integrity` if a team can't be read.
    pub(crate) fn all_readable(&self) -> Result<(), Fault> {
        let Some(first) = self.unreadable.first() else {
            return Ok(());
        };
        let fault = Fault::new(Code::Integrity, "A team of this vault can't be read.");
        Err(fault.about(first.label()).next(
            "Name the team that you mean, as in TEAM/PROJECT/ENV or `--team TEAM`; `sealfold doctor` says more.",
        ))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Team> {
        self.readable.iter()
    }

    pub(crate) fn len(&self) -> usize {
        self.readable.len()
    }

    pub(crate) fn get(&self, id: &TeamId) -> Option<&Team> {
        self.readable.iter().find(|team| team.id == *id)
    }

    /// Whether it is one of the vault's teams, to be read or not.
    pub(crate) fn holds(&self, id: &TeamId) -> bool {
        self.get(id).is_some() || self.unreadable.iter().any(|team| team.id == *id)
    }

    /// Those of which this device's member is a member now.
    pub(crate) fn joined(&self) -> impl Iterator<Item = &Team> {
        self.iter().filter(|team| team.is_member())
    }

    /// The team that a person calls so.
    pub(crate) fn named(&self, text: &str) -> Result<&Team, Fault> {
        let candidate = |team: &Team| Candidate {
            it: team.id,
            id: team.id.to_string(),
            name: team.name(),
            first: true,
        };
        let candidates: Vec<_> = self.iter().map(candidate).collect();
        // The name of one that can't be read is not known.
        let nothing = self.all_readable().err().unwrap_or_else(|| {
            Fault::new(Code::NotFound, "There is no such team.")
                .about(text)
                .next("`sealfold team ls` shows the teams of this vault.")
        });
        match choose(text, &candidates) {
            Ok(id) => Ok(&self[&id]),
            Err(unclear) => Err(unclear.fault(text, nothing)),
        }
    }

    /// The teams that are meant: the one named, or all.
    pub(crate) fn meant_or_all(&self, text: Option<&str>) -> Result<Vec<TeamId>, Fault> {
        match text {
            Some(text) => Ok(vec![self.named(text)?.id]),
            None => Ok(self.ids()),
        }
    }

    /// The team that is meant: the one named, or the only one there is beside a personal vault.
    pub(crate) fn meant(&self, text: Option<&str>) -> Result<&Team, Fault> {
        if let Some(text) = text {
            return self.named(text);
        }
        self.all_readable()?;
        let shared: Vec<&Team> = self.iter().filter(|team| !team.is_personal()).collect();
        match (shared.as_slice(), self.readable.as_slice()) {
            ([only], _) => Ok(only),
            ([], [only]) => Ok(only),
            _ => Err(
                Fault::new(Code::Usage, "There are several teams: say which one.")
                    .next("Add `--team NAME`; `sealfold team ls` shows them."),
            ),
        }
    }

    /// What a team is called so that [`Teams::named`] finds it.
    pub(crate) fn label(&self, team: &Team) -> String {
        match self.named(&team.name()) {
            Ok(found) if found.id == team.id => team.name(),
            _ => {
                let all: Vec<String> = self.iter().map(|team| team.id.to_string()).collect();
                let all = all.iter().map(String::as_str);
                short(&team.id.to_string(), all).to_owned()
            }
        }
    }

    /// Ids of all teams, so that each can be worked on in turn.
    pub(crate) fn ids(&self) -> Vec<TeamId> {
        self.iter().map(|team| team.id).collect()
    }

    /// Another team, founded or asked for just now.
    pub(crate) fn push(&mut self, mut team: Team) {
        let orders = self.iter().map(|team| team.facts.order);
        let last = orders
            .chain(self.unreadable.iter().map(|team| team.order))
            .max();
        team.facts.order = last.map_or(0, |last| last + 1);
        self.readable.push(team);
    }
}

/// Ids of teams come out of the vault that holds them.
const HELD: &str = "an id of one of the vault's teams";

impl Index<&TeamId> for Teams {
    type Output = Team;

    fn index(&self, id: &TeamId) -> &Team {
        self.get(id).expect(HELD)
    }
}

impl IndexMut<&TeamId> for Teams {
    fn index_mut(&mut self, id: &TeamId) -> &mut Team {
        let team = self.readable.iter_mut().find(|team| team.id == *id);
        team.expect(HELD)
    }
}
