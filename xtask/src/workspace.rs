//! Where things are, and how other programs are called.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};

/// The root of the checkout.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("xtask lies in the workspace")
}

/// Where tools that only the tests need are kept between runs: `SEALFOLD_CACHE`, or
/// `sealfold` in the user's cache folder.
pub fn cache() -> Result<PathBuf> {
    if let Some(chosen) = env::var_os("SEALFOLD_CACHE") {
        return Ok(chosen.into());
    }
    let user = if cfg!(windows) {
        env::var_os("LOCALAPPDATA").map(PathBuf::from)
    } else {
        env::var_os("XDG_CACHE_HOME").map(PathBuf::from)
    };
    user.or_else(|| env::home_dir().map(|home| home.join(".cache")))
        .map(|folder| folder.join("sealfold"))
        .context("there is no home folder to keep tools in; set SEALFOLD_CACHE to a folder")
}

/// The folder that cargo builds programs of the dev profile into: where this program lies.
pub fn programs() -> Result<PathBuf> {
    let this = env::current_exe().context("finding the path of this program")?;
    Ok(this.parent().expect("a program lies in a folder").into())
}

/// The `sealfold` of the dev profile, which must have been built.
pub fn sealfold() -> Result<Command> {
    let file = format!("sealfold{}", env::consts::EXE_SUFFIX);
    Ok(Command::new(programs()?.join(file)))
}

/// The cargo that started this, in the root of the checkout. `line` is its arguments as typed,
/// none of which has a space in it.
pub fn cargo(line: &str) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(line.split(' ')).current_dir(root());
    command
}

/// Tauri's command line, in the root of the checkout. Nothing that is built needs it: it draws the
/// icons, and bundles for macOS and Windows. Of the same minor version as the library.
pub fn tauri() -> Command {
    let program = if cfg!(windows) { "npx.cmd" } else { "npx" };
    let mut command = Command::new(program);
    command
        .args(["--yes", "@tauri-apps/cli@2.12.5"])
        .current_dir(root());
    command
}

/// Builds all there is: with all targets in one go, everything is compiled for one set of
/// features, and what comes after finds it done.
pub fn build_all() -> Result<()> {
    crate::ui::ensure_built()?;
    step("build", || {
        call(&mut cargo("build --locked --workspace --all-targets"))
    })
}

/// Says what is done, does it, says how long it took.
pub fn step<T>(what: &str, act: impl FnOnce() -> Result<T>) -> Result<T> {
    eprintln!("── {what}");
    let start = Instant::now();
    let result = act();
    let took = start.elapsed().as_secs_f32();
    match &result {
        Ok(_) => eprintln!("── {what}: {took:.1} s"),
        Err(_) => eprintln!("── {what}: FAILED after {took:.1} s"),
    }
    result
}

/// Runs a command, its output going where ours goes; an error unless it succeeds.
pub fn call(command: &mut Command) -> Result<()> {
    let name = command.get_program().display().to_string();
    let status = command
        .status()
        .with_context(|| format!("starting {name}"))?;
    if !status.success() {
        bail!("{name} ended with {status}");
    }
    Ok(())
}

/// Whether a command runs and succeeds, quietly.
pub fn succeeds(program: &str, args: &[&str]) -> bool {
    Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Whether a program of this name is on the path, or on that of administrators, where servers are.
pub fn on_path(program: &str) -> bool {
    let file = format!("{program}{}", env::consts::EXE_SUFFIX);
    let path = env::var_os("PATH").unwrap_or_default();
    let mut folders = env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    folders.any(|folder| folder.join(&file).is_file())
}
