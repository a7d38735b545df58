#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

use std::{os::unix::net::UnixListener, thread};

use super::*;
use crate::agent::Stop;

/// What answers on a socket: gets the connection after it was accepted.
fn answering(answer: impl FnOnce(UnixStream) + Send + 'static) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("agent.sock");
    let listener = UnixListener::bind(&path).unwrap();
    thread::spawn(move || answer(listener.accept().unwrap().0));
    (dir, path)
}

fn refusal(path: &Path) -> Fault {
    Client::connect(path).err().expect("it is refused")
}

#[test]
fn without_a_socket_there_is_no_agent() {
    let dir = tempfile::tempdir().unwrap();
    assert!(
        Client::connect(&dir.path().join("agent.sock"))
            .unwrap()
            .is_none()
    );
}

#[test]
fn an_agent_that_is_just_ending_is_none() {
    let (_dir, path) = answering(drop);
    assert!(Client::connect(&path).unwrap().is_none());
}

#[test]
fn something_else_at_its_place_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("agent.sock");
    fs::write(&path, "").unwrap();
    assert_eq!(refusal(&path).code, Code::NotAllowed);
    let (_dir, real) = answering(|_| {});
    fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink(real, &path).unwrap();
    assert_eq!(refusal(&path).code, Code::NotAllowed);
}

#[test]
fn another_users_socket_is_refused() {
    let (_dir, path) = answering(|_| {});
    if nix::unistd::chown(&path, Some(Uid::from_raw(65_534)), None).is_err() {
        eprintln!("skipped: only root can give a socket away");
        return;
    }
    assert_eq!(refusal(&path).code, Code::NotAllowed);
}

#[test]
fn another_users_process_is_refused_before_it_is_heard() {
    let (_dir, path) = answering(|mut stream| stream.write_all(&wire::hello()).unwrap());
    let other = Uid::from_raw(65_534);
    if nix::unistd::chown(&path, Some(other), None).is_err() {
        eprintln!("skipped: only root can give a socket away");
        return;
    }
    let fault = greet(&path, other).expect_err("its process is root's");
    assert_eq!(
        fault.message,
        "Another user's process answers on the agent's socket."
    );
}

#[test]
fn an_agent_of_another_version_is_a_fault_that_says_what_to_do() {
    let (_dir, path) = answering(|mut stream| {
        let mut hello = wire::hello();
        hello[wire::HELLO - 1] += 1;
        stream.write_all(&hello).unwrap();
    });
    let fault = refusal(&path);
    assert_eq!(fault.code, Code::Conflict);
    assert!(
        fault
            .next
            .unwrap()
            .contains(&format!("kill {}", std::process::id()))
    );
}

#[test]
fn what_does_not_greet_as_an_agent_is_refused() {
    let (_dir, path) = answering(|mut stream| stream.write_all(b"SSH-2.0-OpenSSH").unwrap());
    assert_eq!(refusal(&path).code, Code::NotAllowed);
}

#[test]
fn an_agent_that_ends_before_it_answers_has_locked() {
    let (_dir, path) = answering(|mut stream| {
        stream.write_all(&wire::hello()).unwrap();
        stream.read_exact(&mut [0; wire::HELLO]).unwrap();
    });
    let mut client = Client::connect(&path).unwrap().unwrap();
    assert_eq!(
        client.ask(&Request::StopAgent(Stop {})).unwrap_err().code,
        Code::Locked
    );
    // And the next request finds nobody.
    fs::remove_file(&path).unwrap();
    assert_eq!(
        client.ask(&Request::StopAgent(Stop {})).unwrap_err().code,
        Code::Locked
    );
}
