//! What the window must withstand.

use crate::screen::Screen;

// threat 69
#[tokio::test]
async fn what_is_not_on_the_list_is_denied() {
    let Some(screen) = Screen::empty() else {
        return;
    };
    let window = screen.open().await;
    window.says("Welcome to Sealfold").await;
    for command in [
        "ask",
        "environment",
        "plugin:window|close",
        "plugin:webview|create_webview_window",
    ] {
        let script = format!(
            "const done = arguments[arguments.length - 1]; window.__TAURI_INTERNALS__.invoke({command:?}, {{ ask: {{}} }}).then(() => done('done'), () => done('denied'))"
        );
        assert_eq!(window.asks(&script).await, "denied", "{command}");
    }
    // threat 68
    let global = window.asks("arguments[0](typeof window.__TAURI__)").await;
    assert_eq!(global, "undefined");
}

// threat 70
#[tokio::test]
async fn the_window_goes_nowhere() {
    let Some(screen) = Screen::empty() else {
        return;
    };
    let window = screen.open().await;
    window.says("Welcome to Sealfold").await;
    let frame = "const done = arguments[0]; const it = document.createElement('iframe'); it.src = 'https://example.org'; it.onload = () => done(it.contentDocument === null ? 'loaded' : 'blocked'); it.onerror = () => done('blocked'); document.body.append(it); setTimeout(() => done('blocked'), 3000)";
    assert_eq!(window.asks(frame).await, "blocked");
    let opened = "arguments[0](window.open('https://example.org') === null ? 'blocked' : 'opened')";
    assert_eq!(window.asks(opened).await, "blocked");
    let script = "const done = arguments[0]; const it = document.createElement('script'); it.textContent = 'window.ran = 1'; document.body.append(it); done(String(window.ran))";
    assert_eq!(window.asks(script).await, "undefined");
    let fetched = "const done = arguments[0]; fetch('http://127.0.0.1:9/').then(() => done('sent'), () => done('blocked'))";
    assert_eq!(window.asks(fetched).await, "blocked");
    let _ = window
        .client
        .execute("location.href = 'https://example.org'", Vec::new())
        .await;
    window.says("Welcome to Sealfold").await;
}

// threats 3, 38, 60, 68
#[tokio::test]
async fn names_are_text_and_nothing_is_fetched_for_them() {
    let Some(screen) = Screen::prepared() else {
        return;
    };
    screen
        .sealfold(["unlock"])
        .with_passphrase()
        .run()
        .success();
    screen
        .sealfold(["bundle", "new", "api/dev"])
        .run()
        .success();
    let name = "<img onerror>";
    let set = ["set", "-b", "api/dev", "--kind", "login", name, "--stdin"];
    screen.sealfold(set).stdin("v").run().success();
    let window = screen.open().await;
    window.chooses(name).await;
    let images = "arguments[0](document.querySelectorAll('img[onerror]').length)";
    assert_eq!(window.asks(images).await, 0);
}
