//! The harness's homes, looked at through the program that lives in them.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::thread;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::signal::kill;
use nix::unistd::Pid;
use sealfold_tests::home::{Home, PASSPHRASE};

#[test]
fn a_prepared_home_opens_with_its_passphrase_alone() {
    let home = Home::prepared();
    home.sealfold(["ls"]).with_passphrase().run().success();
    home.write("passphrase", "another\n");
    home.sealfold(["ls"]).with_passphrase().run().code(12);
}

#[test]
fn prepared_homes_are_apart() {
    let ann = Home::prepared();
    let bob = Home::prepared();
    ann.sealfold(["import", "-", "-b", "api/dev"])
        .stdin("A=1\n")
        .with_passphrase()
        .run()
        .success();
    let names = |home: &Home| {
        let ls = home.sealfold(["ls", "--json"]).with_passphrase().run();
        ls.success().json().to_string()
    };
    assert!(names(&ann).contains("\"A\""), "{}", names(&ann));
    assert!(!names(&bob).contains("\"A\""), "{}", names(&bob));
}

#[test]
fn an_agent_goes_with_its_home() {
    let home = Home::prepared();
    home.sealfold(["unlock"]).with_passphrase().run().success();
    let status = home.sealfold(["agent", "status", "--json"]).run().success();
    let pid = status.json()["pid"].as_i64().unwrap();
    let pid = Pid::from_raw(i32::try_from(pid).unwrap());
    assert_eq!(kill(pid, None), Ok(()));
    drop(home);
    // It answers before it goes; how long that takes is the system's affair.
    let deadline = Instant::now() + Duration::from_secs(30);
    while kill(pid, None) != Err(Errno::ESRCH) {
        assert!(Instant::now() < deadline, "the agent is still there");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_passphrase_is_asked_for_on_a_terminal() {
    let home = Home::prepared();
    let mut terminal = home.sealfold(["ls"]).on_terminal();
    terminal.expect("assphrase");
    terminal.type_in(&format!("{PASSPHRASE}\n"));
    let shown = terminal.wait_for_code(0);
    assert!(!shown.contains(PASSPHRASE), "{shown}");
}
