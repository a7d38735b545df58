//! `cargo xtask …`: every developer command of Sealfold.
//!
//! Holds: what a person or the CI does with the sources ([`COMMANDS`]). Never: anything that
//! ships. It stands on the standard library and `anyhow`, because everybody waits for it to
//! compile before anything else starts. Start reading at the command that you want to change;
//! each is a module with one `run` or a function called from [`main`].

// A program for the terminal: printing is its work.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod bench;
mod ceph;
mod check;
mod fuzz;
mod generate;
mod icons;
mod package;
mod screens;
mod setup;
mod test;
mod ui;
mod walk;
mod workspace;

use std::env;
use std::process::ExitCode;

use anyhow::{Result, bail};

struct Task {
    name: &'static str,
    args: &'static str,
    about: &'static str,
    run: fn(&[String]) -> Result<()>,
}

const COMMANDS: &[Task] = &[
    Task {
        name: "run",
        args: "[--yes]",
        about: "build and open the window; without a display, walk through the main job in a \
                throw-away home",
        run: walk::run,
    },
    Task {
        name: "test",
        args: "[--yes] [--ceph] [ARGS…]",
        about: "install what the tests need and run them all; ARGS go to the test runner; with \
                --ceph those that need an S3 server, against Ceph's gateway",
        run: test::run,
    },
    Task {
        name: "check",
        args: "",
        about: "formatting, lints, documentation and the house rules",
        run: check::run,
    },
    Task {
        name: "generate",
        args: "",
        about: "write the files that come from the program itself: docs/cli.md, docs/threats.md, the \
                window's types and capability",
        run: generate::run,
    },
    Task {
        name: "ui",
        args: "",
        about: "check, test and build the window's front end",
        run: ui::run,
    },
    Task {
        name: "screens",
        args: "[FOLDER]",
        about: "take the pictures of docs/screens anew; with a folder, all screens in all sizes",
        run: screens::run,
    },
    Task {
        name: "icons",
        args: "",
        about: "draw the mark in all sizes that systems ask for",
        run: icons::run,
    },
    Task {
        name: "package",
        args: "[--check] [--yes]",
        about: "build for release and make the package of this system; with --check install it in \
                a clean one, look, and remove it",
        run: package::run,
    },
    Task {
        name: "bench",
        args: "[ARGS…]",
        about: "build for release and print each promise on speed as a ratio",
        run: bench::run,
    },
    Task {
        name: "fuzz",
        args: "[TARGET] [--seconds N]",
        about: "fuzz one parser or decoder, or each in turn",
        run: fuzz::run,
    },
];

fn main() -> ExitCode {
    let mut args = env::args().skip(1);
    let name = args.next().unwrap_or_else(|| "help".to_owned());
    let rest: Vec<String> = args.collect();
    if ["help", "--help", "-h"].contains(&name.as_str()) {
        help();
        return ExitCode::SUCCESS;
    }
    let Some(task) = COMMANDS.iter().find(|task| task.name == name) else {
        eprintln!("error: there is no command `{name}`");
        help();
        return ExitCode::from(2);
    };
    match (task.run)(&rest) {
        // Nothing more: the output ends as the command's own tool ended it.
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn help() {
    println!("cargo xtask COMMAND\n");
    for task in COMMANDS {
        println!("  {:<8} {:<23} {}", task.name, task.args, task.about);
    }
    println!("\n--yes installs missing packages without asking, as it does without a terminal.");
}

/// Takes `flag` out of `args`; says whether it was there.
fn take_flag(args: &mut Vec<String>, flag: &str) -> bool {
    let before = args.len();
    args.retain(|arg| arg != flag);
    args.len() < before
}

/// Refuses arguments that a command has no use for.
fn expect_none(args: &[String]) -> Result<()> {
    if let Some(first) = args.first() {
        bail!("`{first}` is not understood here; see `cargo xtask help`");
    }
    Ok(())
}
