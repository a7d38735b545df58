//! All teams of a vault, and which of them a person means.

use std::ops::{Index, IndexMut};

use team::ids::TeamId;
use vault::Vault;

use super::Team;
use crate::records::Identity;
use crate::{Code, Fault};

/// The teams of a vault, the one founded with it first.
pub(crate) struct Teams(Vec<Team>);

impl Teams {
    /// Loads every team of the vault.
    pub(crate) async fn load(vault: &mut Vault) -> Result<Self, Fault> {
        let mut teams = Vec::new();
        for row in vault.identities().await? {
            teams.push(Team::load(vault, Identity::decode(&row.payload)?).await?);
        }
        if teams.is_empty() {
            return Err(Fault::new(Code::Integrity, "The vault holds no team.")
                .next("Run `sealfold doctor`."));
        }
        teams.sort_by_key(|team| (team.facts.order, team.id));
        Ok(Self(teams))
    }

    /// The team that was founded with the vault.
    pub(crate) fn home(&self) -> &Team {
        &self.0[0]
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Team> {
        self.0.iter()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn get(&self, id: &TeamId) -> Option<&Team> {
        self.0.iter().find(|team| team.id == *id)
    }

    /// Those of which this device's member is a member now.
    pub(crate) fn joined(&self) -> impl Iterator<Item = &Team> {
        self.iter().filter(|team| team.is_member())
    }

    /// The team that a person calls so: by its name, whatever the case, or by the first eight or
    /// more hex digits of its id.
    pub(crate) fn named(&self, text: &str) -> Result<&Team, Fault> {
        let lower = text.to_lowercase();
        let named: Vec<&Team> = self
            .iter()
            .filter(|team| team.name().to_lowercase() == lower)
            .collect();
        let by_id = || {
            let of_id = |team: &&Team| lower.len() >= 8 && team.id.to_string().starts_with(&lower);
            self.iter().find(of_id)
        };
        match named.as_slice() {
            [only] => Ok(only),
            [] => by_id().ok_or_else(|| {
                Fault::new(Code::NotFound, "There is no such team.")
                    .about(text)
                    .next("`sealfold team ls` shows the teams of this vault.")
            }),
            _ => Err(Fault::new(Code::Usage, "Several teams are called so.")
                .about(text)
                .next("Write the first eight digits of the id that `sealfold team ls` shows.")),
        }
    }

    /// The team that is meant: the one named, or the only one there is beside a personal vault.
    pub(crate) fn meant(&self, text: Option<&str>) -> Result<&Team, Fault> {
        if let Some(text) = text {
            return self.named(text);
        }
        let shared: Vec<&Team> = self.iter().filter(|team| !team.is_personal()).collect();
        match (shared.as_slice(), self.0.as_slice()) {
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
            _ => team.id.to_string()[..8].to_owned(),
        }
    }

    /// Ids of all teams, so that each can be worked on in turn.
    pub(crate) fn ids(&self) -> Vec<TeamId> {
        self.iter().map(|team| team.id).collect()
    }

    /// Another team, founded or asked for just now.
    pub(crate) fn push(&mut self, mut team: Team) {
        let last = self.0.iter().map(|team| team.facts.order).max();
        team.facts.order = last.map_or(0, |last| last + 1);
        self.0.push(team);
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
        let team = self.0.iter_mut().find(|team| team.id == *id);
        team.expect(HELD)
    }
}
