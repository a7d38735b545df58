//! The window's program. It is its own agent's program too: both faces start the same one.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::process::ExitCode;

fn main() -> ExitCode {
    sealfold_desktop::main()
}
