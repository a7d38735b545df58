//! threat 45: an old file put back, and how it differs from a vault that just went on.

use vault::{Anchor, AnchorVerdict, Check, Durability, EnrolReason, Standing, VaultError};

use crate::fixture::{Home, changes, empty, error, filled, open, sql};

async fn verdict(home: &Home, anchor: &Anchor) -> AnchorVerdict {
    let mut vault = open(&home.vault(), Check::Full).await.unwrap();
    vault.compare_anchor(anchor).await.unwrap()
}

#[tokio::test]
async fn a_vault_at_or_ahead_of_its_anchor_is_fine() {
    let home = Home::new();
    let mut vault = filled(&home.vault()).await;
    let anchor = vault.anchor().await.unwrap();
    assert_eq!(
        vault.compare_anchor(&anchor).await.unwrap(),
        AnchorVerdict::Same
    );
    for n in 10..15 {
        vault
            .commit(changes(&vault, n), Durability::Lazy)
            .await
            .unwrap();
    }
    vault.lock().await.unwrap();
    assert_eq!(
        verdict(&home, &anchor).await,
        AnchorVerdict::Healed { behind: 5 }
    );
}

#[tokio::test]
async fn an_old_file_put_back_is_rolled_back() {
    let home = Home::new();
    let vault = filled(&home.vault()).await;
    vault.lock().await.unwrap();
    let old = std::fs::read(home.vault()).unwrap();
    let mut vault = open(&home.vault(), Check::Full).await.unwrap();
    vault
        .commit(changes(&vault, 10), Durability::Durable)
        .await
        .unwrap();
    let anchor = vault.anchor().await.unwrap();
    vault.lock().await.unwrap();
    std::fs::write(home.vault(), old).unwrap();

    let rolled_back = AnchorVerdict::RolledBack {
        anchor_counter: 5,
        found_counter: 4,
    };
    assert_eq!(verdict(&home, &anchor).await, rolled_back);

    // What the vault is told to remember of it, it does.
    let mut vault = open(&home.vault(), Check::Full).await.unwrap();
    assert_eq!(vault.standing(), Standing::Enrolled);
    let standing = Standing::MustEnrol {
        why: EnrolReason::RolledBack,
    };
    let change = vault::Changes {
        standing: Some(standing),
        ..Default::default()
    };
    vault.commit(change, Durability::Durable).await.unwrap();
    vault.lock().await.unwrap();
    assert_eq!(
        open(&home.vault(), Check::Header).await.unwrap().standing(),
        standing
    );
}

/// Two copies went their own ways: neither is the other's past, whatever their counters.
#[tokio::test]
async fn another_branch_is_forked() {
    let (home, clone) = (Home::new(), Home::new());
    filled(&home.vault()).await.lock().await.unwrap();
    std::fs::copy(home.vault(), clone.vault()).unwrap();

    let mut vault = open(&home.vault(), Check::Full).await.unwrap();
    vault
        .commit(changes(&vault, 10), Durability::Durable)
        .await
        .unwrap();
    let anchor = vault.anchor().await.unwrap();
    for n in [11, 12] {
        let mut other = open(&clone.vault(), Check::Full).await.unwrap();
        other
            .commit(changes(&other, n), Durability::Durable)
            .await
            .unwrap();
        other.lock().await.unwrap();
        assert_eq!(verdict(&clone, &anchor).await, AnchorVerdict::Forked);
    }
}

/// Where only the header was checked, the chain of roots is checked before it is believed.
#[tokio::test]
async fn a_forged_history_does_not_heal() {
    let (home, clone) = (Home::new(), Home::new());
    filled(&home.vault()).await.lock().await.unwrap();
    std::fs::copy(home.vault(), clone.vault()).unwrap();
    let mut vault = open(&home.vault(), Check::Full).await.unwrap();
    vault
        .commit(changes(&vault, 10), Durability::Durable)
        .await
        .unwrap();
    let anchor = vault.anchor().await.unwrap();

    let mut other = open(&clone.vault(), Check::Full).await.unwrap();
    for n in [11, 12] {
        other
            .commit(changes(&other, n), Durability::Durable)
            .await
            .unwrap();
    }
    other.lock().await.unwrap();
    let root: String = anchor
        .root
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let forge = format!(
        "UPDATE root_history SET root = x'{root}' WHERE counter = {}",
        anchor.counter
    );
    sql(&clone.vault(), &forge).await;

    let mut other = open(&clone.vault(), Check::Header).await.unwrap();
    let found = error(other.compare_anchor(&anchor).await);
    assert!(matches!(
        found,
        VaultError::RowsChanged {
            table: "root_history"
        }
    ));
}

#[tokio::test]
async fn an_anchor_of_another_vault_is_refused() {
    let (home, other) = (Home::new(), Home::new());
    let anchor = empty(&other.vault()).await.anchor().await.unwrap();
    let mut vault = empty(&home.vault()).await;
    let refused = error(vault.compare_anchor(&anchor).await);
    assert!(matches!(refused, VaultError::ForeignAnchor));
}
