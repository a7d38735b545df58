//! Where things lie: the vault file, the agent's socket, the mark of a suspended keychain slot.

use std::path::{Path, PathBuf};

use crypto::Purpose;
use etcetera::{AppStrategy, AppStrategyArgs, choose_app_strategy};
use vault::VaultError;

use crate::{Code, Fault};

/// What a person says instead of the platform's folders.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Overrides {
    /// One folder for everything (`SEALFOLD_HOME`).
    pub home: Option<PathBuf>,
    /// Another vault file (`--vault`, `SEALFOLD_VAULT`).
    pub vault: Option<PathBuf>,
}

/// The paths of one person on one machine. Nothing is made here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    vault: PathBuf,
    state: PathBuf,
    overrides: Overrides,
}

impl Home {
    /// Finds the folders: the given ones, else the platform's. The vault gets the one name that
    /// all spellings of its path lead to, so that what one command locks is locked for all.
    ///
    /// # Errors
    /// `usage` when there is no home folder and none was given, or the vault's path is no text.
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
        let vault = without_symlinks(&vault);
        if vault.to_str().is_none() {
            return Err(not_utf8(&vault));
        }
        let absolute = |path: &Option<PathBuf>| path.as_deref().map(absolute).transpose();
        let overrides = Overrides {
            home: absolute(&overrides.home)?,
            vault: absolute(&overrides.vault)?,
        };
        Ok(Self {
            vault,
            state,
            overrides,
        })
    }

    /// The same person's, about another vault file.
    ///
    /// # Errors
    /// `usage` when the path is no text.
    pub fn with_vault(&self, vault: PathBuf) -> Result<Self, Fault> {
        Self::find(&Overrides {
            home: self.overrides.home.clone(),
            vault: Some(vault),
        })
    }

    /// The vault file, without symlinks on the way.
    pub fn vault_file(&self) -> &Path {
        &self.vault
    }

    /// Refuses where there is no vault, before anybody is asked for anything.
    ///
    /// # Errors
    /// `not found` then.
    pub fn must_have_vault(&self) -> Result<(), Fault> {
        if self.vault.exists() {
            return Ok(());
        }
        Err(Fault::from(VaultError::Missing).about(self.vault.display().to_string()))
    }

    /// Refuses to make a vault where there is one.
    ///
    /// # Errors
    /// `conflict` then.
    pub fn must_have_room(&self) -> Result<(), Fault> {
        if !self.vault.exists() {
            return Ok(());
        }
        Err(Fault::new(Code::Conflict, "There is a vault already.")
            .about(self.vault.display().to_string())
            .next("`sealfold unlock` opens it; `--vault FILE` names another."))
    }

    /// The agent's socket, one for each vault.
    pub fn socket(&self) -> PathBuf {
        self.running("agent")
    }

    /// Where the window of this vault listens for a second start of it.
    pub fn window_socket(&self) -> PathBuf {
        self.running("window")
    }

    /// How the window is set. No secret.
    pub fn window_settings(&self) -> PathBuf {
        self.state.join("window.json")
    }

    fn running(&self, what: &str) -> PathBuf {
        let hash = crypto::hash(Purpose::PathTag, self.vault.as_os_str().as_encoded_bytes());
        // A short name of the vault's path, which tells nothing of it.
        let tag = hex::encode(&hash[..8]);
        self.state.join("run").join(format!("{what}-{tag}.sock"))
    }

    /// The file whose presence says that `lock` suspended the keychain slot. It lies beside the
    /// vault: whatever home a command is given, the vault is locked for it too.
    pub fn suspended_marker(&self) -> PathBuf {
        self.beside_vault("-suspended")
    }

    /// Attempts to unlock that failed while the vault was locked; they enter the audit at the next
    /// unlock.
    pub fn failed_unlocks(&self) -> PathBuf {
        self.beside_vault("-failed-unlocks")
    }

    /// Where remotes keep what they fetched. It may be deleted at any time.
    pub(crate) fn remote_cache(&self) -> PathBuf {
        self.state.join("remotes")
    }

    /// What was said in place of the platform's folders, made absolute: the agent's process is
    /// given the same.
    pub(crate) fn overrides(&self) -> Overrides {
        self.overrides.clone()
    }

    /// Named as SQLite names its own files beside it.
    fn beside_vault(&self, suffix: &str) -> PathBuf {
        let mut name = self.vault.clone().into_os_string();
        name.push(suffix);
        name.into()
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

/// The file's own path. Of one that does not exist yet, as much as does.
fn without_symlinks(path: &Path) -> PathBuf {
    path.canonicalize()
        .unwrap_or_else(|_| match (path.parent(), path.file_name()) {
            (Some(parent), Some(name)) => without_symlinks(parent).join(name),
            _ => path.to_owned(),
        })
}

fn not_utf8(path: &Path) -> Fault {
    Fault::new(
        Code::Usage,
        "The vault's path is not UTF-8 text, which SQLite needs.",
    )
    .about(path.display().to_string())
    .next("Set SEALFOLD_HOME to a folder, or `--vault` to a file, of readable characters.")
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

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    fn of_vault(vault: PathBuf) -> Home {
        Home::find(&Overrides {
            home: Some("/somewhere".into()),
            vault: Some(vault),
        })
        .unwrap()
    }

    /// threat 51: `lock` under one name, the keychain or the agent under another.
    #[test]
    fn all_spellings_of_a_path_are_one_vault() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        for there in [false, true] {
            let vault = folder.join("vault");
            if there {
                fs::write(&vault, "").unwrap();
                symlink(&vault, folder.join("link")).unwrap();
            }
            symlink(folder, folder.join(format!("folder-{there}"))).unwrap();
            let straight = of_vault(vault);
            let mut spellings = vec![
                folder.join("./vault"),
                folder.join(format!("folder-{there}/vault")),
                folder
                    .join(format!("folder-{there}/../"))
                    .join(folder.file_name().unwrap())
                    .join("vault"),
            ];
            if there {
                spellings.push(folder.join("link"));
            }
            for spelling in spellings {
                let home = of_vault(spelling);
                assert_eq!(home.vault_file(), straight.vault_file());
                assert_eq!(home.socket(), straight.socket());
                assert_eq!(home.suspended_marker(), straight.suspended_marker());
            }
        }
    }

    #[test]
    fn a_vault_that_is_not_there_has_a_path_too() {
        let home = of_vault("/no/such/folder/vault".into());
        assert_eq!(home.vault_file(), Path::new("/no/such/folder/vault"));
    }
}
