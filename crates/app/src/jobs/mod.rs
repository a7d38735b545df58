//! What a job does with a service's token: it reads its newest sheet from the remote, and nothing
//! else (protocol §7). There is no vault, no home and no agent; nothing is kept.
//!
//! [`crate::Door::for_job`] is the way in. Who publishes sheets is in [`crate::services`].

mod fetch;
mod values;

use team::jobs::{SheetError, Token, read_sheets};

use crate::clock::now;
use crate::requests::{Reply, Request};
use crate::{Code, Fault, Plaintext};

use values::Values;

/// A job's token, and where its sheets are.
#[derive(Debug)]
pub(crate) struct Job {
    token: Token,
    location: String,
}

impl Job {
    /// Reads a token. `remote` is where this job finds the remote, if not where the token says.
    pub fn new(token: &Plaintext, remote: Option<String>) -> Result<Self, Fault> {
        // EXPOSE: decoded here; what is secret in it goes into a secret of its own.
        let text = token.expose_text().ok_or_else(bad_token)?;
        let token = Token::from_text(text).map_err(|_| bad_token())?;
        Ok(Self {
            location: remote.unwrap_or_else(|| token.hint.clone()),
            token,
        })
    }

    /// Answers what a token is good for.
    pub async fn ask(&self, request: Request) -> Result<Reply, Fault> {
        match request {
            Request::Reveal(reveal) => {
                let values = self.read().await?;
                Ok(Reply::Reveal(values.reveal(reveal)?))
            }
            Request::Export(export) => {
                let values = self.read().await?;
                Ok(Reply::Export(values.export(&export)?))
            }
            Request::Environment(wish) => {
                let values = self.read().await?;
                Ok(Reply::Environment(values.variables(&wish.selection)?))
            }
            // There is no audit to write it to: the remote is only read.
            Request::RecordAct(_) => Ok(Reply::RecordAct(())),
            _ => Err(only_reads()),
        }
    }

    /// The values of the newest sheet.
    async fn read(&self) -> Result<Values, Fault> {
        // Before anything goes over the network.
        if now() > self.token.terms.expires {
            return Err(SheetError::Expired.into());
        }
        let sheets = fetch::newest(&self.token, &self.location).await?;
        self.open(&sheets)
    }

    fn open(&self, sheets: &[(u64, Vec<u8>)]) -> Result<Values, Fault> {
        let sheets = sheets.iter();
        let sheets = sheets.map(|(count, bytes)| (*count, bytes.as_slice()));
        Ok(Values::of(read_sheets(&self.token, sheets, now())?))
    }

    /// What a job gets through a remote that a test controls.
    #[cfg(test)]
    pub async fn variables_through(
        &self,
        peek: &remotes::Peek,
        selection: &crate::transfer::Selection,
    ) -> Result<crate::transfer::Variables, Fault> {
        let sheets = fetch::look(peek, &self.token).await?;
        self.open(&sheets)?.variables(selection)
    }
}

/// What a token does not allow.
pub(crate) fn only_reads() -> Fault {
    Fault::new(
        Code::NotAllowed,
        "A service's token is good for `run`, `read` and `export` only.",
    )
    .next("Unset SEALFOLD_TOKEN to use the vault of this machine.")
}

fn bad_token() -> Fault {
    Fault::new(Code::WrongKey, "SEALFOLD_TOKEN holds no whole token of a service.")
        .next("See that the secret of the CI was copied whole; `sealfold service create` makes a new one.")
}

impl From<SheetError> for Fault {
    fn from(error: SheetError) -> Self {
        let (code, next) = match error {
            SheetError::Expired => (
                Code::NotAllowed,
                "`sealfold service create` makes a service with a new token.",
            ),
            SheetError::Missing => (
                Code::Remote,
                "A device that signs for the service has to sync; see `sealfold service ls` there. Or the service was removed, or this is another remote: SEALFOLD_REMOTE says where it is.",
            ),
            SheetError::Stale { .. } => (
                Code::Remote,
                "A device that signs for the service has to sync; see `sealfold service ls` there. If it did, the remote shows an old state: ask who keeps it.",
            ),
            SheetError::RolledBack { .. } => (
                Code::Integrity,
                "The remote shows an old state: ask who keeps it.",
            ),
            SheetError::Contradiction { .. } => (
                Code::Integrity,
                "The next sync of a device that signs settles it; if it stays, one of them was copied or lies.",
            ),
            SheetError::Sealed => (
                Code::Integrity,
                "A device that signs published what does not hold: ask whose it is.",
            ),
        };
        Fault::new(code, crate::fault::sentence(&error)).next(next)
    }
}
