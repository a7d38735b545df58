#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

use std::{io::Write, os::unix::fs::symlink, sync::Barrier};

use super::*;
use crate::agent::wire;

/// Greets whoever connects, as an agent would, until the test ends.
fn greet_all(socket: &Socket) {
    let listener = socket.listener.try_clone().unwrap();
    thread::spawn(move || {
        for client in listener.incoming() {
            // One that went again at once is greeted in vain.
            let _ = client.unwrap().write_all(&wire::hello());
        }
    });
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().mode() & 0o777
}

#[test]
fn folder_and_socket_are_for_this_user_alone() {
    let dir = tempfile::tempdir().unwrap();
    let run = dir.path().join("deep/run");
    fs::create_dir_all(&run).unwrap();
    fs::set_permissions(&run, Permissions::from_mode(0o755)).unwrap();
    let path = run.join("agent.sock");
    let _socket = Socket::take(&path).unwrap().unwrap();
    assert_eq!(mode(&run), 0o700);
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(&run.join("agent.lock")), 0o600);
}

#[test]
fn a_symlinked_folder_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("elsewhere")).unwrap();
    symlink(dir.path().join("elsewhere"), dir.path().join("run")).unwrap();
    let fault = Socket::take(&dir.path().join("run/agent.sock")).unwrap_err();
    assert_eq!(fault.code, Code::NotAllowed);
}

#[test]
fn another_users_folder_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let run = dir.path().join("run");
    fs::create_dir(&run).unwrap();
    if nix::unistd::chown(&run, Some(Uid::from_raw(65_534)), None).is_err() {
        eprintln!("skipped: only root can give a folder away");
        return;
    }
    let fault = Socket::take(&run.join("agent.sock")).unwrap_err();
    assert_eq!(fault.code, Code::NotAllowed);
}

#[test]
fn a_symlink_in_place_of_the_lock_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("agent.sock");
    symlink(dir.path().join("victim"), dir.path().join("agent.lock")).unwrap();
    assert!(Socket::take(&path).is_err());
    assert!(!dir.path().join("victim").exists());
}

#[test]
fn what_a_killed_agent_left_is_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("agent.sock");
    drop(UnixListener::bind(&path).unwrap());
    drop(UnixListener::bind(path.with_extension("new")).unwrap());
    assert!(Client::connect(&path).unwrap().is_none());
    let socket = Socket::take(&path).unwrap().unwrap();
    greet_all(&socket);
    assert!(Client::connect(&path).unwrap().is_some());
}

#[test]
fn of_many_at_once_one_becomes_the_agent() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("agent.sock");
    let start = Barrier::new(8);
    let taken: Vec<Option<Socket>> = thread::scope(|scope| {
        let takers: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    start.wait();
                    let taken = Socket::take(&path).unwrap();
                    if let Some(socket) = &taken {
                        greet_all(socket);
                    }
                    taken
                })
            })
            .collect();
        takers
            .into_iter()
            .map(|taker| taker.join().unwrap())
            .collect()
    });
    assert_eq!(taken.iter().flatten().count(), 1);
    assert!(Client::connect(&path).unwrap().is_some());
}

#[test]
fn the_place_of_an_agent_that_is_ending_is_waited_for() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("agent.sock");
    let ending = Socket::take(&path).unwrap().unwrap();
    ending.remove();
    assert!(!path.exists());
    let next = thread::spawn({
        let path = path.clone();
        move || Socket::take(&path).unwrap().is_some()
    });
    drop(ending);
    assert!(next.join().unwrap());
}

#[test]
fn a_holder_of_the_lock_that_never_answers_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("agent.sock");
    let stuck = Socket::take(&path).unwrap().unwrap();
    stuck.remove();
    let fault = Socket::take_within(&path, Duration::ZERO).unwrap_err();
    assert_eq!(fault.code, Code::Conflict);
}

/// Its place depends on nothing but the vault and the home (threat 51).
#[cfg(target_os = "linux")]
#[test]
fn a_path_that_the_system_finds_too_long_has_its_place_all_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x".repeat(120)).join("agent.sock");
    let socket = Socket::take(&path).unwrap().unwrap();
    assert_eq!(mode(&path), 0o600);
    greet_all(&socket);
    assert!(Client::connect(&path).unwrap().is_some());
    assert!(Socket::take(&path).unwrap().is_none());
    socket.remove();
    assert!(Client::connect(&path).unwrap().is_none());
}

#[cfg(not(target_os = "linux"))]
#[test]
fn a_path_that_the_system_finds_too_long_is_a_fault() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x".repeat(120)).join("agent.sock");
    assert_eq!(Socket::take(&path).unwrap_err().code, Code::Io);
}
