//! What can go wrong with a remote. No message holds a name, a URL, a credential or, unescaped,
//! what the other side said: all of it is safe to log (threat 65).

use std::fmt;
use std::io;

use crate::{NameError, Said};

/// A request to a remote that did not succeed. Whatever a creation had already stored stays.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RemoteError {
    /// No connection, or it broke. Trying again later may help.
    #[error("the remote can't be reached")]
    Unreachable {
        /// What happened on the way.
        #[source]
        source: Cause,
    },
    /// It took longer than is reasonable, and was ended.
    #[error("the remote took too long to answer")]
    TimedOut,
    /// The remote wants other credentials, or gives these no right to this.
    #[error("the remote denies access")]
    Denied {
        /// What the remote said.
        #[source]
        source: Cause,
    },
    /// There is no such repository, bucket or folder.
    #[error("there is no remote at this place")]
    Missing {
        /// What the remote said, where there is one to say it.
        #[source]
        source: Option<Cause>,
    },
    /// There is no object of this name.
    #[error("the remote has no such object")]
    NotFound,
    /// An object, or all that was sent together, is larger than asked for (threat 13). It was
    /// not read to its end.
    #[error("what the remote sends is larger than {limit} bytes")]
    TooLarge {
        /// In bytes.
        limit: u64,
    },
    /// A listing has no end, or one that nobody waits for (threat 13). It was not read any further.
    #[error("the remote lists more than {limit} names")]
    TooMany {
        /// In names.
        limit: usize,
    },
    /// What has this name is not a plain file (threats 61, 64). It was not followed.
    #[error("what the remote has under this name is not a plain file")]
    NotAFile,
    /// The remote answers, and declines: a hook, a protected branch, a full disk.
    #[error("the remote refuses what was sent")]
    Refused {
        /// What the remote said.
        #[source]
        source: Cause,
    },
    /// Others wrote all the time; nothing of ours was stored in many attempts.
    #[error("others write to the remote all the time")]
    Contended,
    /// An answer that makes no sense.
    #[error("the remote's answer makes no sense")]
    Malformed {
        /// What was wrong with it.
        #[source]
        source: Cause,
    },
    /// No usable credentials were found on this machine.
    #[error("no credentials for the remote")]
    Credentials {
        /// Why not.
        #[from]
        source: CredentialsError,
    },
    /// A plain-text connection to another machine was not asked for.
    #[error("the remote would be reached without encryption")]
    PlainText,
    /// There is no `git` on the path.
    #[error("git is not installed")]
    NoGit,
    /// The file system, of the folder or of the cache.
    #[error("the file system failed")]
    Local {
        /// What it said.
        #[source]
        source: io::Error,
    },
    /// A name that is none, from a place where only names can be.
    #[error(transparent)]
    Name {
        /// Why not.
        #[from]
        source: NameError,
    },
}

impl RemoteError {
    /// What the other side said, for a person to read; already clean.
    pub fn said(&self) -> Option<&Said> {
        match self {
            Self::Unreachable { source }
            | Self::Denied { source }
            | Self::Refused { source }
            | Self::Malformed { source } => source.said(),
            Self::Missing { source } => source.as_ref().and_then(Cause::said),
            _ => None,
        }
    }
}

impl From<io::Error> for RemoteError {
    fn from(source: io::Error) -> Self {
        Self::Local { source }
    }
}

/// What lies behind a [`RemoteError`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Cause {
    /// An HTTP answer that is no success.
    #[error("HTTP status {status}, {}", code.as_ref().map_or("no code", |it| it.as_str()))]
    Http {
        /// The status.
        status: u16,
        /// S3's own word for it, such as `AccessDenied`: letters only.
        code: Option<Said>,
    },
    /// No HTTP answer.
    #[error("{fault}")]
    Transport {
        /// What happened.
        fault: TransportFault,
        /// The innermost message.
        said: Said,
    },
    /// A call of git.
    #[error("git {command} ended with {}", status.map_or("a signal".into(), |it| it.to_string()))]
    Git {
        /// The subcommand.
        command: &'static str,
        /// Its exit status.
        status: Option<i32>,
        /// What it wrote to standard error.
        said: Said,
    },
    /// An answer that does not follow its own format; what part of it.
    #[error("unexpected {what}")]
    Format {
        /// What part of it.
        what: &'static str,
    },
}

impl Cause {
    pub(crate) fn said(&self) -> Option<&Said> {
        match self {
            Self::Http { code, .. } => code.as_ref(),
            Self::Transport { said, .. } | Self::Git { said, .. } => Some(said),
            Self::Format { .. } => None,
        }
    }
}

/// Why there was no HTTP answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransportFault {
    /// No connection: name, network or certificate.
    Connect,
    /// No answer in time.
    TimedOut,
    /// The connection ended in the middle.
    Interrupted,
    /// Something else.
    Other,
}

impl fmt::Display for TransportFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "no connection",
            Self::TimedOut => "no answer in time",
            Self::Interrupted => "the connection broke",
            Self::Other => "the transport failed",
        })
    }
}

/// Why there are no usable credentials for S3.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialsError {
    /// None in the environment, in a profile, or from the machine itself.
    #[error("there are no AWS credentials")]
    None,
    /// The profile that was named is in neither file.
    #[error("the profile is not in the AWS configuration")]
    NoSuchProfile,
    /// A key without its secret, or the other way round.
    #[error("the AWS credentials are incomplete")]
    Incomplete,
    /// The profile signs in through SSO or another role, which only AWS' own tool does. It can
    /// do so here too: `credential_process = aws configure export-credentials --profile NAME`.
    #[error("the profile needs the AWS command line; name that as its credential_process")]
    NeedsAwsTool,
    /// The profile's `credential_process` did not work.
    #[error("the profile's credential_process failed")]
    Process,
    /// A file that can't be read.
    #[error("the AWS configuration can't be read")]
    Unreadable {
        /// Why not.
        #[source]
        source: io::Error,
    },
}
