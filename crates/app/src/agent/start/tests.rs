#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{collections::BTreeMap, io::Write};

use super::*;

const OPTIONS: StartOptions = StartOptions {
    ttl_seconds: Some(60),
    idle_seconds: None,
    locks_when_idle: true,
    locks_after_sleep: true,
    keychain: false,
};

/// threat 53
#[test]
fn nothing_secret_of_the_environment_goes_along() {
    let callers = BTreeMap::from([
        ("HOME", "/home/ann"),
        ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/run/bus"),
        ("AWS_PROFILE", "team"),
        ("AWS_SECRET_ACCESS_KEY", "canary"),
        ("AWS_SESSION_TOKEN", "canary"),
        ("SSH_AUTH_SOCK", "/run/ssh-agent"),
        ("SEALFOLD_PASSPHRASE", "canary"),
        ("LD_PRELOAD", "canary"),
    ]);
    let command = command(Path::new("/bin/sealfold"), OPTIONS, |name| {
        callers.get(name).map(OsString::from)
    });
    let kept: Vec<_> = command
        .get_envs()
        .map(|(name, _)| name.to_str().unwrap())
        .collect();
    let expected = [
        "AWS_PROFILE",
        "DBUS_SESSION_BUS_ADDRESS",
        "HOME",
        "SSH_AUTH_SOCK",
    ];
    assert_eq!(kept, expected);
    let args: Vec<_> = command
        .get_args()
        .map(|arg| arg.to_str().unwrap())
        .collect();
    assert_eq!(
        args,
        ["agent", "serve", "--ttl-seconds", "60", "--no-keychain"]
    );
    assert_eq!(command.get_current_dir(), Some(Path::new("/")));
}

/// threat 53, on a real process.
#[cfg(target_os = "linux")]
#[test]
fn a_started_process_has_no_more_environment_than_it_was_given() {
    let mut command = command(Path::new("/usr/bin/env"), OPTIONS, |_| None);
    let mut plain = Command::new("/usr/bin/env");
    plain.env_clear().envs(
        command
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    assert_eq!(plain.output().unwrap().stdout, b"");
    // The command line is the agent's: `env` can't make anything of it.
    assert!(!command.output().unwrap().status.success());
}

#[test]
fn the_agents_own_word_counts() {
    let word = |outcome: &Result<(), Fault>| {
        let (mut word, mut agent) = io::pipe().unwrap();
        agent
            .write_all(wire::encode(outcome).unwrap().as_slice())
            .unwrap();
        hear(&mut word)
    };
    assert_eq!(word(&Ok(())), Ok(()));
    let fault = Fault::new(Code::NotAllowed, "The folder is not ours");
    assert_eq!(word(&Err(fault.clone())), Err(fault));
}

#[test]
fn an_agent_that_dies_before_its_word_is_a_fault() {
    let (mut word, agent) = io::pipe().unwrap();
    drop(agent);
    assert_eq!(hear(&mut word).unwrap_err().code, Code::Unexpected);
}

#[test]
fn a_program_that_is_not_there_is_a_fault() {
    let missing = command(Path::new("/nonexistent/sealfold"), OPTIONS, |_| None);
    assert_eq!(spawn(missing).unwrap_err().code, Code::Io);
}
