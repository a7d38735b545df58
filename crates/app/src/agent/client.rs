//! The client's end of the agent's socket. Blocking, without a runtime: most commands do nothing
//! else than ask one thing here, and a person waits for them.

use std::{
    fs,
    io::{self, Read, Write},
    os::unix::{
        fs::{FileTypeExt, MetadataExt},
        net::UnixStream,
    },
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use nix::unistd::Uid;

use super::{address::Address, error::WireError, peer::Peer, wire};
use crate::requests::Ask;
use crate::sync::Lend;
use crate::{Code, Fault, Reply, Request};

/// How long the agent may take to greet. It greets between two requests, so it is either at once
/// or the agent is stopped or stuck.
const GREETING: Duration = Duration::from_secs(10);
/// How long a connection waits for its request before it is made anew: well under the time after
/// which the agent gives up on it.
const FRESH: Duration = Duration::from_secs(1);

/// An agent that answers. Each request has a connection of its own; the first is made already.
pub(crate) struct Client {
    socket: PathBuf,
    greeted: Option<(UnixStream, Instant)>,
    /// Called when a person is asked before the agent answers.
    on_asked: fn(),
}

impl Client {
    /// The agent at this socket, none when nobody answers there. Refuses a socket that is not
    /// ours, an agent that another user runs, and one of another version.
    pub(crate) fn connect(socket: &Path) -> Result<Option<Self>, Fault> {
        let Some(stream) = greet(socket, Uid::effective())? else {
            return Ok(None);
        };
        Ok(Some(Self {
            socket: socket.to_owned(),
            greeted: Some((stream, Instant::now())),
            on_asked: || (),
        }))
    }

    /// Has this called when a person is asked before the agent answers.
    pub(crate) fn when_asked(&mut self, say: fn()) {
        self.on_asked = say;
    }

    /// Where the agent answers.
    pub(crate) fn socket(&self) -> &Path {
        &self.socket
    }

    /// Asks one thing and waits for the answer, however long that takes.
    pub(crate) fn ask(&mut self, request: &Request) -> Result<Reply, Fault> {
        if let Some(lend) = Lend::with(request, |name| std::env::var_os(name)) {
            // Where it can't be taken, what is asked says so itself.
            let _ = self.put(&lend.into_request());
        }
        self.put(request)
    }

    fn put(&mut self, request: &Request) -> Result<Reply, Fault> {
        let frame = wire::encode(request)?;
        let mut stream = match self.greeted.take() {
            Some((stream, at)) if at.elapsed() < FRESH => stream,
            _ => greet(&self.socket, Uid::effective())?.ok_or_else(ended)?,
        };
        converse(&mut stream, &frame, self.on_asked)?
    }
}

fn converse(
    stream: &mut UnixStream,
    frame: &wire::Buffer,
    on_asked: fn(),
) -> Result<Result<Reply, Fault>, WireError> {
    stream.set_read_timeout(None)?;
    stream.write_all(&wire::hello())?;
    stream.write_all(frame.as_slice())?;
    wire::read_or_wait(stream, on_asked)
}

/// Connects and hears who answers; none when nobody does. Socket and agent have to be `owner`'s.
fn greet(socket: &Path, owner: Uid) -> Result<Option<UnixStream>, Fault> {
    let found = match fs::symlink_metadata(socket) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        found => found.map_err(WireError::from)?,
    };
    if !found.file_type().is_socket() || found.uid() != owner.as_raw() {
        return Err(not_ours(
            "The agent's socket is not a socket of this user.",
            socket,
        ));
    }
    let connected = Address::of(socket).and_then(|address| UnixStream::connect(address.path()));
    let mut stream = match connected {
        Err(error) if nobody(&error) => return Ok(None),
        stream => stream.map_err(WireError::from)?,
    };
    let peer = Peer::of(&stream).map_err(WireError::from)?;
    if peer.user != owner {
        return Err(not_ours(
            "Another user's process answers on the agent's socket.",
            socket,
        ));
    }
    match hear_hello(&mut stream) {
        // It is just ending.
        Err(WireError::Closed) => Ok(None),
        Err(error @ (WireError::Version { .. } | WireError::TimedOut)) => Err(Fault::from(error)
            .next(format!(
                "End it with `kill {}`, then unlock again.",
                peer.process.pid
            ))),
        heard => heard.map(|()| Some(stream)).map_err(Fault::from),
    }
}

fn hear_hello(stream: &mut UnixStream) -> Result<(), WireError> {
    stream.set_read_timeout(Some(GREETING))?;
    let mut hello = [0; wire::HELLO];
    stream.read_exact(&mut hello)?;
    wire::check_hello(&hello)
}

/// Whether an error says that no agent lives: its socket is gone, or what is left of it.
fn nobody(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused
    )
}

fn ended() -> Fault {
    Fault::new(Code::Locked, "The agent has ended; the vault is locked.").next("Unlock again.")
}

fn not_ours(message: &str, socket: &Path) -> Fault {
    Fault::new(Code::NotAllowed, message)
        .about(socket.display().to_string())
        .next("Remove it when you know what it is, or use `--no-agent`.")
}

#[cfg(test)]
mod tests;
