//! A folder, perhaps kept in step with others by Syncthing, Dropbox or NFS.
//!
//! A file appears under its name whole or not at all: it is written beside it, flushed, and
//! renamed without replacing. Symbolic links are not followed in any part of a path (threats 61,
//! 64). Another program's half-copied files are the caller's business, who knows each hash.

#[cfg(unix)]
mod tree;
#[cfg(not(unix))]
#[path = "folder/tree_portable.rs"]
mod tree;
mod walk;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::counts::{Counter, Request};
use crate::listing::PAGE;
use crate::remote::Budget;
use crate::{Creation, Fetched, FolderLocation, Listing, ObjectName, Prefix, RemoteError};
use tree::{Dir, Found, Published};

/// A file's bytes are compared with the ones to be created only up to here beyond their length.
const ONE_MORE: u64 = 1;

#[derive(Debug)]
pub(crate) struct Folder {
    root: Arc<PathBuf>,
    counter: Arc<Counter>,
}

impl Folder {
    pub fn new(location: &FolderLocation, counter: Arc<Counter>) -> Self {
        let root = Arc::new(location.path().to_owned());
        Self { root, counter }
    }

    /// Makes the folder, in one that is there. Others it belongs to may read it, as they may its
    /// files.
    pub async fn establish(&self) -> Result<(), RemoteError> {
        self.blocking(|root, _| match std::fs::create_dir(root) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                Err(RemoteError::Missing { source: None })
            }
            made => Ok(made?),
        })
        .await
    }

    pub async fn list(&self, prefix: &Prefix, after: Option<&str>) -> Result<Listing, RemoteError> {
        let (prefix, after) = (prefix.clone(), after.map(str::to_owned));
        self.blocking(move |root, counter| {
            let Some(dir) = open_folder(root, prefix.as_str().trim_end_matches('/'))? else {
                return Ok(Listing::default());
            };
            walk::list(&dir, &prefix, after.as_deref(), PAGE, counter)
        })
        .await
    }

    pub async fn get_many(
        &self,
        names: &[ObjectName],
        each: u64,
        all: u64,
    ) -> Result<Vec<Fetched>, RemoteError> {
        let names = names.to_vec();
        self.blocking(move |root, counter| {
            let mut budget = Budget::new(all);
            let mut fetched = Vec::new();
            for name in &names {
                counter.count(Request::Get);
                let one = read(root, name, each)?;
                let size = match &one {
                    Fetched::Whole(bytes) => bytes.len() as u64,
                    _ => 0,
                };
                if !budget.takes(size) {
                    break;
                }
                fetched.push(one);
            }
            Ok(fetched)
        })
        .await
    }

    pub async fn create_many(
        &self,
        objects: &[(ObjectName, Vec<u8>)],
    ) -> Result<Vec<Creation>, RemoteError> {
        let objects = objects.to_vec();
        self.blocking(move |root, counter| {
            let create = |(name, bytes): &(ObjectName, Vec<u8>)| {
                counter.count(Request::Put);
                create(root, name, bytes)
            };
            objects.iter().map(create).collect()
        })
        .await
    }

    /// File systems block: away from the tasks of the runtime.
    async fn blocking<T: Send + 'static>(
        &self,
        act: impl FnOnce(&Path, &Counter) -> Result<T, RemoteError> + Send + 'static,
    ) -> Result<T, RemoteError> {
        let (root, counter) = (Arc::clone(&self.root), Arc::clone(&self.counter));
        match tokio::task::spawn_blocking(move || act(&root, &counter)).await {
            Ok(result) => result,
            Err(failed) => std::panic::resume_unwind(failed.into_panic()),
        }
    }
}

/// The folder that the location names. A synced folder that is not mounted is just not there: it
/// is never taken for an empty one, and not made anew by a creation.
fn open_root(root: &Path) -> Result<Dir, RemoteError> {
    match Dir::open_root(root)? {
        Found::It(dir) => Ok(dir),
        Found::Nothing => Err(RemoteError::Missing { source: None }),
        Found::Other => Err(RemoteError::NotAFile),
    }
}

/// Opens a folder by its name below the root, empty for the root itself; none where it is not
/// there.
fn open_folder(root: &Path, name: &str) -> Result<Option<Dir>, RemoteError> {
    let mut dir = open_root(root)?;
    for part in name.split('/').filter(|it| !it.is_empty()) {
        dir = match dir.open_dir(part)? {
            Found::It(dir) => dir,
            Found::Nothing => return Ok(None),
            Found::Other => return Err(RemoteError::NotAFile),
        };
    }
    Ok(Some(dir))
}

fn split(name: &ObjectName) -> (&str, &str) {
    name.as_str()
        .rsplit_once('/')
        .unwrap_or(("", name.as_str()))
}

fn read(root: &Path, name: &ObjectName, max: u64) -> Result<Fetched, RemoteError> {
    let (folder, file) = split(name);
    let dir = match open_folder(root, folder) {
        Ok(Some(dir)) => dir,
        Ok(None) => return Ok(Fetched::Absent),
        Err(RemoteError::NotAFile) => return Ok(Fetched::NotAFile),
        Err(error) => return Err(error),
    };
    Ok(match dir.read(file, max)? {
        Found::It(Some(bytes)) => Fetched::Whole(bytes),
        Found::It(None) => Fetched::TooLarge,
        Found::Nothing => Fetched::Absent,
        Found::Other => Fetched::NotAFile,
    })
}

fn create(root: &Path, name: &ObjectName, bytes: &[u8]) -> Result<Creation, RemoteError> {
    let (folder, file) = split(name);
    let mut dir = open_root(root)?;
    for part in folder.split('/').filter(|it| !it.is_empty()) {
        dir = match dir.open_or_make_dir(part)? {
            Found::It(dir) => dir,
            Found::Nothing | Found::Other => return Ok(Creation::DifferentAlready),
        };
    }
    // Looked up first, so that what is there already costs no write.
    let limit = bytes.len() as u64 + ONE_MORE;
    for _ in 0..3 {
        match dir.read(file, limit)? {
            Found::It(Some(there)) if there == bytes => return Ok(Creation::SameAlready),
            Found::It(_) | Found::Other => return Ok(Creation::DifferentAlready),
            Found::Nothing => {}
        }
        if dir.publish(file, bytes)? == Published::Created {
            return Ok(Creation::Created);
        }
        // Another came first, between the two looks: see what it wrote.
    }
    Err(RemoteError::Contended)
}
