//! `run` is a real start: exit codes, signals, descriptors and limits are the program's own, and
//! nothing of ours goes along.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod cli_shell;

use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};

use cli_shell::in_shell;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sealfold_tests::home::{Call, Home, Outcome};
use sealfold_tests::terminal::{CTRL_C, CTRL_Z, Terminal};

/// A home with an agent and one variable, `SECRET=canary-value`.
fn ready() -> Home {
    let home = Home::prepared();
    home.sealfold(["unlock"]).with_passphrase().run().success();
    home.sealfold(["import", "-", "-b", "api/dev"])
        .stdin("SECRET=canary-value\n")
        .run()
        .success();
    home
}

fn run(home: &Home, command: &[&str]) -> Outcome {
    running(home, command).run()
}

fn running(home: &Home, command: &[&str]) -> Call {
    let mut call = home.sealfold(["run", "--"]);
    for arg in command {
        call = call.arg(arg);
    }
    call
}

fn shell(home: &Home, script: &str) -> Outcome {
    run(home, &["/bin/sh", "-c", script])
}

#[test]
fn the_exit_code_is_the_program_s() {
    let home = ready();
    for code in [0, 1, 2, 14, 77, 125, 255] {
        shell(&home, &format!("exit {code}")).code(code);
    }
    let killed = shell(&home, "kill -TERM $$");
    assert_eq!(
        killed.status.signal(),
        Some(15),
        "the program's end is ours: {killed:?}"
    );
}

#[test]
fn before_the_start_it_is_125_and_the_class() {
    let home = ready();
    for (args, class) in [
        (&["run", "-b", "api/none", "--", "true"][..], "not found"),
        (&["run", "--map", "X=NONE", "--", "true"], "not found"),
        (
            &["run", "--vault", "none", "--no-agent", "--", "true"],
            "not found",
        ),
        (
            &[
                "run",
                "--no-agent",
                "--no-input",
                "--no-keychain",
                "--",
                "true",
            ],
            "locked",
        ),
    ] {
        let failed = home.sealfold(args).run().code(125);
        assert!(failed.stderr.contains(&format!("({class})")), "{failed:?}");
    }
    home.write("wrong", "not this one\n");
    let wrong = [
        "run",
        "--no-agent",
        "--passphrase-file",
        "wrong",
        "--",
        "true",
    ];
    let failed = home.sealfold(wrong).run().code(125);
    assert!(
        failed.stderr.contains("(wrong passphrase or key)"),
        "{failed:?}"
    );
    home.sealfold(["run"]).run().code(125);
    home.sealfold(["run", "--no-such-option", "--", "true"])
        .run()
        .code(125);
}

#[test]
fn a_program_that_cannot_start_is_126_or_127_and_in_the_audit() {
    let home = ready();
    run(&home, &["no-such-program-here"]).code(127);
    home.write("plain", "no program\n");
    run(&home, &["./plain"]).code(126);
    run(&home, &["/"]).code(126);
    let failed = home
        .sealfold(["audit", "--failed", "--json"])
        .run()
        .success()
        .json();
    let programs: Vec<&str> = failed
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|row| row["detail"].as_str())
        .collect();
    assert!(
        programs
            .iter()
            .any(|program| program.contains("no-such-program-here")),
        "{failed}"
    );
    assert!(
        programs.iter().any(|program| program.contains("plain")),
        "{failed}"
    );
}

#[test]
fn the_start_is_in_the_audit_before_the_program_runs() {
    let home = ready();
    // The program asks the audit about its own start.
    let script = format!(
        "SEALFOLD_HOME='{}' exec '{}' audit --operation run --json",
        home.sealfold_home().display(),
        home.sealfold([""]).command().get_program().display()
    );
    let asked = shell(&home, &script).success();
    let row = asked.json()[0].clone();
    assert_eq!(row["detail"], "sh", "the program, not its arguments: {row}");
    assert_eq!(row["names"], serde_json::json!(["SECRET"]));
}

#[test]
fn dashes_are_the_program_s_after_its_name() {
    let home = ready();
    let echoed = home.sealfold(["run", "-b", "api/dev", "printf", "%s ", "--map", "-b", "--"]);
    assert_eq!(echoed.run().success().text(), "--map -b -- ");
    let echoed = home.sealfold(["run", "--", "printf", "%s ", "--", "-x"]);
    assert_eq!(echoed.run().success().text(), "-- -x ");
}

#[test]
fn none_of_our_variables_go_along() {
    // threat 53
    let home = ready();
    let env = running(&home, &["env"])
        .env("SEALFOLD_ODD", "x")
        .env("MINE", "y")
        .run()
        .success();
    assert!(env.text().contains("SECRET=canary-value\n"), "{env:?}");
    assert!(env.text().contains("MINE=y\n"), "{env:?}");
    assert!(!env.text().contains("SEALFOLD_"), "{env:?}");
}

#[test]
fn a_clean_environment_keeps_little() {
    let home = ready();
    let env = home
        .sealfold(["run", "--clean-env", "--", "/usr/bin/env"])
        .env("AWS_SECRET_ACCESS_KEY", "leak")
        .env("LC_TIME", "C")
        .env("TZ", "UTC")
        .run()
        .success();
    let mut names: Vec<&str> = env
        .text()
        .lines()
        .map(|line| line.split('=').next().unwrap())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["HOME", "LC_TIME", "PATH", "SECRET", "TZ"]);
}

#[test]
fn only_except_and_map_choose() {
    let home = ready();
    home.sealfold(["import", "-"])
        .stdin("DB_URL=u\nDB_PASS=p\n")
        .run()
        .success();
    let names = |args: &[&str]| {
        let mut call = home.sealfold(["run", "--clean-env"]);
        for arg in args.iter().chain(&["--", "/usr/bin/env"]) {
            call = call.arg(arg);
        }
        let env = call.run().success();
        let ours = ["SECRET", "DB_URL", "DB_PASS", "OTHER"];
        let has = |name: &&str| {
            env.text()
                .lines()
                .any(|l| l.starts_with(&format!("{name}=")))
        };
        ours.into_iter().filter(has).collect::<Vec<_>>()
    };
    assert_eq!(names(&["--only", "DB_*"]), ["DB_URL", "DB_PASS"]);
    assert_eq!(names(&["--except", "DB_*"]), ["SECRET"]);
    assert_eq!(names(&["--only", "DB_*", "--except", "*_PASS"]), ["DB_URL"]);
    assert!(names(&["--map", "OTHER=SECRET"]).contains(&"OTHER"));
}

#[test]
fn dangerous_names_need_to_be_asked_for() {
    // threat 58
    let home = ready();
    for name in [
        "PATH",
        "LD_PRELOAD",
        "BASH_ENV",
        "NODE_OPTIONS",
        "GIT_SSH_COMMAND",
    ] {
        home.sealfold(["set", name, "--stdin"])
            .stdin("/tmp/evil")
            .run()
            .success();
        let refused = home
            .sealfold(["run", "--only", name, "--", "/usr/bin/env"])
            .run()
            .code(125);
        assert!(refused.stderr.contains("(not allowed)"), "{refused:?}");
        assert!(refused.stderr.contains(name), "says which: {refused:?}");
        home.sealfold(["rm", name]).run().success();
    }
    let mapped = [
        "run",
        "--only",
        "SECRET",
        "--map",
        "NODE_OPTIONS=SECRET",
        "--",
        "/usr/bin/env",
    ];
    let env = home.sealfold(mapped).run().success();
    assert!(
        env.text().contains("NODE_OPTIONS=canary-value\n"),
        "{env:?}"
    );
}

#[test]
fn names_of_our_own_reach_no_program() {
    // threat 58
    let home = ready();
    home.sealfold(["set", "SEALFOLD_HOME", "--stdin"])
        .stdin("/tmp/evil")
        .run()
        .success();
    for map in ["SEALFOLD_HOME=SECRET", "sealfold_vault=SECRET"] {
        let mapped = [
            "run",
            "--only",
            "SECRET",
            "--map",
            map,
            "--",
            "/usr/bin/env",
        ];
        let refused = home.sealfold(mapped).run().code(125);
        assert!(refused.stderr.contains("(not allowed)"), "{refused:?}");
    }
    let refused = run(&home, &["/usr/bin/env"]).code(125);
    assert!(refused.stderr.contains("SEALFOLD_HOME"), "{refused:?}");
    let renamed = [
        "run",
        "--except",
        "SEALFOLD_HOME",
        "--map",
        "OTHER=SEALFOLD_HOME",
        "--",
        "/usr/bin/env",
    ];
    let env = home.sealfold(renamed).run().success();
    assert!(env.text().contains("OTHER=/tmp/evil\n"), "{env:?}");
}

#[test]
fn a_value_that_no_environment_can_hold_is_refused() {
    // threat 57
    let home = ready();
    home.sealfold(["set", "NUL", "--stdin"])
        .stdin(*b"a\0b")
        .run()
        .success();
    let refused = home.sealfold(["run", "--", "true"]).run().code(125);
    assert!(refused.stderr.contains("NUL"), "{refused:?}");
    home.sealfold(["run", "--except", "NUL", "--", "true"])
        .run()
        .success();
}

#[test]
fn values_reach_the_program_byte_for_byte() {
    let home = ready();
    let value = b"\xff '\"$(id)\n\t=x".to_vec();
    home.sealfold(["set", "ODD", "--stdin"])
        .stdin(value.clone())
        .run()
        .success();
    let shown = shell(&home, "printf %s \"$ODD\"").success();
    assert_eq!(shown.stdout, value);
}

#[test]
fn the_program_is_the_same_process_and_nothing_stays_behind() {
    let home = ready();
    let mut child = running(&home, &["/bin/sh", "-c", "echo $$; read line; exit 9"])
        .command()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    assert_eq!(line.trim(), child.id().to_string());
    drop(child.stdin.take());
    assert_eq!(child.wait().unwrap().code(), Some(9));
}

#[test]
fn signals_are_the_program_s() {
    let home = ready();
    let script =
        "trap 'echo caught; exit 3' TERM; echo ready; while :; do read x || sleep 0.05; done";
    let mut child = running(&home, &["/bin/sh", "-c", script])
        .command()
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert_eq!(lines.next().unwrap().unwrap(), "ready");
    kill(
        Pid::from_raw(i32::try_from(child.id()).unwrap()),
        Signal::SIGTERM,
    )
    .unwrap();
    assert_eq!(lines.next().unwrap().unwrap(), "caught");
    assert_eq!(child.wait().unwrap().code(), Some(3));
}

#[test]
fn signals_are_as_a_shell_would_leave_them() {
    // Rust ignores SIGPIPE for itself, and must not for the program; whatever else the caller
    // ignores or blocks, `nohup` for example, stays so.
    let home = ready();
    let masks = ["/bin/grep", "-E", "^Sig(Blk|Ign):", "/proc/self/status"];
    for agent in [true, false] {
        let under_sealfold = start(&home, &masks, agent).run().success();
        assert_eq!(
            signals(under_sealfold.text()),
            signals(&directly(&masks)),
            "agent: {agent}"
        );
    }
}

#[test]
fn the_program_gets_no_descriptor_of_ours() {
    let home = ready();
    let open = ["/bin/sh", "-c", "ls /proc/$$/fd"];
    for agent in [true, false] {
        let under_sealfold = start(&home, &open, agent).run().success();
        assert_eq!(under_sealfold.text(), directly(&open), "agent: {agent}");
    }
}

/// The masks in lines of `/proc/PID/status`, without the two signals that the C library keeps
/// for itself.
fn signals(lines: &str) -> Vec<u64> {
    const STANDARD: u64 = (1 << 31) - 1;
    let masks = lines
        .split_whitespace()
        .filter_map(|word| u64::from_str_radix(word, 16).ok());
    masks.map(|mask| mask & STANDARD).collect()
}

/// What a program prints that is started without sealfold between.
fn directly(command: &[&str]) -> String {
    let mut direct = Command::new(command[0]);
    direct.args(&command[1..]).stdin(Stdio::piped());
    String::from_utf8(direct.output().unwrap().stdout).unwrap()
}

/// With the agent, or with the work done in the process that becomes the program.
fn start(home: &Home, command: &[&str], agent: bool) -> Call {
    if agent {
        running(home, command)
    } else {
        no_agent(home, command)
    }
}

fn no_agent(home: &Home, command: &[&str]) -> Call {
    let mut call = home.sealfold(["run", "--no-agent", "--"]);
    for arg in command {
        call = call.arg(arg);
    }
    call.with_passphrase()
}

#[test]
fn the_core_limit_is_given_back() {
    // threat 52: off for ourselves only.
    let home = ready();
    for hard in ["unlimited", "1000"] {
        let script = format!("ulimit -c {hard}; exec \"$0\" run -- /bin/sh -c 'ulimit -c'");
        let shown = in_shell(&home.sealfold([""]), "/bin/sh", &script)
            .output()
            .unwrap();
        assert_eq!(
            String::from_utf8_lossy(&shown.stdout).trim(),
            hard,
            "{shown:?}"
        );
    }
}

#[test]
fn it_works_without_an_agent() {
    let home = ready();
    home.sealfold(["agent", "stop"]).run().success();
    let env = no_agent(&home, &["/usr/bin/env"]).run().success();
    assert!(env.text().contains("SECRET=canary-value\n"), "{env:?}");
    let rows = home
        .sealfold(["audit", "--operation", "run", "--json"])
        .with_passphrase()
        .run();
    assert_eq!(rows.success().json().as_array().unwrap().len(), 1);
}

#[test]
fn on_a_terminal_the_program_owns_it() {
    let home = ready();
    let mut terminal = running(&home, &["/bin/sh", "-c", "test -t 0 && exec cat"]).on_terminal();
    // The program itself answers, so no shell is left to take the signal in its place: first the
    // terminal's echo, then the line again from `cat`.
    terminal.type_in("ready\n");
    terminal.expect("ready");
    terminal.expect("ready");
    terminal.type_in(CTRL_C);
    terminal.wait_for_code(130);
}

#[test]
fn job_control_stops_and_continues_it() {
    let home = ready();
    let script = "SEALFOLD=\"$0\" PS1='ready> ' exec bash --norc --noprofile -i";
    let shell = in_shell(&home.sealfold([""]), "/bin/bash", script);
    let mut terminal = Terminal::start(&shell);
    terminal.expect("ready> ");
    terminal.type_in("\"$SEALFOLD\" run -- /bin/sh -c 'echo on; read x; echo got $x'\n");
    terminal.expect("\non\r\n");
    terminal.type_in(CTRL_Z);
    terminal.expect("Stopped");
    terminal.type_in("fg\n");
    terminal.type_in("word\n");
    terminal.expect("got word");
    terminal.type_in("exit 0\n");
    terminal.wait_for_code(0);
}
