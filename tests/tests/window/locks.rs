//! When the vault locks, and what opens it again.

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
    window.says("Sealfold is locked").await;
    screen.sealfold(["ls"]).run().code(11);
    unlocks(&window).await;
    screen.sealfold(["ls"]).run().success();
}
