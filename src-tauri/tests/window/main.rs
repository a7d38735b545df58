//! Journeys in the real window: what a person sees there, and what the terminal then says.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

mod screen;

use fantoccini::Locator;
use screen::{Screen, Window};

const PASSPHRASE: &str = "seven folded cranes";

fn screen() -> Option<Screen> {
    let screen = Screen::new();
    if screen.is_none() {
        eprintln!("skipped: Xvfb or WebKitWebDriver is not installed");
    }
    screen
}

/// Makes a vault as a new user does: the words are written down and asked back.
async fn makes_a_vault(window: &Window) {
    window.press("Create a vault").await;
    window.types("Your name", "ann").await;
    window.types("Passphrase", PASSPHRASE).await;
    window.types("The passphrase again", PASSPHRASE).await;
    window.press("Create the vault").await;
    window.says("Your recovery words").await;
    let words = window.client.find_all(Locator::Css("ol li")).await.unwrap();
    let mut paper = Vec::new();
    for word in &words {
        paper.push(word.text().await.unwrap());
    }
    assert_eq!(paper.len(), 24, "{paper:?}");
    window.press("I have written them down").await;
    let asked = window
        .client
        .find_all(Locator::Css("form label"))
        .await
        .unwrap();
    assert_eq!(asked.len(), 3);
    for label in asked {
        let number: String = label.text().await.unwrap();
        let number = number
            .chars()
            .filter(char::is_ascii_digit)
            .collect::<String>();
        let number: usize = number.parse().unwrap();
        let input = label.find(Locator::Css("input")).await.unwrap();
        input.send_keys(&paper[number - 1]).await.unwrap();
    }
    window.press("Confirm").await;
    window.says("Nothing here yet").await;
}

#[tokio::test]
async fn from_nothing_to_a_copied_secret_that_the_terminal_has_too() {
    let Some(screen) = screen() else { return };
    let window = screen.open().await;
    makes_a_vault(&window).await;

    // One unlock for both.
    assert_eq!(screen.terminal("bundle new api/prod").0, 0);
    let set = "set -b api/prod STRIPE_KEY --generate 32";
    assert_eq!(screen.terminal(set).0, 0);
    let (_, value) = screen.terminal("get -b api/prod STRIPE_KEY");
    assert_eq!(value.len(), 32);

    // A window that is opened later finds the vault open.
    drop(window);
    let window = screen.open().await;
    window.chooses("STRIPE_KEY").await;
    assert!(!window.source().await.contains(&value));
    window.press("Copy: Value").await;
    window.says("STRIPE_KEY is copied").await;
    assert_eq!(screen.clipboard(), value);
    // Copied by Rust: it was never in the page.
    assert!(!window.source().await.contains(&value));
    window.press("Reveal: Value").await;
    window.says(&value).await;

    // Locked in the window, locked in the terminal, and nothing of it stays.
    window.control('l').await;
    window.says("Sealfold is locked").await;
    assert!(!window.source().await.contains(&value));
    assert_ne!(screen.clipboard(), value);
    assert_eq!(screen.terminal("get -b api/prod STRIPE_KEY").0, 11);

    window.types("Passphrase", "wrong").await;
    window.press("Unlock").await;
    window.says("Something went wrong").await;
    window.clears("Passphrase").await;
    window.types("Passphrase", PASSPHRASE).await;
    window.press("Unlock").await;
    window.chooses("STRIPE_KEY").await;
    assert_eq!(screen.terminal("get -b api/prod STRIPE_KEY").1, value);

    // And the other way round.
    assert_eq!(screen.terminal("lock").0, 0);
    window.says("Sealfold is locked").await;
}

// threat 69
#[tokio::test]
async fn what_is_not_on_the_list_is_denied() {
    let Some(screen) = screen() else { return };
    let window = screen.open().await;
    window.says("Welcome to Sealfold").await;
    for command in [
        "ask",
        "plugin:window|close",
        "plugin:webview|create_webview_window",
    ] {
        let script = format!(
            "const done = arguments[arguments.length - 1]; window.__TAURI_INTERNALS__.invoke({command:?}, {{}}).then(() => done('done'), () => done('denied'))"
        );
        assert_eq!(window.asks(&script).await, "denied", "{command}");
    }
    // threat 68
    let global = window.asks("arguments[0](typeof window.__TAURI__)").await;
    assert_eq!(global, "undefined");
    // threat 70
    let frame = "const done = arguments[0]; const it = document.createElement('iframe'); it.src = 'https://example.org'; it.onload = () => done(it.contentDocument === null ? 'loaded' : 'blocked'); it.onerror = () => done('blocked'); document.body.append(it); setTimeout(() => done('blocked'), 3000)";
    assert_eq!(window.asks(frame).await, "blocked");
}
