//! What the app asks of the machine: memory size, names, and two small files beside the vault.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::LazyLock;

use crate::clock::now;
use crate::{Code, Fault, Home};

/// Bytes of memory that this process may have, of which Argon2 may take half: the machine's, or
/// the limit of its control group, as in a container. 4 GiB where the system does not tell.
pub(crate) fn ram_bytes() -> u64 {
    let machine = || {
        let text = fs::read_to_string("/proc/meminfo").ok()?;
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix("MemTotal:"))?;
        let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(kib * 1024)
    };
    let group = || {
        let text = fs::read_to_string("/proc/self/cgroup").ok()?;
        group_limit(Path::new("/sys/fs/cgroup"), &text)
    };
    let machine = machine().unwrap_or(4 << 30);
    group().map_or(machine, |limit| limit.min(machine))
}

/// The least memory limit of a process's control group and those above it (cgroup v2), if one is
/// set. `groups` is the text of `/proc/self/cgroup`.
fn group_limit(root: &Path, groups: &str) -> Option<u64> {
    let group = groups.lines().find_map(|line| line.strip_prefix("0::/"))?;
    let limit = |group: &Path| -> Option<u64> {
        let text = fs::read_to_string(root.join(group).join("memory.max")).ok()?;
        // `max` where there is no limit.
        text.trim().parse().ok()
    };
    Path::new(group).ancestors().filter_map(limit).min()
}

/// This machine's name.
pub(crate) fn host_name() -> String {
    #[cfg(unix)]
    let name = nix::unistd::gethostname()
        .ok()
        .and_then(|name| name.into_string().ok());
    #[cfg(not(unix))]
    let name = std::env::var("COMPUTERNAME").ok();
    name.unwrap_or_else(|| "unknown".to_owned())
}

/// The name of the user this process runs as, looked up once.
pub(crate) fn user_name() -> String {
    static NAME: LazyLock<String> = LazyLock::new(|| {
        #[cfg(unix)]
        let name = {
            let uid = nix::unistd::Uid::effective();
            match nix::unistd::User::from_uid(uid) {
                Ok(Some(user)) => Some(user.name),
                _ => Some(uid.to_string()),
            }
        };
        #[cfg(not(unix))]
        let name = std::env::var("USERNAME").ok();
        name.unwrap_or_else(|| "unknown".to_owned())
    });
    NAME.clone()
}

/// Suspends the keychain slot until a person unlocks: locked means locked.
pub(crate) fn suspend_keychain(home: &Home) -> Result<(), Fault> {
    let marker = home.suspended_marker();
    let write = || {
        make_private_folder(&marker)?;
        let mut options = fs::OpenOptions::new();
        options.create(true).truncate(false).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&marker).map(|_| ())
    };
    write().map_err(|error| {
        Fault::new(
            Code::Io,
            format!(
                "The keychain slot could not be suspended: {}.",
                error.kind()
            ),
        )
        .next("The vault itself is locked. `sealfold slot rm keychain` removes the slot.")
    })
}

/// Lets the keychain slot serve again.
pub(crate) fn resume_keychain(home: &Home) -> Result<(), Fault> {
    match fs::remove_file(home.suspended_marker()) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Fault::new(
            Code::Io,
            format!(
                "The keychain slot could not be taken into use again: {}.",
                error.kind()
            ),
        )),
        _ => Ok(()),
    }
}

/// Notes that a passphrase or recovery key did not open the vault. Only the time is kept: the
/// vault is locked, so nothing can be sealed.
pub(crate) fn note_failed_unlock(home: &Home) {
    note_failed_unlocks(home, &[now()]);
}

/// Notes failed unlocks, or puts back those that were taken and did not get into the audit.
pub(crate) fn note_failed_unlocks(home: &Home, times: &[u64]) {
    let path = home.failed_unlocks();
    let write = || -> std::io::Result<()> {
        make_private_folder(&path)?;
        let mut options = fs::OpenOptions::new();
        options.create(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&path)?;
        let lines: String = times.iter().map(|time| format!("{time}\n")).collect();
        // A guessing program shall not fill the disk.
        if file.metadata()?.len() < 64 * 1024 {
            file.write_all(lines.as_bytes())?;
        }
        Ok(())
    };
    if let Err(error) = write() {
        tracing::warn!(kind = %error.kind(), "a failed unlock could not be noted");
    }
}

/// The times of failed unlocks, which are the caller's from now on: of several processes that ask
/// at once, one gets them.
pub(crate) fn take_failed_unlocks(home: &Home) -> Vec<u64> {
    let notes = home.failed_unlocks();
    let mut taken = notes.clone().into_os_string();
    taken.push(format!(".{}", std::process::id()));
    let take = || {
        fs::rename(&notes, &taken)?;
        let text = fs::read(&taken)?;
        fs::remove_file(&taken)?;
        Ok(text)
    };
    let text = take().unwrap_or_else(|error: std::io::Error| {
        if error.kind() != std::io::ErrorKind::NotFound {
            tracing::warn!(kind = %error.kind(), "failed unlocks could not be taken in");
        }
        Vec::new()
    });
    let text = String::from_utf8_lossy(&text);
    text.lines().filter_map(|line| line.parse().ok()).collect()
}

/// Failed unlocks of a vault that is gone are nobody's business any more.
pub(crate) fn forget_failed_unlocks(home: &Home) {
    let _ = fs::remove_file(home.failed_unlocks());
}

fn make_private_folder(file: &Path) -> std::io::Result<()> {
    let Some(folder) = file.parent() else {
        return Ok(());
    };
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

    /// threat 43: in a container, the machine's memory is not ours to take.
    #[test]
    fn the_least_limit_of_the_groups_above_counts() {
        let root = tempfile::tempdir().unwrap();
        let set = |group: &str, limit: &str| {
            let folder = root.path().join(group);
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join("memory.max"), format!("{limit}\n")).unwrap();
        };
        let limit = |groups| group_limit(root.path(), groups);
        let groups = "1:name=other:/x\n0::/a/b/c\n";
        assert_eq!(limit(groups), None);
        set("a/b/c", "max");
        assert_eq!(limit(groups), None);
        set("a/b", "1000");
        assert_eq!(limit(groups), Some(1000));
        set("a", "2000");
        assert_eq!(limit(groups), Some(1000));
        set("", "500");
        assert_eq!(limit(groups), Some(500));
        assert_eq!(limit("0::/\n"), Some(500));
        assert_eq!(limit("1:memory:/a\n"), None);
        // Of a group above the own root, as in some containers.
        assert_eq!(limit("0::/../elsewhere\n"), Some(500));
    }
}
