//! A power cut is not a `kill -9`: what was written but not synced may be lost, in part or whole.
//!
//! One `set` runs under strace, which records every write and sync of the vault's files. From the
//! record the disk is rebuilt as a cut at each moment could leave it: with what was synced alone,
//! with all that was written, and with the last unsynced writes missing, torn or first to arrive.
//! Each must open, whole, in the old state or the new one; once the program has said that it is
//! done, in the new one. The anchor is written after the sync, so that it never runs ahead.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crypto::RecoveryKey;
use sealfold_tests::home::Home;
use sealfold_tests::secret_service::SecretService;
use vault::{Check, LockedVault, SlotKey};

/// What the program did to a file, or said.
#[derive(Debug, Clone, PartialEq)]
enum Event {
    Write {
        file: String,
        at: usize,
        bytes: Vec<u8>,
    },
    Truncate {
        file: String,
        length: usize,
    },
    Synced {
        file: String,
    },
    /// The anchor goes to the keychain.
    Anchor,
    /// The person is told that it is done.
    Said,
}

fn traced(home: &Home, service: &SecretService) -> Vec<Event> {
    let trace = home.path().join("trace");
    let call = home
        .sealfold(["set", "-b", "api/dev", "LATE", "--stdin", "--no-agent"])
        .envs(service.env());
    let inner = call.command();
    let mut command = Command::new("strace");
    command.args(["-f", "-y", "-xx", "-s", "10000000", "-e"]);
    command
        .arg("trace=pwrite64,write,fdatasync,fsync,ftruncate,sendmsg,sendto,writev")
        .arg("-o")
        .arg(&trace);
    command
        .arg(inner.get_program())
        .args(inner.get_args())
        .env_clear();
    command.envs(
        inner
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    command
        .current_dir(home.path())
        .stdin(fs::File::open(home.write("value", "late")).unwrap());
    let output = command
        .output()
        .expect("strace starts; `cargo xtask test` installs it");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    parse(&fs::read_to_string(trace).unwrap(), &home.sealfold_home())
}

/// Reads strace's lines. A call that another thread interrupts has two: writes count from the first
/// one on, syncs only with the second.
fn parse(trace: &str, folder: &Path) -> Vec<Event> {
    let mut events = Vec::new();
    let mut syncing: HashMap<&str, String> = HashMap::new();
    for line in trace.lines() {
        let (pid, call) = line.split_once(' ').unwrap();
        let call = call.trim_start();
        if call.starts_with("<... f") && call.contains("sync resumed") {
            events.extend(syncing.remove(pid).map(|file| Event::Synced { file }));
            continue;
        }
        let Some((name, rest)) = call.split_once('(') else {
            continue;
        };
        let Some((target, rest)) = rest.split_once('>') else {
            continue;
        };
        let target = target
            .split_once('<')
            .map_or_else(String::new, |(_, path)| unescape(path));
        let bytes = || unhex(rest.split('"').nth(1).unwrap_or_default());
        let numbers: Vec<usize> = rest
            .rsplit_once(')')
            .map_or(rest, |(arguments, _)| arguments)
            .split(", ")
            .filter_map(|n| n.trim().parse().ok())
            .collect();
        let file = Path::new(&target)
            .strip_prefix(folder)
            .ok()
            .map(|file| file.display().to_string());
        let ours =
            file.filter(|file| file.starts_with("vault.sealfold") && !file.ends_with("-shm"));
        match (name, ours) {
            ("pwrite64", Some(file)) => {
                let bytes = bytes();
                let at = *numbers.last().unwrap();
                events.push(Event::Write { file, at, bytes });
            }
            ("ftruncate", Some(file)) => events.push(Event::Truncate {
                file,
                length: numbers[0],
            }),
            ("fdatasync" | "fsync", Some(file)) if rest.contains("unfinished") => {
                syncing.insert(pid, file);
            }
            ("fdatasync" | "fsync", Some(file)) => events.push(Event::Synced { file }),
            ("sendmsg" | "sendto" | "write" | "writev", None) => {
                let sent = unhex(&rest.split('"').skip(1).step_by(2).collect::<String>());
                if contains(&sent, b"CreateItem") || contains(&sent, b"SetSecret") {
                    events.push(Event::Anchor);
                } else if contains(&sent, b"LATE is new") {
                    events.push(Event::Said);
                }
            }
            _ => {}
        }
    }
    events
}

fn unhex(text: &str) -> Vec<u8> {
    text.split("\\x")
        .skip(1)
        .map(|digits| u8::from_str_radix(&digits[..2], 16).unwrap())
        .collect()
}

fn unescape(path: &str) -> String {
    if path.contains("\\x") {
        String::from_utf8(unhex(path)).unwrap()
    } else {
        path.to_owned()
    }
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack
        .windows(needle.len())
        .any(|window| window == needle)
}

type Files = BTreeMap<String, Vec<u8>>;

fn apply(files: &mut Files, event: &Event) {
    match event {
        Event::Write { file, at, bytes } => {
            let content = files.entry(file.clone()).or_default();
            content.resize(content.len().max(at + bytes.len()), 0);
            content[*at..at + bytes.len()].copy_from_slice(bytes);
        }
        Event::Truncate { file, length } => {
            files.entry(file.clone()).or_default().resize(*length, 0)
        }
        _ => {}
    }
}

/// The disks that a cut could leave: what was synced, and several choices of what was not.
fn disks(before: &Files, events: &[Event]) -> Vec<Files> {
    let mut synced = before.clone();
    let mut pending: Vec<&Event> = Vec::new();
    for event in events {
        match event {
            Event::Write { .. } | Event::Truncate { .. } => pending.push(event),
            Event::Synced { file } => {
                let of_file = |event: &&Event| matches!(event, Event::Write { file: f, .. } | Event::Truncate { file: f, .. } if f == file);
                pending
                    .iter()
                    .copied()
                    .filter(of_file)
                    .for_each(|event| apply(&mut synced, event));
                pending.retain(|event| !of_file(event));
            }
            _ => {}
        }
    }
    let with = |chosen: &[&Event]| {
        let mut files = synced.clone();
        chosen.iter().for_each(|event| apply(&mut files, event));
        files
    };
    let mut disks = vec![with(&[]), with(&pending)];
    if let Some((last, others)) = pending.split_last() {
        disks.push(with(&[last]));
        disks.push(with(others));
        if let Event::Write { file, at, bytes } = last {
            let torn = Event::Write {
                file: file.clone(),
                at: *at,
                bytes: bytes[..bytes.len() / 2].to_vec(),
            };
            disks.push(with(&[others, &[&torn]].concat()));
        }
    }
    disks
}

async fn counter(folder: &Path, recovery: &RecoveryKey) -> u64 {
    let locked = LockedVault::open(&folder.join("vault.sealfold"))
        .await
        .expect("the vault opens after the cut");
    let mut vault = locked
        .unlock(SlotKey::recovery(recovery), Check::Full)
        .await
        .expect("every row is whole");
    assert!(vault.audit_verify().await.unwrap().is_whole());
    vault.counter()
}

fn read(folder: &Path) -> Files {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let ours = |path: &PathBuf| path.is_file() && !path.display().to_string().ends_with("-shm");
    let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
    entries
        .filter(ours)
        .filter(|path| name(path).starts_with("vault.sealfold"))
        .map(|path| (name(&path), fs::read(&path).unwrap()))
        .collect()
}

// threat 49, where the machine and not the process is cut off
#[test]
fn a_power_cut_at_any_moment_leaves_the_old_state_or_the_new() {
    let service = SecretService::start();
    let home = Home::empty();
    let init = ["init", "--recovery-file", "words"];
    home.sealfold(init)
        .with_passphrase()
        .envs(service.env())
        .run()
        .success();
    home.sealfold(["bundle", "new", "api/dev"])
        .envs(service.env())
        .run()
        .success();
    let words = fs::read_to_string(home.path().join("words")).unwrap();
    let words: Vec<&str> = words
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect();
    let recovery = RecoveryKey::from_words(&words.join(" ")).unwrap();

    let before = read(&home.sealfold_home());
    let events = traced(&home, &service);
    let said = events
        .iter()
        .position(|event| *event == Event::Said)
        .expect("the person is told");
    let anchored = events
        .iter()
        .position(|event| *event == Event::Anchor)
        .expect("the anchor is written");
    let first_sync = events
        .iter()
        .position(|event| matches!(event, Event::Synced { .. }))
        .expect("something is synced");
    assert!(
        first_sync < anchored,
        "the anchor must not run ahead of the disk"
    );
    assert!(anchored < said, "nobody is told before it holds");

    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let at = |files: &Files| {
        let folder = tempfile::tempdir().unwrap();
        files
            .iter()
            .for_each(|(name, bytes)| fs::write(folder.path().join(name), bytes).unwrap());
        runtime.block_on(counter(folder.path(), &recovery))
    };
    let old = at(&before);
    let new = at(&disks(&before, &events)[1]);
    assert!(new > old);
    for moment in 0..=events.len() {
        for (choice, files) in disks(&before, &events[..moment]).iter().enumerate() {
            let found = at(files);
            assert!(
                found == old || found == new,
                "moment {moment}, choice {choice}: {found}"
            );
            assert!(
                moment <= anchored || found == new,
                "moment {moment}, choice {choice}: the anchor is ahead"
            );
        }
    }
}
