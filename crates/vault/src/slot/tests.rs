//! Which slots are tried, and in what order.
#![allow(clippy::unwrap_used)]

use super::*;

fn slot(memory_mib: u32, passes: u32) -> SlotRow {
    SlotRow {
        id: SlotId::make(),
        kind: SlotKind::Passphrase,
        kdf: Some(KdfParams {
            memory_kib: memory_mib * 1024,
            passes,
            lanes: 4,
        }),
        salt: [0; 32],
        sealed: Vec::new(),
    }
}

fn passphrase() -> SlotKey {
    SlotKey::passphrase(SecretText::new(String::new()), 16 << 30)
}

/// threat 43: what a single slot may cost at most, all of them may.
#[test]
fn slots_that_are_too_costly_together_are_not_tried() {
    let costliest = slot(2048, 20);
    let tried = passphrase().candidates(&[slot(64, 3), costliest.clone()]);
    assert!(matches!(tried, Err(VaultError::Kdf(KdfError::TooCostly))));
    assert!(passphrase().candidates(&[costliest]).is_ok());
    let sixteen: Vec<SlotRow> = (0..16).map(|_| slot(256, 10)).collect();
    assert!(passphrase().candidates(&sixteen).is_ok());
    let sixteen: Vec<SlotRow> = (0..16).map(|_| slot(256, 11)).collect();
    assert!(passphrase().candidates(&sixteen).is_err());
}

#[test]
fn the_cheapest_slot_is_tried_first() {
    let slots = [slot(256, 4), slot(64, 3), slot(128, 3)];
    let tried = passphrase().candidates(&slots).unwrap();
    let memory = tried.iter().map(|row| row.kdf.unwrap().memory_kib / 1024);
    assert_eq!(memory.collect::<Vec<_>>(), [64, 128, 256]);
}

/// threat 43: so that nobody makes a vault that is refused later.
#[test]
fn four_passphrases_are_enough() {
    let slots = |number| vec![slot(64, 3); number];
    assert!(check_new_slots(&slots(4)).is_ok());
    for refused in [slots(5), vec![slot(2048, 20), slot(64, 3)]] {
        let refused = check_new_slots(&refused);
        assert!(matches!(refused, Err(VaultError::TooManySlots)));
    }
}
