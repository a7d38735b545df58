//! threat 50: the keychain there, absent, locked, restarted; against a real gnome-keyring on a
//! bus of its own. The bus is found through the environment, so each case runs in a child: this
//! binary again, with one ignored test.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crypto::SecretBytes;
use sealfold_tests::secret_service::SecretService;
use vault::{Anchor, Keychain, KeychainError, SlotId, VaultId};

const VAULT: VaultId = VaultId::from_bytes([1; 16]);
const SLOT: SlotId = SlotId::from_bytes([2; 16]);

/// Runs one of the ignored tests below in an environment of its own.
fn run_child(name: &str, environment: &[(&str, String)]) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args([
            "--exact",
            &format!("keychain::{name}"),
            "--ignored",
            "--nocapture",
        ])
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .envs(environment.iter().map(|(name, value)| (name, value)));
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{name}: {text}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn secret(n: u8) -> SecretBytes<32> {
    SecretBytes::new([n; 32])
}

#[test]
fn a_keychain_keeps_what_it_is_given() {
    run_child("child_keeps", &SecretService::start().env());
}

#[tokio::test]
#[ignore = "needs the environment of its parent"]
async fn child_keeps() {
    let keychain = Keychain::default();
    let missing = keychain.slot_secret(&VAULT, &SLOT).await.unwrap_err();
    assert!(matches!(missing, KeychainError::NotFound), "{missing:?}");
    assert_eq!(keychain.anchor(&VAULT).await.unwrap(), None);
    for n in [7, 8] {
        keychain
            .set_slot_secret(&VAULT, &SLOT, &secret(n))
            .await
            .unwrap();
        assert!(keychain.slot_secret(&VAULT, &SLOT).await.unwrap() == secret(n));
    }
    let other = VaultId::from_bytes([9; 16]);
    let missing = keychain.slot_secret(&other, &SLOT).await.unwrap_err();
    assert!(matches!(missing, KeychainError::NotFound));

    let anchor = Anchor {
        vault_id: VAULT,
        counter: 3,
        root: [4; 32],
        audit_head: [5; 32],
    };
    keychain.set_anchor(&anchor).await.unwrap();
    // A second process finds it.
    assert_eq!(
        Keychain::default().anchor(&VAULT).await.unwrap(),
        Some(anchor)
    );
    assert!(keychain.slot_secret(&VAULT, &SLOT).await.unwrap() == secret(8));

    keychain.delete_slot_secret(&VAULT, &SLOT).await.unwrap();
    keychain.delete_slot_secret(&VAULT, &SLOT).await.unwrap();
    let missing = keychain.slot_secret(&VAULT, &SLOT).await.unwrap_err();
    assert!(matches!(missing, KeychainError::NotFound));
}

#[test]
fn no_bus_is_said_at_once() {
    let nowhere = tempfile::tempdir().unwrap();
    let nowhere = nowhere.path().to_str().unwrap();
    run_child(
        "child_absent",
        &[
            (
                "DBUS_SESSION_BUS_ADDRESS",
                format!("unix:path={nowhere}/bus"),
            ),
            ("XDG_RUNTIME_DIR", nowhere.to_owned()),
        ],
    );
}

#[test]
fn a_bus_without_a_keychain_is_said_at_once() {
    let mut service = SecretService::start();
    service.stop();
    run_child("child_absent", &service.env());
}

#[tokio::test]
#[ignore = "needs the environment of its parent"]
async fn child_absent() {
    let waited = Arc::new(AtomicUsize::new(0));
    let keychain = patient(Duration::from_secs(60), &waited);
    let absent = keychain.slot_secret(&VAULT, &SLOT).await.unwrap_err();
    assert!(matches!(absent, KeychainError::Absent(_)), "{absent:?}");
    let absent = keychain
        .set_slot_secret(&VAULT, &SLOT, &secret(1))
        .await
        .unwrap_err();
    assert!(matches!(absent, KeychainError::Absent(_)), "{absent:?}");
}

#[test]
fn a_locked_keychain_is_said() {
    let mut service = SecretService::start();
    run_child("child_stores", &service.env());
    service.restart_locked();
    run_child("child_locked", &service.env());
}

#[tokio::test]
#[ignore = "needs the environment of its parent"]
async fn child_stores() {
    Keychain::default()
        .set_slot_secret(&VAULT, &SLOT, &secret(7))
        .await
        .unwrap();
}

#[tokio::test]
#[ignore = "needs the environment of its parent"]
async fn child_locked() {
    let locked = Keychain::default()
        .slot_secret(&VAULT, &SLOT)
        .await
        .unwrap_err();
    assert!(matches!(locked, KeychainError::Locked(_)), "{locked:?}");
}

fn patient(limit: Duration, waited: &Arc<AtomicUsize>) -> Keychain {
    let waited = Arc::clone(waited);
    Keychain::new(limit, Duration::from_millis(50), move || {
        waited.fetch_add(1, Ordering::SeqCst);
    })
}

/// Two processes through one restart of the keychain: the child says when it is ready for it.
#[test]
fn a_restarted_keychain_is_connected_to_again() {
    let mut service = SecretService::start();
    let folder = tempfile::tempdir().unwrap();
    let fifo = |name: &str| {
        let path = folder.path().join(name);
        nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRWXU).unwrap();
        path
    };
    let (ready, restarted) = (fifo("ready"), fifo("restarted"));
    let mut environment = service.env().to_vec();
    environment.push((
        "SEALFOLD_TEST_FIFOS",
        folder.path().to_str().unwrap().to_owned(),
    ));
    std::thread::scope(|scope| {
        let child = scope.spawn(|| run_child("child_sees_a_restart", &environment));
        std::fs::read(ready).unwrap();
        service.restart();
        std::fs::write(restarted, b"go on").unwrap();
        child.join().unwrap();
    });
}

#[tokio::test]
#[ignore = "needs the environment of its parent"]
async fn child_sees_a_restart() {
    let folder = std::path::PathBuf::from(std::env::var_os("SEALFOLD_TEST_FIFOS").unwrap());
    let keychain = Keychain::default();
    keychain
        .set_slot_secret(&VAULT, &SLOT, &secret(7))
        .await
        .unwrap();
    std::fs::write(folder.join("ready"), b"ready").unwrap();
    std::fs::read(folder.join("restarted")).unwrap();
    assert!(keychain.slot_secret(&VAULT, &SLOT).await.unwrap() == secret(7));
}

/// A bus that takes the connection and never answers stands for a dialog that waits.
#[test]
fn a_keychain_that_does_not_answer_is_given_up_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bus");
    let _silent = std::os::unix::net::UnixListener::bind(&path).unwrap();
    let address = format!("unix:path={}", path.display());
    run_child("child_times_out", &[("DBUS_SESSION_BUS_ADDRESS", address)]);
}

#[tokio::test]
#[ignore = "needs the environment of its parent"]
async fn child_times_out() {
    let waited = Arc::new(AtomicUsize::new(0));
    let keychain = patient(Duration::from_millis(300), &waited);
    let gone = keychain.slot_secret(&VAULT, &SLOT).await.unwrap_err();
    assert!(matches!(gone, KeychainError::TimedOut), "{gone:?}");
    assert_eq!(waited.load(Ordering::SeqCst), 1);
}
