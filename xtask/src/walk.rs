//! `cargo xtask run`: builds all that people use and opens the window. Without a display it walks
//! through the main job in the terminal, each command shown as one would type it, in a home that is
//! thrown away.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::workspace::{call, cargo, programs, sealfold, step};
use crate::{expect_none, setup, take_flag, ui};

/// What somebody's project might have lying about. Nothing in it opens anything.
const SAMPLE: &str = "\
# The API's own settings
DATABASE_URL=postgres://api:s3cret@localhost:5432/api
STRIPE_KEY=\"sk_test_paper crane\" # quoted, with a comment behind
GREETING='Grüße aus der Falz'
";

/// A typed line, what it is for, and the exit code that it must end with.
const WALK: &[(&str, &str, i32)] = &[
    (
        "A new vault; the recovery words go to a file",
        "sealfold init --passphrase-file passphrase --recovery-file recovery --no-input",
        0,
    ),
    (
        "One unlock for every command that follows",
        "sealfold unlock --passphrase-file passphrase --no-input",
        0,
    ),
    (
        "In goes the .env of a project",
        "sealfold import .env -b api/dev --no-input",
        0,
    ),
    ("Names, never values", "sealfold ls -b api/dev", 0),
    ("One value", "sealfold get -b api/dev DATABASE_URL; echo", 0),
    (
        "A program with its secrets",
        "sealfold run -b api/dev -- env | grep -E 'DATABASE_URL|STRIPE_KEY|GREETING'",
        0,
    ),
    (
        "A new value, never as an argument",
        "printf 'sk_test_folded twice' | sealfold set -b api/dev STRIPE_KEY --stdin",
        0,
    ),
    (
        "Every version is kept",
        "sealfold history -b api/dev STRIPE_KEY",
        0,
    ),
    (
        "Out again, to be evaluated by a shell",
        "sealfold export -b api/dev --format shell",
        0,
    ),
    ("Locked is locked …", "sealfold lock", 0),
    (
        "… and says so with exit code 11",
        "sealfold get -b api/dev STRIPE_KEY --no-input",
        11,
    ),
    (
        "Open again",
        "sealfold unlock --passphrase-file passphrase --no-input",
        0,
    ),
    (
        "Whatever happened is written down, in a chain",
        "sealfold audit verify",
        0,
    ),
];

pub fn run(args: &[String]) -> Result<()> {
    let mut args = args.to_vec();
    let yes = take_flag(&mut args, "--yes");
    expect_none(&args)?;
    setup::install(setup::BUILD, yes)?;
    ui::ensure_built()?;
    step("build", || {
        call(&mut cargo(
            "build --locked --package sealfold-cli --package sealfold-desktop",
        ))
    })?;
    if has_display() {
        let window = programs()?.join(format!("sealfold-desktop{}", env::consts::EXE_SUFFIX));
        return step("window", || call(&mut Command::new(window)));
    }
    let sealfold = sealfold()?;
    let binary = sealfold.get_program().display();
    if cfg!(windows) {
        bail!("built {binary}; the walk is typed into a Unix shell");
    }
    let home = Home::make()?;
    step("walk", || walk(&home))?;
    println!("The program is {binary}.");
    println!("To have it at hand: cargo install --locked --path crates/cli");
    Ok(())
}

fn has_display() -> bool {
    let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")
}

fn walk(home: &Home) -> Result<()> {
    home.write(".env", SAMPLE)?;
    home.write("passphrase", "seven folded cranes over the harbour\n")?;
    println!("\n$ cat .env\n{SAMPLE}");
    for (why, line, expected) in WALK {
        println!("# {why}\n$ {line}");
        let status = home.shell(line)?.status().context("starting sh")?;
        println!();
        if status.code() != Some(*expected) {
            bail!("`{line}` ended with {status}, not with exit code {expected}");
        }
    }
    Ok(())
}

/// A folder of our own making with a vault in it. Dropping it stops the agent and removes all.
struct Home(PathBuf);

impl Home {
    fn make() -> Result<Self> {
        // Short, because a socket goes into it; unique while this process lives.
        let path = env::temp_dir().join(format!("sealfold-walk-{}", std::process::id()));
        fs::create_dir(&path).with_context(|| format!("making {}", path.display()))?;
        Ok(Self(path))
    }

    fn write(&self, name: &str, text: &str) -> Result<()> {
        fs::write(self.0.join(name), text).with_context(|| format!("writing {name}"))
    }

    /// `line` as typed into a shell whose path begins with the folder of the built program, far
    /// from the user's own vault, agent and keychain.
    fn shell(&self, line: &str) -> Result<Command> {
        let old = env::var_os("PATH").unwrap_or_default();
        let path = std::iter::once(programs()?).chain(env::split_paths(&old));
        let mut command = Command::new("sh");
        command
            .args(["-c", line])
            .current_dir(&self.0)
            .env("PATH", env::join_paths(path)?)
            .env("SEALFOLD_HOME", self.0.join("home"))
            .env("XDG_RUNTIME_DIR", &self.0)
            .env_remove("SEALFOLD_VAULT")
            .env_remove("DBUS_SESSION_BUS_ADDRESS");
        Ok(command)
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if self.0.join("home").exists() {
            // After a failed step there may be no agent to stop: it says so itself.
            if let Ok(mut stop) = self.shell("sealfold agent stop >/dev/null 2>&1") {
                let _ = stop.status();
            }
        }
        if let Err(error) = fs::remove_dir_all(&self.0) {
            eprintln!("{} is still there: {error}", Path::display(&self.0));
        }
    }
}
