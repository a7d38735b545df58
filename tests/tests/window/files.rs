//! Files that are written and read by the window: those that a person chose, and no others.

use std::fs;

use crate::screen::Screen;

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
