//! threat 49: the process is killed at every step of every write, and at random moments. What
//! is there afterwards is the old state or the new one, whole.
//!
//! The writer is a child: this binary again, running one ignored test.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use crypto::{RecoveryKey, SecretBytes, SecretVec};
use team::ids::{DeviceId, OpId, TeamId};
use tempfile::TempDir;

use super::Step;
use crate::{
    Changes, Check, Durability, Frontier, LockedVault, NewSlot, NewVault, Op, OpKind, OpStatus,
    SlotKey, SlotKind, Standing, Vault,
};

const TEAM: TeamId = TeamId::from_bytes([1; 32]);
const DEVICE: DeviceId = DeviceId::from_bytes([2; 32]);

struct Home(TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn vault(&self) -> PathBuf {
        self.0.path().join("vault.sqlite")
    }

    fn backup(&self) -> PathBuf {
        self.0.path().join("backup.sqlite")
    }

    /// Starts a writer that dies at `step`, if it gets there.
    fn start(&self, writer: &str, step: Option<Step>) -> Child {
        let name = format!("crash::tests::{writer}");
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--exact", &name, "--ignored", "--nocapture"])
            .env("SEALFOLD_TEST_HOME", self.0.path())
            .env_remove("SEALFOLD_TEST_KILL_AT")
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        if let Some(step) = step {
            command.env("SEALFOLD_TEST_KILL_AT", format!("{step:?}"));
        }
        command.spawn().unwrap()
    }

    fn run(&self, writer: &str, step: Option<Step>) -> ExitStatus {
        self.start(writer, step).wait().unwrap()
    }

    /// The folder of a writer's own process.
    fn of_child() -> PathBuf {
        std::env::var_os("SEALFOLD_TEST_HOME").unwrap().into()
    }
}

fn secret() -> SecretBytes<32> {
    SecretBytes::new([7; 32])
}

fn first() -> Changes {
    let slots_added = vec![
        NewSlot::keychain(secret()),
        NewSlot::recovery(&RecoveryKey::make()),
    ];
    Changes {
        slots_added,
        ..numbered(0)
    }
}

/// What commit number `n` writes: one op, the frontier, one audit row.
fn numbered(n: u64) -> Changes {
    let mut id = [0; 32];
    id[..8].copy_from_slice(&n.to_be_bytes());
    let op = Op {
        id: OpId::from_bytes(id),
        team: TEAM,
        device: DEVICE,
        seq: n,
        kind: OpKind::Control,
        status: OpStatus::Applied,
        deps: Vec::new(),
        raw: vec![0x55; 5000],
    };
    Changes {
        frontier: vec![Frontier {
            team: TEAM,
            device: DEVICE,
            seq: n,
            op: op.id,
            forked: false,
        }],
        ops: vec![op],
        audit: vec![SecretVec::new(n.to_be_bytes().to_vec())],
        ..Changes::default()
    }
}

async fn open(path: &Path) -> Vault {
    let locked = LockedVault::open(path).await.unwrap();
    let slot = locked
        .slots()
        .iter()
        .find(|slot| slot.kind == SlotKind::Keychain)
        .unwrap()
        .id;
    locked
        .unlock(SlotKey::keychain(slot, secret()), Check::Full)
        .await
        .unwrap()
}

/// Opens the vault with every check there is, and returns how many commits it holds.
async fn check(path: &Path) -> u64 {
    let mut vault = open(path).await;
    vault.verify_full().await.unwrap();
    assert!(vault.audit_verify().await.unwrap().is_whole());
    let counter = vault.counter();
    let seqs: Vec<u64> = vault
        .ledger_ops(&TEAM)
        .await
        .unwrap()
        .iter()
        .map(|op| op.seq)
        .collect();
    assert_eq!(seqs, (0..counter).collect::<Vec<_>>());
    assert_eq!(vault.audit_count(), counter);
    assert_eq!(vault.frontier(&TEAM).await.unwrap()[0].seq, counter - 1);
    vault.lock().await.unwrap();
    counter
}

async fn make(home: &Home) {
    let vault = NewVault::make()
        .create(&home.vault(), first())
        .await
        .unwrap();
    vault.lock().await.unwrap();
}

fn killed(status: ExitStatus) -> bool {
    status.signal() == Some(9)
}

#[tokio::test]
async fn creating_gives_a_whole_vault_or_none() {
    use Step::{FileMade, FileSynced, Renamed, RowsWritten, SchemaMade};
    for step in [FileMade, SchemaMade, RowsWritten, FileSynced, Renamed] {
        let home = Home::new();
        assert!(
            killed(home.run("writer_creates", Some(step))),
            "{step:?} is never reached"
        );
        assert_eq!(home.vault().exists(), step == Renamed, "{step:?}");
        if home.vault().exists() {
            assert_eq!(check(&home.vault()).await, 1);
        } else {
            // What was left behind is in nobody's way.
            assert!(home.run("writer_creates", None).success());
            assert_eq!(check(&home.vault()).await, 1);
        }
    }
}

#[tokio::test]
#[ignore = "a writer to be killed"]
async fn writer_creates() {
    let path = Home::of_child().join("vault.sqlite");
    NewVault::make()
        .create(&path, first())
        .await
        .unwrap()
        .lock()
        .await
        .unwrap();
}

#[tokio::test]
async fn a_commit_is_whole_or_not_there() {
    use Step::{Begun, Committed, RowsWritten, Written};
    for (step, counter) in [(Begun, 1), (RowsWritten, 1), (Written, 1), (Committed, 2)] {
        let home = Home::new();
        make(&home).await;
        assert!(
            killed(home.run("writer_commits_once", Some(step))),
            "{step:?} is never reached"
        );
        assert_eq!(check(&home.vault()).await, counter, "{step:?}");
    }
}

#[tokio::test]
#[ignore = "a writer to be killed"]
async fn writer_commits_once() {
    let mut vault = open(&Home::of_child().join("vault.sqlite")).await;
    vault
        .commit(numbered(1), Durability::Durable)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_backup_is_whole_or_not_there() {
    use Step::{Copied, FileMade, FileSynced, Renamed};
    for step in [FileMade, Copied, FileSynced, Renamed] {
        let home = Home::new();
        make(&home).await;
        let status = home.run("writer_backs_up", Some(step));
        // Backups have no step of their own for the file: they share that of creating.
        assert_eq!(killed(status), step != FileMade, "{step:?}");
        if step == FileMade {
            continue;
        }
        assert_eq!(check(&home.vault()).await, 1);
        assert_eq!(home.backup().exists(), step == Renamed, "{step:?}");
        if home.backup().exists() {
            let locked = LockedVault::open(&home.backup()).await.unwrap();
            assert!(
                locked
                    .slots()
                    .iter()
                    .all(|slot| slot.kind == SlotKind::Recovery)
            );
        }
    }
}

#[tokio::test]
#[ignore = "a writer to be killed"]
async fn writer_backs_up() {
    let mut vault = open(&Home::of_child().join("vault.sqlite")).await;
    vault
        .backup_to(&Home::of_child().join("backup.sqlite"))
        .await
        .unwrap();
}

/// What is restored is kept in the folder under this name before it is put in place.
async fn make_copy(home: &Home) -> PathBuf {
    let path = home.0.path().join("copy.sqlite");
    let mut copy = NewVault::make().create(&path, first()).await.unwrap();
    for n in 1..5 {
        copy.commit(numbered(n), Durability::Lazy).await.unwrap();
    }
    copy.lock().await.unwrap();
    path
}

#[tokio::test]
async fn replacing_leaves_the_old_vault_or_the_new_one() {
    use Step::{Cleared, Kept, Renamed};
    for step in [Some(Kept), Some(Cleared), Some(Renamed), None] {
        let home = Home::new();
        make(&home).await;
        // Its last commit is in the WAL only.
        assert!(killed(
            home.run("writer_commits_once", Some(Step::Committed))
        ));
        make_copy(&home).await;
        let status = home.run("writer_replaces", step);
        assert_eq!(killed(status), step.is_some(), "{step:?}");

        let replaced = matches!(step, Some(Renamed) | None);
        let counter = if replaced { 5 } else { 2 };
        assert_eq!(check(&home.vault()).await, counter, "{step:?}");
        if replaced {
            let kept = home.0.path().join("vault.sqlite.before-1");
            assert_eq!(check(&kept).await, 2, "{step:?}");
        } else {
            // What was left behind is in nobody's way.
            assert!(home.run("writer_replaces", None).success());
            assert_eq!(check(&home.vault()).await, 5);
            let kept = home.0.path().join("vault.sqlite.before-2");
            assert_eq!(check(&kept).await, 2);
        }
    }
}

/// Nothing of what the old file has open gets into the new one, be it there or not, be it a
/// vault or not.
#[tokio::test]
async fn what_is_replaced_may_be_open_or_damaged_or_gone() {
    let home = Home::new();
    make(&home).await;
    let mut old = open(&home.vault()).await;
    old.commit(numbered(1), Durability::Lazy).await.unwrap();
    make_copy(&home).await;
    assert!(home.run("writer_replaces", None).success());
    assert!(!old.refresh().await.unwrap());
    old.commit(numbered(2), Durability::Lazy).await.unwrap();
    assert_eq!(check(&home.vault()).await, 5);

    make_copy(&home).await;
    std::fs::write(home.vault(), b"not a vault").unwrap();
    assert!(home.run("writer_replaces", None).success());
    assert_eq!(check(&home.vault()).await, 5);
    let kept = std::fs::read(home.0.path().join("vault.sqlite.before-2")).unwrap();
    assert_eq!(kept, b"not a vault");

    make_copy(&home).await;
    std::fs::remove_file(home.vault()).unwrap();
    std::fs::write(home.0.path().join("vault.sqlite-wal"), b"left").unwrap();
    assert!(home.run("writer_replaces", None).success());
    assert_eq!(check(&home.vault()).await, 5);
    let left = std::fs::read(home.0.path().join("vault.sqlite.before-3-wal")).unwrap();
    assert_eq!(left, b"left");
}

#[tokio::test]
#[ignore = "a writer to be killed"]
async fn writer_replaces() {
    let home = Home::of_child();
    let copy = tempfile::TempPath::try_from_path(home.join("copy.sqlite")).unwrap();
    crate::replace_file(copy, &home.join("vault.sqlite"))
        .await
        .unwrap();
}

/// The writer says each number once its commit returned; whatever it said must be there.
#[tokio::test]
async fn killed_at_any_moment_nothing_said_is_lost() {
    let home = Home::new();
    make(&home).await;
    let mut known = 1;
    for round in 0..12 {
        let mut child = home.start("writer_commits_on", None);
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut said = 0;
        // How far the next commit is when the signal arrives is left to chance; the number of
        // commits before it is not.
        while said < round % 4 + 1 {
            let line = lines.next().unwrap().unwrap();
            if let Some(number) = line.strip_prefix("stored ") {
                known = number.parse().unwrap();
                said += 1;
            }
        }
        child.kill().unwrap();
        assert!(killed(child.wait().unwrap()));
        let rest = lines.map_while(Result::ok);
        let last = rest
            .filter_map(|line| line.strip_prefix("stored ")?.parse().ok())
            .max();
        known = known.max(last.unwrap_or(0));
        let found = check(&home.vault()).await;
        assert!(
            found == known || found == known + 1,
            "said {known}, found {found}"
        );
        known = found;
    }
}

#[tokio::test]
#[ignore = "a writer to be killed"]
async fn writer_commits_on() {
    let mut vault = open(&Home::of_child().join("vault.sqlite")).await;
    assert_eq!(vault.standing(), Standing::Enrolled);
    loop {
        let durability = if vault.counter() % 3 == 0 {
            Durability::Lazy
        } else {
            Durability::Durable
        };
        vault
            .commit(numbered(vault.counter()), durability)
            .await
            .unwrap();
        println!("stored {}", vault.counter());
    }
}

/// A power cut is no `kill -9`: what was written must also have been synced, in this order.
/// What reaches the disk when is asked of the system calls.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn syncs_come_before_what_relies_on_them() {
    let home = Home::new();
    let log = home.0.path().join("calls");
    let traced = Command::new("strace")
        .args(["-f", "-y", "-s", "64", "-o"])
        .arg(&log)
        .args([
            "-e",
            "trace=write,pwrite64,fsync,fdatasync,rename,renameat,renameat2",
        ])
        .arg(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "crash::tests::writer_syncs",
            "--ignored",
            "--nocapture",
        ])
        .env("SEALFOLD_TEST_HOME", home.0.path())
        .env_remove("SEALFOLD_TEST_KILL_AT")
        .output();
    if !traced.is_ok_and(|output| output.status.success()) {
        println!("skipped: strace is not here, or may not trace");
        return;
    }
    let log = std::fs::read_to_string(&log).unwrap();
    let (creating, log) = log.split_once("MARK created").unwrap();
    let (durable, log) = log.split_once("MARK durable").unwrap();
    let (lazy, log) = log.split_once("MARK lazy").unwrap();
    let (anchored, log) = log.split_once("MARK anchored").unwrap();
    let (again, _) = log.split_once("MARK durable again").unwrap();

    // The new file is on disk before it has its name, and its name before it is used.
    let renamed = last(creating, "renameat2(", "vault.sqlite").unwrap();
    let (before, after) = creating.split_at(renamed);
    assert!(last_sync(before, "/.sealfold-") > last(before, "pwrite64(", "/.sealfold-"));
    let folder = format!("{}>", home.0.path().display());
    assert!(last_sync(after, &folder).is_some());

    for durable in [durable, again] {
        assert!(last(durable, "pwrite64(", "-wal>").is_some());
        assert!(last_sync(durable, "-wal>") > last(durable, "pwrite64(", "-wal>"));
    }
    // A lazy commit waits for nothing; giving out an anchor does.
    assert!(last(lazy, "pwrite64(", "-wal>").is_some());
    assert_eq!(last_sync(lazy, "-wal>"), None);
    assert!(last_sync(anchored, "-wal>").is_some());
}

/// Where the last such call with such an argument is.
#[cfg(target_os = "linux")]
fn last(log: &str, call: &str, argument: &str) -> Option<usize> {
    let mut at = 0;
    let mut found = None;
    for line in log.split_inclusive('\n') {
        if line.contains(call) && line.contains(argument) {
            found = Some(at);
        }
        at += line.len();
    }
    found
}

#[cfg(target_os = "linux")]
fn last_sync(log: &str, argument: &str) -> Option<usize> {
    last(log, "fsync(", argument).max(last(log, "fdatasync(", argument))
}

#[tokio::test]
#[ignore = "a writer to be traced"]
async fn writer_syncs() {
    let path = Home::of_child().join("vault.sqlite");
    let mut vault = NewVault::make().create(&path, first()).await.unwrap();
    println!("MARK created");
    vault
        .commit(numbered(1), Durability::Durable)
        .await
        .unwrap();
    println!("MARK durable");
    vault.commit(numbered(2), Durability::Lazy).await.unwrap();
    println!("MARK lazy");
    vault.anchor().await.unwrap();
    println!("MARK anchored");
    vault
        .commit(numbered(3), Durability::Durable)
        .await
        .unwrap();
    println!("MARK durable again");
}
