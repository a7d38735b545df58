//! What is written for shells comes back from real shells and runs nothing (threat 57).

use std::fs;
use std::process::{Command, Stdio};

use sealfold_formats::export::{Format, write};
use sealfold_formats::names::is_dangerous_name;
use sealfold_formats::{Refusal, WriteError};

use crate::dotenv_export::HOSTILE;

pub const SHELLS: [&[&str]; 5] = [
    &["dash"],
    &["bash", "--norc", "--noprofile"],
    &["bash", "--norc", "--noprofile", "-H", "-o", "history"],
    &["zsh", "-f"],
    &["zsh", "-f", "-o", "rcquotes"],
];

pub fn is_installed(shell: &str) -> bool {
    let found = Command::new(shell)
        .args(["-c", ":"])
        .stderr(Stdio::null())
        .status()
        .is_ok();
    if !found {
        eprintln!("skipped: there is no {shell}");
    }
    found
}

// threat 57
#[test]
fn every_shell_gets_the_bytes_and_runs_nothing() {
    let mut values: Vec<Vec<u8>> = HOSTILE.iter().map(|v| v.as_bytes().to_vec()).collect();
    values.push((1..=255).collect());
    values.push(b"\xff\xfe'\xc3".to_vec());
    let names: Vec<String> = (0..values.len()).map(|i| format!("V{i}")).collect();
    let entries: Vec<(&str, &[u8])> = names
        .iter()
        .map(String::as_str)
        .zip(values.iter().map(Vec::as_slice))
        .collect();
    let script = write(&entries, Format::Shell).unwrap();

    for shell in SHELLS.iter().filter(|shell| is_installed(shell[0])) {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("secrets.sh"), script.expose()).unwrap();
        let output = Command::new(shell[0])
            .args(&shell[1..])
            .args(["-c", ". ./secrets.sh && exec env -0"])
            .current_dir(folder.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .output()
            .unwrap();
        assert!(
            output.stderr.is_empty(),
            "{shell:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        let environment: Vec<&[u8]> = output.stdout.split(|b| *b == 0).collect();
        for (name, value) in &entries {
            let assignment = [name.as_bytes(), b"=", value].concat();
            assert!(
                environment.contains(&assignment.as_slice()),
                "{shell:?} lost {name} {value:?}"
            );
        }
        assert!(
            !folder.path().join("CANARY").exists(),
            "{shell:?} ran a command"
        );
    }
}

/// `eval "$(sealfold export --format shell)"` is how it is used most.
// threat 57
#[test]
fn the_same_through_eval() {
    let values = HOSTILE.iter().filter(|v| !v.ends_with('\n'));
    let entries: Vec<(String, &str)> = values
        .enumerate()
        .map(|(i, v)| (format!("V{i}"), *v))
        .collect();
    let borrowed: Vec<(&str, &[u8])> = entries
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_bytes()))
        .collect();
    let script = write(&borrowed, Format::Shell).unwrap();

    for shell in SHELLS.iter().filter(|shell| is_installed(shell[0])) {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("secrets.sh"), script.expose()).unwrap();
        let output = Command::new(shell[0])
            .args(&shell[1..])
            .args(["-c", r#"eval "$(cat secrets.sh)" && exec env -0"#])
            .current_dir(folder.path())
            .output()
            .unwrap();
        let environment: Vec<&[u8]> = output.stdout.split(|b| *b == 0).collect();
        for (name, value) in &entries {
            assert!(
                environment.contains(&format!("{name}={value}").as_bytes()),
                "{shell:?} lost {value:?}"
            );
        }
        assert!(
            !folder.path().join("CANARY").exists(),
            "{shell:?} ran a command"
        );
    }
}

/// bash and zsh evaluate what is assigned to some names. Every parameter of theirs that runs a
/// command this way has to be refused.
// threats 57 and 58
#[test]
fn names_whose_values_a_shell_evaluates_are_refused() {
    let listing = "zmodload zsh/zle zsh/datetime zsh/terminfo zsh/sched 2>/dev/null; print -l ${(k)parameters}";
    let lists: [(&[&str], &str); 2] = [(SHELLS[1], "compgen -v"), (SHELLS[3], listing)];
    for (shell, list) in lists
        .into_iter()
        .filter(|(shell, _)| is_installed(shell[0]))
    {
        let run = |script: &str, folder| {
            let mut command = Command::new(shell[0]);
            command
                .args(&shell[1..])
                .args(["-c", script])
                .current_dir(folder);
            command
                .stdin(Stdio::null())
                .stderr(Stdio::null())
                .output()
                .unwrap()
                .stdout
        };
        let folder = tempfile::tempdir().unwrap();
        let canary = folder.path().join("CANARY");
        let known = String::from_utf8(run(list, folder.path())).unwrap();
        let also = "OPTIND RANDOM SRANDOM HISTCMD SECONDS LINES COLUMNS SHLVL KEYTIMEOUT MAILCHECK";
        let names = known.lines().chain(also.split(' '));
        let mut evaluated = 0;
        for name in names.filter(|name| sealfold_formats::names::is_portable_name(name)) {
            run(
                &format!("export {name}='PATH[$(touch CANARY)]'"),
                folder.path(),
            );
            if canary.exists() {
                fs::remove_file(&canary).unwrap();
                evaluated += 1;
                let error = write(&[(name, b"1")], Format::Shell).expect_err(name);
                assert_eq!(error.why, Refusal::EvaluatedByShell, "{name}");
                assert!(is_dangerous_name(name), "{name}");
            }
        }
        assert!(evaluated > 0, "the attack itself works in {shell:?}");
    }
}

#[test]
fn names_and_values_that_no_shell_takes_are_refused() {
    let refusal =
        |name: &str, value: &[u8]| match write(&[("OK", b"1"), (name, value)], Format::Shell) {
            Err(WriteError { index: 1, why, .. }) => Some(why),
            _ => None,
        };
    for name in [
        "",
        "1A",
        "A B",
        "A-B",
        "A;touch CANARY",
        "A\nB",
        "$(id)",
        "é",
        "A=",
        "-n",
    ] {
        assert_eq!(refusal(name, b""), Some(Refusal::Name), "{name:?}");
    }
    // threat 58
    for name in ["SEALFOLD_HOME", "SEALFOLD_VAULT", "sealfold_x"] {
        assert_eq!(refusal(name, b""), Some(Refusal::OwnName), "{name:?}");
    }
    assert_eq!(refusal("A", b"a\0b"), Some(Refusal::Nul));
    assert_eq!(refusal("OK", b""), Some(Refusal::DuplicateName));
    assert_eq!(refusal("A", b""), None);
}
