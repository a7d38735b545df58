//! What a commit does to versions.

use std::collections::BTreeMap;

use sqlx::query_builder::QueryBuilder;
use sqlx::sqlite::Sqlite;
use team::ids::{BundleId, OpId, TeamId};

use super::{NameChange, Reseal, Resealed, StateChange, Version, VersionState};
use crate::root::Table;
use crate::table::row_key::{ByOp, ByPos, InEntry, VersionPlace};
use crate::table::seal::Seal;
use crate::table::{NAMED_PER_QUERY, RootRow, Writer, find_named, push_named, recurs, signed};
use crate::{NameHash, VaultError};

impl Writer<'_> {
    pub(crate) async fn add_versions(&mut self, versions: &[Version]) -> Result<(), VaultError> {
        for version in versions {
            signed(version.lamport)?;
            if let Some(by) = &version.resealed {
                signed(by.lamport)?;
            }
        }
        self.insert(versions).await
    }

    /// Heads at these places become superseded. What else stands there stays as it is, and where
    /// nothing stands there is nothing to do: any op may name a predecessor that never came.
    pub(crate) async fn supersede(&mut self, places: &[VersionPlace]) -> Result<(), VaultError> {
        let mut bundles: BTreeMap<(TeamId, BundleId), Vec<InEntry>> = BTreeMap::new();
        for place in places {
            let names = bundles.entry((place.team, place.bundle)).or_default();
            names.push(InEntry(place.entry, place.version));
        }
        for ((team, bundle), names) in bundles {
            for chunk in names.chunks(NAMED_PER_QUERY) {
                let mut query = update_state(VersionState::Superseded);
                push_named(&mut query, chunk);
                query.push(" AND state = 0 AND team = ");
                query.push_bind(team.as_bytes().to_vec());
                // The plus keeps SQLite from going through all heads of the bundle.
                query.push(" AND +bundle = ");
                query.push_bind(bundle.as_bytes().to_vec());
                query.push(" RETURNING ");
                query.push(Version::COLUMNS);
                let rows = query
                    .build()
                    .persistent(recurs(chunk.len(), NAMED_PER_QUERY))
                    .fetch_all(&mut *self.connection)
                    .await?;
                for row in &rows {
                    let mut version = Version::from_sqlite(row)?;
                    self.remember(&version);
                    version.state = VersionState::Head;
                    self.forget(&version);
                }
            }
        }
        Ok(())
    }

    /// Sets whether versions are shown, many at a time. Of two changes of one version the later
    /// one counts.
    ///
    /// # Errors
    /// [`VaultError::NotStored`] if one is not there.
    pub(crate) async fn set_version_states(
        &mut self,
        changes: &[StateChange],
    ) -> Result<(), VaultError> {
        let wanted = changes
            .iter()
            .map(|new| (ByPos(new.op, new.pos), new.state));
        let mut by_state: BTreeMap<i64, (VersionState, Vec<ByPos>)> = BTreeMap::new();
        for (name, state) in wanted.collect::<BTreeMap<_, _>>() {
            let group = by_state.entry(state.number());
            group.or_insert((state, Vec::new())).1.push(name);
        }
        for (state, names) in by_state.into_values() {
            for chunk in names.chunks(NAMED_PER_QUERY) {
                let name = |row: &Version| ByPos(row.op, row.pos);
                let mut found = find_named(self.connection, chunk, name).await?;
                if found.len() != chunk.len() {
                    return Err(VaultError::NotStored {
                        table: Table::Version.name(),
                    });
                }
                for version in &mut found {
                    self.forget(version);
                    version.state = state;
                    self.remember(version);
                }
                let mut query = update_state(state);
                push_named(&mut query, chunk);
                query
                    .build()
                    .persistent(recurs(chunk.len(), NAMED_PER_QUERY))
                    .execute(&mut *self.connection)
                    .await?;
            }
        }
        Ok(())
    }

    /// Sets the names by which versions are found.
    ///
    /// # Errors
    /// [`VaultError::NotStored`] if one is not there.
    pub(crate) async fn set_names(&mut self, names: &[NameChange]) -> Result<(), VaultError> {
        let wanted: BTreeMap<ByPos, NameHash> = names
            .iter()
            .map(|new| (ByPos(new.op, new.pos), new.name_hash))
            .collect();
        let places: Vec<ByPos> = wanted.keys().copied().collect();
        let mut versions: Vec<Version> = self.remove(&places).await?;
        if versions.len() != places.len() {
            return Err(VaultError::NotStored {
                table: Table::Version.name(),
            });
        }
        for version in &mut versions {
            version.name_hash = wanted.get(&ByPos(version.op, version.pos)).copied();
        }
        self.insert(&versions).await
    }

    /// Takes new seals in: the newest of a version stands in `version`, every other one in `seal`,
    /// whichever came first. One that is here already changes nothing.
    pub(crate) async fn reseal(&mut self, reseals: Vec<Reseal>) -> Result<(), VaultError> {
        let mut older = Vec::new();
        let mut reseals = reseals.into_iter().peekable();
        while reseals.peek().is_some() {
            let chunk: Vec<Reseal> = reseals.by_ref().take(NAMED_PER_QUERY).collect();
            let places: Vec<VersionPlace> = chunk.iter().map(|new| new.place).collect();
            let mut versions: Vec<Version> = self.remove(&places).await?;
            let mut at: BTreeMap<VersionPlace, Vec<&mut Version>> = BTreeMap::new();
            for version in &mut versions {
                at.entry(version.place()).or_default().push(version);
            }
            for new in chunk {
                signed(new.lamport)?;
                match at.get_mut(&new.place).map(Vec::as_mut_slice) {
                    Some([version]) if !new.aside => older.extend(version.take_seal(new)),
                    // Of a version that is not here; or of two that share an id, of which it
                    // can't be told which one it seals.
                    _ => older.push(new.into_seal()),
                }
            }
            self.insert(&versions).await?;
        }
        self.insert_new(&older).await
    }

    /// Takes out the versions that these ops brought, and the ops' own seals of them. What others
    /// sealed anew is kept: it belongs to their ops.
    pub(crate) async fn remove_versions_of(&mut self, ops: &[OpId]) -> Result<(), VaultError> {
        let ops: Vec<ByOp> = ops.iter().copied().map(ByOp).collect();
        let removed: Vec<Version> = self.remove(&ops).await?;
        self.remove::<Seal, _>(&ops).await?;
        let others = removed.into_iter().filter(|row| row.resealed.is_some());
        let others: Vec<Seal> = others.filter_map(Version::into_seal).collect();
        self.insert_new(&others).await
    }
}

fn update_state(state: VersionState) -> QueryBuilder<Sqlite> {
    QueryBuilder::new(format!("UPDATE version SET state = {}", state.number()))
}

impl Version {
    /// Takes a newer seal, and gives back the one that is older.
    fn take_seal(&mut self, new: Reseal) -> Option<Seal> {
        let stands = self.seal_origin();
        if stands.op == new.op {
            return None;
        }
        // A removal has no content that could be sealed anew.
        if self.sealed.is_none() || (new.lamport, new.op) < (stands.lamport, stands.op) {
            return Some(new.into_seal());
        }
        let newer = Self {
            resealed: Some(Resealed {
                op: new.op,
                pos: new.pos,
                lamport: new.lamport,
            }),
            sealed_by: new.sealed_by,
            key: new.key,
            sealed: Some(new.sealed),
            ..self.clone()
        };
        std::mem::replace(self, newer).into_seal()
    }

    /// Its seal alone.
    fn into_seal(self) -> Option<Seal> {
        let origin = self.seal_origin();
        Some(Seal {
            entry: self.entry,
            version: self.id,
            op: origin.op,
            pos: origin.pos,
            lamport: origin.lamport,
            sealed_by: self.sealed_by,
            key: self.key,
            sealed: self.sealed?,
        })
    }
}

impl Reseal {
    fn into_seal(self) -> Seal {
        Seal {
            entry: self.place.entry,
            version: self.place.version,
            op: self.op,
            pos: self.pos,
            lamport: self.lamport,
            sealed_by: self.sealed_by,
            key: self.key,
            sealed: self.sealed,
        }
    }
}
