//! Throw-away homes: everything that `sealfold` keeps, in a folder that goes with the test.
//!
//! Each home is a person of their own. Nothing of the surroundings reaches the program but
//! `PATH`; what a test wants it to see, it says.

mod call;
mod prepared;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

pub use call::{Call, Outcome, binary};

/// The passphrase of every prepared home, also in [`Home::passphrase_file`].
pub const PASSPHRASE: &str = "seven folded cranes over the harbour";

/// A folder that is `HOME`, and holds `SEALFOLD_HOME` and the runtime folder.
pub struct Home {
    folder: TempDir,
}

impl Home {
    /// A home in which nothing was ever done.
    pub fn empty() -> Self {
        // A short name: a socket's path has about 100 bytes.
        let folder = tempfile::Builder::new()
            .prefix("sf-")
            .tempdir()
            .expect("a temporary folder");
        let home = Self { folder };
        home.lay_out();
        home
    }

    /// A home with a fresh vault under [`PASSPHRASE`], locked, with no agent. It is a copy:
    /// `init` runs once for each build of the program, because Argon2id has a floor that no
    /// test may lower.
    pub fn prepared() -> Self {
        let home = Self::empty();
        prepared::copy_to(&home.sealfold_home());
        home
    }

    /// The folder itself, the `HOME` of what is called.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// What `SEALFOLD_HOME` says.
    pub fn sealfold_home(&self) -> PathBuf {
        self.path().join("s")
    }

    /// A file with [`PASSPHRASE`] on one line.
    pub fn passphrase_file(&self) -> PathBuf {
        self.path().join("passphrase")
    }

    /// Writes a file beside the vault and returns its path.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        fs::write(&path, content).expect("writing into the home");
        path
    }

    /// A call of `sealfold` in this home.
    pub fn sealfold<I, S>(&self, args: I) -> Call
    where
        I: IntoIterator<Item = S>,
        S: AsRef<std::ffi::OsStr>,
    {
        Call::new(self, args)
    }

    fn lay_out(&self) {
        fs::create_dir(self.path().join("run")).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let private = fs::Permissions::from_mode(0o700);
            fs::set_permissions(self.path().join("run"), private).unwrap();
        }
        fs::write(self.passphrase_file(), format!("{PASSPHRASE}\n")).unwrap();
    }
}

impl Drop for Home {
    /// An agent that is still there would outlive its vault: it is asked to go.
    fn drop(&mut self) {
        if holds_socket(self.path()) {
            // It may have gone by itself just now; the test has already said what it wanted to.
            let _ = self.sealfold(["agent", "stop"]).command().output();
        }
    }
}

/// Whether a socket lies anywhere below; a folder that can't be read holds none.
fn holds_socket(folder: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        let Ok(entries) = fs::read_dir(folder) else {
            return false;
        };
        entries.flatten().any(|entry| {
            entry.file_type().is_ok_and(|kind| {
                kind.is_socket() || (kind.is_dir() && holds_socket(&entry.path()))
            })
        })
    }
    #[cfg(not(unix))]
    {
        // A named pipe has no place in a folder: always ask.
        folder.exists()
    }
}

/// Copies folders and files with their permissions.
fn copy_tree(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    fs::set_permissions(to, fs::metadata(from)?.permissions())?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_tree(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
