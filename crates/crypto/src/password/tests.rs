#![allow(clippy::unwrap_used)]

use argon2::{AssociatedData, ParamsBuilder};
use proptest::prelude::*;

use super::*;

const GIB: u64 = 1 << 30;

fn text(text: &str) -> SecretText {
    SecretText::new(text.into())
}

fn params(memory_kib: u32, passes: u32, lanes: u32) -> KdfParams {
    KdfParams {
        memory_kib,
        passes,
        lanes,
    }
}

#[test]
fn lowered_parameters_are_refused() {
    // threat 42
    let min = KdfParams::READ_MIN;
    assert_eq!(min.check_read(64 * GIB), Ok(()));
    for lowered in [
        params(min.memory_kib - 1, min.passes, min.lanes),
        params(min.memory_kib, min.passes - 1, min.lanes),
        params(min.memory_kib, min.passes, 0),
        params(0, 0, 0),
        params(8, 1, 1),
    ] {
        assert_eq!(lowered.check_read(64 * GIB), Err(KdfError::TooWeak));
        let derived = derive_password_key(&text("passphrase"), &[0; 32], lowered);
        assert_eq!(
            derived,
            Err(KdfError::TooWeak),
            "even if nobody asked before"
        );
    }
}

#[test]
fn raised_parameters_are_refused_before_argon2_runs() {
    // threat 43: had Argon2 begun, 4 TiB would be another error and 2^32 passes would never end.
    let max = KdfParams::READ_MAX;
    assert_eq!(max.check_read(64 * GIB), Ok(()));
    for raised in [
        params(max.memory_kib + 1, max.passes, max.lanes),
        params(max.memory_kib, max.passes + 1, max.lanes),
        params(max.memory_kib, max.passes, max.lanes + 1),
        params(u32::MAX, 3, 4),
        params(KdfParams::DEFAULT.memory_kib, u32::MAX, 4),
        params(KdfParams::DEFAULT.memory_kib, 3, u32::MAX),
    ] {
        assert_eq!(raised.check_read(64 * GIB), Err(KdfError::TooCostly));
        let derived = derive_password_key(&text("passphrase"), &[0; 32], raised);
        assert_eq!(
            derived,
            Err(KdfError::TooCostly),
            "even if nobody asked before"
        );
    }
}

#[test]
fn never_more_than_half_of_the_memory() {
    // threat 43
    let one_gib = params(1024 * MIB, 3, 4);
    assert_eq!(one_gib.check_read(2 * GIB), Ok(()));
    assert_eq!(one_gib.check_read(2 * GIB - 1), Err(KdfError::TooCostly));
    assert_eq!(KdfParams::READ_MIN.check_read(0), Err(KdfError::TooCostly));
}

#[test]
fn new_slots_have_a_higher_floor() {
    let default = KdfParams::DEFAULT;
    assert_eq!(default.check_new(), Ok(()));
    assert_eq!(default.check_read(8 * GIB), Ok(()));
    for weaker in [
        params(default.memory_kib - 1, 3, 4),
        params(default.memory_kib, 2, 4),
        KdfParams::READ_MIN,
    ] {
        assert_eq!(weaker.check_new(), Err(KdfError::TooWeak));
    }
    assert_eq!(params(u32::MAX, 3, 4).check_new(), Err(KdfError::TooCostly));
}

#[test]
fn the_key_depends_on_all_that_goes_in() {
    let min = KdfParams::READ_MIN;
    let derive = |passphrase: &str, salt: u8, params: KdfParams| {
        derive_password_key(&text(passphrase), &[salt; 32], params).unwrap()
    };
    let key = derive("passphrase", 1, min);
    assert_eq!(key, derive("passphrase", 1, min));
    assert_ne!(key, derive("Passphrase", 1, min));
    assert_ne!(key, derive("passphrase ", 1, min));
    assert_ne!(key, derive("passphrase", 2, min));
    assert_ne!(key, derive("passphrase", 1, params(min.memory_kib, 3, 1)));
    assert_ne!(key, derive("passphrase", 1, params(min.memory_kib, 2, 2)));
}

#[test]
fn a_passphrase_is_its_nfc_form() {
    for (typed, nfc) in [
        ("gru\u{308}n", "grün"),
        ("\u{1100}\u{1161}\u{11a8}", "\u{ac01}"),
        ("ﬁ", "ﬁ"),
        ("A b", "A b"),
    ] {
        assert_eq!(normalise(&text(typed)).expose(), nfc);
    }
}

#[test]
fn rfc_9106_5_3() {
    // The RFC's Argon2id vector has a secret and associated data, which our derivation doesn't use,
    // and 32 KiB, which it refuses; so it goes through the same parts and our working memory.
    let argon2_params = ParamsBuilder::new()
        .m_cost(32)
        .t_cost(3)
        .p_cost(4)
        .data(AssociatedData::new(&[4; 12]).unwrap())
        .build()
        .unwrap();
    let mut memory = working_memory(argon2_params.block_count()).unwrap();
    let argon2 =
        Argon2::new_with_secret(&[3; 8], Algorithm::Argon2id, Version::V0x13, argon2_params)
            .unwrap();
    let mut tag = [0; 32];
    argon2
        .hash_password_into_with_memory(&[1; 32], &[2; 16], &mut tag, memory.as_mut_slice())
        .unwrap();
    assert_eq!(
        hex::encode(tag),
        "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659"
    );
}

/// A machine that takes `per_block` for a KiB and a pass.
fn machine(per_block: Duration) -> impl Fn(KdfParams) -> Duration {
    move |params| per_block * params.memory_kib * params.passes
}

#[test]
fn calibration_stays_at_the_floor_on_a_slow_machine() {
    let slow = machine(Duration::from_micros(100));
    assert_eq!(calibrate(Duration::from_secs(1), slow), KdfParams::DEFAULT);
}

#[test]
fn calibration_ends_on_a_machine_without_a_clock() {
    let chosen = calibrate(Duration::from_secs(1), |_| Duration::ZERO);
    assert_eq!(
        chosen,
        params(CALIBRATED_MEMORY_MAX, KdfParams::READ_MAX.passes, 4)
    );
    let chosen = calibrate(Duration::ZERO, |_| Duration::MAX);
    assert_eq!(chosen, KdfParams::DEFAULT);
}

#[test]
fn calibration_comes_near_its_target() {
    let target = Duration::from_secs(1);
    for nanos in [200, 500, 900, 1300, 2000, 4000] {
        let machine = machine(Duration::from_nanos(nanos));
        let took = machine(calibrate(target, &machine));
        assert!(took <= target && took * 2 > target, "{nanos}: {took:?}");
    }
}

proptest! {
    #[test]
    fn calibration_gives_what_a_new_slot_may_have(nanos in 0u64..1_000_000, target in 0u64..10_000) {
        let machine = machine(Duration::from_nanos(nanos));
        let chosen = calibrate(Duration::from_millis(target), machine);
        prop_assert_eq!(chosen.check_new(), Ok(()));
    }

    #[test]
    fn nfc_fits_the_room_made_for_it(typed in ".*") {
        let typed = text(&typed);
        prop_assert!(normalise(&typed).len() <= 3 * typed.len());
    }
}
