//! A real window on a display of its own, driven through WebKit's own driver.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use fantoccini::elements::Element;
use fantoccini::key::Key;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use sealfold_tests::home::{Call, Home, binary};
use sealfold_tests::secret_service::SecretService;
use sealfold_tests::shell::Shell;
use serde_json::{Map, Value, json};

/// Longest time that anything may take to appear.
const PATIENCE: Duration = Duration::from_secs(60);

/// Somebody at a screen, with a home of their own.
pub struct Screen {
    pub home: Home,
    keychain: Option<SecretService>,
    /// The terminal beside the window.
    shell: Arc<Shell>,
    display: Child,
    number: String,
}

/// The window, as the driver sees it.
pub struct Window {
    driver: Child,
    pub client: Client,
}

impl Screen {
    /// A person without a vault. None where the display or the driver is not installed.
    pub fn empty() -> Option<Self> {
        Self::of(Home::empty(), None)
    }

    /// A person with a locked vault.
    pub fn prepared() -> Option<Self> {
        Self::of(Home::prepared(), None)
    }

    /// A person whose vault a terminal has unlocked.
    pub fn unlocked() -> Option<Self> {
        let screen = Self::prepared()?;
        let unlock = screen.sealfold(["unlock"]);
        unlock.with_passphrase().run().success();
        Some(screen)
    }

    /// A person without a vault, on a desktop with a Secret Service.
    pub fn with_keychain() -> Option<Self> {
        Self::of(Home::empty(), Some(SecretService::start()))
    }

    fn of(home: Home, keychain: Option<SecretService>) -> Option<Self> {
        let installed = |name: &str| {
            let path = std::env::var_os("PATH").unwrap_or_default();
            std::env::split_paths(&path).any(|folder| folder.join(name).is_file())
        };
        if !installed("Xvfb") || !installed("WebKitWebDriver") {
            eprintln!("skipped: Xvfb or WebKitWebDriver is not installed");
            return None;
        }
        let mut display = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1920x1200x24"])
            .args(["-nolisten", "tcp"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap();
        let mut number = String::new();
        let mut said = BufReader::new(display.stdout.take().unwrap());
        said.read_line(&mut number).unwrap();
        Some(Self {
            home,
            keychain,
            shell: Arc::default(),
            display,
            number: format!(":{}", number.trim()),
        })
    }

    /// A call of `sealfold` by the same person, in the one terminal that they have.
    pub fn sealfold<'a>(&self, args: impl IntoIterator<Item = &'a str>) -> Call {
        let call = self.home.sealfold(args).in_shell(&self.shell);
        let call = call.asking_nobody().env("LANG", "C.UTF-8");
        match &self.keychain {
            Some(service) => call.envs(service.env()),
            None => call,
        }
    }

    /// The session's bus.
    pub fn bus(&self) -> String {
        let service = self.keychain.as_ref().expect("a desktop with a bus");
        service.env()[0].1.clone()
    }

    /// A program of this person's, at this screen: nothing of the machine's own set-up.
    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let like = self.sealfold([]).command();
        let mut command = Command::new(program);
        command.env_clear();
        for (name, value) in like.get_envs() {
            if let Some(value) = value {
                command.env(name, value);
            }
        }
        command
            .env("DISPLAY", &self.number)
            .env("XDG_DATA_HOME", self.home.path().join("data"))
            .env("WEBKIT_DISABLE_DMABUF_RENDERER", "1")
            .env("SEALFOLD_JOURNEY_CHOICE", self.home.path().join("choice"))
            .stdin(Stdio::null());
        command
    }

    /// Waits until the vault is locked in the terminal too: the window hides first, and then locks.
    pub async fn locks(&self) {
        while self.sealfold(["ls"]).run().status.code() != Some(11) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// What is on the clipboard, as another program finds it.
    pub fn clipboard(&self) -> String {
        let paste = ["3", "xclip", "-selection", "clipboard", "-o"];
        let output = self.command("timeout").args(paste).output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Whether clipboard managers are told that what is there is a secret.
    pub fn is_marked_secret(&self) -> bool {
        let target = [
            "3",
            "xclip",
            "-selection",
            "clipboard",
            "-o",
            "-t",
            "x-kde-passwordManagerHint",
        ];
        let output = self.command("timeout").args(target).output().unwrap();
        output.stdout == b"secret"
    }

    /// Takes a picture of what is on the screen, from its corner, where the window is.
    pub fn photographs(&self, [width, height]: [u32; 2], path: &std::path::Path) {
        let crop = format!("{width}x{height}+0+0");
        let mut import = self.command("import");
        import.args(["-window", "root", "-crop", &crop, "+repage"]);
        assert!(import.arg(path).status().unwrap().success());
    }

    /// What this person chooses in the system's dialog for a file, which no driver can press.
    pub fn will_choose(&self, path: &std::path::Path) {
        std::fs::write(self.home.path().join("choice"), path.to_str().unwrap()).unwrap();
    }

    /// Opens the window with nobody who drives it; the program is ended when this is dropped.
    pub fn opens_undriven(&self) -> Undriven {
        let program = self.command(desktop()).process_group(0).spawn().unwrap();
        Undriven(program)
    }

    /// Starts the program a second time, which ends at once where a window is open.
    pub fn starts_again(&self, argument: &str) -> i32 {
        let again = self.command(desktop()).arg(argument).status();
        again.unwrap().code().unwrap()
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
        let browser = json!({ "binary": desktop(), "args": [] });
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

/// A window that nobody drives.
pub struct Undriven(Child);

impl Undriven {
    /// The process in which the page is.
    pub fn page_process(&self) -> Option<u32> {
        let listed = Command::new("ps")
            .args(["-eo", "pid=,pgid=,comm="])
            .output()
            .unwrap();
        let listed = String::from_utf8(listed.stdout).unwrap();
        let group = self.0.id().to_string();
        listed.lines().find_map(|line| {
            let mut words = line.split_whitespace();
            let (pid, of, name) = (words.next()?, words.next()?, words.next()?);
            (of == group && name.starts_with("WebKitWebProces")).then(|| pid.parse().unwrap())
        })
    }
}

impl Drop for Undriven {
    fn drop(&mut self) {
        end(&mut self.0);
    }
}

fn desktop() -> std::path::PathBuf {
    binary().with_file_name("sealfold-desktop")
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.sealfold(["agent", "stop"]).run();
        end(&mut self.display);
    }
}

impl Window {
    /// Waits until an element is there.
    pub async fn sees(&self, css: &str) -> Element {
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
        let button =
            format!("//button[not(@disabled)][normalize-space()={name:?} or @aria-label={name:?}]");
        let summary = format!("//summary[normalize-space()={name:?}]");
        let seen = format!("{} | {}", in_front(&button), in_front(&summary));
        self.finds(&seen).await.click().await.unwrap();
    }

    /// Presses the first button whose text begins so; where a dialog is open, in that.
    pub async fn presses_that_begins(&self, text: &str) {
        let button = format!("//button[not(@disabled)][starts-with(normalize-space(), {text:?})]");
        self.finds(&in_front(&button)).await.click().await.unwrap();
    }

    /// Presses a button that copies, and gives what another program pastes.
    pub async fn takes_copy_of(&self, button: &str, screen: &Screen) -> String {
        self.press(button).await;
        self.says("is copied").await;
        screen.clipboard()
    }

    /// Chooses what is offered behind three dots.
    pub async fn opens_menu(&self, of: &str, item: &str) {
        self.press(&format!("What to do with {of}")).await;
        let item = format!("//*[@role='menuitem'][normalize-space()={item:?}]");
        self.finds(&item).await.click().await.unwrap();
    }

    /// Takes the side of a conflict whose heading says so.
    pub async fn takes_side(&self, says: &str) {
        let button =
            format!("//button[starts-with(normalize-space(), 'Take') and contains(., {says:?})]");
        self.finds(&button).await.click().await.unwrap();
    }

    /// Ticks the box of this label.
    pub async fn ticks(&self, label: &str) {
        self.field(label).await.click().await.unwrap();
    }

    /// Chooses an entry of the list.
    pub async fn chooses(&self, name: &str) {
        let row = format!("//*[@role='option'][contains(normalize-space(), {name:?})]");
        self.finds(&row).await.click().await.unwrap();
        self.sees(&format!("article[aria-label='Entry {name}']"))
            .await;
    }

    /// The input of this label, as soon as it is there.
    async fn field(&self, label: &str) -> Element {
        let label = format!("//label[starts-with(normalize-space(), {label:?})]");
        let within = "//*[self::input or self::textarea or self::select][not(@disabled)]";
        let inner = in_front(&format!("{label}{within}"));
        let field = format!("{inner} | //*[not(@disabled)][@id = {label}/@for]");
        self.finds(&field).await
    }

    async fn finds(&self, path: &str) -> Element {
        let wait = self.client.wait().at_most(PATIENCE);
        let found = wait.for_element(Locator::XPath(path)).await;
        match found {
            Ok(found) => {
                // As a person would: a long dialog is scrolled.
                let scroll = "arguments[0].scrollIntoView({ block: 'nearest' })";
                let element = serde_json::to_value(&found).unwrap();
                self.client.execute(scroll, vec![element]).await.unwrap();
                found
            }
            Err(error) => panic!("{path}: {error}; the page says {}", self.text().await),
        }
    }

    /// Empties the field of this label.
    pub async fn clears(&self, label: &str) {
        self.field(label).await.clear().await.unwrap();
    }

    /// Types into the field of this label.
    pub async fn types(&self, label: &str, text: &str) {
        self.field(label).await.send_keys(text).await.unwrap();
    }

    /// Drops a file of this name and text on the window.
    pub async fn drops(&self, name: &str, text: &str) {
        let script = "const carried = new DataTransfer(); carried.items.add(new File([arguments[1]], arguments[0])); window.dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: carried }))";
        let arguments = vec![json!(name), json!(text)];
        self.client.execute(script, arguments).await.unwrap();
    }

    /// Presses a key with Control held.
    pub async fn control(&self, key: char) {
        let body = self.client.find(Locator::Css("body")).await.unwrap();
        let chord = format!("{}{key}{}", char::from(Key::Control), char::from(Key::Null));
        body.send_keys(&chord).await.unwrap();
    }

    /// Waits until no dialog is open.
    pub async fn closes(&self) {
        let open = "arguments[0](document.querySelector('[role=dialog]') !== null)";
        while self.asks(open).await == true {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Presses Escape.
    pub async fn escapes(&self) {
        let body = self.client.find(Locator::Css("body")).await.unwrap();
        body.send_keys(&char::from(Key::Escape).to_string())
            .await
            .unwrap();
        self.settles().await;
    }

    /// Waits until what was changed is painted.
    pub async fn settles(&self) {
        let painted = "const done = arguments[0]; setTimeout(() => done(1), 500)";
        self.asks(painted).await;
    }

    /// The page's width in pixels of its own, of which there are fewer when they are larger.
    pub async fn width(&self) -> u64 {
        let width = self.asks("arguments[0](innerWidth)").await;
        width.as_u64().unwrap()
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

/// Where a dialog is open, only what is in it can be reached.
fn in_front(path: &str) -> String {
    let dialog = "//*[@role='dialog' or @role='alertdialog']";
    format!("{dialog}{path} | {path}[not({dialog})]")
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
