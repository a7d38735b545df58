#![allow(clippy::unwrap_used, clippy::expect_used)]

use proptest::prelude::*;

use super::*;
use crate::{
    Code, Fault, Plaintext, Reply, Request,
    agent::{AgentView, Guard, Guards, Status, Stop},
    entries::Reveal,
    vaults::{Key, Unlock},
};

type Answer = Result<Reply, Fault>;

fn crossed<T: Serialize + DeserializeOwned>(value: &T) -> T {
    read(&mut encode(value).unwrap().as_slice()).unwrap()
}

fn unlock(passphrase: Vec<u8>) -> Request {
    let key = Key::Passphrase(Plaintext::new(passphrase));
    Request::Unlock(Unlock {
        key,
        ttl_seconds: Some(u64::MAX),
        full_check: true,
    })
}

#[test]
fn requests_and_answers_cross_unchanged() {
    let requests = [
        unlock(vec![0, 255, 10]),
        Request::StopAgent(Stop {}),
        Request::AgentStatus(Status {}),
    ];
    for request in requests {
        assert_eq!(format!("{:?}", crossed(&request)), format!("{request:?}"));
    }
    let Request::Unlock(Unlock {
        key: Key::Passphrase(passphrase),
        ..
    }) = crossed(&unlock(vec![0, 255, 10]))
    else {
        panic!("another request");
    };
    assert_eq!(passphrase.expose(), [0, 255, 10]);

    let view = AgentView {
        pid: 1,
        socket: "/run/agent.sock".into(),
        since: 2,
        until: None,
        idle_seconds: Some(3),
        locks_after_sleep: true,
        guards: Guards {
            memory_locked: Guard::Off("why".into()),
            core_dumps_off: Guard::On,
            tracing_off: Guard::On,
        },
    };
    let Answer::Ok(Reply::AgentStatus(came)) =
        crossed(&Answer::Ok(Reply::AgentStatus(view.clone())))
    else {
        panic!("another reply");
    };
    assert_eq!(came, view);
    assert!(matches!(
        crossed(&Answer::Ok(Reply::StopAgent(()))),
        Ok(Reply::StopAgent(()))
    ));
    let fault = Fault::new(Code::WrongKey, "no").about("name").next("again");
    assert_eq!(crossed(&Answer::Err(fault.clone())).unwrap_err(), fault);
}

#[test]
fn a_hello_of_another_version_or_kind_is_told_apart() {
    assert!(check_hello(&hello()).is_ok());
    let mut newer = hello();
    newer[HELLO - 1] += 1;
    assert!(matches!(
        check_hello(&newer),
        Err(WireError::Version { theirs }) if theirs == VERSION + 1
    ));
    let mut stranger = hello();
    stranger[0] ^= 1;
    assert!(matches!(check_hello(&stranger), Err(WireError::Stranger)));
}

#[test]
fn bytes_left_over_are_refused() {
    let frame = encode(&Request::StopAgent(Stop {})).unwrap();
    let mut longer = frame.as_slice().to_vec();
    longer.push(0);
    longer[PREFIX - 1] += 1;
    assert!(matches!(
        read::<Request>(&mut &longer[..]),
        Err(WireError::Malformed)
    ));
}

#[test]
fn a_frame_beyond_the_limit_is_refused_before_it_is_read_or_written() {
    let too_long = u32::try_from(FRAME_LIMIT + 1).unwrap();
    assert!(matches!(
        Incoming::announced(too_long.to_be_bytes()),
        Err(WireError::TooLarge)
    ));
    assert!(matches!(
        encode(&unlock(vec![0; FRAME_LIMIT])),
        Err(WireError::TooLarge)
    ));
}

#[test]
fn memory_set_aside_grows_with_what_arrives_not_with_what_is_claimed() {
    let mut frame = Incoming::announced(u32::try_from(FRAME_LIMIT).unwrap().to_be_bytes()).unwrap();
    let mut arrived = 0;
    for _ in 0..5 {
        arrived += frame.next_chunk().unwrap().len();
        assert!(frame.buffer.0.capacity() <= 2 * arrived.max(FIRST_CHUNK));
    }
    assert!(arrived < FRAME_LIMIT / 10);
}

#[test]
fn a_frame_larger_than_the_first_chunk_arrives_whole() {
    let passphrase: Vec<u8> = (0..300_000_u32).map(|i| i.to_le_bytes()[0]).collect();
    let Request::Unlock(Unlock {
        key: Key::Passphrase(came),
        ..
    }) = crossed(&unlock(passphrase.clone()))
    else {
        panic!("another request");
    };
    assert_eq!(came.expose(), passphrase);
}

proptest! {
    #[test]
    fn any_bytes_are_a_value_or_an_error(bytes: Vec<u8>) {
        let _ = decode::<Request>(&bytes);
        let _ = decode::<Answer>(&bytes);
        let _ = read::<Request>(&mut &bytes[..]);
    }

    #[test]
    fn a_damaged_frame_is_a_value_or_an_error(
        passphrase: Vec<u8>, at: prop::sample::Index, to: u8, cut: prop::sample::Index,
    ) {
        let mut bytes = encode(&unlock(passphrase)).unwrap().as_slice()[PREFIX..].to_vec();
        let at = at.index(bytes.len());
        bytes[at] = to;
        bytes.truncate(cut.index(bytes.len() + 1));
        let _ = decode::<Request>(&bytes);
    }

    #[test]
    fn deep_nesting_ends_in_an_error(opening in 0x81_u8..=0xbf, depth in 1_usize..20_000) {
        let mut bytes = b"\xa1\x66Reveal".to_vec();
        bytes.extend(std::iter::repeat_n(opening, depth));
        prop_assert!(decode::<Request>(&bytes).is_err());
    }
}

/// threat 51: frames leave nothing behind, not even where they lay before they grew.
#[cfg(target_os = "linux")]
#[test]
fn nothing_of_a_frame_stays_in_memory() {
    // Never whole in memory but where the test puts it: the needle is kept masked.
    const MASKED: [u8; 24] = *b"a canary that is masked!";
    let canaries = (0..3_000 * MASKED.len()).map(|i| MASKED[i % MASKED.len()] ^ 0x5a);

    let held = Plaintext::new(canaries.collect());
    assert!(
        canaries_in_memory(&MASKED) > 0,
        "the search finds what is there"
    );
    // Many small writes, so that the buffer grows often.
    let parts: Vec<&serde_bytes::Bytes> = held
        .expose()
        .chunks(MASKED.len())
        .map(serde_bytes::Bytes::new)
        .collect();
    let frame = encode(&parts).unwrap();
    let mut arriving = frame.as_slice();
    let mut prefix = [0; PREFIX];
    io::Read::read_exact(&mut arriving, &mut prefix).unwrap();
    let mut incoming = Incoming::announced(prefix).unwrap();
    while let Some(chunk) = incoming.next_chunk() {
        io::Read::read_exact(&mut arriving, chunk).unwrap();
    }
    drop((incoming, parts, frame));
    drop(held);
    assert_eq!(canaries_in_memory(&MASKED), 0);
}

#[cfg(target_os = "linux")]
fn canaries_in_memory(masked: &[u8]) -> usize {
    use std::{fs::File, os::unix::fs::FileExt};

    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let memory = File::open("/proc/self/mem").unwrap();
    let mut found = 0;
    // The heap and the arenas of threads: frames live nowhere else.
    let anonymous = maps
        .lines()
        .filter(|line| line.contains("rw-p") && !line.contains(['/', '(', ']']))
        .chain(maps.lines().filter(|line| line.ends_with("[heap]")));
    for line in anonymous {
        let range = line.split(' ').next().unwrap();
        let (from, to) = range.split_once('-').unwrap();
        let (from, to) = (
            u64::from_str_radix(from, 16).unwrap(),
            u64::from_str_radix(to, 16).unwrap(),
        );
        // In pieces, each wiped by the next: else the search would find its own copies.
        let mut piece = vec![0; 64 * 1024];
        let mut at = from;
        while at < to {
            let size = usize::try_from(to - at).unwrap().min(piece.len());
            if memory.read_exact_at(&mut piece[..size], at).is_err() {
                break;
            }
            for byte in &mut piece {
                *byte ^= 0x5a;
            }
            found += piece[..size]
                .windows(masked.len())
                .filter(|window| *window == masked)
                .count();
            piece.fill(0);
            at += u64::try_from(size).unwrap();
        }
    }
    found
}

#[test]
fn an_error_repeats_nothing_of_the_message() {
    let mut bytes = encode(&unlock(b"canary".to_vec())).unwrap().as_slice()[PREFIX..].to_vec();
    bytes.push(0);
    let error = decode::<Reveal>(&bytes).unwrap_err();
    // threat 54
    assert!(!format!("{error} {error:?}").contains("canary"));
}
