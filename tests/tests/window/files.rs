//! Files that are written and read by the window: those that a person chose, and no others.

use std::fs;

use crate::screen::Screen;
use crate::unlocks;

// threat 69
#[tokio::test]
async fn a_page_names_no_file() {
    let Some(screen) = Screen::unlocked() else {
        return;
    };
    let make = ["bundle", "new", "api/dev"];
    screen.sealfold(make).run().success();
    let set = ["set", "-b", "api/dev", "--kind", "key", "KEY", "--stdin"];
    screen.sealfold(set).stdin("of a key").run().success();
    let target = screen.home.path().join("autostart.desktop");
    let window = screen.open().await;
    window.chooses("KEY").await;
    // As a page would that was taken over: by a path, and by a ticket that nobody gave it.
    for place in [format!("path: {target:?}"), "file: 1".to_owned()] {
        let script = format!(
            "const done = arguments[0]; const field = {{ bundle: 'api/dev', name: 'KEY', field: 'private' }}; window.__TAURI_INTERNALS__.invoke('save_field', {{ ask: {{ field, ...field, {place} }} }}).then(() => done('done'), () => done('denied'))"
        );
        assert_eq!(window.asks(&script).await, "denied", "{place}");
    }
    assert!(!target.exists());

    let chosen = screen.home.path().join("chosen.pem");
    screen.will_choose(&chosen);
    window.press("Save to a file: Private key").await;
    window.press("Choose a file: File").await;
    window.says("chosen.pem").await;
    window.press("Save the file").await;
    window.says("Saved to").await;
    assert_eq!(fs::read(&chosen).unwrap(), b"of a key");
}

#[tokio::test]
async fn another_vault_is_turned_to_from_a_locked_one() {
    let Some(screen) = Screen::unlocked() else {
        return;
    };
    let window = screen.open().await;
    window.sees("nav").await;
    let other = screen.home.path().join("other.sealfold");
    fs::copy(screen.home.sealfold_home().join("vault.sealfold"), &other).unwrap();
    screen.will_choose(&other);
    // From an open one it would stay open, and nobody would see it.
    let script = "const done = arguments[0]; const ask = (command, ask) => window.__TAURI_INTERNALS__.invoke(command, { ask }); ask('choose_path', { save: false }).then(({ ticket }) => ask('open_other', { file: ticket })).then(() => done('done'), ({ message }) => done(message))";
    assert_eq!(window.asks(script).await, "A vault is open.");

    screen.sealfold(["lock"]).run().success();
    window.says("Sealfold is locked").await;
    window.press("Open another vault").await;
    window.press("Choose a file: The vault file").await;
    window.says("other.sealfold").await;
    window.press("Open it").await;
    unlocks(&window).await;
    // It is another vault for the terminal too.
    screen.sealfold(["ls"]).run().code(11);
    let there = screen.sealfold(["ls"]).env("SEALFOLD_VAULT", &other);
    there.run().success();
}
