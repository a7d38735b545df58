//! A real window on a display of its own, driven through WebKit's own driver.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use fantoccini::key::Key;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, Value, json};
use tempfile::TempDir;

/// Longest time that anything may take to appear.
const PATIENCE: Duration = Duration::from_secs(60);

/// Somebody at a screen, with a home of their own.
pub struct Screen {
    display: Child,
    number: String,
    home: TempDir,
}

/// The window, as the driver sees it.
pub struct Window {
    driver: Child,
    pub client: Client,
}

impl Screen {
    /// None where the display or the driver is not installed.
    pub fn new() -> Option<Self> {
        let installed = |name: &str| {
            let path = std::env::var_os("PATH").unwrap_or_default();
            std::env::split_paths(&path).any(|folder| folder.join(name).is_file())
        };
        if !installed("Xvfb") || !installed("WebKitWebDriver") {
            return None;
        }
        let mut display = Command::new("Xvfb")
            .args([
                "-displayfd",
                "1",
                "-screen",
                "0",
                "1280x800x24",
                "-nolisten",
                "tcp",
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap();
        let mut number = String::new();
        let mut said = BufReader::new(display.stdout.take().unwrap());
        said.read_line(&mut number).unwrap();
        let home = tempfile::Builder::new().prefix("sf-").tempdir().unwrap();
        for folder in ["run", "data"] {
            fs::create_dir(home.path().join(folder)).unwrap();
        }
        Some(Self {
            display,
            number: format!(":{}", number.trim()),
            home,
        })
    }

    /// A program of this person's, at this screen: nothing of the machine's own set-up.
    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let home = self.home.path();
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("DISPLAY", &self.number)
            .env("HOME", home)
            .env("XDG_RUNTIME_DIR", home.join("run"))
            .env("XDG_DATA_HOME", home.join("data"))
            .env("SEALFOLD_HOME", self.sealfold_home())
            .env("LANG", "C.UTF-8")
            .stdin(Stdio::null());
        command
    }

    fn sealfold_home(&self) -> std::path::PathBuf {
        self.home.path().join("sealfold")
    }

    /// What `sealfold` says in a terminal of the same person.
    pub fn terminal(&self, line: &str) -> (i32, String) {
        let folder = Path::new(env!("CARGO_BIN_EXE_sealfold-desktop"));
        let output = self
            .command(folder.with_file_name("sealfold"))
            .args(line.split(' '))
            .arg("--no-input")
            .output()
            .unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        (output.status.code().unwrap_or(-1), said)
    }

    /// What is on the clipboard, as another program finds it.
    pub fn clipboard(&self) -> String {
        let paste = ["3", "xclip", "-selection", "clipboard", "-o"];
        let output = self.command("timeout").args(paste).output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Opens the window.
    pub async fn open(&self) -> Window {
        let port = free_port();
        let driver = self
            .command("WebKitWebDriver")
            .args([format!("--port={port}"), "--host=127.0.0.1".to_owned()])
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap();
        let mut capabilities = Map::new();
        let browser = json!({ "binary": env!("CARGO_BIN_EXE_sealfold-desktop"), "args": [] });
        capabilities.insert("webkitgtk:browserOptions".to_owned(), browser);
        let address = format!("http://127.0.0.1:{port}");
        let connect = async || {
            loop {
                let mut builder = ClientBuilder::new(HttpConnector::new());
                let builder = builder.capabilities(capabilities.clone());
                match builder.connect(&address).await {
                    Ok(client) => return client,
                    // The driver is still starting.
                    Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                }
            }
        };
        let client = tokio::time::timeout(PATIENCE, connect()).await;
        Window {
            driver,
            client: client.expect("the window opens"),
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.terminal("agent stop");
        end(&mut self.display);
    }
}

impl Window {
    /// Waits until an element is there.
    pub async fn sees(&self, css: &str) -> fantoccini::elements::Element {
        let wait = self.client.wait().at_most(PATIENCE);
        let found = wait.for_element(Locator::Css(css)).await;
        found.unwrap_or_else(|error| panic!("{css}: {error}"))
    }

    /// Waits until the page says something.
    pub async fn says(&self, text: &str) {
        for _ in 0..600 {
            if self.text().await.contains(text) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{text:?} is not in {}", self.text().await);
    }

    /// What a person reads.
    pub async fn text(&self) -> String {
        let script = "return document.body.innerText";
        let said = self.client.execute(script, Vec::new()).await.unwrap();
        said.as_str().unwrap_or_default().to_owned()
    }

    /// All that the document holds, shown or not.
    pub async fn source(&self) -> String {
        let script = "return document.documentElement.outerHTML + [...document.querySelectorAll('input,textarea')].map((it) => it.value).join()";
        let said = self.client.execute(script, Vec::new()).await.unwrap();
        said.as_str().unwrap_or_default().to_owned()
    }

    /// Presses the button of this text or name.
    pub async fn press(&self, name: &str) {
        let button = format!(
            "//button[normalize-space()={name:?} or @aria-label={name:?}] | //summary[normalize-space()={name:?}]"
        );
        let wait = self.client.wait().at_most(PATIENCE);
        let found = wait.for_element(Locator::XPath(&button)).await;
        let found = found.unwrap_or_else(|error| panic!("{name}: {error}"));
        found.click().await.unwrap();
    }

    /// Chooses an entry of the list.
    pub async fn chooses(&self, name: &str) {
        let row = format!("//*[@role='option'][contains(normalize-space(), {name:?})]");
        let wait = self.client.wait().at_most(PATIENCE);
        let found = wait.for_element(Locator::XPath(&row)).await;
        let found = found.unwrap_or_else(|error| panic!("{name}: {error}"));
        found.click().await.unwrap();
        self.sees(&format!("article[aria-label='Entry {name}']"))
            .await;
    }

    /// Empties the field of this label.
    pub async fn clears(&self, label: &str) {
        let field = format!("//label[starts-with(normalize-space(), {label:?})]//input");
        let found = self.client.find(Locator::XPath(&field)).await.unwrap();
        found.clear().await.unwrap();
    }

    /// Types into the field of this label.
    pub async fn types(&self, label: &str, text: &str) {
        let field = format!("//label[starts-with(normalize-space(), {label:?})]//input");
        let wait = self.client.wait().at_most(PATIENCE);
        let found = wait.for_element(Locator::XPath(&field)).await;
        let found = found.unwrap_or_else(|error| panic!("{label}: {error}"));
        found.send_keys(text).await.unwrap();
    }

    /// Presses a key with Control held.
    pub async fn control(&self, key: char) {
        let body = self.client.find(Locator::Css("body")).await.unwrap();
        let chord = format!("{}{key}{}", char::from(Key::Control), char::from(Key::Null));
        body.send_keys(&chord).await.unwrap();
    }

    /// Runs a script and gives what it returns.
    pub async fn asks(&self, script: &str) -> Value {
        self.client.execute_async(script, Vec::new()).await.unwrap()
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        end(&mut self.driver);
    }
}

/// A port that nobody has, below those that the system gives to clients: a client that asks at one of
/// these before anybody listens may be connected to itself.
fn free_port() -> u16 {
    let first = 20_000 + (std::process::id() % 10_000) as u16;
    let free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    (first..32_000)
        .find(free)
        .expect("one of thousands of ports is free")
}

/// Ends a program with all that it started.
fn end(program: &mut Child) {
    let group = format!("-{}", program.id());
    let _ = Command::new("kill").args(["-9", "--", &group]).status();
    let _ = program.wait();
}
