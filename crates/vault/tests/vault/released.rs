//! Every vault file that was ever released still opens. The files are in tests/vectors/vault at
//! the workspace's root; each is made once, and never again.

use std::path::PathBuf;

use crypto::{KdfParams, RecoveryKey, SecretText};
use vault::{Changes, Check, Durability, LockedVault, NewSlot, NewVault, SlotKey};

use crate::fixture::{
    BUNDLE, CANARY, Home, TEAM, changes, object, op, pack, payload, reseal, version, waiting,
};

const PASSPHRASE: &str = "a passphrase that everyone knows";
const WORDS: &str = "abandon abandon abandon abandon abandon abandon abandon abandon \
    abandon abandon abandon abandon abandon abandon abandon abandon \
    abandon abandon abandon abandon abandon abandon abandon art";

fn file(name: &str) -> PathBuf {
    PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/vectors/vault"
    ))
    .join(name)
}

/// Run by hand, once for each format: `cargo nextest run make_v1 --run-ignored only`.
#[tokio::test]
#[ignore = "makes the file that the other test opens for ever"]
async fn make_v1() {
    let slots = vec![
        NewSlot::passphrase(SecretText::new(PASSPHRASE.to_owned()), KdfParams::DEFAULT),
        NewSlot::recovery(&RecoveryKey::from_words(WORDS).unwrap()),
    ];
    let first = Changes {
        slots_added: slots,
        ..Changes::default()
    };
    let mut vault = NewVault::make()
        .create(&file("v1.sqlite"), first)
        .await
        .unwrap();
    for n in 0..3 {
        vault
            .commit(changes(&vault, n), Durability::Durable)
            .await
            .unwrap();
    }
    vault.lock().await.unwrap();
}

#[tokio::test]
async fn v1_opens() {
    let file = std::fs::read(file("v1.sqlite")).unwrap();
    for key in [
        SlotKey::passphrase(SecretText::new(PASSPHRASE.to_owned()), 8 << 30),
        SlotKey::recovery(&RecoveryKey::from_words(WORDS).unwrap()),
    ] {
        let home = Home::with(&file);
        let locked = LockedVault::open(&home.vault()).await.unwrap();
        let mut vault = locked.unlock(key, Check::Full).await.unwrap();
        assert_eq!(
            vault.ledger_ops(&TEAM).await.unwrap(),
            [op(0), op(1), op(2)]
        );
        let name = vault.name_hash(&BUNDLE, &format!("{CANARY} 2"));
        let expected = version(&vault, 2);
        assert_eq!(
            vault.heads_by_name(&TEAM, &BUNDLE, &name).await.unwrap(),
            [expected]
        );
        assert_eq!(vault.waiting_ops(&TEAM).await.unwrap()[1], waiting(1));
        assert_eq!(vault.pack(&op(1).id).await.unwrap(), Some(pack(1).bytes));
        assert_eq!(vault.outbox(&TEAM).await.unwrap(), [op(0), op(1), op(2)]);
        let objects = vault.known_objects(&TEAM, "").await.unwrap();
        assert_eq!(objects[2], object(2).name);
        let remote = vault.remote(&TEAM).await.unwrap().unwrap();
        assert!(remote.payload == payload(1));
        assert!(vault.evidence(&TEAM).await.unwrap()[0].payload == payload(1));
        let seals = vault.sealed_by_op(&reseal(&vault, 1).op).await.unwrap();
        assert_eq!(seals, [(3, reseal(&vault, 1).sealed)]);
        assert!(vault.keys(&TEAM).await.unwrap()[1].payload == payload(1));
        assert!(vault.identities().await.unwrap()[0].payload == payload(0));
        assert!(vault.audit_page(None, 1).await.unwrap()[0].payload == payload(2));
        vault.verify_full().await.unwrap();
        vault
            .commit(changes(&vault, 9), Durability::Durable)
            .await
            .unwrap();
        vault.lock().await.unwrap();
    }
}
