//! Our own bare repository: the branch's newest commit, and the one we add to it.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::call::{Call, Running};
use super::transport::KEPT_REF;
use super::tree::{self, Slot};
use super::{Oid, fetched, import};
use crate::{Cause, Environment, Fetched, Listing, ObjectName, Prefix, RemoteError};

/// Written once the repository was made.
const MADE: &str = "sealfold-made";

/// Held while the repository changes.
const LOCK: &str = "sealfold-lock";

#[derive(Debug)]
pub(super) struct Repository {
    folder: PathBuf,
    environment: Arc<Environment>,
}

/// Keeps other processes out of the repository while it changes.
pub(super) struct Lock(#[expect(dead_code, reason = "held, never read")] File);

impl Repository {
    pub fn new(folder: PathBuf, environment: Arc<Environment>) -> Self {
        Self {
            folder,
            environment,
        }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Waits until no other process changes the repository. Makes the folder.
    pub async fn lock(&self) -> Result<Lock, RemoteError> {
        let folder = self.folder.clone();
        let locking = tokio::task::spawn_blocking(move || {
            make_private(&folder)?;
            let file = File::create(folder.join(LOCK))?;
            file.lock()?;
            Ok(Lock(file))
        });
        match locking.await {
            Ok(lock) => lock.map_err(|source| RemoteError::Local { source }),
            Err(failed) => std::panic::resume_unwind(failed.into_panic()),
        }
    }

    /// Makes the repository if it isn't there, with the kind of ids that the remote has.
    pub async fn prepare(&self, like: Option<&Oid>) -> Result<(), RemoteError> {
        if self.folder.join(MADE).exists() {
            return Ok(());
        }
        let format = match like {
            Some(oid) if oid.as_str().len() == 64 => "--object-format=sha256",
            _ => "--object-format=sha1",
        };
        self.make(format).await
    }

    async fn make(&self, format: &str) -> Result<(), RemoteError> {
        let call = self.call("init");
        let call = call.args(["--quiet", "--bare", "--template=", format]);
        call.run(Vec::new()).await?.expected()?;
        fs::write(self.folder.join(MADE), [])?;
        Ok(())
    }

    /// The commit that was kept last.
    pub async fn kept(&self) -> Result<Option<Oid>, RemoteError> {
        let call = self.call("rev-parse");
        let call = call.args(["--quiet", "--verify", "--end-of-options", KEPT_REF]);
        let ended = call.run(Vec::new()).await?;
        let text = String::from_utf8_lossy(&ended.output);
        Ok(Oid::new(text.trim_end()))
    }

    /// Keeps a commit of ours that was pushed.
    pub async fn keep(&self, commit: &Oid) -> Result<(), RemoteError> {
        let call = self.call("update-ref");
        let call = call.args(["--no-deref", KEPT_REF, commit.as_str()]);
        call.run(Vec::new()).await?.expected()?;
        Ok(())
    }

    /// Begins anew where more than `limit` bytes have gathered (threat 13): a branch that is replaced again
    /// and again leaves everything behind that it ever held, and all of this is only a copy. Whoever reads
    /// in another process meanwhile fails and reads again. Says whether it did.
    pub async fn start_over_beyond(&self, limit: u64) -> Result<bool, RemoteError> {
        if size_of(&self.folder.join("objects"))? <= limit {
            return Ok(false);
        }
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            // The lock is held.
            if entry.file_name() == LOCK {
                continue;
            }
            match entry.file_type()?.is_dir() {
                true => fs::remove_dir_all(entry.path())?,
                false => fs::remove_file(entry.path())?,
            }
        }
        Ok(true)
    }

    /// Puts what was fetched together, if it lies in many pieces by now.
    pub async fn tidy(&self) -> Result<(), RemoteError> {
        let call = self.call("gc").args(["--auto", "--quiet"]);
        // Untidy is no worse than slow.
        let _untidy = call.run(Vec::new()).await?.outcome;
        Ok(())
    }

    /// Lists a commit's files.
    pub async fn list(
        &self,
        commit: &Oid,
        prefix: &Prefix,
        after: Option<&str>,
    ) -> Result<Listing, RemoteError> {
        let call = self.call("ls-tree");
        let call = call.args(["-r", "-z", "-l", "--full-tree", commit.as_str(), "--"]);
        let call = call.args(Some(prefix.as_str()).filter(|it| !it.is_empty()));
        fetched::list(call.start(Vec::new())?, prefix, after).await
    }

    /// What stands at a path of a commit, going by the trees above it; none where they are not
    /// here.
    pub async fn entry(&self, commit: &Oid, path: &str) -> Result<Option<Oid>, RemoteError> {
        let what = format!("{}:{path}", commit.as_str());
        let call = self.call("rev-parse");
        let call = call.args(["--quiet", "--verify", "--end-of-options", &what]);
        let ended = call.run(Vec::new()).await?;
        let text = String::from_utf8_lossy(&ended.output);
        Ok(Oid::new(text.trim_end()))
    }

    /// Whether an object is here.
    pub async fn has(&self, object: &Oid) -> Result<bool, RemoteError> {
        let call = self.call("cat-file").args(["-e", object.as_str()]);
        Ok(call.run(Vec::new()).await?.outcome.is_ok())
    }

    /// Starts listing a tree, without what is under its folders.
    pub fn start_listing(&self, tree: &Oid) -> Result<Running, RemoteError> {
        let call = self.call("ls-tree").args(["-z", tree.as_str()]);
        call.start(Vec::new())
    }

    /// Makes the repository anew, for ids of SHA-256.
    pub async fn make_anew_with_long_ids(&self) -> Result<(), RemoteError> {
        fs::remove_dir_all(&self.folder)?;
        make_private(&self.folder)?;
        self.make("--object-format=sha256").await
    }

    /// Reads files of a commit.
    pub async fn read(
        &self,
        commit: &Oid,
        names: &[ObjectName],
        each: u64,
        all: u64,
    ) -> Result<Vec<Fetched>, RemoteError> {
        let lines = names
            .iter()
            .map(|name| format!("{}:{name}\n", commit.as_str()));
        let call = self.call("cat-file").args(["--batch"]);
        let running = call.start(lines.collect::<String>().into_bytes())?;
        fetched::read(running, names.len(), each, all).await
    }

    /// What stands at the place of each object, going by the trees: a submodule is no object that
    /// could be asked for.
    pub async fn slots(
        &self,
        commit: &Oid,
        objects: &[(ObjectName, Vec<u8>)],
    ) -> Result<Vec<Slot>, RemoteError> {
        let folders: BTreeSet<_> = objects.iter().flat_map(|(it, _)| it.folders()).collect();
        // An empty name stands for the root.
        let folders: Vec<_> = std::iter::once("").chain(folders).collect();
        let lines = folders
            .iter()
            .map(|folder| format!("{}:{folder}\n", commit.as_str()));
        let call = self.call("cat-file").args(["--batch"]);
        let running = call.start(lines.collect::<String>().into_bytes())?;
        let trees = tree::read(running, &folders, commit.as_str().len() / 2).await?;
        Ok(objects.iter().map(|(name, _)| trees.slot(name)).collect())
    }

    /// Writes a commit that adds `new` files to `parent`.
    pub async fn commit(
        &self,
        parent: Option<&Oid>,
        new: &[(&ObjectName, &Vec<u8>)],
    ) -> Result<Oid, RemoteError> {
        let call = self.call("fast-import");
        let call = call.args(["--quiet", "--force", "--done", "--date-format=now"]);
        let ended = call.run(import::stream(parent, new)).await?;
        let output = ended.expected()?;
        let text = String::from_utf8_lossy(&output);
        Oid::new(text.trim_end()).ok_or(RemoteError::Malformed {
            source: Cause::Format {
                what: "answer of fast-import",
            },
        })
    }

    fn call(&self, name: &'static str) -> Call {
        Call::new(&self.environment, &self.folder, name)
    }
}

/// The sizes of the files in a folder and below it, together; zero where there is none.
fn size_of(folder: &Path) -> std::io::Result<u64> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(0),
        entries => entries?,
    };
    let mut size = 0;
    for entry in entries {
        let entry = entry?;
        size += match entry.file_type()?.is_dir() {
            true => size_of(&entry.path())?,
            false => entry.metadata()?.len(),
        };
    }
    Ok(size)
}

/// Makes a folder that only the user may enter.
fn make_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    // threat 13
    #[tokio::test]
    async fn what_gathers_is_let_go_of_beyond_a_limit() {
        let folder = tempfile::tempdir().unwrap();
        let environment = std::env::vars_os().collect::<Environment>();
        let at = folder.path().join("cache");
        let repository = Repository::new(at.clone(), Arc::new(environment));
        let lock = repository.lock().await.unwrap();
        if repository.prepare(None).await.is_err() {
            // Where there is no git there is nothing to try.
            return;
        }
        let left = at.join("objects/pack/left.pack");
        fs::write(&left, vec![7; 2_000]).unwrap();
        assert!(!repository.start_over_beyond(2_000).await.unwrap());
        assert!(left.exists());
        assert!(repository.start_over_beyond(1_999).await.unwrap());
        assert!(!left.exists() && !at.join(MADE).exists());
        assert!(at.join(LOCK).exists());
        repository.prepare(None).await.unwrap();
        assert_eq!(repository.kept().await.unwrap(), None);
        drop(lock);
    }
}
