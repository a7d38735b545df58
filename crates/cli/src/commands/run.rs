//! `run`: a program with a bundle's variables in its environment.
//!
//! On Unix the program takes this process' place: its exit code, signals, terminal and job
//! control are the kernel's business, and nothing of ours stays behind.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;
use std::process::Command;

use app::audit::Record;
use app::transfer::{Environment, Selection, Variables};
use app::{Code, Door, Fault};
use clap::Args;

use crate::args::SelectionArgs;
use crate::context::Context;
use crate::door::{self, Access};
use crate::exit::{Failure, NOT_STARTED, Outcome};
use crate::fresh::FreshArg;

/// The program was found and can't be run, as shells say it.
const NOT_RUNNABLE: u8 = 126;

/// The program was not found, as shells say it.
const NO_PROGRAM: u8 = 127;

/// Variables of the caller that stay with `--clean-env`, and all that start with `LC_`.
const KEPT: [&str; 9] = [
    "PATH", "HOME", "USER", "LOGNAME", "SHELL", "TERM", "LANG", "TZ", "TMPDIR",
];

/// Run a program with the secrets of a bundle in its environment
///
/// The program takes sealfold's place, so its exit code is what you see. When sealfold fails
/// before the start the exit code is 125, and the message names the reason; 126 and 127 mean
/// that the program can't be run or found. Names that could take over the program, such as PATH
/// or LD_PRELOAD, are refused unless --map asks for them.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    sealfold run -b api/dev -- npm start\n  \
    sealfold run --only 'DB_*' --clean-env -- ./migrate --all\n  \
    sealfold run --map PGPASSWORD=DB_PASSWORD psql")]
pub struct RunArgs {
    #[command(flatten)]
    selection: SelectionArgs,
    #[command(flatten)]
    fresh: FreshArg,
    /// Of the present environment, pass only what a program can't do without
    #[arg(long)]
    clean_env: bool,
    /// The program and its arguments
    #[arg(required = true, trailing_var_arg = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

impl RunArgs {
    pub fn carry_out(self, context: &Context) -> Outcome {
        self.start(context).map_err(|failure| match failure {
            Failure::Fault(fault) => Failure::NotStarted {
                fault,
                exit_code: NOT_STARTED,
            },
            other => other,
        })
    }

    fn start(self, context: &Context) -> Outcome {
        let (program, arguments) = self.command.split_first().expect("clap requires one");
        let program_name = Path::new(program)
            .file_name()
            .unwrap_or(program)
            .to_string_lossy();
        let selection = Selection::from(self.selection);
        let bundle = selection.bundle.clone();
        let mut door = door::open(context, Access::Read)?;
        self.fresh
            .carry_out(context, &mut door, bundle.as_deref())?;
        let given = door.ask(Environment {
            selection,
            program: program_name.clone().into(),
        })?;
        context.output.warn(&given.warnings);

        let mut command = Command::new(program);
        command.args(arguments);
        set_environment(&mut command, &given, self.clean_env);
        let error = match take_place(command) {
            Ok(ended) => return ended,
            Err(error) => error,
        };
        let (code, exit_code, message) = match error.kind() {
            io::ErrorKind::NotFound => (Code::NotFound, NO_PROGRAM, "The program is not there."),
            io::ErrorKind::PermissionDenied => (
                Code::NotAllowed,
                NOT_RUNNABLE,
                "The program may not be run.",
            ),
            _ => (Code::Io, NOT_RUNNABLE, "The program can't be run."),
        };
        record(&mut door, bundle, &program_name, code);
        let about = format!("{}: {error}", program.to_string_lossy());
        Err(Failure::NotStarted {
            fault: Fault::new(code, message).about(about),
            exit_code,
        })
    }
}

/// The caller's environment, all or little of it, without our own variables; and the secrets.
fn set_environment(command: &mut Command, given: &Variables, clean: bool) {
    command.env_clear();
    for (name, value) in std::env::vars_os() {
        if !is_ours(&name) && (!clean || is_kept(&name)) {
            command.env(name, value);
        }
    }
    for (name, value) in &given.variables {
        // EXPOSE: into the environment of the program that was asked for.
        command.env(name, os_text(value.expose()));
    }
}

fn is_ours(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b"SEALFOLD_")
}

fn is_kept(name: &OsStr) -> bool {
    KEPT.iter().any(|kept| name == *kept) || name.as_encoded_bytes().starts_with(b"LC_")
}

#[cfg(unix)]
fn os_text(bytes: &[u8]) -> &OsStr {
    std::os::unix::ffi::OsStrExt::from_bytes(bytes)
}

#[cfg(not(unix))]
fn os_text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Becomes the program; returns only when that fails. The standard library gives the program the
/// default disposition of `SIGPIPE` and an empty signal mask.
#[cfg(unix)]
fn take_place(mut command: Command) -> Result<Outcome, io::Error> {
    use std::os::unix::process::CommandExt;
    app::guard::restore_core_limit();
    Err(command.exec())
}

/// Elsewhere a process can't be replaced: waits, and ends as the program did.
#[cfg(not(unix))]
fn take_place(mut command: Command) -> Result<Outcome, io::Error> {
    let status = command.status()?;
    std::process::exit(status.code().unwrap_or(1));
}

/// The audit says that the variables were given out; it should say that the start failed too.
fn record(door: &mut Door, bundle: Option<String>, program: &str, code: Code) {
    // The failed start is what counts; a record that can't be written must not hide it.
    let _ = door.ask(Record {
        operation: "run".to_owned(),
        bundle,
        detail: Some(program.to_owned()),
        failure: Some(code),
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stays_in_a_clean_environment() {
        for kept in ["PATH", "LC_ALL", "LC_TIME", "TMPDIR"] {
            assert!(is_kept(OsStr::new(kept)), "{kept}");
        }
        for gone in ["LD_PRELOAD", "AWS_SECRET_ACCESS_KEY", "PATHS", "LANGUAGE"] {
            assert!(!is_kept(OsStr::new(gone)), "{gone}");
        }
    }

    #[test]
    fn our_own_variables_never_go_along() {
        assert!(is_ours(OsStr::new("SEALFOLD_HOME")));
        assert!(!is_ours(OsStr::new("SEALFOLDER")));
    }
}
