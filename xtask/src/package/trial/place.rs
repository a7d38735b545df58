//! A small system of its own: made once and kept, with a layer over it that is thrown away.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::package::lines::said;
use crate::workspace::{cache, call, succeeds};

/// The user there.
const USER: &str = "ann";
const HOME: &str = "/home/ann";

/// Where packages keep what they keep anyway, and what a user has made.
const NOT_OURS: [&str; 7] = [
    "./proc",
    "./sys",
    "./tmp",
    "./var/cache",
    "./var/log",
    "./var/lib/dpkg",
    "./home/ann",
];

/// The system, mounted. Dropping it takes the layer away again.
pub struct Place {
    layer: PathBuf,
    root: PathBuf,
}

impl Place {
    /// Makes the system if it is not kept from another time, with `company` installed, and mounts it
    /// in a folder with a fresh layer over it.
    pub fn open(folder: &Path, company: &[&str]) -> Result<Self> {
        if said(Command::new("id").arg("-u"))?.trim() != "0" {
            bail!("only root can install a package: call this as root, or in a container");
        }
        let codename = codename()?;
        let kept = cache()?.join("clean").join(&codename);
        if !kept.join("complete").exists() {
            make(&kept, &codename, company)?;
        }
        let layer = folder.join("trial");
        let place = Self {
            root: layer.join("root"),
            layer,
        };
        place.remove()?;
        let (over, work) = (place.layer.join("over"), place.layer.join("work"));
        for made in [&over, &work, &place.root] {
            fs::create_dir_all(made).with_context(|| format!("making {}", made.display()))?;
        }
        let options = format!(
            "lowerdir={},upperdir={},workdir={}",
            kept.join("root").display(),
            over.display(),
            work.display()
        );
        let mut overlay = Command::new("mount");
        overlay.args(["-t", "overlay", "sealfold-trial", "-o", &options]);
        call(overlay.arg(&place.root))?;
        for (kind, at) in [("proc", "proc"), ("tmpfs", "dev/shm")] {
            let at = place.root.join(at);
            fs::create_dir_all(&at)?;
            call(Command::new("mount").args(["-t", kind, kind]).arg(&at))?;
        }
        // Where a display that a user starts puts its socket.
        call(&mut place.root_does(&["mkdir", "--mode=1777", "/tmp/.X11-unix"]))?;
        Ok(place)
    }

    /// A command of the system's root.
    pub fn root_does(&self, words: &[&str]) -> Command {
        inside(&self.root, words)
    }

    /// A line that the user types.
    pub fn user_does(&self, line: &str) -> Command {
        let mut command = Command::new("chroot");
        command
            .arg(format!("--userspec={USER}"))
            .arg(&self.root)
            .args(["/usr/bin/env", "-i", "PATH=/usr/bin:/bin", "LANG=C.UTF-8"])
            .args([format!("HOME={HOME}"), format!("USER={USER}")])
            .args(["sh", "-c", &format!("cd && {line}")]);
        command
    }

    /// Copies a package in and gives its path there.
    pub fn bring(&self, package: &Path) -> Result<String> {
        let to = "/tmp/sealfold.deb";
        fs::copy(package, self.path(to)).context("copying the package")?;
        Ok(to.to_owned())
    }

    /// Where a path of the system lies on ours.
    pub fn path(&self, inside: &str) -> PathBuf {
        self.root.join(inside.trim_start_matches('/'))
    }

    /// Every file there, but for [`NOT_OURS`].
    pub fn files(&self) -> Result<BTreeSet<String>> {
        let mut find = Command::new("find");
        find.args([".", "-xdev"]).current_dir(&self.root);
        for folder in NOT_OURS {
            find.args(["-path", folder, "-prune", "-o"]);
        }
        let listed = said(find.arg("-print"))?;
        Ok(listed.lines().map(str::to_owned).collect())
    }

    fn remove(&self) -> Result<()> {
        // Of this trial, or of one that was cut off.
        let root = self.root.display().to_string();
        if succeeds("mountpoint", &["--quiet", &root]) {
            call(Command::new("umount").args(["--recursive", &root]))?;
        }
        if self.layer.exists() {
            // Never into what is mounted below.
            let mut remove = Command::new("rm");
            remove.args(["-r", "--one-file-system"]);
            call(remove.arg(&self.layer)).context("removing the layer")?;
        }
        Ok(())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // The agent, and whatever else was started there.
        let _ = said(&mut self.user_does("sealfold agent stop"));
        if let Err(error) = self.remove() {
            eprintln!("{} is still there: {error:#}", self.layer.display());
        }
    }
}

fn inside(root: &Path, words: &[&str]) -> Command {
    let mut command = Command::new("chroot");
    command
        .arg(root)
        .args(words)
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .env("LC_ALL", "C.UTF-8")
        .env("DEBIAN_FRONTEND", "noninteractive");
    command
}

/// A minimal system of the same release as this one, with a user.
fn make(kept: &Path, codename: &str, company: &[&str]) -> Result<()> {
    if kept.exists() {
        fs::remove_dir_all(kept).with_context(|| format!("removing {}", kept.display()))?;
    }
    fs::create_dir_all(kept).with_context(|| format!("making {}", kept.display()))?;
    let root = kept.join("root");
    let mut debootstrap = Command::new("debootstrap");
    debootstrap.args(["--variant=minbase", codename]);
    call(debootstrap.arg(&root))?;
    let install = ["apt-get", "install", "--yes", "--no-install-recommends"];
    call(inside(&root, &install).args(company))?;
    call(&mut inside(&root, &["useradd", "--create-home", USER]))?;
    fs::write(kept.join("complete"), "").context("noting that it is complete")
}

/// The name of this system's release, as its package archive has it.
fn codename() -> Result<String> {
    let text = fs::read_to_string("/etc/os-release").context("reading /etc/os-release")?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("VERSION_CODENAME="));
    let name =
        line.context("/etc/os-release names no release: this is tried on Debian and Ubuntu")?;
    Ok(name.trim_matches('"').to_owned())
}
