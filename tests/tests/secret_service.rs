//! The harness's Secret Service, looked at through `secret-tool`, an independent client.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::io::Write;
use std::process::{Command, Output, Stdio};

use sealfold_tests::secret_service::SecretService;

fn secret_tool(service: &SecretService, args: &[&str], stdin: &str) -> Output {
    let mut child = Command::new("secret-tool")
        .args(args)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .envs(service.env())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("secret-tool: `cargo xtask test` installs it");
    // A client that fails at once leaves its input unread.
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    child.wait_with_output().unwrap()
}

fn store(service: &SecretService, value: &str) -> bool {
    let args = ["store", "--label=test", "account", "ann"];
    secret_tool(service, &args, value).status.success()
}

fn lookup(service: &SecretService) -> String {
    let output = secret_tool(service, &["lookup", "account", "ann"], "");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn keeps_a_secret_over_a_restart() {
    let mut service = SecretService::start();
    assert!(store(&service, "folded"));
    assert_eq!(lookup(&service), "folded");
    service.restart();
    assert_eq!(lookup(&service), "folded");
}

#[test]
fn two_services_share_nothing() {
    let first = SecretService::start();
    let second = SecretService::start();
    assert!(store(&first, "first"));
    assert_eq!(lookup(&second), "");
}

#[test]
fn a_stopped_service_answers_nobody() {
    let mut service = SecretService::start();
    service.stop();
    assert!(!store(&service, "lost"));
}

#[test]
fn a_locked_service_gives_nothing_out() {
    let mut service = SecretService::start();
    assert!(store(&service, "folded"));
    service.restart_locked();
    assert_eq!(lookup(&service), "");
    service.restart();
    assert_eq!(lookup(&service), "folded");
}
