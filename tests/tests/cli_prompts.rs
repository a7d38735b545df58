//! Questions at a terminal: typed unseen, asked again, interrupted; and none without a terminal.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod cli_shell;

use cli_shell::in_shell;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sealfold_tests::home::{Home, PASSPHRASE};
use sealfold_tests::terminal::{CTRL_C, CTRL_D, Terminal};

#[test]
fn init_asks_twice_and_shows_the_words_once() {
    let home = Home::empty();
    let mut terminal = home
        .sealfold(["init", "--unlock-millis", "1"])
        .on_terminal();
    terminal.expect("Passphrase for the new vault: ");
    terminal.type_in("short\n");
    terminal.expect("At least 8 characters");
    terminal.expect("Passphrase for the new vault: ");
    terminal.type_in("a long enough one\n");
    terminal.expect("The same again: ");
    terminal.type_in("another one\n");
    terminal.expect("not the same");
    terminal.expect("Passphrase for the new vault: ");
    terminal.type_in("a long enough one\n");
    terminal.expect("The same again: ");
    terminal.type_in("a long enough one\n");
    terminal.expect("Recovery words");
    let shown = terminal.wait_for_code(0);
    assert!(!shown.contains("long enough one"), "{shown}");
    home.write("typed", "a long enough one");
    home.sealfold(["ls", "--passphrase-file", "typed"])
        .run()
        .success();
}

#[test]
fn a_passphrase_is_asked_for_three_times() {
    let home = Home::prepared();
    let mut terminal = home.sealfold(["ls", "--no-keychain"]).on_terminal();
    for _ in 0..3 {
        terminal.expect("Passphrase: ");
        terminal.type_in("wrong one\n");
    }
    terminal.wait_for_code(12);

    let mut terminal = home.sealfold(["unlock", "--no-keychain"]).on_terminal();
    terminal.expect("Passphrase: ");
    terminal.type_in("wrong one\n");
    terminal.expect("Passphrase: ");
    terminal.type_in(&format!("{PASSPHRASE}\n"));
    terminal.expect("Unlocked");
    terminal.wait_for_code(0);
    home.sealfold(["agent", "status"]).run().success();
}

#[test]
fn a_wrong_passphrase_leaves_no_agent_behind() {
    let home = Home::prepared();
    home.write("wrong", "not this one\n");
    home.sealfold(["unlock", "--passphrase-file", "wrong"])
        .run()
        .code(12);
    home.sealfold(["agent", "status"]).run().code(10);
}

#[test]
fn a_value_is_typed_unseen() {
    let home = Home::prepared();
    home.sealfold(["unlock"]).with_passphrase().run().success();
    home.sealfold(["bundle", "new", "api/dev"]).run().success();
    let mut terminal = home.sealfold(["set", "TYPED"]).on_terminal();
    terminal.expect("Value: ");
    terminal.type_in("hunter2\n");
    let shown = terminal.wait_for_code(0);
    assert!(!shown.contains("hunter2"), "{shown}");
    assert_eq!(
        home.sealfold(["get", "TYPED"]).run().success().text(),
        "hunter2"
    );
}

#[test]
fn an_interrupted_prompt_leaves_the_terminal_as_it_was() {
    let home = Home::prepared();
    for (key, code) in [(CTRL_C, 3), (CTRL_D, 3)] {
        let mut terminal = echoing(&home, code);
        terminal.expect("Passphrase: ");
        terminal.type_in(key);
        terminal.expect("code 3");
        terminal.wait_for_code(0);
    }
}

#[test]
fn a_signal_from_outside_leaves_the_terminal_as_it_was() {
    let home = Home::prepared();
    for (signal, code) in [(Signal::SIGINT, 3), (Signal::SIGTERM, 143)] {
        let mut terminal = echoing(&home, code);
        terminal.expect("Passphrase: ");
        kill(sealfold_below(terminal.pid()), signal).unwrap();
        terminal.expect(&format!("code {code}"));
        terminal.wait_for_code(0);
    }
}

/// A shell that runs sealfold at a prompt, then says its exit code, and ends well if the code is
/// `code` and the terminal echoes again.
fn echoing(home: &Home, code: i32) -> Terminal {
    let script = format!(
        "before=$(stty -g); \"$0\" ls --no-keychain; code=$?; echo code $code; \
         test \"$(stty -g)\" = \"$before\" && test $code = {code}"
    );
    Terminal::start(&in_shell(&home.sealfold([""]), "/bin/bash", &script))
}

fn sealfold_below(shell: i32) -> Pid {
    let children = std::fs::read_to_string(format!("/proc/{shell}/task/{shell}/children"));
    Pid::from_raw(
        children
            .unwrap()
            .split_whitespace()
            .next()
            .unwrap()
            .parse()
            .unwrap(),
    )
}

#[test]
fn a_question_is_answered_with_yes() {
    let home = Home::prepared();
    home.sealfold(["unlock"]).with_passphrase().run().success();
    home.write("new", "another passphrase\n");
    let add = [
        "slot",
        "add",
        "passphrase",
        "--new-passphrase-file",
        "new",
        "--json",
    ];
    let id = home.sealfold(add).run().success().json()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let slots = || {
        home.sealfold(["slot", "ls"])
            .run()
            .success()
            .text()
            .lines()
            .count()
    };
    let before = slots();

    for (answer, code, left) in [
        ("\n", 3, before),
        ("n\n", 3, before),
        ("y\n", 0, before - 1),
    ] {
        let mut terminal = home.sealfold(["slot", "rm", &id]).on_terminal();
        terminal.expect("[y/N] ");
        terminal.type_in(answer);
        terminal.wait_for_code(code);
        assert_eq!(slots(), left, "{answer:?}");
    }
}

#[test]
fn without_a_terminal_nothing_is_asked() {
    let home = Home::prepared();
    let script = "exec setsid --wait \"$0\" ls --no-keychain </dev/null";
    let refused = in_shell(&home.sealfold([""]), "/bin/sh", script)
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(11), "{refused:?}");
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(
        said.contains("terminal") && said.contains("--passphrase-file"),
        "{said}"
    );
}

#[test]
fn no_input_means_no_question() {
    let home = Home::prepared();
    let refused = home
        .sealfold(["ls", "--no-input", "--no-keychain"])
        .on_terminal();
    let shown = refused.wait_for_code(11);
    assert!(!shown.contains("Passphrase: "), "{shown}");
    let empty = Home::empty();
    empty
        .sealfold(["init", "--no-input"])
        .on_terminal()
        .wait_for_code(3);
}

#[test]
fn on_a_terminal_what_could_command_it_is_escaped() {
    // threats 38 and 60
    let home = Home::prepared();
    home.sealfold(["unlock"]).with_passphrase().run().success();
    home.sealfold(["bundle", "new", "api/dev"]).run().success();
    let hostile = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{202e}evil\nsecond line";
    home.sealfold(["set", "X", "--stdin", "--note", "\u{1b}[31mred"])
        .stdin(hostile)
        .run()
        .success();

    let shown = home.sealfold(["get", "X"]).on_terminal().wait_for_code(0);
    assert!(
        shown.contains("evil\r\nsecond line\r\n"),
        "lines stay lines: {shown:?}"
    );
    assert!(
        !shown.contains(['\u{7}', '\u{202e}']) && !shown.contains("\u{1b}["),
        "{shown:?}"
    );
    let raw = home
        .sealfold(["get", "X", "--raw"])
        .on_terminal()
        .wait_for_code(0);
    assert!(raw.contains("\u{1b}]0;owned\u{7}"), "{raw:?}");
    for listing in [
        &["ls", "-l"][..],
        &["ls", "--json"],
        &["get", "X", "--json"],
        &["export"],
    ] {
        let shown = home
            .sealfold(listing)
            .env("NO_COLOR", "1")
            .on_terminal()
            .wait_for_code(0);
        assert!(
            !shown.contains(['\u{1b}', '\u{7}', '\u{202e}']),
            "{listing:?}: {shown:?}"
        );
    }
}

#[test]
fn bytes_that_are_no_text_stay_off_the_terminal() {
    let home = Home::prepared();
    home.sealfold(["unlock"]).with_passphrase().run().success();
    home.sealfold(["bundle", "new", "api/dev"]).run().success();
    home.sealfold(["set", "BIN", "--stdin"])
        .stdin(*b"\xff\x00\x1b[2J")
        .run()
        .success();
    let refused = home
        .sealfold(["get", "BIN"])
        .env("NO_COLOR", "1")
        .on_terminal()
        .wait_for_code(2);
    assert!(
        refused.contains("-o FILE") && !refused.contains('\u{1b}'),
        "{refused:?}"
    );
}

#[test]
fn colours_only_on_a_terminal_and_not_with_no_color() {
    let home = Home::prepared();
    home.sealfold(["unlock"]).with_passphrase().run().success();
    home.sealfold(["import", "-", "-b", "api/dev"])
        .stdin("A=1\n")
        .run()
        .success();
    let on = home.sealfold(["ls"]).on_terminal().wait_for_code(0);
    assert!(on.contains("\u{1b}[1mNAME"), "{on:?}");
    let off = home
        .sealfold(["ls"])
        .env("NO_COLOR", "1")
        .on_terminal()
        .wait_for_code(0);
    assert!(off.contains("NAME") && !off.contains('\u{1b}'), "{off:?}");
    let piped = home.sealfold(["ls"]).run().success();
    assert!(
        !piped.text().contains('\u{1b}') && !piped.text().contains("NAME"),
        "{piped:?}"
    );
}
