//! The harness's terminal, driven with programs that every Unix has.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::process::Command;

use sealfold_tests::terminal::{CTRL_C, CTRL_D, Terminal};

fn shell(script: &str) -> Terminal {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", script]).env("PATH", "/usr/bin:/bin");
    Terminal::start(&command)
}

#[test]
fn a_prompt_is_answered() {
    let mut terminal = shell("printf 'Name: '; read name; echo \"<$name>\"; test -t 2");
    terminal.expect("Name: ");
    terminal.type_in("ann\n");
    terminal.expect("<ann>");
    terminal.wait_for_code(0);
}

#[test]
fn what_is_typed_unseen_is_not_shown() {
    let mut terminal = shell("stty -echo; printf 'ready '; read line; echo; echo got");
    terminal.expect("ready ");
    terminal.type_in("hidden\n");
    let shown = terminal.wait_for_code(0);
    assert!(
        shown.contains("got") && !shown.contains("hidden"),
        "{shown}"
    );
}

#[test]
fn ctrl_c_interrupts_the_foreground() {
    let mut terminal = shell("exec cat");
    // The second one is cat's: a signal before it runs might still be the shell's to swallow.
    terminal.type_in("on\n");
    terminal.expect("on\r\non\r\n");
    terminal.type_in(CTRL_C);
    terminal.wait_for_code(130);
}

#[test]
fn ctrl_d_ends_the_input() {
    let mut terminal = shell("echo started; cat; exit 7");
    terminal.expect("started");
    terminal.type_in(CTRL_D);
    terminal.wait_for_code(7);
}

#[test]
fn nothing_is_inherited() {
    let shown = shell("env").wait_for_code(0);
    assert!(!shown.contains("CARGO"), "{shown}");
}
