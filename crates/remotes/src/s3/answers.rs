//! What a server's refusal means.

use std::error::Error;

use crate::{Cause, CredentialsError, RemoteError, Said, TransportFault};

/// Why there is no good answer. It travels through the store's own errors, whose texts hold URLs
/// and the server's words, and is picked out of them again.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    #[error("refused with a status")]
    Status { status: u16, code: Option<Said> },
    #[error("no answer")]
    Broken { fault: TransportFault, said: Said },
    #[error("the answer is too large")]
    TooLarge { limit: u64 },
    #[error("the machine has no credentials of its own")]
    NoMachineCredentials,
    #[error("the credential process failed")]
    Process,
}

impl Refusal {
    /// A status, and the code in the XML that came with it.
    pub fn status(status: u16, body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body);
        let code = text
            .split_once("<Code>")
            .and_then(|(_, rest)| rest.split_once("</Code>"))
            .map(|(code, _)| code)
            .filter(|it| it.len() <= 64 && it.bytes().all(|c| c.is_ascii_alphanumeric()))
            .map(|it| Said::new(it.as_bytes()));
        Self::Status { status, code }
    }

    /// No answer; the innermost error says why in the fewest words.
    pub fn broken(fault: TransportFault, error: &(dyn Error + 'static)) -> Self {
        let mut inner = error;
        while let Some(source) = inner.source() {
            inner = source;
        }
        let said = Said::new(inner.to_string().as_bytes());
        Self::Broken { fault, said }
    }
}

/// What an error of the store means, without its text.
pub(super) fn judge(error: object_store::Error) -> RemoteError {
    let mut next: Option<&(dyn Error + 'static)> = Some(&error);
    while let Some(error) = next {
        if let Some(refusal) = error.downcast_ref::<Refusal>() {
            return judge_refusal(refusal);
        }
        next = error.source();
    }
    RemoteError::Malformed {
        source: Cause::Format {
            what: "answer of the S3 server",
        },
    }
}

fn judge_refusal(refusal: &Refusal) -> RemoteError {
    match refusal {
        Refusal::Status { status, code } => judge_status(*status, code.clone()),
        Refusal::Broken { fault, said } => RemoteError::Unreachable {
            source: Cause::Transport {
                fault: *fault,
                said: said.clone(),
            },
        },
        Refusal::TooLarge { limit } => RemoteError::TooLarge { limit: *limit },
        Refusal::NoMachineCredentials => CredentialsError::None.into(),
        Refusal::Process => CredentialsError::Process.into(),
    }
}

fn judge_status(status: u16, code: Option<Said>) -> RemoteError {
    let no_bucket = code
        .as_ref()
        .is_some_and(|it| it.as_str() == "NoSuchBucket");
    let source = Cause::Http { status, code };
    match status {
        404 if no_bucket => RemoteError::Missing {
            source: Some(source),
        },
        404 => RemoteError::NotFound,
        401 | 403 => RemoteError::Denied { source },
        408 | 429 | 500.. => RemoteError::Unreachable { source },
        _ => RemoteError::Refused { source },
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::{Refusal, judge_refusal};
    use crate::RemoteError;

    // threat 65: some servers repeat the key, and what was signed.
    #[test]
    fn of_an_error_only_its_code_is_kept() {
        let body = b"<Error><Code>AccessDenied</Code><AWSAccessKeyId>AKIAhunter2</AWSAccessKeyId>";
        let error = judge_refusal(&Refusal::status(403, body));
        assert!(matches!(error, RemoteError::Denied { .. }));
        assert_eq!(error.said().unwrap().as_str(), "AccessDenied");
        assert!(!format!("{error:?}").contains("hunter2"));

        let body = b"<Code>hunter2 hunter2</Code>";
        let error = judge_refusal(&Refusal::status(400, body));
        assert!(matches!(error, RemoteError::Refused { .. }));
        assert!(error.said().is_none());
    }
}
