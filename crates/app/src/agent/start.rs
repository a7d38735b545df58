//! Starting an agent: the same program again, as a process of its own.

use std::{
    env,
    ffi::OsString,
    io::{self, Read},
    os::fd::AsFd,
    path::Path,
    process::{Command, Stdio},
    thread,
};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::{StartOptions, client::Client, error::WireError, wire};
use crate::{Code, Door, Fault, Home};

/// What an agent needs of its starter's environment. Nothing else goes along: a secret that
/// somebody keeps in a variable must not live on in a process that outlives the shell (threat 53).
/// What says where a remote's credentials are goes along, since the agent syncs too; credentials
/// themselves, such as `AWS_SECRET_ACCESS_KEY`, are lent to it by whoever asks for a sync
/// (`sync/lent.rs`), and stand in no environment.
const ENVIRONMENT: [&str; 20] = [
    "AWS_CONFIG_FILE",
    "AWS_DEFAULT_REGION",
    "AWS_PROFILE",
    "AWS_REGION",
    "AWS_SHARED_CREDENTIALS_FILE",
    "DBUS_SESSION_BUS_ADDRESS",
    "HOME",
    "LANG",
    "LC_ALL",
    "PATH",
    "SSH_AUTH_SOCK",
    "SSL_CERT_FILE",
    "TMPDIR",
    "TZ",
    "USER",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_RUNTIME_DIR",
    "XDG_STATE_HOME",
];

/// How long an agent may take until it answers: more than it may wait for another's lock.
const READY_WITHIN_MS: u16 = 15_000;

/// The agent of this vault, which is started when none answers; a new one is still locked.
/// Blocks until it answers. It outlives the caller and knows nothing of its terminal.
pub fn start(home: &Home, options: StartOptions) -> Result<Door, Fault> {
    let socket = home.socket();
    if let Some(client) = Client::connect(&socket)? {
        return Ok(Door::from(client));
    }
    let program = env::current_exe().map_err(not_started)?;
    let mut command = command(&program, options, |name| env::var_os(name));
    let overrides = home.overrides();
    let said = [
        ("SEALFOLD_HOME", overrides.home),
        ("SEALFOLD_VAULT", overrides.vault),
    ];
    command.envs(
        said.into_iter()
            .filter_map(|(name, path)| Some((name, path?))),
    );
    spawn(command)?;
    let client = Client::connect(&socket)?.ok_or(WireError::Closed)?;
    Ok(Door::from(client))
}

/// The agent's command line and environment. Nothing in it is secret.
fn command(
    program: &Path,
    options: StartOptions,
    environment: impl Fn(&str) -> Option<OsString>,
) -> Command {
    let mut command = Command::new(program);
    command.args(["agent", "serve"]);
    command.args(options.to_arguments());
    command.env_clear();
    command.envs(
        ENVIRONMENT
            .iter()
            .filter_map(|name| Some((name, environment(name)?))),
    );
    command.current_dir("/");
    command
}

/// Starts it and waits for its word that it answers.
fn spawn(mut command: Command) -> Result<(), Fault> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(not_started)?;
    let mut word = child.stdout.take().expect("it was piped a moment ago");
    // Where the starter lives on, it should not have a dead child for as long.
    thread::spawn(move || child.wait());
    hear(&mut word)
}

/// The outcome that the agent announces.
fn hear(word: &mut (impl Read + AsFd)) -> Result<(), Fault> {
    let mut waiting = [PollFd::new(word.as_fd(), PollFlags::POLLIN)];
    let ready = poll(&mut waiting, PollTimeout::from(READY_WITHIN_MS));
    match ready.map_err(io::Error::from).map_err(not_started)? {
        0 => Err(
            Fault::new(Code::Io, "The agent was started but does not answer.")
                .next("Commands work without an agent; use `--no-agent`."),
        ),
        _ => wire::read(word).map_err(|_: WireError| {
            Fault::new(Code::Unexpected, "The agent ended before it could answer.")
                .next("Commands work without an agent; use `--no-agent`.")
        })?,
    }
}

fn not_started(error: io::Error) -> Fault {
    Fault::new(Code::Io, format!("The agent can't be started: {error}."))
        .next("Commands work without an agent; use `--no-agent`.")
}

#[cfg(test)]
mod tests;
