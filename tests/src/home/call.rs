//! One call of the built `sealfold`, and what came of it.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Output, Stdio};
#[cfg(unix)]
use std::sync::Arc;
use std::thread;

use super::Home;
#[cfg(unix)]
use crate::shell::Shell;

/// A call being put together; [`run`](Call::run) makes it.
pub struct Call {
    args: Vec<OsString>,
    env: Vec<(OsString, OsString)>,
    folder: PathBuf,
    stdin: Vec<u8>,
    passphrase_file: PathBuf,
    #[cfg(unix)]
    shell: Option<Arc<Shell>>,
}

impl Call {
    pub(super) fn new<I, S>(home: &Home, args: I) -> Self
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        let mut call = Self {
            args: args.into_iter().map(|arg| arg.as_ref().into()).collect(),
            env: Vec::new(),
            folder: home.path().into(),
            stdin: Vec::new(),
            passphrase_file: home.passphrase_file(),
            #[cfg(unix)]
            shell: None,
        };
        // What Windows needs to start any program; absent elsewhere.
        for name in ["PATH", "SystemRoot"] {
            if let Some(value) = std::env::var_os(name) {
                call = call.env(name, value);
            }
        }
        call.env("HOME", home.path())
            .env("SEALFOLD_HOME", home.sealfold_home())
            .env("XDG_RUNTIME_DIR", home.path().join("run"))
    }

    /// Adds an argument at the end.
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.args.push(arg.as_ref().into());
        self
    }

    /// Sets a variable; a later one of the same name wins.
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.env.push((name.as_ref().into(), value.as_ref().into()));
        self
    }

    /// Sets several, such as those of a [`SecretService`](crate::secret_service::SecretService).
    pub fn envs<N, V>(mut self, pairs: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: AsRef<OsStr>,
        V: AsRef<OsStr>,
    {
        for (name, value) in pairs {
            self = self.env(name, value);
        }
        self
    }

    /// The folder to call it in; the home itself if not said.
    pub fn folder(mut self, folder: impl AsRef<Path>) -> Self {
        self.folder = folder.as_ref().into();
        self
    }

    /// What it reads from standard input; nothing if not said.
    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = bytes.into();
        self
    }

    /// Calls it in a shell that stays, as one of the commands of one terminal.
    #[cfg(unix)]
    pub fn in_shell(mut self, shell: &Arc<Shell>) -> Self {
        self.shell = Some(Arc::clone(shell));
        self
    }

    /// Gives it the home's passphrase file, and forbids asking.
    pub fn with_passphrase(self) -> Self {
        let file = self.passphrase_file.clone().into_os_string();
        self.option("--passphrase-file".into())
            .option(file)
            .asking_nobody()
    }

    /// Forbids asking, which stops whatever is called in the background of a shell.
    pub fn asking_nobody(self) -> Self {
        let forbids = OsStr::new("--no-input");
        match self.args.iter().any(|arg| arg == forbids) {
            true => self,
            false => self.option(forbids.into()),
        }
    }

    /// Adds it before a `--` if there is one.
    fn option(mut self, option: OsString) -> Self {
        let end = self.args.iter().position(|arg| arg == "--");
        self.args.insert(end.unwrap_or(self.args.len()), option);
        self
    }

    /// The command as it would be run, for tests that need more than [`run`](Self::run).
    pub fn command(&self) -> Command {
        let mut command = Command::new(binary());
        command
            .args(&self.args)
            .env_clear()
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .current_dir(&self.folder);
        command
    }

    /// Runs it on a terminal of its own.
    #[cfg(unix)]
    pub fn on_terminal(&self) -> crate::terminal::Terminal {
        let mut command = self.command();
        command.env("TERM", "xterm");
        crate::terminal::Terminal::start(&command)
    }

    /// Runs it to its end.
    pub fn run(&self) -> Outcome {
        #[cfg(unix)]
        let output = match &self.shell {
            Some(shell) => shell.run(&self.command(), &self.stdin),
            None => self.output(),
        };
        #[cfg(not(unix))]
        let output = self.output();
        Outcome {
            call: self.args.join(OsStr::new(" ")),
            status: output.status,
            stdout: output.stdout,
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    fn output(&self) -> Output {
        let mut child = self
            .command()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("sealfold starts");
        let mut stdin = child.stdin.take().expect("piped above");
        thread::scope(|scope| {
            // Beside the reading of its output, so that neither waits for the other. A program
            // may leave its input unread: a broken pipe is no failure of the test.
            scope.spawn(move || stdin.write_all(&self.stdin));
            child.wait_with_output().expect("our own child")
        })
    }
}

/// What a call left behind.
pub struct Outcome {
    call: OsString,
    /// How it ended.
    pub status: ExitStatus,
    /// Its data, byte for byte.
    pub stdout: Vec<u8>,
    /// Its talk.
    pub stderr: String,
}

impl Outcome {
    /// Asserts the exit code.
    #[track_caller]
    pub fn code(self, expected: i32) -> Self {
        assert_eq!(self.status.code(), Some(expected), "{self:?}");
        self
    }

    /// Asserts exit code 0.
    #[track_caller]
    pub fn success(self) -> Self {
        self.code(0)
    }

    /// Standard output as text.
    #[track_caller]
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.stdout).expect("standard output is UTF-8")
    }

    /// Standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        match serde_json::from_slice(&self.stdout) {
            Ok(value) => value,
            Err(error) => panic!("not JSON ({error}): {self:?}"),
        }
    }
}

impl fmt::Debug for Outcome {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "sealfold {} → {}", self.call.display(), self.status)?;
        writeln!(out, "stdout: {}", String::from_utf8_lossy(&self.stdout))?;
        writeln!(out, "stderr: {}", self.stderr)
    }
}

/// The program under test: `SEALFOLD_BIN`, or the one built beside the running test.
pub fn binary() -> PathBuf {
    if let Some(path) = std::env::var_os("SEALFOLD_BIN") {
        return path.into();
    }
    let test = std::env::current_exe().expect("the path of the running test");
    let name = format!("sealfold{}", std::env::consts::EXE_SUFFIX);
    // Tests lie in PROFILE/deps, benchmarks in PROFILE.
    let found = test
        .ancestors()
        .skip(1)
        .take(2)
        .map(|folder| folder.join(&name))
        .find(|path| path.is_file());
    found.unwrap_or_else(|| panic!("no {name} beside the tests: cargo build -p sealfold-cli"))
}
