//! Commands through the agent, as whole processes.

use std::process::{Command, Stdio};

use sealfold_tests::home::Home;

use crate::measure::{Report, in_turn, repeat, show};

fn quietly(command: &mut Command) {
    let status = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    assert!(
        status.expect("the command starts").success(),
        "{command:?} failed"
    );
}

fn dotenv(variables: usize) -> String {
    (0..variables)
        .map(|n| format!("VARIABLE_{n}=value-{n}-0123456789abcdef0123456789abcdef\n"))
        .collect()
}

fn unlocked(variables: usize) -> Home {
    let home = Home::prepared();
    home.write("bench.env", dotenv(variables));
    home.sealfold(["unlock"]).with_passphrase().run().success();
    home.sealfold(["import", "bench.env", "-b", "bench/dev", "--no-input"])
        .run()
        .success();
    home
}

/// `run -- true` with 50 secrets, against `age -d` of one file that holds them.
pub fn run(report: &mut Report) {
    let home = unlocked(50);
    let key = home.path().join("age.key");
    quietly(Command::new("age-keygen").arg("-o").arg(&key));
    let recipient = Command::new("age-keygen")
        .arg("-y")
        .arg(&key)
        .output()
        .expect("age-keygen answers")
        .stdout;
    let recipient = String::from_utf8(recipient).unwrap();
    let sealed = home.path().join("bench.age");
    quietly(
        Command::new("age")
            .args(["-r", recipient.trim(), "-o"])
            .arg(&sealed)
            .arg(home.path().join("bench.env")),
    );
    let age = || {
        quietly(
            Command::new("age")
                .arg("-d")
                .arg("-i")
                .arg(&key)
                .arg(&sealed),
        )
    };
    let ours = || {
        quietly(
            &mut home
                .sealfold(["run", "-b", "bench/dev", "--", "true"])
                .command(),
        )
    };
    let (ours_took, age_took) = in_turn(60, ours, age);
    report.ratio(
        "run -- true, 50 secrets, against age -d of one file",
        ours_took,
        age_took,
        1.0,
    );

    let nothing = repeat(60, || quietly(&mut Command::new("true")));
    let start = repeat(60, || quietly(&mut home.sealfold(["--version"]).command()));
    let round_trip = repeat(60, || {
        quietly(&mut home.sealfold(["agent", "status"]).command())
    });
    println!("  where the time goes, each with what stands before it:");
    println!(
        "    a process (true)                        {}",
        show(nothing)
    );
    println!(
        "    + the command line (--version)          {}",
        show(start)
    );
    println!(
        "    + the agent asked once (agent status)   {}",
        show(round_trip)
    );
    println!(
        "    + 50 versions opened, the audit row committed, the program started   {}",
        show(ours_took)
    );
}

/// `get` of one among 10,000, against a program that only prints.
pub fn get(report: &mut Report) {
    let home = unlocked(10_000);
    let print_only = std::env::current_exe()
        .expect("this program")
        .with_file_name("print_only");
    let ours = || {
        quietly(
            &mut home
                .sealfold(["get", "-b", "bench/dev", "VARIABLE_7777"])
                .command(),
        )
    };
    let (ours_took, print_took) = in_turn(100, ours, || quietly(&mut Command::new(&print_only)));
    report.ratio(
        "get among 10,000 through the agent, against printing",
        ours_took,
        print_took,
        3.0,
    );
}
