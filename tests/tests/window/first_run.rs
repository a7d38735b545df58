//! From nothing to a copied secret.

use std::time::Duration;

use sealfold_tests::home::PASSPHRASE;
use tokio::task::spawn_blocking;

use crate::makes_a_vault;
use crate::screen::Screen;

#[tokio::test]
async fn from_nothing_to_a_copied_secret_that_the_terminal_has_too() {
    let Some(screen) = Screen::empty() else {
        return;
    };
    let window = screen.open().await;
    makes_a_vault(&window, false).await;

    // One unlock for both, once the terminal is allowed in the window.
    let make = screen.sealfold(["bundle", "new", "api/prod"]);
    let asking = spawn_blocking(move || make.run());
    window.says("A program asks to change something").await;
    window.press("Deny").await;
    asking.await.unwrap().code(16);
    let make = screen.sealfold(["bundle", "new", "api/prod"]);
    let asking = spawn_blocking(move || make.run());
    window.press("Allow this terminal for 4 hours").await;
    asking.await.unwrap().success();
    let set = ["set", "-b", "api/prod", "STRIPE_KEY", "--generate", "32"];
    screen.sealfold(set).run().success();
    let get = ["get", "-b", "api/prod", "STRIPE_KEY"];
    let value = screen.sealfold(get).run().success().text().to_owned();
    assert_eq!(value.len(), 32);

    // The list follows what the terminal wrote.
    window.chooses("STRIPE_KEY").await;
    assert!(!window.source().await.contains(&value));
    window.press("Copy: Value").await;
    window.says("STRIPE_KEY is copied").await;
    assert_eq!(screen.clipboard(), value);
    // threat 55
    assert!(screen.is_marked_secret());
    // Copied by the program: it was never in the page.
    assert!(!window.source().await.contains(&value));
    window.press("Reveal: Value").await;
    window.says(&value).await;

    // Locked in the window, locked in the terminal, and nothing of it stays.
    window.control('l').await;
    window.says("Sealfold is locked").await;
    assert!(!window.source().await.contains(&value));
    screen.locks().await;
    // threat 55
    while screen.clipboard() == value {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }

    window.types("Passphrase", "wrong").await;
    window.press("Unlock").await;
    window.says("Something went wrong").await;
    window.clears("Passphrase").await;
    window.types("Passphrase", PASSPHRASE).await;
    window.press("Unlock").await;
    window.chooses("STRIPE_KEY").await;
    // A lock forgets who was allowed.
    let again = screen.sealfold(get);
    let asking = spawn_blocking(move || again.run());
    window.says("A program asks for values").await;
    window.press("Allow once").await;
    assert_eq!(asking.await.unwrap().success().text(), value);

    // And the other way round.
    screen.sealfold(["lock"]).run().success();
    window.says("Sealfold is locked").await;
}

#[tokio::test]
async fn what_should_stay_stays_when_the_window_is_opened_again() {
    let Some(screen) = Screen::unlocked() else {
        return;
    };
    let make = ["bundle", "new", "api/dev"];
    screen.sealfold(make).run().success();
    let set = ["set", "-b", "api/dev", "KEPT", "--stdin"];
    screen.sealfold(set).stdin("kept").run().success();
    let window = screen.open().await;
    window.chooses("KEPT").await;
    let width = window.width().await;
    window.control('=').await;
    while window.width().await >= width {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let larger = window.width().await;
    // A second start finds the first: there is one window a vault.
    assert_eq!(screen.starts_again("--quick"), 0);
    window.sees("[role=combobox]").await;
    drop(window);

    // The agent is still there, so the vault is open; what was shown is not.
    let window = screen.open().await;
    window.chooses("KEPT").await;
    assert!(!window.source().await.contains(">kept<"));
    assert_eq!(window.width().await, larger);
}
