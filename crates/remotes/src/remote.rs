//! A remote: list, get and create. Nothing deletes, nothing overwrites.

use std::sync::Arc;

use crate::counts::Counter;
use crate::folder::Folder;
use crate::git::Git;
use crate::listing::PAGE;
#[cfg(any(test, feature = "testing"))]
use crate::memory::MemoryClient;
use crate::s3::S3;
use crate::{Counts, Listing, Location, ObjectName, Prefix, RemoteError, Surroundings};

/// Largest object that can be created, in bytes: more than any blob of docs/protocol.md §4.
pub const MAX_OBJECT: usize = 128 << 20;

/// What became of an object that was to be created.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Creation {
    /// It is there now, and was not before.
    Created,
    /// The same bytes were there already; perhaps from an earlier attempt of one's own.
    SameAlready,
    /// Other bytes were there already, or something that is no file, and still are.
    DifferentAlready,
}

/// What became of an object that was asked for with others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// Its bytes, unverified.
    Whole(Vec<u8>),
    /// There is none of this name.
    Absent,
    /// It is larger than asked for, and was not read to its end.
    TooLarge,
    /// What has this name is no plain file.
    NotAFile,
}

/// A place that only ever gains files. It may be used from many tasks at once.
#[derive(Debug)]
pub struct Remote {
    courier: Courier,
    counter: Arc<Counter>,
}

#[derive(Debug)]
enum Courier {
    Folder(Folder),
    Git(Box<Git>),
    S3(Box<S3>),
    #[cfg(any(test, feature = "testing"))]
    Memory(MemoryClient),
}

impl Remote {
    /// Gets ready. Only local things are looked at: the first request finds out whether the
    /// remote is there.
    ///
    /// # Errors
    /// [`RemoteError::Credentials`] and [`RemoteError::PlainText`], for S3.
    pub fn connect(location: &Location, surroundings: &Surroundings) -> Result<Self, RemoteError> {
        let counter = Arc::new(Counter::default());
        let its = Arc::clone(&counter);
        let courier = match location {
            Location::Folder(at) => Courier::Folder(Folder::new(at, its)),
            Location::Git(at) => Courier::Git(Box::new(Git::new(at, surroundings, its))),
            Location::S3(at) => Courier::S3(Box::new(S3::new(at, surroundings, its)?)),
        };
        Ok(Self { courier, counter })
    }

    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn in_memory(client: MemoryClient, counter: Arc<Counter>) -> Self {
        let courier = Courier::Memory(client);
        Self { courier, counter }
    }

    /// Makes the place, where that is a matter of this machine: a folder that is not there yet, in
    /// one that is. For a remote that is about to be used for the first time: later, one that is
    /// missing has to be found missing.
    ///
    /// # Errors
    /// [`RemoteError::Missing`] where not even the folder around it is there.
    pub async fn establish(&self) -> Result<(), RemoteError> {
        match &self.courier {
            Courier::Folder(folder) => folder.establish().await,
            Courier::Git(_) | Courier::S3(_) => Ok(()),
            #[cfg(any(test, feature = "testing"))]
            Courier::Memory(_) => Ok(()),
        }
    }

    /// Whether every object that is asked for costs a request of its own.
    pub fn asks_one_by_one(&self) -> bool {
        match &self.courier {
            Courier::Folder(_) | Courier::Git(_) => false,
            Courier::S3(_) => true,
            #[cfg(any(test, feature = "testing"))]
            Courier::Memory(_) => true,
        }
    }

    /// What lies under `prefix` now, with names after `after`, in their order: at most one page,
    /// see [`Listing::next`]. An `after` that ends a folder's name passes over that folder too
    /// only if it is greater than all names in it; whole folders before it are not visited.
    ///
    /// One listing on S3 per 1,000 names, one `ls-remote` and, with news, one fetch on Git, one
    /// directory read per folder that may hold such names.
    ///
    /// # Errors
    /// [`RemoteError::Missing`] where there is no such repository, bucket or folder. A Git
    /// repository without the branch is empty.
    pub async fn list(&self, prefix: &Prefix, after: Option<&str>) -> Result<Listing, RemoteError> {
        self.list_some(prefix, after, PAGE).await
    }

    /// As [`Self::list`], and no more requests once `enough` objects were found.
    pub(crate) async fn list_some(
        &self,
        prefix: &Prefix,
        after: Option<&str>,
        enough: usize,
    ) -> Result<Listing, RemoteError> {
        match &self.courier {
            Courier::Folder(folder) => folder.list(prefix, after).await,
            Courier::Git(git) => git.list(prefix, after).await,
            Courier::S3(s3) => s3.list(prefix, after, enough).await,
            #[cfg(any(test, feature = "testing"))]
            Courier::Memory(memory) => memory.list(prefix, after),
        }
    }

    /// One object, of at most `max_bytes`. On Git it is of the last listing.
    ///
    /// # Errors
    /// [`RemoteError::NotFound`], [`RemoteError::TooLarge`], [`RemoteError::NotAFile`].
    pub async fn get(&self, name: &ObjectName, max_bytes: u64) -> Result<Vec<u8>, RemoteError> {
        let mut fetched = self
            .get_many(std::slice::from_ref(name), max_bytes, max_bytes)
            .await?;
        match fetched.pop() {
            Some(Fetched::Whole(bytes)) => Ok(bytes),
            Some(Fetched::TooLarge) => Err(RemoteError::TooLarge { limit: max_bytes }),
            Some(Fetched::NotAFile) => Err(RemoteError::NotAFile),
            Some(Fetched::Absent) | None => Err(RemoteError::NotFound),
        }
    }

    /// Several objects, in the order of `names`, of at most `each` bytes. It stops before an
    /// object that would bring them over `all` bytes together, but gives at least the first; so
    /// the result may be shorter than `names`: ask again for the rest.
    ///
    /// # Errors
    /// Only what concerns the remote as a whole; what concerns one object is in [`Fetched`].
    pub async fn get_many(
        &self,
        names: &[ObjectName],
        each: u64,
        all: u64,
    ) -> Result<Vec<Fetched>, RemoteError> {
        match &self.courier {
            Courier::Folder(folder) => folder.get_many(names, each, all).await,
            Courier::Git(git) => git.get_many(names, each, all).await,
            Courier::S3(s3) => s3.get_many(names, each, all).await,
            #[cfg(any(test, feature = "testing"))]
            Courier::Memory(memory) => memory.get_many(names, each, all),
        }
    }

    /// Creates one object, unless the name is taken.
    ///
    /// # Errors
    /// As [`Self::create_many`].
    pub async fn create(&self, name: &ObjectName, bytes: &[u8]) -> Result<Creation, RemoteError> {
        let object = [(name.clone(), bytes.to_vec())];
        let created = self.create_many(&object).await?;
        created.first().copied().ok_or(RemoteError::Contended)
    }

    /// Creates objects, each unless its name is taken; says of each what became of it, in their
    /// order. One commit and push on Git, together or not at all; several puts at a time on S3;
    /// one after the other in a folder. Objects become visible in any order: what another
    /// object cites is created by an earlier call.
    ///
    /// # Errors
    /// After an error any of them may be there or not; to repeat the call is safe.
    /// [`RemoteError::TooLarge`] for an object over [`MAX_OBJECT`], before anything is sent.
    pub async fn create_many(
        &self,
        objects: &[(ObjectName, Vec<u8>)],
    ) -> Result<Vec<Creation>, RemoteError> {
        if objects.iter().any(|(_, bytes)| bytes.len() > MAX_OBJECT) {
            let limit = MAX_OBJECT as u64;
            return Err(RemoteError::TooLarge { limit });
        }
        if objects.is_empty() {
            return Ok(Vec::new());
        }
        match &self.courier {
            Courier::Folder(folder) => folder.create_many(objects).await,
            Courier::Git(git) => git.create_many(objects).await,
            Courier::S3(s3) => s3.create_many(objects).await,
            #[cfg(any(test, feature = "testing"))]
            Courier::Memory(memory) => memory.create_many(objects),
        }
    }

    /// The requests made so far.
    pub fn counts(&self) -> Counts {
        self.counter.read()
    }
}

/// Keeps what was fetched within one sum of bytes.
pub(crate) struct Budget {
    left: u64,
    first: bool,
}

impl Budget {
    pub fn new(all: u64) -> Self {
        Self {
            left: all,
            first: true,
        }
    }

    /// Whether another `size` bytes fit; the first always do.
    pub fn takes(&mut self, size: u64) -> bool {
        let fits = size <= self.left || self.first;
        self.left = self.left.saturating_sub(size);
        self.first = false;
        fits
    }
}
