//! Files that are not vaults, vaults that are damaged, disks that are full or read-only.

use std::path::Path;

use vault::{Changes, Check, Durability, LockedVault, NewSlot, NewVault, SlotKey, VaultError};

use crate::fixture::{
    Home, changes, empty, error, filled, filled_and_resealed, keychain_slot, open, sql,
};

#[tokio::test]
async fn what_is_not_a_vault_is_said_and_left_alone() {
    let home = Home::new();
    let path = home.vault();
    assert!(matches!(
        error(LockedVault::open(&path).await),
        VaultError::Missing
    ));
    assert!(!path.exists(), "opening makes no file");
    assert!(matches!(
        error(LockedVault::open(home.0.path()).await),
        VaultError::NotAVault
    ));

    for content in [b"".as_slice(), b"short", &[0x5a; 9000]] {
        std::fs::write(&path, content).unwrap();
        let refused = error(LockedVault::open(&path).await);
        assert!(matches!(refused, VaultError::NotAVault), "{refused:?}");
        assert_eq!(std::fs::read(&path).unwrap(), content);
    }
    std::fs::remove_file(&path).unwrap();
    sql_new(&path, "CREATE TABLE notes (x)").await;
    assert!(matches!(
        error(LockedVault::open(&path).await),
        VaultError::NotAVault
    ));
}

async fn sql_new(path: &Path, statements: &str) {
    std::fs::write(path, b"").unwrap();
    sql(path, statements).await;
}

#[tokio::test]
async fn creating_replaces_nothing() {
    let home = Home::new();
    std::fs::write(home.vault(), b"dear diary").unwrap();
    let first = Changes {
        slots_added: vec![keychain_slot()],
        ..Changes::default()
    };
    let refused = error(NewVault::make().create(&home.vault(), first).await);
    assert!(matches!(refused, VaultError::AlreadyExists));
    assert_eq!(std::fs::read(home.vault()).unwrap(), b"dear diary");
}

/// threat 49: SQLite finds a WAL by the name of its file alone, and would write one that another
/// file left into the new one.
#[tokio::test]
async fn a_wal_without_its_file_harms_no_new_one() {
    let home = Home::new();
    let mut vault = filled(&home.vault()).await;
    vault
        .commit(changes(&vault, 10), Durability::Durable)
        .await
        .unwrap();
    let wal = home.0.path().join("vault.sqlite-wal");
    let left = std::fs::read(&wal).unwrap();
    assert!(!left.is_empty());
    vault.lock().await.unwrap();

    let backup = home.0.path().join("backup.sqlite");
    let recovery = crypto::RecoveryKey::make();
    for round in 1..3 {
        let _ = std::fs::remove_file(home.vault());
        std::fs::write(&wal, &left).unwrap();
        let first = Changes {
            slots_added: vec![keychain_slot(), NewSlot::recovery(&recovery)],
            ..Changes::default()
        };
        let mut vault = NewVault::make().create(&home.vault(), first).await.unwrap();
        vault.verify_full().await.unwrap();
        let aside = home
            .0
            .path()
            .join(format!("vault.sqlite.before-{round}-wal"));
        assert_eq!(std::fs::read(aside).unwrap(), left);

        let _ = std::fs::remove_file(&backup);
        std::fs::write(home.0.path().join("backup.sqlite-wal"), &left).unwrap();
        vault.backup_to(&backup).await.unwrap();
        LockedVault::open(&backup)
            .await
            .unwrap()
            .unlock(SlotKey::recovery(&recovery), Check::Full)
            .await
            .unwrap();
        vault.lock().await.unwrap();
    }
}

/// A file that is there keeps its WAL, however late it is noticed.
#[tokio::test]
async fn the_wal_of_a_file_that_is_there_stays() {
    let home = Home::new();
    let mut vault = filled(&home.vault()).await;
    vault
        .commit(changes(&vault, 10), Durability::Lazy)
        .await
        .unwrap();
    let wal = home.0.path().join("vault.sqlite-wal");
    let before = std::fs::read(&wal).unwrap();
    let first = Changes {
        slots_added: vec![keychain_slot()],
        ..Changes::default()
    };
    let refused = error(NewVault::make().create(&home.vault(), first).await);
    assert!(matches!(refused, VaultError::AlreadyExists));
    assert_eq!(std::fs::read(&wal).unwrap(), before);
}

/// A file cut anywhere opens with a typed error or not damaged at all, and never panics.
#[tokio::test]
async fn a_truncated_file_is_refused() {
    let home = Home::new();
    filled(&home.vault()).await.lock().await.unwrap();
    let whole = std::fs::read(home.vault()).unwrap();
    let near = |page: usize| [page * 4096, page * 4096 + 1, page * 4096 + 2000];
    let lengths = (0..whole.len() / 4096)
        .flat_map(near)
        .chain([15, 16, 99, 100, 512, 4095]);
    for length in lengths {
        let home = Home::with(&whole[..length]);
        let refused = match open(&home.vault(), Check::Full).await {
            Err(error) => error,
            Ok(mut vault) => error(vault.verify_full().await),
        };
        assert!(
            matches!(
                refused,
                VaultError::NotAVault
                    | VaultError::Corrupt(_)
                    | VaultError::ForeignSchema
                    | VaultError::HeaderChanged
                    | VaultError::RowsChanged { .. }
                    | VaultError::IntegrityCheck
            ),
            "{length}: {refused:?}"
        );
    }
}

/// Every page overwritten, one at a time.
#[tokio::test]
async fn a_damaged_page_is_found() {
    let home = Home::new();
    filled_and_resealed(&home.vault())
        .await
        .lock()
        .await
        .unwrap();
    let whole = std::fs::read(home.vault()).unwrap();
    for page in 0..whole.len() / 4096 {
        let mut damaged = whole.clone();
        damaged[page * 4096 + 100..(page + 1) * 4096].fill(0xa5);
        let home = Home::with(&damaged);
        if let Ok(mut vault) = open(&home.vault(), Check::Full).await {
            // Indexes are no rows: only SQLite's own check sees them.
            assert!(
                vault.verify_full().await.is_err(),
                "page {page} went unnoticed"
            );
        }
    }
}

/// A power cut loses the end of the WAL, at any byte. What is left is a state that was, and is
/// never behind an anchor that was given out.
#[tokio::test]
async fn a_power_cut_loses_only_lazy_commits() {
    let home = Home::new();
    let mut vault = filled(&home.vault()).await;
    let anchor = vault.anchor().await.unwrap();
    let wal = home.0.path().join("vault.sqlite-wal");
    let durable = std::fs::read(&wal).unwrap().len();
    for n in 10..14 {
        vault
            .commit(changes(&vault, n), Durability::Lazy)
            .await
            .unwrap();
    }
    let (database, log) = (
        std::fs::read(home.vault()).unwrap(),
        std::fs::read(&wal).unwrap(),
    );
    let counter = vault.counter();

    let mut counters = Vec::new();
    for cut in (durable..=log.len()).step_by(1777).chain([log.len()]) {
        let after = Home::with(&database);
        std::fs::write(after.0.path().join("vault.sqlite-wal"), &log[..cut]).unwrap();
        let mut vault = open(&after.vault(), Check::Full).await.unwrap();
        assert!(vault.audit_verify().await.unwrap().is_whole());
        assert!(matches!(
            vault.compare_anchor(&anchor).await.unwrap(),
            vault::AnchorVerdict::Same | vault::AnchorVerdict::Healed { .. }
        ));
        counters.push(vault.counter());
        vault.lock().await.unwrap();
    }
    assert!(counters.is_sorted());
    assert_eq!(
        (counters[0], counters[counters.len() - 1]),
        (anchor.counter, counter)
    );
}

/// A small file system of its own, where the tests may mount one.
#[cfg(target_os = "linux")]
struct SmallDisk(Home);

#[cfg(target_os = "linux")]
impl SmallDisk {
    #[allow(clippy::print_stderr)]
    fn mount() -> Option<Self> {
        let home = Home::new();
        let mounted = std::process::Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=400k", "none"])
            .arg(home.0.path())
            .output()
            .is_ok_and(|output| output.status.success());
        if !mounted {
            eprintln!("skipped: no right to mount a small disk here");
        }
        mounted.then_some(Self(home))
    }

    fn make_read_only(&self) {
        let remounted = std::process::Command::new("mount")
            .args(["-o", "remount,ro"])
            .arg(self.0.0.path())
            .status();
        assert!(remounted.unwrap().success());
    }
}

#[cfg(target_os = "linux")]
impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount")
            .arg("-l")
            .arg(self.0.0.path())
            .status();
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_disk_is_said_and_costs_nothing() {
    let Some(disk) = SmallDisk::mount() else {
        return;
    };
    let path = disk.0.vault();
    let mut vault = empty(&path).await;
    let mut stored = 0;
    let full = loop {
        let change = Changes {
            audit: (0..20).map(crate::fixture::payload).collect(),
            ..Changes::default()
        };
        match vault.commit(change, Durability::Durable).await {
            Ok(_) => stored += 20,
            Err(error) => break error,
        }
    };
    assert!(matches!(full, VaultError::DiskFull), "{full:?}");
    assert_eq!(vault.audit_count(), stored);
    assert!(vault.audit_verify().await.unwrap().is_whole());
    drop(vault);
    let vault = open(&path, Check::Full).await.unwrap();
    assert_eq!(vault.audit_count(), stored);

    // Nor is there room for a second vault, and no half of one is left.
    let second = disk.0.0.path().join("second.sqlite");
    let first = Changes {
        slots_added: vec![keychain_slot()],
        ..Changes::default()
    };
    let refused = NewVault::make().create(&second, first).await;
    assert!(refused.is_err() && !second.exists());
}

/// Without a byte to spare, there is no room for what SQLite shares between processes either, of
/// which it only says that an operation failed.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_disk_without_room_to_open_a_vault_is_said() {
    let Some(disk) = SmallDisk::mount() else {
        return;
    };
    let path = disk.0.vault();
    empty(&path).await.lock().await.unwrap();
    let mut rest = std::fs::File::create(disk.0.0.path().join("rest")).unwrap();
    while std::io::Write::write(&mut rest, &[0; 512]).is_ok_and(|written| written > 0) {}
    let refused = error(open(&path, Check::Header).await);
    assert!(matches!(refused, VaultError::DiskRefused(_)), "{refused:?}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_read_only_disk_is_said() {
    let Some(disk) = SmallDisk::mount() else {
        return;
    };
    let path = disk.0.vault();
    empty(&path).await.lock().await.unwrap();
    disk.make_read_only();
    let refused = error(open(&path, Check::Header).await);
    assert!(matches!(refused, VaultError::ReadOnly), "{refused:?}");
}
