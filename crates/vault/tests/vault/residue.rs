//! threat 47: what is sealed or deleted is nowhere in the files.

use std::path::Path;

use vault::{Changes, Check, Durability, KeyKind};

use crate::fixture::{CANARY, Home, TEAM, filled, key, open, sqlite};

fn folder_contains(folder: &Path, needle: &[u8]) -> bool {
    std::fs::read_dir(folder).unwrap().any(|file| {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        bytes.windows(needle.len()).any(|window| window == needle)
    })
}

async fn sealed_of(path: &Path, query: &'static str) -> Vec<u8> {
    let mut connection = sqlite(path).await;
    let blob = sqlx::query_scalar(query)
        .fetch_one(&mut connection)
        .await
        .unwrap();
    // Dropped, it would take the WAL away at some later moment, in the midst of a look around.
    sqlx::Connection::close(connection).await.unwrap();
    blob
}

#[tokio::test]
async fn no_plaintext_in_any_file_at_any_time() {
    let home = Home::new();
    let folder = home.0.path();
    let mut vault = filled(&home.vault()).await;
    assert!(
        std::fs::read_dir(folder).unwrap().count() >= 3,
        "database, WAL and shared memory"
    );
    assert!(!folder_contains(folder, CANARY.as_bytes()));
    let change = Changes {
        keys_removed: vec![(TEAM, KeyKind::BundleKey, key(1).id)],
        ..Changes::default()
    };
    vault.commit(change, Durability::Durable).await.unwrap();
    assert!(!folder_contains(folder, CANARY.as_bytes()));
    vault.lock().await.unwrap();
    assert!(!folder_contains(folder, CANARY.as_bytes()));
}

/// An erased key, or a removed slot, is not there for someone who learns its key later.
#[tokio::test]
async fn what_is_erased_is_gone_once_the_vault_is_locked() {
    let home = Home::new();
    filled(&home.vault()).await.lock().await.unwrap();
    let key_blob = sealed_of(
        &home.vault(),
        "SELECT sealed FROM key WHERE id = x'01010101010101010101010101010101'",
    )
    .await;
    let slot_blob = sealed_of(&home.vault(), "SELECT sealed FROM key_slot").await;
    assert!(folder_contains(home.0.path(), &key_blob[..64]));
    assert!(folder_contains(home.0.path(), &slot_blob[..64]));

    let mut vault = open(&home.vault(), Check::Full).await.unwrap();
    let change = Changes {
        keys_removed: vec![(TEAM, KeyKind::BundleKey, key(1).id)],
        slots_removed: vec![vault.slots()[0].id],
        slots_added: vec![crate::fixture::keychain_slot()],
        ..Changes::default()
    };
    vault.commit(change, Durability::Durable).await.unwrap();
    vault.lock().await.unwrap();
    assert!(!folder_contains(home.0.path(), &key_blob[..64]));
    assert!(!folder_contains(home.0.path(), &slot_blob[..64]));
    assert_eq!(
        std::fs::read_dir(home.0.path()).unwrap().count(),
        1,
        "WAL and shared memory"
    );
}

/// Locking empties the WAL itself, even while another process keeps the file open.
#[tokio::test]
async fn the_wal_is_emptied_although_others_have_the_file_open() {
    let home = Home::new();
    let vault = filled(&home.vault()).await;
    let other = open(&home.vault(), Check::Full).await.unwrap();
    let wal = home.0.path().join("vault.sqlite-wal");
    assert!(std::fs::metadata(&wal).unwrap().len() > 0);
    vault.lock().await.unwrap();
    assert_eq!(std::fs::metadata(&wal).unwrap().len(), 0);
    drop(other);
}

#[cfg(unix)]
#[tokio::test]
async fn files_and_folders_are_private() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new();
    let path = home.0.path().join("made/on/demand/vault.sqlite");
    let mut vault = filled(&path).await;
    let backup = path.with_file_name("backup.sqlite");
    let second = Changes {
        slots_added: vec![vault::NewSlot::recovery(&crypto::RecoveryKey::make())],
        ..Changes::default()
    };
    vault.commit(second, Durability::Durable).await.unwrap();
    vault.backup_to(&backup).await.unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    for file in std::fs::read_dir(path.parent().unwrap()).unwrap() {
        assert_eq!(mode(&file.unwrap().path()), 0o600);
    }
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    assert_eq!(mode(path.parent().unwrap().parent().unwrap()), 0o700);
}
