//! Where things lie: the vault file, the agent's socket, the mark of a suspended keychain slot.

use std::path::{Path, PathBuf};

use crypto::Purpose;
use etcetera::{AppStrategy, AppStrategyArgs, choose_app_strategy};

use crate::{Code, Fault};

/// The longest path that a Unix socket may have, with room for the final NUL (`sun_path`).
const SOCKET_PATH_BYTES: usize = 100;

/// What a person says instead of the platform's folders.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Overrides {
    /// One folder for everything (`SEALFOLD_HOME`).
    pub home: Option<PathBuf>,
    /// Another vault file (`--vault`, `SEALFOLD_VAULT`).
    pub vault: Option<PathBuf>,
    /// The system's folder for sockets of this login (`XDG_RUNTIME_DIR`).
    pub runtime: Option<PathBuf>,
}

/// The paths of one person on one machine. Nothing is made or read here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    vault: PathBuf,
    state: PathBuf,
    overrides: Overrides,
}

impl Home {
    /// Finds the folders: the given ones, else the platform's.
    ///
    /// # Errors
    /// `usage` when there is no home folder and none was given.
    pub fn find(overrides: &Overrides) -> Result<Self, Fault> {
        let (data, state) = match &overrides.home {
            Some(home) => {
                let home = absolute(home)?;
                (home.clone(), home)
            }
            None => platform_folders()?,
        };
        let vault = match &overrides.vault {
            Some(vault) => absolute(vault)?,
            None => data.join("vault.sealfold"),
        };
        let absolute = |path: &Option<PathBuf>| path.as_deref().map(absolute).transpose();
        let overrides = Overrides {
            home: absolute(&overrides.home)?,
            vault: absolute(&overrides.vault)?,
            runtime: overrides.runtime.clone(),
        };
        Ok(Self {
            vault,
            state,
            overrides,
        })
    }

    /// The vault file.
    pub fn vault_file(&self) -> &Path {
        &self.vault
    }

    /// The agent's socket, one for each vault. A path that the system would find too long moves to
    /// the runtime folder, or to the folder for temporary files.
    pub fn socket(&self) -> PathBuf {
        let usual = self
            .state
            .join("run")
            .join(format!("agent-{}.sock", self.tag()));
        if usual.as_os_str().len() <= SOCKET_PATH_BYTES {
            return usual;
        }
        let runtime = self
            .overrides
            .runtime
            .clone()
            .unwrap_or_else(std::env::temp_dir);
        // The full tag tells homes and vaults apart in a folder that all of them share.
        runtime
            .join(format!("sealfold-{}", self.tag()))
            .join("agent.sock")
    }

    /// The file whose presence says that `lock` suspended the keychain slot.
    pub fn suspended_marker(&self) -> PathBuf {
        self.state.join(format!("suspended-{}", self.tag()))
    }

    /// Attempts to unlock that failed while the vault was locked; they enter the audit at the next
    /// unlock.
    pub fn failed_unlocks(&self) -> PathBuf {
        self.state.join(format!("failed-unlocks-{}", self.tag()))
    }

    /// What was said in place of the platform's folders, made absolute: the agent's process is
    /// given the same.
    pub(crate) fn overrides(&self) -> Overrides {
        self.overrides.clone()
    }

    /// A short name for this vault's path: hashed, so that it fits and holds no name.
    fn tag(&self) -> String {
        let hash = crypto::hash(Purpose::PathTag, self.vault.as_os_str().as_encoded_bytes());
        hash[..8].iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

fn absolute(path: &Path) -> Result<PathBuf, Fault> {
    std::path::absolute(path).map_err(|_| {
        Fault::new(
            Code::Usage,
            "The path can't be made absolute: there is no current folder.",
        )
        .about(path.display().to_string())
    })
}

fn platform_folders() -> Result<(PathBuf, PathBuf), Fault> {
    let strategy = choose_app_strategy(AppStrategyArgs {
        top_level_domain: "app".to_owned(),
        author: "Sealfold".to_owned(),
        app_name: "sealfold".to_owned(),
    })
    .map_err(|_| {
        Fault::new(Code::Usage, "There is no home folder to keep the vault in.")
            .next("Set HOME, or set SEALFOLD_HOME to a folder of yours.")
    })?;
    let data = strategy.data_dir();
    let state = strategy.state_dir().unwrap_or_else(|| data.clone());
    Ok((data, state))
}
