//! Calling git so that nothing in a repository, and nobody at the keyboard, has a say.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::Stdio;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};
use tokio::task::JoinHandle;

use crate::{Cause, Environment, RemoteError, Said};

/// Longest output that is taken in whole; longer ones are streamed.
const MAX_OUTPUT: u64 = 1 << 20;
/// How much of standard error is kept: its end tells why.
const MAX_TALK: usize = 4096;

/// What `git` must not take from anywhere else. The user's own configuration stays in force
/// otherwise: credential helpers, `url.….insteadOf`, proxies, certificates.
const SETTINGS: &[&str] = &[
    "core.fsmonitor=false",
    "core.attributesFile=",
    "core.logAllRefUpdates=false",
    // What is sealed does not compress, and has nothing in common with anything; trees do.
    "core.compression=1",
    "core.bigFileThreshold=64k",
    "gc.autoDetach=false",
    "maintenance.auto=false",
    // What is fetched grows in one file, whose size can be watched.
    "fetch.unpackLimit=1",
    "fetch.recurseSubmodules=false",
    "fetch.writeCommitGraph=false",
    "fetch.bundleURI=",
    "transfer.bundleURI=false",
    "submodule.recurse=false",
    "push.recurseSubmodules=no",
    "push.followTags=false",
    "push.gpgSign=false",
    "push.pushOption=",
    "commit.gpgSign=false",
    "credential.interactive=false",
    "http.lowSpeedLimit=100",
    "http.lowSpeedTime=60",
    "color.ui=false",
];

/// Variables of git that are the user's way to reach servers. All others that start with `GIT_`
/// are about some repository of theirs, and are dropped.
const KEPT: &[&str] = &[
    "GIT_ASKPASS",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_NOSYSTEM",
    "GIT_CONFIG_SYSTEM",
    "GIT_EXEC_PATH",
    "GIT_HTTP_USER_AGENT",
    "GIT_PROXY_SSL_CAINFO",
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "GIT_SSH_VARIANT",
    "GIT_SSL_CAINFO",
    "GIT_SSL_CAPATH",
    "GIT_SSL_CERT",
    "GIT_SSL_KEY",
];

/// A call of one git subcommand.
pub(super) struct Call {
    command: Command,
    name: &'static str,
}

impl Call {
    /// `folder` is our own bare repository, or where it will be.
    pub fn new(environment: &Environment, folder: &Path, name: &'static str) -> Self {
        let mut command = Command::new("git");
        command.env_clear().envs(variables(environment));
        // No hook lies in a folder that isn't there.
        let mut no_hooks = OsString::from("core.hooksPath=");
        no_hooks.push(folder.join("no-hooks"));
        command.arg("-c").arg(no_hooks);
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        command.arg("--git-dir").arg(folder).arg(name);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        Self { command, name }
    }

    pub fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.command.args(args);
        self
    }

    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Whether the user said how ssh is to be called.
    pub fn has_own_ssh(environment: &Environment) -> bool {
        environment.get("GIT_SSH_COMMAND").is_some() || environment.get("GIT_SSH").is_some()
    }

    /// Starts it with something to read; what it wants to say is gathered meanwhile.
    pub fn start(mut self, input: Vec<u8>) -> Result<Running, RemoteError> {
        self.command.stdin(Stdio::piped());
        let mut child = match self.command.spawn() {
            Ok(child) => child,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(RemoteError::NoGit);
            }
            Err(error) => return Err(error.into()),
        };
        let mut stdin = child.stdin.take().expect("it is a pipe");
        let stdout = child.stdout.take().expect("it is a pipe");
        let stderr = child.stderr.take().expect("it is a pipe");
        tokio::spawn(async move {
            // A program that ends early closes its side; its status says why.
            let _ = stdin.write_all(&input).await;
        });
        Ok(Running {
            talk: tokio::spawn(read_end(stderr)),
            stdout: BufReader::new(stdout),
            child,
            name: self.name,
        })
    }

    /// Runs it to its end, with `input` to read and a short output.
    pub async fn run(self, input: Vec<u8>) -> Result<Ended, RemoteError> {
        let mut running = self.start(input)?;
        let mut output = Vec::new();
        let mut few = (&mut running.stdout).take(MAX_OUTPUT + 1);
        few.read_to_end(&mut output).await?;
        if output.len() as u64 > MAX_OUTPUT {
            return Err(RemoteError::TooLarge { limit: MAX_OUTPUT });
        }
        let outcome = running.end().await?;
        Ok(Ended { output, outcome })
    }
}

/// A call under way. Dropped, it is ended.
pub(super) struct Running {
    child: Child,
    talk: JoinHandle<Vec<u8>>,
    name: &'static str,
    /// What it answers.
    pub stdout: BufReader<ChildStdout>,
}

impl Running {
    /// Waits for its end; its output must have been read, or be no longer wanted.
    pub async fn end(mut self) -> Result<Result<(), Cause>, RemoteError> {
        drop(self.stdout);
        let status = self.child.wait().await?;
        let talk = self.talk.await.unwrap_or_default();
        if status.success() {
            return Ok(Ok(()));
        }
        Ok(Err(Cause::Git {
            command: self.name,
            status: status.code(),
            said: Said::new(&talk),
        }))
    }
}

/// A call that has ended.
pub(super) struct Ended {
    /// What it wrote to standard output.
    pub output: Vec<u8>,
    /// Whether it succeeded, else what it said.
    pub outcome: Result<(), Cause>,
}

impl Ended {
    /// The output of a call that only looks at our own repository and has no reason to fail.
    pub fn expected(self) -> Result<Vec<u8>, RemoteError> {
        match self.outcome {
            Ok(()) => Ok(self.output),
            Err(source) => Err(RemoteError::Malformed { source }),
        }
    }
}

/// The environment of git and what it starts.
fn variables(environment: &Environment) -> Vec<(&OsStr, &OsStr)> {
    let mut variables: Vec<_> = environment
        .for_programs()
        .filter(|(name, _)| {
            let name = name.to_string_lossy();
            !name.starts_with("GIT_") || KEPT.contains(&&*name)
        })
        .collect();
    let fixed = [
        // Messages that can be told apart.
        ("LC_ALL", "C"),
        ("LANGUAGE", "C"),
        // Nobody is asked for anything: not on the terminal, not in a window.
        ("GIT_TERMINAL_PROMPT", "0"),
        ("GCM_INTERACTIVE", "never"),
        ("SSH_ASKPASS_REQUIRE", "force"),
        ("SSH_ASKPASS", "false"),
        ("GIT_NO_LAZY_FETCH", "1"),
        ("GIT_NO_REPLACE_OBJECTS", "1"),
        ("GIT_LITERAL_PATHSPECS", "1"),
    ];
    variables.extend(fixed.map(|(name, value)| (OsStr::new(name), OsStr::new(value))));
    variables
}

/// Reads all, and keeps the last of it.
async fn read_end(mut from: impl AsyncRead + Unpin) -> Vec<u8> {
    let mut kept = Vec::new();
    let mut chunk = [0; 1024];
    while let Ok(read @ 1..) = from.read(&mut chunk).await {
        kept.extend_from_slice(&chunk[..read]);
        let excess = kept.len().saturating_sub(MAX_TALK);
        kept.drain(..excess);
    }
    kept
}
