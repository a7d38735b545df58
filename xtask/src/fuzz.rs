//! `cargo xtask fuzz`: libFuzzer over every parser and decoder.
//!
//! Without cargo-fuzz and on stable Rust: coverage comes from LLVM's own pass, and the
//! sanitizers, which need nightly, have nothing to find where unsafe code is forbidden. What
//! is looked for are panics, overflows, endless loops and swollen memory.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::setup;
use crate::workspace::{call, cargo, root, step};

/// Coverage as libFuzzer reads it, checks on, and no code thrown away before it is counted.
const RUSTFLAGS: &str = "--cfg fuzzing -Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares \
    -Cdebug-assertions -Coverflow-checks -Ccodegen-units=1";

/// Long enough to find a slip in something just written.
const SECONDS: &str = "60";

pub fn run(args: &[String]) -> Result<()> {
    let known = targets()?;
    let mut chosen = Vec::new();
    let mut seconds = SECONDS.to_owned();
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        if arg == "--seconds" {
            let number = args.next().context("--seconds needs a number")?;
            number.parse::<u32>().context("--seconds needs a number")?;
            seconds.clone_from(number);
        } else if known.contains(arg) {
            chosen.push(arg.clone());
        } else {
            bail!("no target `{arg}`; there are: {}", known.join(", "));
        }
    }
    if chosen.is_empty() {
        chosen = known;
    }
    setup::install(setup::BUILD, false)?;
    setup::install(setup::FUZZ, false)?;
    let programs = step("build", || build(&chosen))?;
    chosen.iter().try_for_each(|target| {
        step(&format!("fuzz {target}"), || {
            fuzz(&programs, target, &seconds)
        })
    })
}

/// One file, one target.
fn targets() -> Result<Vec<String>> {
    let folder = root().join("fuzz/targets");
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if let Some(stem) = path.file_stem() {
            names.push(stem.to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// Builds the targets; returns the folder that holds them.
fn build(targets: &[String]) -> Result<PathBuf> {
    // Beside the ordinary builds and apart from them: other flags, other files.
    let folder = env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root().join("target"), PathBuf::from)
        .join("fuzz");
    let host = host()?;
    let mut build = cargo("build --release --quiet --manifest-path");
    build
        .arg(root().join("fuzz/Cargo.toml"))
        .arg("--target-dir")
        .arg(&folder)
        // Named, so that the flags reach the targets and not the build scripts.
        .args(["--target", &host])
        .args(targets.iter().flat_map(|target| ["--bin", target]))
        .env("RUSTFLAGS", RUSTFLAGS);
    call(&mut build)?;
    Ok(folder.join(host).join("release"))
}

fn fuzz(programs: &Path, target: &str, seconds: &str) -> Result<()> {
    // What was learnt stays here between runs; inputs that broke something lie beside it.
    let corpus = root().join("fuzz/corpus").join(target);
    let artifacts = root().join("fuzz/artifacts").join(target);
    fs::create_dir_all(&corpus)?;
    fs::create_dir_all(&artifacts)?;
    let mut run = Command::new(programs.join(target));
    run.arg(&corpus)
        .args(seeds(target))
        .arg(format!("-artifact_prefix={}/", artifacts.display()))
        .arg(format!("-max_total_time={seconds}"))
        // Without it a planted five-byte slip stays hidden for 10 million runs; with it, 4 s.
        .arg("-use_value_profile=1")
        .args(["-timeout=10", "-rss_limit_mb=1024", "-verbosity=0"])
        .arg("-print_final_stats=1");
    call(&mut run).with_context(|| format!("the input is in {}", artifacts.display()))
}

/// Good inputs to start from, where somebody wrote some.
fn seeds(target: &str) -> Option<PathBuf> {
    Some(root().join("fuzz/seeds").join(target)).filter(|folder| folder.is_dir())
}

/// The triple that this machine's Rust builds for.
fn host() -> Result<String> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc)
        .args(["--print", "host-tuple"])
        .output()
        .context("calling rustc")?;
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}
