//! The system's package manager.

use std::io::{self, BufRead, IsTerminal, Write};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::needs::Need;
use crate::workspace::{call, on_path};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Manager {
    Apt,
    Dnf,
    Pacman,
    Zypper,
    Brew,
}

impl Manager {
    const ALL: [Self; 5] = [Self::Apt, Self::Dnf, Self::Pacman, Self::Zypper, Self::Brew];

    fn find() -> Option<Self> {
        Self::ALL.into_iter().find(|it| on_path(it.program()))
    }

    fn program(self) -> &'static str {
        match self {
            Self::Apt => "apt-get",
            Self::Dnf => "dnf",
            Self::Pacman => "pacman",
            Self::Zypper => "zypper",
            Self::Brew => "brew",
        }
    }

    /// What makes it learn of new packages, where installing does not do so by itself.
    fn refresh_args(self) -> Option<&'static [&'static str]> {
        match self {
            Self::Apt => Some(&["update"]),
            Self::Dnf | Self::Pacman | Self::Zypper | Self::Brew => None,
        }
    }

    fn install_args(self) -> &'static [&'static str] {
        match self {
            Self::Apt => &["install", "--yes", "--no-install-recommends"],
            Self::Dnf => &["install", "--assumeyes"],
            Self::Pacman => &["--sync", "--refresh", "--needed", "--noconfirm"],
            Self::Zypper => &["--non-interactive", "install"],
            Self::Brew => &["install"],
        }
    }

    /// The manager as a command, with the right to install.
    fn command(self, args: &[&str]) -> Result<Command> {
        let mut command = if self == Self::Brew || is_root()? {
            Command::new(self.program())
        } else if on_path("sudo") {
            let mut sudo = Command::new("sudo");
            if !io::stdin().is_terminal() {
                // Nobody is there to type a password: fail at once.
                sudo.arg("--non-interactive");
            }
            sudo.args(["env", "DEBIAN_FRONTEND=noninteractive", self.program()]);
            sudo
        } else {
            bail!("only root can install packages here, and there is no sudo");
        };
        command.env("DEBIAN_FRONTEND", "noninteractive").args(args);
        Ok(command)
    }
}

/// Installs what brings the `missing` programs.
pub fn install(missing: &[&Need], yes: bool) -> Result<()> {
    let programs: Vec<_> = missing.iter().map(|need| need.program).collect();
    let programs = programs.join(", ");
    let Some(manager) = Manager::find() else {
        bail!("missing: {programs}; no package manager that is known here can install them");
    };
    let mut packages = Vec::new();
    for need in missing {
        let brings = need.packages(manager);
        if brings.is_empty() {
            let by = manager.program();
            bail!(
                "`{}` is missing and does not come from {by}; install it first",
                need.program
            );
        }
        packages.extend_from_slice(brings);
    }
    eprintln!("missing: {programs}");
    eprintln!("packages: {}", packages.join(" "));
    if !yes && !agreed(manager)? {
        bail!("not installed; install these packages, then call this again");
    }
    let how = || format!("install by hand: {}", packages.join(" "));
    if let Some(args) = manager.refresh_args() {
        let mut refresh = manager.command(args).with_context(how)?;
        if let Err(error) = call(&mut refresh) {
            // One dead source among several: what is needed may come from the others.
            eprintln!("going on without fresh package lists: {error:#}");
        }
    }
    let mut args = manager.install_args().to_vec();
    args.extend_from_slice(&packages);
    call(&mut manager.command(&args).with_context(how)?).with_context(how)?;

    let still: Vec<_> = missing.iter().filter(|need| !need.is_met()).collect();
    if let Some(need) = still.first() {
        bail!("installed, and still `{}` does not work here", need.program);
    }
    Ok(())
}

/// Asks where a person can answer; goes ahead where nobody can.
fn agreed(manager: Manager) -> Result<bool> {
    if !io::stdin().is_terminal() {
        return Ok(true);
    }
    eprint!("Install them with {}? [Y/n] ", manager.program());
    io::stderr().flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    let answer = answer.trim().to_lowercase();
    Ok(answer.is_empty() || answer == "y" || answer == "yes")
}

fn is_root() -> Result<bool> {
    let output = Command::new("id")
        .arg("-u")
        .output()
        .context("calling id")?;
    Ok(output.stdout.trim_ascii() == b"0")
}
