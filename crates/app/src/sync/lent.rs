//! What an agent is lent of the environment of whoever asks it to reach a remote: so that
//! credentials are found there as the AWS tools find them in that terminal.
//!
//! An agent is started without them (threat 53). It holds what it is lent until it locks, in its
//! own memory, and syncs with it meanwhile; no file and no environment of ours gets it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::requests::{Request, UseCase};
use crate::session::Session;
use crate::{Code, Fault, Plaintext};

/// What is lent: credentials of S3, and where they or the keys of ssh are.
const NAMES: [&str; 16] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_CONFIG_FILE",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_DEFAULT_REGION",
    "AWS_EC2_METADATA_DISABLED",
    "AWS_PROFILE",
    "AWS_REGION",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "SSH_AUTH_SOCK",
];

/// Lends an agent what it reaches remotes with.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct Lend {
    /// Variables of the lender's, by name. Names that are not to be lent are refused.
    pub variables: BTreeMap<String, Plaintext>,
}

/// It was taken.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
pub struct Lent {}

impl Lend {
    /// What goes along with a request: nothing where it reaches no remote, or where nothing is set.
    #[cfg(unix)]
    pub(crate) fn with(
        request: &Request,
        variable: impl Fn(&str) -> Option<std::ffi::OsString>,
    ) -> Option<Self> {
        if !reaches_a_remote(request) {
            return None;
        }
        let text = |name: &str| variable(name)?.into_string().ok();
        let set = NAMES.iter().filter_map(|name| Some((*name, text(name)?)));
        let variables: BTreeMap<_, _> = set
            .map(|(name, value)| (name.to_owned(), Plaintext::from_text(value)))
            .collect();
        (!variables.is_empty()).then_some(Self { variables })
    }
}

#[cfg(unix)]
fn reaches_a_remote(request: &Request) -> bool {
    matches!(
        request,
        Request::Sync(_)
            | Request::Join(_)
            | Request::AnswerLink(_)
            | Request::MoveRemote(_)
            | Request::NewRecovery(_)
            | Request::RecoverTeam(_)
            | Request::Unlock(_)
    )
}

impl UseCase for Lend {
    async fn carry_out(self, session: &mut Session) -> Result<Lent, Fault> {
        if let Some(name) = self
            .variables
            .keys()
            .find(|name| !NAMES.contains(&name.as_str()))
        {
            return Err(
                Fault::new(Code::NotAllowed, "This variable is not for the agent.").about(name),
            );
        }
        session.couriers.lend(self.variables);
        Ok(Lent {})
    }
}
