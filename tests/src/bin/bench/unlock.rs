//! Opening a vault: by passphrase against Argon2id, by keychain against the keychain's answers.

use std::process::{Command, Stdio};
use std::time::Duration;

use app::vaults::{Key, Unlock};
use app::{Door, DoorOptions, Home as Places, Overrides, Plaintext};
use sealfold_tests::home::{Home, PASSPHRASE};
use sealfold_tests::secret_service::SecretService;
use vault::{Keychain, LockedVault, SlotKind};

use crate::entries::{fill, places};
use crate::measure::{Report, in_turn, repeat, show};

/// The argument that makes this program measure the keychain alone.
pub const ROUND_TRIPS: &str = "--keychain-round-trips";

/// Unlocking a vault of 10,000 entries, against Argon2id + 3 × reading and hashing the file.
pub fn by_passphrase(report: &mut Report) {
    let home = Home::prepared();
    fill(&home, 10_000);
    let file = home.sealfold_home().join("vault.sealfold");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let slots =
        runtime.block_on(async { LockedVault::open(&file).await.unwrap().slots().to_vec() });
    let kdf = slots
        .iter()
        .find_map(|slot| slot.kdf)
        .expect("a passphrase slot");
    let passphrase = crypto::SecretText::new(PASSPHRASE.to_owned());

    let ours = || {
        let mut door = Door::here(places(&home), DoorOptions::default());
        let key = Key::Passphrase(Plaintext::from_text(PASSPHRASE.to_owned()));
        door.ask(Unlock {
            key,
            ttl_seconds: None,
            full_check: true,
        })
        .unwrap();
        // Closing is not opening.
        std::mem::forget(door);
    };
    let argon2 = || drop(crypto::derive_password_key(&passphrase, &[0; 32], kdf).unwrap());
    let (ours_took, argon2_took) = in_turn(9, ours, argon2);
    let hash = repeat(20, || _ = blake3::hash(&std::fs::read(&file).unwrap()));
    println!(
        "  Argon2id {}, reading and hashing the file {}",
        show(argon2_took),
        show(hash)
    );
    report.ratio(
        "unlock, 10,000 entries, against Argon2id + 3 × the file",
        ours_took,
        argon2_took + 3 * hash,
        1.0,
    );
}

/// `get` without an agent by the keychain slot, beyond what the keychain takes by itself.
pub fn by_keychain(report: &mut Report) {
    let service = SecretService::start();
    let home = Home::empty();
    home.sealfold(["init", "--recovery-file", "words"])
        .with_passphrase()
        .envs(service.env())
        .run()
        .success();
    home.write(
        "bench.env",
        (0..10_000)
            .map(|n| format!("VARIABLE_{n}=value-{n}\n"))
            .collect::<String>(),
    );
    home.sealfold(["import", "bench.env", "-b", "bench/dev", "--no-input"])
        .envs(service.env())
        .run()
        .success();
    let quietly = |command: &mut Command| {
        assert!(
            command
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .unwrap()
                .success()
        );
    };
    let get = || {
        let call = home
            .sealfold(["get", "--no-agent", "-b", "bench/dev", "VARIABLE_7777"])
            .envs(service.env());
        quietly(&mut call.command());
    };
    let trips = || {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .arg(ROUND_TRIPS)
            .arg(home.sealfold_home())
            .envs(service.env());
        quietly(&mut command);
    };
    let (got, tripped) = in_turn(20, get, trips);
    let beyond = got.saturating_sub(tripped);
    println!(
        "  get {}, a process with the same keychain calls {}",
        show(got),
        show(tripped)
    );
    report.ratio(
        "get by keychain, 10,000 entries, beyond the keychain's part, against 20 ms",
        beyond,
        Duration::from_millis(20),
        1.0,
    );
}

/// What `get` asks of the keychain and nothing else: the slot's secret, the anchor read and written.
pub fn print_round_trips(sealfold_home: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let file = std::path::Path::new(sealfold_home).join("vault.sealfold");
    runtime.block_on(async {
        let locked = LockedVault::open(&file).await.unwrap();
        let slot = locked
            .slots()
            .iter()
            .find(|slot| slot.kind == SlotKind::Keychain)
            .unwrap()
            .id;
        let keychain = Keychain::default();
        drop(keychain.slot_secret(&locked.id(), &slot).await.unwrap());
        let anchor = keychain.anchor(&locked.id()).await.unwrap().unwrap();
        keychain.set_anchor(&anchor).await.unwrap();
    });
}

/// The paths of a home.
pub fn find(home: &Home) -> Places {
    let overrides = Overrides {
        home: Some(home.sealfold_home()),
        ..Overrides::default()
    };
    Places::find(&overrides).unwrap()
}
