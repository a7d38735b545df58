//! Backups open by what a person knows, not by a machine's keychain, and must be enrolled.

use crypto::RecoveryKey;
use vault::{
    Changes, Check, Durability, EnrolReason, LockedVault, NewSlot, SlotKey, SlotKind, Standing,
    VaultError,
};

use crate::fixture::{Home, TEAM, changes, error, filled, op, open, reseal};

#[tokio::test]
async fn a_backup_is_the_vault_without_its_keychain_slot() {
    let home = Home::new();
    let mut vault = filled(&home.vault()).await;
    let recovery = RecoveryKey::make();
    let second = Changes {
        slots_added: vec![NewSlot::recovery(&recovery)],
        ..Changes::default()
    };
    vault.commit(second, Durability::Lazy).await.unwrap();
    let backup = home.0.path().join("backup.sqlite");
    vault.backup_to(&backup).await.unwrap();
    let refused = error(vault.backup_to(&backup).await);
    assert!(matches!(refused, VaultError::AlreadyExists));
    // The vault itself is as it was, and goes on.
    assert_eq!(
        (vault.slots().len(), vault.standing()),
        (2, Standing::Enrolled)
    );
    let anchor = vault.anchor().await.unwrap();
    vault
        .commit(changes(&vault, 10), Durability::Durable)
        .await
        .unwrap();

    let locked = LockedVault::open(&backup).await.unwrap();
    assert!(
        locked
            .slots()
            .iter()
            .all(|slot| slot.kind == SlotKind::Recovery)
    );
    let mut copy = locked
        .unlock(SlotKey::recovery(&recovery), Check::Full)
        .await
        .unwrap();
    assert_eq!(
        copy.standing(),
        Standing::MustEnrol {
            why: EnrolReason::Restored
        }
    );
    assert_eq!((copy.id(), copy.counter()), (vault.id(), anchor.counter));
    assert_eq!(copy.ledger_ops(&TEAM).await.unwrap().len(), 3);
    // What waits to be pushed, read or resolved goes along.
    assert_eq!(copy.outbox(&TEAM).await.unwrap().len(), 3);
    assert_eq!(copy.waiting_ops(&TEAM).await.unwrap().len(), 3);
    assert_eq!(copy.known_objects(&TEAM, "").await.unwrap().len(), 3);
    assert!(copy.pack(&op(2).id).await.unwrap().is_some());
    assert!(copy.remote(&TEAM).await.unwrap().is_some());
    assert_eq!(copy.evidence(&TEAM).await.unwrap().len(), 1);
    assert_eq!(
        copy.sealed_by_op(&reseal(&copy, 0).op).await.unwrap().len(),
        1
    );
    assert!(copy.audit_verify().await.unwrap().is_whole());
    copy.verify_full().await.unwrap();
    copy.commit(changes(&copy, 20), Durability::Durable)
        .await
        .unwrap();
    copy.lock().await.unwrap();
    vault.lock().await.unwrap();
    assert_eq!(std::fs::read_dir(home.0.path()).unwrap().count(), 2);
}

#[tokio::test]
async fn a_backup_that_nothing_opens_is_not_made() {
    let home = Home::new();
    let mut vault = filled(&home.vault()).await;
    let backup = home.0.path().join("backup.sqlite");
    assert!(matches!(
        error(vault.backup_to(&backup).await),
        VaultError::LastSlot
    ));
    assert!(!backup.exists());
    vault.lock().await.unwrap();
    assert_eq!(
        std::fs::read_dir(home.0.path()).unwrap().count(),
        1,
        "no temporary file stays"
    );
    open(&home.vault(), Check::Full).await.unwrap();
}
