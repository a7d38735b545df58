//! The three calls that reach the remote: `ls-remote`, `fetch` and `push`.

mod partial;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::Oid;
use super::call::{Call, Ended};
use crate::counts::{Counter, Request};
use crate::location::Transport;
use crate::{Cause, Environment, GitLocation, RemoteError};

pub(super) use partial::Partial;

/// The ref of our own repository that holds what was fetched or pushed last.
pub(super) const KEPT_REF: &str = "refs/sealfold/head";
/// Longest time for a question, in which ssh may have to connect.
const ASKING: Duration = Duration::from_secs(90);
/// Longest time for moving objects.
const MOVING: Duration = Duration::from_secs(30 * 60);
/// How often the size of a fetch is looked at.
const LOOK: Duration = Duration::from_millis(250);
/// Most that one fetch may bring, in bytes on disk (threat 13).
const MAX_FETCH: u64 = 8 << 30;

/// What stands between git and a repository on this machine: the program on the other side runs
/// as this user too, with a configuration that may be hostile (threat 64).
const THEIR_SETTINGS: &[&str] = &[
    "core.hooksPath=/dev/null/no-hooks",
    "core.fsmonitor=false",
    "core.alternateRefsCommand=true",
    // Else a push may check out, through filters, into the repository's work tree.
    "receive.denyCurrentBranch=refuse",
    "receive.autogc=false",
    "gc.auto=0",
    "maintenance.auto=false",
];

/// The remote's side of a [`super::Git`].
#[derive(Debug)]
pub(super) struct Wire {
    url: String,
    branch: String,
    transport: Transport,
    folder: PathBuf,
    environment: Arc<Environment>,
    counter: Arc<Counter>,
}

/// What became of a push.
#[derive(Debug)]
pub(super) enum Pushed {
    Accepted,
    /// Declined: most often because another was faster.
    Rejected(Cause),
}

impl Wire {
    pub fn new(
        location: &GitLocation,
        folder: &Path,
        environment: Arc<Environment>,
        counter: Arc<Counter>,
    ) -> Self {
        Self {
            url: location.url().to_owned(),
            branch: format!("refs/heads/{}", location.branch()),
            transport: location.transport(),
            folder: folder.to_owned(),
            environment,
            counter,
        }
    }

    /// The branch's newest commit; none where there is no such branch.
    pub async fn ls_remote(&self) -> Result<Option<Oid>, RemoteError> {
        self.counter.count(Request::LsRemote);
        let call = self.call("ls-remote").await?;
        let call = call.args(self.their_program("--upload-pack", "upload-pack"));
        let call = call.args(["--refs", "--", &self.url, &self.branch]);
        let ended = within(ASKING, call.run(Vec::new())).await?;
        let text = text(reached(ended)?)?;
        for line in text.lines() {
            let (oid, name) = line.split_once('\t').ok_or_else(malformed)?;
            if name == self.branch {
                return Oid::new(oid).map(Some).ok_or_else(malformed);
            }
        }
        Ok(None)
    }

    /// Fetches the branch's newest commit and its files into [`KEPT_REF`] of `folder`; not its
    /// history, since files are only ever gained.
    pub async fn fetch(&self, folder: &Path) -> Result<(), RemoteError> {
        self.counter.count(Request::Fetch);
        let refspec = format!("+{}:{KEPT_REF}", self.branch);
        let call = self.call("fetch").await?;
        let call = call.args(self.their_program("--upload-pack", "upload-pack"));
        let call = call.args([
            "--quiet",
            "--depth=1",
            "--no-tags",
            "--no-write-fetch-head",
            "--no-recurse-submodules",
            "--no-auto-maintenance",
            "--",
            &self.url,
            &refspec,
        ]);
        let fetch = within(MOVING, call.run(Vec::new()));
        tokio::select! {
            ended = fetch => reached(ended?).map(|_| ()),
            () = grown_beyond(folder, MAX_FETCH) => Err(RemoteError::TooLarge { limit: MAX_FETCH }),
        }
    }

    /// Sets the branch to a commit that follows the one it has.
    pub async fn push(&self, commit: &Oid) -> Result<Pushed, RemoteError> {
        self.counter.count(Request::Push);
        let refspec = format!("{}:{}", commit.as_str(), self.branch);
        let call = self.call("push").await?;
        let call = call.args(self.their_program("--receive-pack", "receive-pack"));
        let call = call.args([
            "--porcelain",
            "--no-verify",
            "--no-signed",
            "--no-follow-tags",
            "--recurse-submodules=no",
            "--",
            &self.url,
            &refspec,
        ]);
        let ended = within(MOVING, call.run(Vec::new())).await?;
        match ended.outcome {
            Ok(()) => Ok(Pushed::Accepted),
            // A line per ref tells that the other side was reached and declined.
            Err(cause) if ended.output.split(|c| *c == b'\n').any(is_declined) => {
                Ok(Pushed::Rejected(cause))
            }
            Err(cause) => Err(judge(cause)),
        }
    }

    async fn call(&self, name: &'static str) -> Result<Call, RemoteError> {
        let allowed = match self.transport {
            // The user's `insteadOf` may turn one into the other.
            Transport::Https | Transport::Ssh => "https:ssh",
            Transport::File => "file",
        };
        let call = Call::new(&self.environment, &self.folder, name);
        let call = call.env("GIT_ALLOW_PROTOCOL", allowed);
        if Call::has_own_ssh(&self.environment) || self.configured_ssh().await? {
            return Ok(call);
        }
        let ssh = "ssh -o BatchMode=yes -o ConnectTimeout=20 -o ServerAliveInterval=20";
        Ok(call.env("GIT_SSH_COMMAND", ssh))
    }

    /// Whether the user's configuration says how ssh is to be called.
    async fn configured_ssh(&self) -> Result<bool, RemoteError> {
        if self.transport == Transport::File {
            return Ok(true);
        }
        let call = Call::new(&self.environment, &self.folder, "config");
        let ended = call
            .args(["--get", "core.sshCommand"])
            .run(Vec::new())
            .await?;
        Ok(ended.outcome.is_ok())
    }

    fn their_program(&self, option: &str, program: &str) -> Option<String> {
        if self.transport != Transport::File {
            return None;
        }
        let settings: String = THEIR_SETTINGS
            .iter()
            .map(|setting| format!("-c {setting} "))
            .collect();
        Some(format!("{option}=git {settings}{program}"))
    }
}

async fn within<T>(
    limit: Duration,
    act: impl Future<Output = Result<T, RemoteError>>,
) -> Result<T, RemoteError> {
    tokio::time::timeout(limit, act)
        .await
        .unwrap_or(Err(RemoteError::TimedOut))
}

/// Comes back once the repository has grown by more than `limit` bytes.
async fn grown_beyond(folder: &Path, limit: u64) {
    let packs = folder.join("objects/pack");
    let before = size_of(&packs);
    loop {
        tokio::time::sleep(LOOK).await;
        if size_of(&packs) > before.saturating_add(limit) {
            return;
        }
    }
}

/// The sizes of the files in a folder, together; zero where there is none.
fn size_of(folder: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return 0;
    };
    let sizes = entries.filter_map(|entry| Some(entry.ok()?.metadata().ok()?.len()));
    sizes.sum()
}

fn reached(ended: Ended) -> Result<Vec<u8>, RemoteError> {
    match ended.outcome {
        Ok(()) => Ok(ended.output),
        Err(cause) => Err(judge(cause)),
    }
}

/// Whether a line of `push --porcelain` says that the ref was declined.
fn is_declined(line: &[u8]) -> bool {
    line.starts_with(b"!\t")
}

/// Tells apart why git did not get through, by its own words; what the server adds can only
/// change which of these errors is shown.
fn judge(source: Cause) -> RemoteError {
    let said = match &source {
        Cause::Git { said, .. } => said.as_str().to_lowercase(),
        _ => String::new(),
    };
    let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
    if has(&[
        "authentication failed",
        "permission denied",
        "could not read username",
        "could not read password",
        "terminal prompts disabled",
        "host key verification failed",
        "returned error: 401",
        "returned error: 403",
        "dubious ownership",
        "access denied",
    ]) {
        return RemoteError::Denied { source };
    }
    if has(&[
        "does not appear to be a git repository",
        "does not exist",
        "repository not found",
        "not found",
        "returned error: 404",
        "no such file or directory",
    ]) && !has(&["could not resolve", "command not found"])
    {
        let source = Some(source);
        return RemoteError::Missing { source };
    }
    if has(&["transport '", "not allowed"]) {
        return RemoteError::Refused { source };
    }
    RemoteError::Unreachable { source }
}

fn text(output: Vec<u8>) -> Result<String, RemoteError> {
    String::from_utf8(output).map_err(|_| malformed())
}

fn malformed() -> RemoteError {
    RemoteError::Malformed {
        source: Cause::Format {
            what: "answer of ls-remote",
        },
    }
}
