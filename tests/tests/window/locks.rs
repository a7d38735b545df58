//! When the vault locks, and what opens it again.

use std::time::Duration;

use crate::screen::Screen;
use crate::{makes_a_vault, unlocks};

#[tokio::test]
async fn an_idle_vault_locks_in_window_and_terminal() {
    let Some(screen) = Screen::prepared() else {
        return;
    };
    let start = ["agent", "start", "--idle", "2s"];
    screen.sealfold(start).with_passphrase().run().success();
    let window = screen.open().await;
    // It looks at the vault all the time, which does not keep it open.
    window.says("Sealfold is locked").await;
    screen.sealfold(["ls"]).run().code(11);
    unlocks(&window).await;
    screen.sealfold(["ls"]).run().success();
}

// threat 51: what the page showed is gone with the process in which it was shown
#[tokio::test]
async fn a_lock_ends_the_process_of_the_page_and_another_begins() {
    let Some(screen) = Screen::unlocked() else {
        return;
    };
    let window = screen.opens_undriven();
    let first = appears(|| window.page_process()).await;
    // It looks now and then, and has to have seen the vault open.
    for open_for in 1..10 {
        tokio::time::sleep(Duration::from_secs(open_for)).await;
        screen.sealfold(["lock"]).run().success();
        for _ in 0..30 {
            if window.page_process().is_some_and(|now| now != first) {
                assert!(!std::path::Path::new(&format!("/proc/{first}")).exists());
                // Nor does the web view keep what a page keeps for itself on disk.
                let kept = screen.home.path().join("data/org.sealfold.desktop");
                assert!(kept.exists() && !kept.join("localstorage").exists());
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let unlock = screen.sealfold(["unlock"]);
        unlock.with_passphrase().run().success();
    }
    panic!("the process goes on");
}

#[tokio::test]
async fn a_locked_screen_locks_the_vault() {
    let Some(screen) = Screen::with_keychain() else {
        return;
    };
    let window = screen.open().await;
    makes_a_vault(&window, false).await;
    screen.sealfold(["ls"]).run().success();
    let bus = screen.bus();
    let said = tokio::task::spawn_blocking(move || {
        let bus = zbus::blocking::connection::Builder::address(bus.as_str()).unwrap();
        let bus = bus.build().unwrap();
        let saver = "org.gnome.ScreenSaver";
        let path = "/org/gnome/ScreenSaver";
        bus.emit_signal(None::<&str>, path, saver, "ActiveChanged", &(true,))
            .unwrap();
    });
    said.await.unwrap();
    window.says("Sealfold is locked").await;
    screen.sealfold(["ls"]).run().code(11);
}

/// Waits until something is there.
async fn appears<T>(look: impl Fn() -> Option<T>) -> T {
    for _ in 0..600 {
        if let Some(found) = look() {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("it does not appear");
}

#[tokio::test]
async fn the_keychain_opens_the_vault_and_locked_means_locked() {
    let Some(screen) = Screen::with_keychain() else {
        return;
    };
    let window = screen.open().await;
    makes_a_vault(&window, true).await;
    screen.sealfold(["agent", "stop"]).run().success();
    window.says("Sealfold is locked").await;
    window.press("Unlock with the keychain").await;
    window.says("Nothing here yet").await;
    screen.sealfold(["ls"]).run().success();
    // Locked by a person: the keychain opens nothing until the passphrase has.
    window.control('l').await;
    screen.locks().await;
    unlocks(&window).await;
    screen.sealfold(["ls"]).run().success();
}
