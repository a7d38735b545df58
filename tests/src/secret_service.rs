//! A Secret Service of a test's own: a private D-Bus with a gnome-keyring behind it.
//!
//! Everything lives in a folder that goes with it; the bus has no service files, so that
//! nothing is ever started by activation (no prompt dialog, no second keyring), and the
//! user's own bus and keyring are never spoken to. Works as root and without a display.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use tempfile::TempDir;
use zbus::blocking::fdo::DBusProxy;
use zbus::blocking::{Connection, connection};

const NAME: &str = "org.freedesktop.secrets";

/// What the login keyring is locked with.
pub const PASSWORD: &str = "keyring password of the tests";

/// Long enough for a crowded machine; a start takes about 0.1 s.
const PATIENCE: Duration = Duration::from_secs(30);

const BUS_CONFIG: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=SOCKET</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;

/// A running Secret Service; dropping it ends both daemons and removes their files.
pub struct SecretService {
    // In the order of dropping: first the daemons, then the folder that they use.
    keyring: Option<Daemon>,
    connection: Connection,
    _bus: Daemon,
    folder: TempDir,
}

impl SecretService {
    /// Starts a bus and, on it, a keyring whose default collection is unlocked.
    pub fn start() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("sf-bus-")
            .tempdir()
            .expect("a temporary folder");
        // The bus and the keyring refuse a runtime folder that others can enter.
        for sub in ["run", "data", "home"] {
            let path = folder.path().join(sub);
            fs::create_dir(&path).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
        }
        let bus = start_bus(folder.path());
        let connection = connection::Builder::address(bus_address(folder.path()).as_str())
            .and_then(connection::Builder::build)
            .expect("the bus that just started answers");
        let mut service = Self {
            keyring: None,
            connection,
            _bus: bus,
            folder,
        };
        service.start_keyring(Some(PASSWORD));
        service
    }

    /// The variables by which a child finds this service and nothing of the user's.
    pub fn env(&self) -> [(&'static str, String); 2] {
        let run = self.folder.path().join("run");
        [
            ("DBUS_SESSION_BUS_ADDRESS", bus_address(self.folder.path())),
            ("XDG_RUNTIME_DIR", run.to_str().unwrap().to_owned()),
        ]
    }

    /// Ends the keyring; the bus stays, with nobody behind the name. Returns once the bus
    /// has noticed.
    pub fn stop(&mut self) {
        let Some(keyring) = self.keyring.take() else {
            return;
        };
        self.while_owner_becomes(false, || drop(keyring));
    }

    /// Ends the keyring and starts another over the same files, unlocked: what clients see
    /// when the daemon was restarted under them.
    pub fn restart(&mut self) {
        self.stop();
        self.start_keyring(Some(PASSWORD));
    }

    /// As [`restart`](Self::restart), but the collections stay locked; unlocking them would
    /// need a prompt, for which there is nobody.
    pub fn restart_locked(&mut self) {
        self.stop();
        self.start_keyring(None);
    }

    fn start_keyring(&mut self, password: Option<&str>) {
        let folder = self.folder.path();
        let mut command = private(Command::new("gnome-keyring-daemon"), folder);
        command
            .args(["--foreground", "--components=secrets"])
            .arg("--control-directory")
            .arg(folder.join("run/keyring"))
            .env("DBUS_SESSION_BUS_ADDRESS", bus_address(folder))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        if password.is_some() {
            command.arg("--unlock");
        }
        let keyring = self.while_owner_becomes(true, || {
            let mut daemon = Daemon::start(command, "gnome-keyring");
            let mut stdin = daemon.0.stdin.take().expect("piped above");
            stdin
                .write_all(password.unwrap_or_default().as_bytes())
                .expect("gnome-keyring-daemon reads its password");
            daemon
        });
        self.keyring = Some(keyring);
    }

    /// Does `act`, then waits until the service's name is owned, or no longer owned.
    fn while_owner_becomes<T>(&self, owned: bool, act: impl FnOnce() -> T) -> T {
        let bus = DBusProxy::new(&self.connection).expect("the bus answers");
        // Subscribed before acting, so that the change can't slip through.
        let mut changes = bus
            .receive_name_owner_changed_with_args(&[(0, NAME)])
            .expect("the bus answers");
        let result = act();
        let (done, wait) = mpsc::channel();
        thread::spawn(move || {
            let seen = changes
                .any(|change| change.args().expect("three strings").new_owner().is_some() == owned);
            // The receiver is gone when patience has run out: the panic there says it.
            let _ = done.send(seen);
        });
        match wait.recv_timeout(PATIENCE) {
            Ok(true) => result,
            _ => panic!("{NAME} did not become owned={owned}: does gnome-keyring-daemon run here?"),
        }
    }
}

fn start_bus(folder: &Path) -> Daemon {
    let config = folder.join("bus.conf");
    let socket = folder.join("run/bus");
    let text = BUS_CONFIG.replace("SOCKET", socket.to_str().unwrap());
    fs::write(&config, text).unwrap();
    let mut command = private(Command::new("dbus-daemon"), folder);
    command
        .arg(format!("--config-file={}", config.display()))
        .args(["--nofork", "--nopidfile", "--print-address=1"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut bus = Daemon::start(command, "dbus-daemon");
    // The address is printed once the socket listens.
    let mut line = String::new();
    BufReader::new(bus.0.stdout.take().expect("piped above"))
        .read_line(&mut line)
        .unwrap();
    assert!(
        line.starts_with("unix:"),
        "dbus-daemon ended before it listened"
    );
    bus
}

fn bus_address(folder: &Path) -> String {
    format!("unix:path={}", folder.join("run/bus").display())
}

/// Nothing inherited but the path: neither daemon can find anything of the user's.
fn private(mut command: Command, folder: &Path) -> Command {
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", folder.join("home"))
        .env("XDG_RUNTIME_DIR", folder.join("run"))
        .env("XDG_DATA_HOME", folder.join("data"))
        .env("XDG_CONFIG_HOME", folder.join("home/.config"))
        .env("XDG_CACHE_HOME", folder.join("home/.cache"))
        .current_dir(folder);
    command
}

/// A child that does not outlive its owner.
struct Daemon(Child);

impl Daemon {
    fn start(mut command: Command, package: &str) -> Self {
        match command.spawn() {
            Ok(child) => Self(child),
            Err(error) => panic!(
                "{} does not start ({error}); `cargo xtask test` installs it ({package})",
                command.get_program().display()
            ),
        }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // Fails only if it ended by itself; then there is nothing left but to collect it.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
