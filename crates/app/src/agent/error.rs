//! What can go wrong on the agent's socket, and the fault each is told as.

use std::io;

use crate::{Code, Fault};

/// A conversation over the socket that failed. Holds nothing of what was said.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WireError {
    /// The other end closed before it had said all.
    #[error("the other end closed the connection")]
    Closed,
    /// The system refused to read or write.
    #[error("the socket failed")]
    Io(#[source] io::Error),
    /// The other end is not an agent, or not a client, of Sealfold.
    #[error("the other end does not speak the agent's protocol")]
    Stranger,
    /// The other end speaks another version.
    #[error("the other end speaks version {theirs} of the agent's protocol")]
    Version {
        /// The version it speaks.
        theirs: u16,
    },
    /// A frame is larger than both ends accept.
    #[error("a message is too large")]
    TooLarge,
    /// The other end took too long.
    #[error("the other end took too long")]
    TimedOut,
    /// A frame holds something else than it should.
    #[error("a message is malformed")]
    Malformed,
}

impl From<io::Error> for WireError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::ConnectionReset => WireError::Closed,
            // A blocking socket with a time-out says `WouldBlock` when the time is over.
            io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => WireError::TimedOut,
            _ => WireError::Io(error),
        }
    }
}

/// How a client's person is told; the agent is the other end.
impl From<WireError> for Fault {
    fn from(error: WireError) -> Self {
        match error {
            WireError::Closed => Fault::new(
                Code::Locked,
                "The agent ended before it answered; the vault is locked.",
            )
            .next("Look whether the change was made, then unlock and try again."),
            WireError::Io(error) => {
                Fault::new(Code::Io, format!("The agent's socket failed: {error}."))
            }
            WireError::Stranger => Fault::new(
                Code::NotAllowed,
                "What answers on the agent's socket is no agent.",
            ),
            WireError::Version { .. } => Fault::new(
                Code::Conflict,
                "The running agent is of another version of Sealfold.",
            ),
            WireError::TooLarge => Fault::new(
                Code::Usage,
                "This is too large to go through the agent (128 MiB at most).",
            )
            .next("Use `--no-agent`."),
            WireError::TimedOut => Fault::new(Code::Io, "The agent does not answer."),
            WireError::Malformed => Fault::new(
                Code::Conflict,
                "The agent and this program do not understand each other; they may be of \
                 different versions.",
            )
            .next("Run `sealfold agent stop`, then unlock again."),
        }
    }
}
