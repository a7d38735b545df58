//! Journeys in the real window: what a person sees there, and what the terminal then says.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::print_stdout,
    missing_docs
)]

mod figures;
mod files;
mod first_run;
mod imports;
mod locks;
mod pictures;
mod safety;
mod screen;
mod team;

use fantoccini::Locator;
use screen::Window;
use sealfold_tests::home::PASSPHRASE;

/// Makes a vault as a new user does: the words are written down and asked back.
async fn makes_a_vault(window: &Window, with_keychain: bool) {
    window.press("Create a vault").await;
    window.types("Your name", "ann").await;
    window.types("Passphrase", PASSPHRASE).await;
    window.types("The passphrase again", PASSPHRASE).await;
    if with_keychain {
        window
            .ticks("Open it with the keychain of this computer too")
            .await;
    }
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

/// Opens a locked vault.
async fn unlocks(window: &Window) {
    window.says("Sealfold is locked").await;
    window.types("Passphrase", PASSPHRASE).await;
    window.press("Unlock").await;
    window.sees("nav").await;
}
