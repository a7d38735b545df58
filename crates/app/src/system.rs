//! What the app asks of the machine: how much memory it has, and the names of host and user.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

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
    name.filter(|name| !name.is_empty())
        .unwrap_or_else(|| "unknown".to_owned())
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
