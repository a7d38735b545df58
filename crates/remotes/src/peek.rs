//! A look into one folder of a remote, for who reads a little and keeps nothing: the jobs of a
//! service. However much lies beside it, it costs a few requests.

use std::sync::Arc;

use crate::counts::Counter;
use crate::git::GitPeek;
use crate::{
    Counts, Fetched, Listing, Location, ObjectName, Prefix, Remote, RemoteError, Surroundings,
};

/// A remote that is only looked at. Nothing can be created through it.
#[derive(Debug)]
pub struct Peek(Courier);

#[derive(Debug)]
enum Courier {
    Git(Box<GitPeek>, Arc<Counter>),
    Other(Remote),
}

impl Peek {
    /// Gets ready, as [`Remote::connect`] does. What is fetched lies in the surroundings' cache,
    /// which should be a folder of its own for this one look.
    ///
    /// # Errors
    /// [`RemoteError::Credentials`] and [`RemoteError::PlainText`], for S3.
    pub fn connect(location: &Location, surroundings: &Surroundings) -> Result<Self, RemoteError> {
        let courier = match location {
            Location::Git(at) => {
                let counter = Arc::new(Counter::default());
                let git = GitPeek::new(at, surroundings, Arc::clone(&counter));
                Courier::Git(Box::new(git), counter)
            }
            _ => Courier::Other(Remote::connect(location, surroundings)?),
        };
        Ok(Self(courier))
    }

    /// A look through a remote that is connected already.
    #[cfg(any(test, feature = "testing"))]
    pub fn through(remote: Remote) -> Self {
        Self(Courier::Other(remote))
    }

    /// The first of what lies right in a folder, with names after `after`, in their order: at
    /// least one object, if there is any. On Git sizes are not known, and are 0.
    ///
    /// One listing on S3, two fetches on Git, one directory of a folder.
    ///
    /// # Errors
    /// As [`Remote::list`].
    pub async fn first(
        &self,
        folder: &Prefix,
        after: Option<&str>,
    ) -> Result<Listing, RemoteError> {
        match &self.0 {
            Courier::Git(git, _) => git.first(folder, after).await,
            Courier::Other(remote) => remote.list_some(folder, after, 1).await,
        }
    }

    /// Objects of the last listing, as [`Remote::get_many`] gives them: one fetch on Git for all.
    ///
    /// # Errors
    /// As [`Remote::get_many`].
    pub async fn get_many(
        &self,
        names: &[ObjectName],
        each: u64,
        all: u64,
    ) -> Result<Vec<Fetched>, RemoteError> {
        match &self.0 {
            Courier::Git(git, _) => git.get_many(names, each, all).await,
            Courier::Other(remote) => remote.get_many(names, each, all).await,
        }
    }

    /// The requests made so far.
    pub fn counts(&self) -> Counts {
        match &self.0 {
            Courier::Git(_, counter) => counter.read(),
            Courier::Other(remote) => remote.counts(),
        }
    }
}
