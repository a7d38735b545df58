//! What the window must withstand.

use std::net::TcpListener;

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
    let (elsewhere, address) = elsewhere();
    let window = screen.open().await;
    window.says("Welcome to Sealfold").await;
    let tries = [
        "const it = document.createElement('iframe'); it.src = WHERE; document.body.append(it)",
        "const it = document.createElement('img'); it.src = WHERE; document.body.append(it)",
        "const it = document.createElement('script'); it.src = WHERE; document.body.append(it)",
        "fetch(WHERE).catch(() => {})",
        "new WebSocket(WHERE.replace('http', 'ws'))",
        "const it = document.createElement('form'); it.action = WHERE; document.body.append(it); it.submit()",
        "window.open(WHERE)",
        "location.href = WHERE",
    ];
    for attempt in tries {
        let script = format!("const WHERE = {address:?}; try {{ {attempt} }} catch {{}}");
        // A page that goes away has no answer.
        let _ = window.client.execute(&script, Vec::new()).await;
        window.settles().await;
        assert!(elsewhere.accept().is_err(), "{attempt} gets out");
    }
    let script = "const done = arguments[0]; const it = document.createElement('script'); it.textContent = 'window.ran = 1'; document.body.append(it); done(String(window.ran))";
    assert_eq!(window.asks(script).await, "undefined");
    window.says("Welcome to Sealfold").await;
}

// threat 68
#[tokio::test]
async fn names_are_text() {
    let Some(screen) = Screen::unlocked() else {
        return;
    };
    let make = ["bundle", "new", "api/dev"];
    screen.sealfold(make).run().success();
    let name = "<img onerror>";
    let set = ["set", "-b", "api/dev", "--kind", "login", name, "--stdin"];
    screen.sealfold(set).stdin("v").run().success();
    let window = screen.open().await;
    window.chooses(name).await;
    let images = "arguments[0](document.querySelectorAll('img[onerror]').length)";
    assert_eq!(window.asks(images).await, 0);
}

// threat 3: an icon of a site, or a preview of it, would tell where a person has an account.
#[tokio::test]
async fn nothing_is_fetched_for_what_an_entry_holds() {
    let Some(screen) = Screen::unlocked() else {
        return;
    };
    let (elsewhere, address) = elsewhere();
    let make = ["bundle", "new", "api/dev"];
    screen.sealfold(make).run().success();
    let set = ["set", "-b", "api/dev", "--kind", "login", "SITE", "--stdin"];
    screen.sealfold(set).stdin("v").run().success();
    let url = ["set", "-b", "api/dev", "--field", "url", "SITE", "--stdin"];
    let call = screen.sealfold(url).stdin(address.as_str());
    call.run().success();
    let window = screen.open().await;
    window.chooses("SITE").await;
    window.press("Reveal: Address").await;
    window.says(&address).await;
    window.settles().await;
    assert!(elsewhere.accept().is_err());
}

/// A port on which anything that gets out would be heard, and its address.
fn elsewhere() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    (listener, address)
}
