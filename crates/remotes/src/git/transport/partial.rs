//! Fetching a part of the branch: a filter leaves out what is not wanted, and single objects are
//! asked for by their ids, as git does for a partial clone.

use super::{
    Call, MAX_FETCH, MOVING, Oid, RemoteError, Request, Wire, grown_beyond, judge, within,
};
use super::{Ended, KEPT_REF};

/// What the other repository is called in the settings of a call.
const NAME: &str = "sealfold";

/// What became of a fetch with a filter.
#[derive(Debug)]
pub(in super::super) enum Partial {
    Fetched,
    /// There is no such branch.
    NoBranch,
    /// The server does not filter in this way.
    FilterRefused,
    /// Its objects have ids of the other length.
    OtherIds,
}

impl Wire {
    /// Fetches the branch's newest commit and what a filter lets through into [`KEPT_REF`].
    pub async fn fetch_filtered(&self, filter: &str) -> Result<Partial, RemoteError> {
        let call = self.partial_call().await?;
        let refspec = format!("+{}:{KEPT_REF}", self.branch);
        let filter = format!("--filter={filter}");
        let call = call.args(["--depth=1", &filter, "--", NAME, &refspec]);
        let cause = match self.run_fetch(call, Vec::new()).await?.outcome {
            Ok(()) => return Ok(Partial::Fetched),
            Err(cause) => cause,
        };
        let said = cause.said().map(ToString::to_string).unwrap_or_default();
        // What the server says can only lead to another attempt that fetches more.
        match said.to_lowercase() {
            said if said.contains("couldn't find remote ref") => Ok(Partial::NoBranch),
            said if said.contains("mismatched algorithms") => Ok(Partial::OtherIds),
            said if said.contains("filter") => Ok(Partial::FilterRefused),
            _ => Err(judge(cause)),
        }
    }

    /// Fetches these objects, and nothing under them but trees.
    pub async fn fetch_objects(&self, objects: &[&Oid]) -> Result<(), RemoteError> {
        let call = self.partial_call().await?;
        let call = call.args(["--filter=blob:none", "--stdin", "--", NAME]);
        let lines = objects.iter().map(|oid| format!("{}\n", oid.as_str()));
        let input = lines.collect::<String>().into_bytes();
        self.run_fetch(call, input).await?.outcome.map_err(judge)
    }

    async fn partial_call(&self) -> Result<Call, RemoteError> {
        let url = format!("remote.{NAME}.url");
        let promisor = format!("remote.{NAME}.promisor");
        let settings = [
            (url.as_str(), self.url.as_str()),
            (&promisor, "true"),
            ("extensions.partialClone", NAME),
            // What is here has nothing in common with what is wanted.
            ("fetch.negotiationAlgorithm", "noop"),
        ];
        let mut call = self.call("fetch").await?;
        call = call.env("GIT_CONFIG_COUNT", &settings.len().to_string());
        for (index, (name, value)) in settings.iter().enumerate() {
            call = call.env(&format!("GIT_CONFIG_KEY_{index}"), name);
            call = call.env(&format!("GIT_CONFIG_VALUE_{index}"), value);
        }
        let call = call.args(self.their_program("--upload-pack", "upload-pack"));
        Ok(call.args([
            "--quiet",
            "--no-tags",
            "--no-write-fetch-head",
            "--no-recurse-submodules",
            "--no-auto-maintenance",
        ]))
    }

    async fn run_fetch(&self, call: Call, input: Vec<u8>) -> Result<Ended, RemoteError> {
        self.counter.count(Request::Fetch);
        tokio::select! {
            ended = within(MOVING, call.run(input)) => ended,
            () = grown_beyond(&self.folder, MAX_FETCH) => {
                Err(RemoteError::TooLarge { limit: MAX_FETCH })
            }
        }
    }
}
