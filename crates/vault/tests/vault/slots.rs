//! Key slots, the header over them, and what may be done to either.

use crypto::{KdfParams, RecoveryKey, SecretBytes, SecretText};
use vault::{
    Changes, Check, Durability, LockedVault, NewSlot, NewVault, SlotKey, SlotKind, VaultError,
};

use crate::fixture::{Home, empty, error, filled, keychain_slot, open, sql, sqlite};

const RAM: u64 = 16 << 30;

fn passphrase(text: &str) -> SecretText {
    SecretText::new(text.to_owned())
}

fn passphrase_slot(text: &str) -> NewSlot {
    NewSlot::passphrase(passphrase(text), KdfParams::DEFAULT)
}

async fn unlock(home: &Home, key: SlotKey) -> Result<vault::Vault, VaultError> {
    LockedVault::open(&home.vault())
        .await?
        .unlock(key, Check::Full)
        .await
}

#[tokio::test]
async fn every_kind_of_slot_opens_the_vault_and_nothing_else_does() {
    let home = Home::new();
    let recovery = RecoveryKey::make();
    let slots = vec![
        passphrase_slot("correct"),
        NewSlot::recovery(&recovery),
        keychain_slot(),
    ];
    let first = Changes {
        slots_added: slots,
        ..Changes::default()
    };
    NewVault::make()
        .create(&home.vault(), first)
        .await
        .unwrap()
        .lock()
        .await
        .unwrap();

    unlock(&home, SlotKey::passphrase(passphrase("correct"), RAM))
        .await
        .unwrap();
    unlock(&home, SlotKey::recovery(&recovery)).await.unwrap();
    let vault = open(&home.vault(), Check::Full).await.unwrap();
    let keychain = vault
        .slots()
        .into_iter()
        .find(|slot| slot.kind == SlotKind::Keychain)
        .unwrap();

    for wrong in [
        SlotKey::passphrase(passphrase("Correct"), RAM),
        SlotKey::recovery(&RecoveryKey::make()),
        SlotKey::keychain(keychain.id, SecretBytes::new([8; 32])),
    ] {
        assert!(matches!(
            error(unlock(&home, wrong).await),
            VaultError::CannotUnlock
        ));
    }
}

#[tokio::test]
async fn slots_come_and_go_but_for_the_last() {
    let home = Home::new();
    let mut vault = empty(&home.vault()).await;
    let old = vault.slots()[0].id;
    let recovery = RecoveryKey::make();
    let change = Changes {
        slots_added: vec![NewSlot::recovery(&recovery)],
        slots_removed: vec![old],
        ..Changes::default()
    };
    vault.commit(change, Durability::Durable).await.unwrap();
    assert_eq!(vault.slots().len(), 1);
    vault.lock().await.unwrap();

    let gone = error(open(&home.vault(), Check::Full).await);
    assert!(matches!(
        gone,
        VaultError::NoSuchSlot {
            kind: SlotKind::Keychain
        }
    ));
    let mut vault = unlock(&home, SlotKey::recovery(&recovery)).await.unwrap();
    let last = Changes {
        slots_removed: vec![vault.slots()[0].id],
        ..Changes::default()
    };
    assert!(matches!(
        error(vault.commit(last, Durability::Durable).await),
        VaultError::LastSlot
    ));
    let many = Changes {
        slots_added: (0..16).map(|_| keychain_slot()).collect(),
        ..Changes::default()
    };
    let refused = error(vault.commit(many, Durability::Durable).await);
    assert!(matches!(refused, VaultError::TooManySlots));
    unlock(&home, SlotKey::recovery(&recovery)).await.unwrap();
}

#[tokio::test]
async fn a_vault_needs_a_slot_and_a_strong_one() {
    let home = Home::new();
    let bare = NewVault::make()
        .create(&home.vault(), Changes::default())
        .await;
    assert!(matches!(error(bare), VaultError::LastSlot));

    let weak = KdfParams {
        memory_kib: KdfParams::DEFAULT.memory_kib - 1,
        ..KdfParams::DEFAULT
    };
    let weak = NewSlot::passphrase(passphrase("weak"), weak);
    let weak = Changes {
        slots_added: vec![weak],
        ..Changes::default()
    };
    let refused = NewVault::make().create(&home.vault(), weak).await;
    assert!(matches!(error(refused), VaultError::WeakKdf));
    // threat 49: nothing half-made stays behind.
    assert_eq!(std::fs::read_dir(home.0.path()).unwrap().count(), 0);
}

/// threats 42, 43: the parameters are refused before Argon2 runs. Did it run, the slot would
/// not open and the error be another.
#[tokio::test]
async fn key_derivation_parameters_out_of_bounds_are_refused() {
    let home = Home::new();
    let first = Changes {
        slots_added: vec![passphrase_slot("p")],
        ..Changes::default()
    };
    NewVault::make()
        .create(&home.vault(), first)
        .await
        .unwrap()
        .lock()
        .await
        .unwrap();
    let original = std::fs::read(home.vault()).unwrap();

    for edit in [
        "kdf_memory_kib = 8",
        "kdf_memory_kib = 4 * 1024 * 1024",
        "kdf_memory_kib = 4294967295",
        "kdf_passes = 1",
        "kdf_passes = 1000000",
        "kdf_lanes = 0",
        "kdf_lanes = 1000",
    ] {
        let home = Home::with(&original);
        sql(&home.vault(), &format!("UPDATE key_slot SET {edit}")).await;
        let refused = error(unlock(&home, SlotKey::passphrase(passphrase("p"), RAM)).await);
        assert!(matches!(refused, VaultError::Kdf(_)), "{edit}: {refused:?}");
    }
    // Within bounds, but more than half of this machine's memory.
    let home = Home::with(&original);
    let small = SlotKey::passphrase(passphrase("p"), 100 << 20);
    assert!(matches!(
        error(unlock(&home, small).await),
        VaultError::Kdf(_)
    ));
    // Within bounds, but not what the slot was sealed with.
    sql(&home.vault(), "UPDATE key_slot SET kdf_passes = 4").await;
    let other = error(unlock(&home, SlotKey::passphrase(passphrase("p"), RAM)).await);
    assert!(matches!(other, VaultError::CannotUnlock));
}

/// threat 44
#[tokio::test]
async fn the_header_covers_itself_and_every_slot() {
    let home = Home::new();
    let mut vault = filled(&home.vault()).await;
    let second = Changes {
        slots_added: vec![NewSlot::recovery(&RecoveryKey::make())],
        ..Changes::default()
    };
    vault.commit(second, Durability::Durable).await.unwrap();
    vault.lock().await.unwrap();
    let original = std::fs::read(home.vault()).unwrap();

    for edit in [
        // Slots added, dropped, exchanged, changed.
        "INSERT INTO key_slot SELECT randomblob(16), kind, kdf_memory_kib, kdf_passes, \
         kdf_lanes, salt, sealed FROM key_slot WHERE kind = 2",
        "DELETE FROM key_slot WHERE kind = 2",
        "UPDATE key_slot SET salt = randomblob(32) WHERE kind = 2",
        "UPDATE key_slot SET id = randomblob(16) WHERE kind = 2",
        "UPDATE key_slot SET kind = 0, kdf_memory_kib = 65536, kdf_passes = 3, kdf_lanes = 4 \
         WHERE kind = 2",
        "UPDATE key_slot SET sealed = randomblob(length(sealed)) WHERE kind = 2",
        // The header.
        "UPDATE meta SET standing = 1",
        "UPDATE meta SET standing = 99",
        "UPDATE meta SET counter = counter - 1",
        "UPDATE meta SET sums = randomblob(length(sums))",
        "UPDATE meta SET root = randomblob(32)",
        "UPDATE meta SET audit_head = randomblob(32)",
        "UPDATE meta SET audit_count = audit_count - 1",
        "UPDATE meta SET audit_count = -1",
        "UPDATE meta SET header_mac = randomblob(32)",
        "DELETE FROM meta",
    ] {
        let home = Home::with(&original);
        sql(&home.vault(), edit).await;
        for check in [Check::Header, Check::Full] {
            let refused = error(open(&home.vault(), check).await);
            assert!(
                matches!(refused, VaultError::HeaderChanged),
                "{edit}: {refused:?}"
            );
        }
    }

    // Another vault's id also changes what the slot is bound to.
    let home = Home::with(&original);
    sql(&home.vault(), "UPDATE meta SET vault_id = randomblob(16)").await;
    assert!(matches!(
        error(open(&home.vault(), Check::Header).await),
        VaultError::CannotUnlock
    ));
}

/// threat 59
#[tokio::test]
async fn other_formats_suites_and_versions_are_refused() {
    let home = Home::new();
    filled(&home.vault()).await.lock().await.unwrap();
    let original = std::fs::read(home.vault()).unwrap();
    for edit in ["format = 0", "format = 2", "suite = 0", "suite = 2"] {
        let home = Home::with(&original);
        sql(&home.vault(), &format!("UPDATE meta SET {edit}")).await;
        let refused = error(LockedVault::open(&home.vault()).await);
        assert!(
            matches!(refused, VaultError::UnsupportedSuite { .. }),
            "{edit}: {refused:?}"
        );
    }
    for (version, newer) in [(2, true), (1000, true), (0, false), (-1, false)] {
        let home = Home::with(&original);
        sql(&home.vault(), &format!("PRAGMA user_version = {version}")).await;
        let refused = error(LockedVault::open(&home.vault()).await);
        match refused {
            VaultError::Newer { found } => assert!(newer && found == version),
            VaultError::ForeignSchema => assert!(!newer),
            other => panic!("{version}: {other:?}"),
        }
    }
}

/// threat 21: nothing random is derived from what a clone shares.
#[tokio::test]
async fn two_clones_never_use_one_salt_twice() {
    let (home, clone) = (Home::new(), Home::new());
    filled(&home.vault()).await.lock().await.unwrap();
    std::fs::copy(home.vault(), clone.vault()).unwrap();

    let mut seen = Vec::new();
    for home in [&home, &clone] {
        let mut vault = open(&home.vault(), Check::Full).await.unwrap();
        let same = Changes {
            audit: vec![crate::fixture::payload(50)],
            keys: vec![crate::fixture::key(50)],
            slots_added: vec![keychain_slot()],
            ..Changes::default()
        };
        vault.commit(same, Durability::Durable).await.unwrap();
        vault.lock().await.unwrap();
        let mut connection = sqlite(&home.vault()).await;
        for query in [
            "SELECT sealed FROM audit ORDER BY idx DESC LIMIT 1",
            "SELECT sealed FROM key ORDER BY id DESC LIMIT 1",
            "SELECT sums FROM meta",
        ] {
            let sealed: Vec<u8> = sqlx::query_scalar(query)
                .fetch_one(&mut connection)
                .await
                .unwrap();
            seen.push(sealed[..32].to_vec());
        }
        let slots = sqlx::query_as::<_, (Vec<u8>, Vec<u8>)>("SELECT salt, sealed FROM key_slot");
        let slots = slots.fetch_all(&mut connection).await.unwrap();
        // The first slot is the one that both had before.
        assert_eq!(slots.len(), 2);
        for (salt, sealed) in slots {
            seen.push(salt);
            seen.push(sealed[..32].to_vec());
        }
    }
    let all = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!(
        seen.len(),
        all - 2,
        "only the shared slot's two salts occur twice"
    );
}
