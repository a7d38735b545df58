//! Table `object`: names of what is known to lie on a team's remote. They are made of ids in hex,
//! and the remote shows them to whoever can list it: nothing in them is secret.

use team::ids::TeamId;

use super::row_key::ByTeam;
use super::{Found, RootRow, Writer, read_all};
use crate::frame::Columns;
use crate::root::Table;
use crate::{Vault, VaultError};

/// An object on a team's remote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// The team.
    pub team: TeamId,
    /// Its name there.
    pub name: String,
}

impl RootRow for Object {
    const TABLE: Table = Table::Object;
    const COLUMNS: &'static str = "team, name";
    const INDEXED: bool = false;

    fn visit(&self, columns: &mut impl Columns) {
        columns.bytes(self.team.as_bytes());
        columns.text(&self.name);
    }

    fn read(row: &Found<'_>) -> Result<Self, VaultError> {
        Ok(Self {
            team: TeamId::from_bytes(row.array(0)?),
            name: row.text(1)?.to_owned(),
        })
    }
}

impl Writer<'_> {
    /// Takes out every name of these teams.
    pub(crate) async fn forget_objects(&mut self, teams: &[TeamId]) -> Result<(), VaultError> {
        let names: Vec<ByTeam> = teams.iter().copied().map(ByTeam).collect();
        self.remove::<Object, _>(&names).await?;
        Ok(())
    }
}

/// The names that begin with a text are those from it up to it with the last character there is.
pub(crate) const BY_PREFIX: &str =
    "WHERE team = ? AND name BETWEEN ? AND ? || char(1114111) ORDER BY name";

impl Vault {
    /// How many objects are known to lie on a team's remote.
    pub async fn count_objects(&mut self, team: &TeamId) -> Result<u64, VaultError> {
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM object WHERE team = ?")
            .bind(team.as_bytes().to_vec())
            .fetch_one(&mut self.connection)
            .await?;
        Ok(count.cast_unsigned())
    }

    /// Names of the objects that are known to lie on a team's remote and come after `after`, in
    /// order.
    pub async fn known_objects_after(
        &mut self,
        team: &TeamId,
        after: &str,
    ) -> Result<Vec<String>, VaultError> {
        let rows = sqlx::query(Object::select("WHERE team = ? AND name > ? ORDER BY name"))
            .bind(team.as_bytes().to_vec())
            .bind(after.to_owned())
            .fetch_all(&mut self.connection)
            .await?;
        let found = read_all::<Object>(&rows)?;
        Ok(found.into_iter().map(|row| row.name).collect())
    }

    /// Names of the objects that are known to lie on a team's remote and begin with `prefix`, in
    /// order; all of them for an empty one.
    pub async fn known_objects(
        &mut self,
        team: &TeamId,
        prefix: &str,
    ) -> Result<Vec<String>, VaultError> {
        let rows = sqlx::query(Object::select(BY_PREFIX))
            .bind(team.as_bytes().to_vec())
            .bind(prefix.to_owned())
            .bind(prefix.to_owned())
            .fetch_all(&mut self.connection)
            .await?;
        let found = read_all::<Object>(&rows)?;
        Ok(found.into_iter().map(|row| row.name).collect())
    }
}
