//! Looking into one folder of a branch without fetching the rest: first the trees on the way to
//! it, then its own tree, then the files that are asked for.
//!
//! A server may not know filters, and sends everything; or refuse to cut trees, and then sends all
//! of them but no file.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::Mutex;

use super::repository::Repository;
use super::transport::{Partial, Wire};
use super::{Oid, fetched, reach};
use crate::counts::Counter;
use crate::{Fetched, GitLocation, Listing, ObjectName, Prefix, RemoteError, Surroundings};

#[derive(Debug)]
pub(crate) struct GitPeek {
    wire: Wire,
    repository: Repository,
    seen: Mutex<Seen>,
}

/// What was seen of the branch.
#[derive(Debug, Default)]
struct Seen {
    /// The branch's newest commit; none before the first look, or where there is no branch.
    head: Option<Oid>,
    /// The files of the folders that were listed.
    files: BTreeMap<ObjectName, Oid>,
}

impl GitPeek {
    pub fn new(location: &GitLocation, surroundings: &Surroundings, counter: Arc<Counter>) -> Self {
        let (wire, repository) = reach(location, surroundings, counter);
        Self {
            wire,
            repository,
            seen: Mutex::default(),
        }
    }

    pub async fn first(
        &self,
        folder: &Prefix,
        after: Option<&str>,
    ) -> Result<Listing, RemoteError> {
        let mut seen = self.seen.lock().await;
        if seen.head.is_none() {
            seen.head = self.fetch_head(folder).await?;
        }
        let Some(head) = &seen.head else {
            return Ok(Listing::default());
        };
        let path = folder.as_str().trim_end_matches('/');
        let Some(tree) = self.repository.entry(head, path).await? else {
            return Ok(Listing::default());
        };
        if !self.repository.has(&tree).await? {
            self.wire.fetch_objects(&[&tree]).await?;
        }
        let running = self.repository.start_listing(&tree)?;
        let (listing, files) = fetched::list_tree(running, folder, after).await?;
        seen.files.extend(files);
        Ok(listing)
    }

    pub async fn get_many(
        &self,
        names: &[ObjectName],
        each: u64,
        all: u64,
    ) -> Result<Vec<Fetched>, RemoteError> {
        let seen = self.seen.lock().await;
        let Some(head) = &seen.head else {
            return Ok(vec![Fetched::Absent; names.len()]);
        };
        let mut missing = Vec::new();
        for oid in names.iter().filter_map(|name| seen.files.get(name)) {
            if !self.repository.has(oid).await? {
                missing.push(oid);
            }
        }
        if !missing.is_empty() {
            self.wire.fetch_objects(&missing).await?;
        }
        self.repository.read(head, names, each, all).await
    }

    /// Fetches the branch's newest commit, and the trees down to the one above a folder.
    async fn fetch_head(&self, folder: &Prefix) -> Result<Option<Oid>, RemoteError> {
        let _lock = self.repository.lock().await?;
        self.repository.prepare(None).await?;
        let depth = folder.as_str().matches('/').count();
        let mut partial = self.wire.fetch_filtered(&format!("tree:{depth}")).await?;
        if let Partial::OtherIds = partial {
            self.repository.make_anew_with_long_ids().await?;
            partial = self.wire.fetch_filtered("blob:none").await?;
        }
        if let Partial::FilterRefused = partial {
            partial = self.wire.fetch_filtered("blob:none").await?;
        }
        match partial {
            Partial::Fetched => self.repository.kept().await,
            Partial::NoBranch => Ok(None),
            Partial::FilterRefused | Partial::OtherIds => {
                Err(fetched::malformed("answer of fetch"))
            }
        }
    }
}
