//! Vaults to test with. They open by a keychain slot with a known secret, as Argon2 takes time;
//! where passphrases matter, the test makes its own.

use std::path::{Path, PathBuf};

use crypto::{KeyId, SecretBytes, SecretVec};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, SqliteConnection};
use team::ids::{BundleId, DeviceId, EntryId, OpId, TeamId, VersionId};
use tempfile::TempDir;
use vault::{
    Changes, Check, Evidence, Frontier, Identity, Key, KeyKind, LockedVault, NewSlot, NewVault,
    Object, Op, OpKind, OpStatus, Pack, Remote, Reseal, SlotKey, SlotKind, Vault, VaultError,
    Version, VersionPlace, VersionState, WaitingOp,
};

pub const TEAM: TeamId = TeamId::from_bytes([1; 32]);
pub const OTHER_TEAM: TeamId = TeamId::from_bytes([2; 32]);
pub const DEVICE: DeviceId = DeviceId::from_bytes([0xde; 32]);
pub const BUNDLE: BundleId = BundleId::from_bytes([3; 16]);

/// In every payload and name that the tests hand over: it may never be seen in a file.
pub const CANARY: &str = "canary-in-the-coal-mine";

/// A folder for a vault file; goes with everything in it.
pub struct Home(pub TempDir);

impl Home {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A folder with this vault file in it. Tests that change a file many times take a fresh
    /// copy each time: a connection that was dropped may take a moment to close.
    pub fn with(file: &[u8]) -> Self {
        let home = Self::new();
        std::fs::write(home.vault(), file).unwrap();
        home
    }

    pub fn vault(&self) -> PathBuf {
        self.0.path().join("vault.sqlite")
    }
}

pub fn keychain_secret() -> SecretBytes<32> {
    SecretBytes::new([7; 32])
}

pub fn keychain_slot() -> NewSlot {
    NewSlot::keychain(keychain_secret())
}

/// A new vault with nothing in it.
pub async fn empty(path: &Path) -> Vault {
    let first = Changes {
        slots_added: vec![keychain_slot()],
        ..Changes::default()
    };
    NewVault::make().create(path, first).await.unwrap()
}

/// A new vault with some rows in every table.
pub async fn filled(path: &Path) -> Vault {
    let mut vault = empty(path).await;
    for n in 0..3 {
        vault
            .commit(changes(&vault, n), vault::Durability::Durable)
            .await
            .unwrap();
    }
    vault
}

/// As [`filled`], with a row in every index: version 2 is sealed anew.
pub async fn filled_and_resealed(path: &Path) -> Vault {
    let mut vault = filled(path).await;
    let change = Changes {
        reseals: vec![Reseal {
            op: OpId::from_bytes([0x22; 32]),
            ..reseal(&vault, 2)
        }],
        ..Changes::default()
    };
    vault
        .commit(change, vault::Durability::Durable)
        .await
        .unwrap();
    vault
}

/// A commit with a row for every table, named by `n`.
pub fn changes(vault: &Vault, n: u8) -> Changes {
    Changes {
        ops: vec![op(n)],
        versions: vec![version(vault, n)],
        frontier: vec![
            Frontier {
                team: TEAM,
                device: DEVICE,
                seq: n.into(),
                op: op(n).id,
                forked: false,
            },
            Frontier {
                team: TEAM,
                device: DeviceId::from_bytes([n; 32]),
                seq: 5,
                op: op(n).id,
                forked: false,
            },
        ],
        keys: vec![key(n)],
        identities: vec![Identity {
            team: TeamId::from_bytes([n; 32]),
            payload: payload(n),
        }],
        // Older than the seal in `version`, and of a version that is not here.
        reseals: vec![Reseal {
            place: VersionPlace {
                version: VersionId::from_bytes([0xab; 16]),
                ..version(vault, n).place()
            },
            ..reseal(vault, n)
        }],
        packs: vec![pack(n)],
        waiting: vec![waiting(n)],
        outbox: vec![(TEAM, op(n).id)],
        remotes: vec![Remote {
            team: TeamId::from_bytes([n; 32]),
            payload: payload(n),
        }],
        objects: vec![object(n)],
        evidence: vec![Evidence::new(TeamId::from_bytes([n; 32]), payload(n))],
        audit: vec![payload(n)],
        ..Changes::default()
    }
}

pub fn payload(n: u8) -> SecretVec {
    SecretVec::new(format!("{CANARY} {n}").into_bytes())
}

pub fn key(n: u8) -> Key {
    Key {
        id: KeyId::from_bytes([n; 16]),
        team: TEAM,
        kind: KeyKind::BundleKey,
        owner: BUNDLE.as_bytes().to_vec(),
        payload: payload(n),
    }
}

pub fn op(n: u8) -> Op {
    Op {
        id: OpId::from_bytes([n; 32]),
        team: TEAM,
        device: DEVICE,
        seq: n.into(),
        kind: OpKind::Control,
        status: OpStatus::Applied,
        deps: vec![OpId::from_bytes([0xdd; 32])],
        raw: vec![n; 300],
    }
}

pub fn version(vault: &Vault, n: u8) -> Version {
    Version {
        id: VersionId::from_bytes([n; 16]),
        team: TEAM,
        entry: EntryId::from_bytes([n; 16]),
        bundle: BUNDLE,
        op: OpId::from_bytes([n; 32]),
        pos: 0,
        lamport: n.into(),
        state: VersionState::Head,
        deleted: false,
        name_hash: Some(vault.name_hash(&BUNDLE, &format!("{CANARY} {n}"))),
        resealed: None,
        sealed_by: DEVICE,
        key: KeyId::from_bytes([4; 16]),
        sealed: Some(vec![n; 336]),
    }
}

/// Version `n` under another key, by an op that is not `n` and comes later.
pub fn reseal(vault: &Vault, n: u8) -> Reseal {
    Reseal {
        place: version(vault, n).place(),
        op: OpId::from_bytes([n ^ 0x80; 32]),
        pos: 3,
        lamport: u64::from(n) + 100,
        sealed_by: DeviceId::from_bytes([6; 32]),
        key: KeyId::from_bytes([5; 16]),
        sealed: vec![n ^ 0x80; 336],
        aside: false,
    }
}

pub fn pack(n: u8) -> Pack {
    Pack {
        op: OpId::from_bytes([n; 32]),
        bytes: vec![n; 700],
    }
}

pub fn waiting(n: u8) -> WaitingOp {
    WaitingOp {
        op: OpId::from_bytes([n ^ 0x40; 32]),
        team: TEAM,
        raw: vec![n; 300],
    }
}

pub fn object(n: u8) -> Object {
    Object {
        team: TEAM,
        name: format!("log/2026-11-{n:02}/{n:02x}.seg"),
    }
}

pub async fn open(path: &Path, check: Check) -> Result<Vault, VaultError> {
    let locked = LockedVault::open(path).await?;
    let slot = locked
        .slots()
        .iter()
        .find(|slot| slot.kind == SlotKind::Keychain)
        .copied();
    let slot = slot.ok_or(VaultError::NoSuchSlot {
        kind: SlotKind::Keychain,
    })?;
    locked
        .unlock(SlotKey::keychain(slot.id, keychain_secret()), check)
        .await
}

/// The file as any other program sees it.
pub async fn sqlite(path: &Path) -> SqliteConnection {
    SqliteConnectOptions::new()
        .filename(path)
        .foreign_keys(false)
        .connect()
        .await
        .unwrap()
}

/// Runs statements as another program would.
pub async fn sql(path: &Path, statements: &str) {
    let mut connection = sqlite(path).await;
    sqlx::raw_sql(sqlx::AssertSqlSafe(statements.to_owned()))
        .execute(&mut connection)
        .await
        .unwrap();
    sqlx::Connection::close(connection).await.unwrap();
}

/// Does something under another definition of a table or index, and puts the definition back:
/// the schema is then as it was, and what it describes is not.
pub async fn under_definition(path: &Path, of: &str, edits: &[(&str, &str)], statements: &str) {
    let mut connection = sqlite(path).await;
    let definition: String = sqlx::query_scalar("SELECT sql FROM sqlite_schema WHERE name = ?")
        .bind(of)
        .fetch_one(&mut connection)
        .await
        .unwrap();
    sqlx::Connection::close(connection).await.unwrap();
    let mut other = definition.clone();
    for (old, new) in edits {
        assert!(other.contains(old), "{of} is no longer defined by {old}");
        other = other.replace(old, new);
    }
    for (sql, then) in [(other, statements), (definition, "")] {
        let sql = sql.replace('\'', "''");
        let redefine = format!(
            "PRAGMA writable_schema = ON; \
             UPDATE sqlite_schema SET sql = '{sql}' WHERE name = '{of}'"
        );
        self::sql(path, &redefine).await;
        // By a connection that reads the schema anew.
        self::sql(path, then).await;
    }
}

/// The error of an operation that must not succeed.
pub fn error<T>(result: Result<T, VaultError>) -> VaultError {
    match result {
        Ok(_) => panic!("this should have been refused"),
        Err(error) => error,
    }
}

/// Commits what must fit.
pub async fn commit(vault: &mut Vault, changes: Changes) {
    vault
        .commit(changes, vault::Durability::Lazy)
        .await
        .unwrap();
}

/// The seals of version `n` by ops 10, 11, …, later from one to the next.
pub fn later_seals(vault: &Vault, n: u8, many: u8) -> Vec<Reseal> {
    let seal = |i: u8| Reseal {
        op: OpId::from_bytes([10 + i; 32]),
        pos: i.into(),
        // Two at each time: then the greater op id is the newer.
        lamport: 100 + u64::from(i / 2),
        key: KeyId::from_bytes([10 + i; 16]),
        sealed: vec![10 + i; 336],
        ..reseal(vault, n)
    };
    (0..many).map(seal).collect()
}
