//! `sealfold`, the terminal face of Sealfold.
//!
//! Holds: arguments, prompts, output, exit codes, and the start of programs. Never: keys, SQL, or
//! anything of ours but `app`; it asks [`app::Door`] and shows what it answers. A person or a
//! script calls it. Start reading at [`args`], then [`door`], then the command you are after in
//! [`commands`], each a small file: arguments on top, the work below.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod args;
mod carried;
mod commands;
mod context;
mod door;
mod editor;
mod exit;
mod file;
mod fresh;
mod input;
mod job;
mod moment;
mod output;
mod prompt;
mod scratch;
mod signals;
mod tell;
mod words;

use std::process::ExitCode;

fn main() -> ExitCode {
    match args::parse(std::env::args_os()) {
        Ok(cli) => {
            // No core dump and no tracer from here on; the agent does more by itself (threat 52).
            app::guard::apply(false);
            let context = context::Context::new(cli.globals);
            let allowed = job::allow(&cli.command, &context);
            exit::conclude(allowed.and_then(|()| commands::carry_out(cli.command, &context)))
        }
        Err(refusal) => exit::refuse(&refusal),
    }
}
