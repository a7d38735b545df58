#![allow(clippy::unwrap_used, clippy::expect_used)]

mod asked;
mod rig;

use std::{
    io::{Read, Write},
    os::unix::net::UnixStream,
};

use rig::{Event, Rig, SetClock, idle_after, unlock};

use super::*;
use crate::{
    Plaintext, Reply,
    agent::{Status, Stop, Tighten, clock::SystemClock, wire},
    bundles, vaults,
};

fn list() -> Request {
    Request::ListBundles(bundles::List { archived: false })
}

fn stop() -> Request {
    Request::StopAgent(Stop {})
}

fn code(answer: Answer) -> Code {
    answer.expect_err("it is refused").code
}

#[test]
fn it_answers_one_client_after_the_other_and_knows_who_asks() {
    let rig = Rig::unlocked();
    let mut client = rig.client();
    for _ in 0..3 {
        assert!(matches!(client.ask(&list()), Ok(Reply::ListBundles(_))));
        assert!(matches!(rig.ask(list()), Ok(Reply::ListBundles(_))));
    }
    rig.ask(stop()).unwrap();
    assert!(rig.callers.iter().all(|pid| pid == std::process::id()));
}

#[test]
fn when_stop_is_answered_everything_is_locked_and_gone() {
    for request in [stop(), Request::Lock(vaults::Lock {})] {
        let rig = Rig::unlocked();
        let mut client = rig.client();
        client.ask(&request).unwrap();
        // No waiting in between: threat 51.
        assert!(rig.events.try_iter().any(|event| event == Event::Locked));
        assert!(!rig.socket().exists());
        assert_eq!(rig.ended(), End::Asked);
    }
}

#[test]
fn another_user_gets_no_byte() {
    let rig = Rig::with(|server| server.owner = Uid::from_raw(Uid::effective().as_raw() + 1));
    let mut stream = UnixStream::connect(rig.socket()).unwrap();
    let mut heard = Vec::new();
    stream.read_to_end(&mut heard).unwrap();
    assert_eq!(heard, b"");
    rig.tell.send_replace(true);
    assert_eq!(rig.end(), End::Signal);
}

#[test]
fn a_client_that_says_half_holds_up_nobody() {
    let rig = Rig::unlocked();
    let mut half = rig.raw();
    half.write_all(&wire::hello()).unwrap();
    half.write_all(&1_000_u32.to_be_bytes()).unwrap();
    let _silent = rig.raw();
    rig.ask(list()).unwrap();
    half.write_all(b"a little more").unwrap();
    rig.ask(list()).unwrap();
}

#[test]
fn a_client_that_never_finishes_is_given_up_and_its_place_is_free() {
    let rig = Rig::with(|server| {
        server.limits.connections = 1;
        server.limits.hearing = Duration::from_millis(50);
    });
    let mut silent = rig.raw();
    // The only place is taken: this waits until the silent one is given up.
    rig.ask(list()).unwrap();
    assert_eq!(silent.read(&mut [0]).unwrap(), 0);
}

#[test]
fn programs_that_connect_and_say_nothing_stop_nobody() {
    let rig = Rig::unlocked();
    let places = Limits::default().connections;
    let silent: Vec<UnixStream> = (0..places).map(|_| rig.raw()).collect();
    rig.ask(Request::Lock(vaults::Lock {})).unwrap();
    drop(silent);
}

#[test]
fn garbage_is_answered_or_dropped_and_harms_nobody() {
    let rig = Rig::unlocked();
    for said in [&b"GET / HTTP/1.1\r\n\r\n"[..], &[0; 64], &[255; 64]] {
        let mut stream = rig.raw();
        stream.write_all(said).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        // Closed with or without what was left unread; never answered.
        let mut heard = Vec::new();
        let _ = stream.read_to_end(&mut heard);
        assert_eq!(heard, b"");
    }
    for frame in [
        &b"\x00\x00\x00\x03abc"[..],
        b"\xff\xff\xff\xff",
        b"\x00\x00\x00\x00",
    ] {
        let mut stream = rig.raw();
        stream.write_all(&wire::hello()).unwrap();
        stream.write_all(frame).unwrap();
        let answer: Answer = wire::read(&mut stream).unwrap();
        assert!(answer.is_err());
    }
    rig.ask(list()).unwrap();
}

#[test]
fn idle_it_answers_no_more() {
    let rig = Rig::unlocked();
    rig.clock.advance(899);
    rig.ask(list()).unwrap();
    rig.clock.advance(899);
    assert_eq!(
        code(rig.ask(Request::AgentStatus(Status {}))),
        Code::NotFound
    );
    let mut client = rig.client();
    rig.clock.advance(1);
    assert_eq!(code(client.ask(&list())), Code::Locked);
    assert_eq!(rig.end(), End::Idle);
}

#[test]
fn idle_it_ends_without_being_asked() {
    let rig = Rig::on(SetClock::default(), SystemClock, |server| {
        let now = server.rules.clock.now();
        server.rules.lifetime = Lifetime::new(idle_after(Duration::from_millis(10)), now);
    });
    // Not before it is unlocked.
    rig.ask(Request::AgentStatus(Status {})).unwrap_err();
    rig.ask(unlock("right", None)).unwrap();
    assert_eq!(rig.end(), End::Idle);
}

#[test]
fn a_stricter_setting_holds_at_once() {
    let rig = Rig::new();
    rig.ask(unlock("right", None)).unwrap();
    let tighten = Tighten {
        idle_seconds: Some(60),
        locks_after_sleep: true,
    };
    rig.ask(Request::Tighten(tighten)).unwrap();
    rig.clock.advance(60);
    assert_eq!(rig.end(), End::Idle);
}

#[test]
fn at_its_time_limit_it_answers_no_more() {
    let rig = Rig::new();
    rig.ask(unlock("right", Some(60))).unwrap();
    rig.clock.advance(59);
    rig.ask(list()).unwrap();
    let mut client = rig.client();
    rig.clock.advance(1);
    assert_eq!(code(client.ask(&list())), Code::Locked);
    assert_eq!(rig.end(), End::TimeLimit);
}

#[test]
fn after_a_sleep_it_answers_no_more() {
    let rig = Rig::unlocked();
    let mut client = rig.client();
    rig.clock.0.lock().unwrap().boot += Duration::from_secs(10);
    assert_eq!(code(client.ask(&list())), Code::Locked);
    assert_eq!(rig.end(), End::Slept);
}

#[test]
fn never_unlocked_it_ends() {
    let rig = Rig::new();
    let mut client = rig.client();
    rig.clock.advance(60);
    assert_eq!(code(client.ask(&unlock("right", None))), Code::Locked);
    assert_eq!(rig.end(), End::NeverUnlocked);
}

#[test]
fn it_is_no_place_to_try_passphrases() {
    let rig = Rig::new();
    for _ in 0..10 {
        assert_eq!(code(rig.ask(unlock("wrong", None))), Code::WrongKey);
    }
    assert_eq!(rig.end(), End::FailedUnlocks);
}

#[test]
fn it_answers_for_no_other_file() {
    type Change = fn(&Path);
    let changes: [Change; 2] = [
        |vault| fs::remove_file(vault).unwrap(),
        |vault| {
            fs::write(vault.with_extension("other"), "").unwrap();
            fs::rename(vault.with_extension("other"), vault).unwrap();
        },
    ];
    for change in changes {
        let rig = Rig::unlocked();
        let mut client = rig.client();
        change(rig.home().vault_file());
        assert_eq!(code(client.ask(&list())), Code::Locked);
        assert_eq!(rig.end(), End::VaultReplaced);
    }
}

/// threat 51: a command under another home finds no agent, but it leaves the mark.
#[test]
fn locked_by_somebody_else_it_answers_no_more() {
    let mark = |rig: &Rig| fs::write(rig.home().suspended_marker(), "").unwrap();
    for request in [list(), Request::Lock(vaults::Lock {})] {
        let rig = Rig::new();
        // Not before it is unlocked: that is what ends the lock.
        mark(&rig);
        rig.ask(Request::AgentStatus(Status {})).unwrap_err();
        fs::remove_file(rig.home().suspended_marker()).unwrap();
        rig.ask(unlock("right", None)).unwrap();
        let mut client = rig.client();
        mark(&rig);
        assert_eq!(code(client.ask(&request)), Code::Locked);
        // No waiting in between.
        assert!(!rig.socket().exists());
        assert_eq!(rig.end(), End::Locked);
    }
}

#[test]
fn what_locks_the_vault_ends_it() {
    let rig = Rig::unlocked();
    assert_eq!(
        code(rig.ask(Request::Doctor(vaults::Doctor::default()))),
        Code::Integrity
    );
    assert_eq!(rig.end(), End::Locked);
}

#[test]
fn a_signal_ends_it_even_in_a_request_that_never_ends() {
    let rig = Rig::unlocked();
    let mut hangs = rig.say(&Request::ListSlots(vaults::ListSlots {}));
    rig.wait_for(Event::Handled("slots"));
    let mut waits = rig.say(&list());
    rig.tell.send_replace(true);
    assert_eq!(code(wire::read(&mut hangs).unwrap()), Code::Locked);
    assert_eq!(code(wire::read(&mut waits).unwrap()), Code::Locked);
    assert_eq!(rig.end(), End::Signal);
}

#[test]
fn the_time_limit_holds_in_a_request_that_never_ends() {
    let rig = Rig::on(SetClock::default(), SystemClock, |_| {});
    let now = SystemClock.now().unix;
    rig.ask(unlock("right", Some(now + 1))).unwrap();
    assert_eq!(
        code(rig.ask(Request::ListSlots(vaults::ListSlots {}))),
        Code::Locked
    );
    assert_eq!(rig.end(), End::TimeLimit);
}

#[test]
fn a_request_whose_client_went_before_its_turn_is_not_carried_out() {
    let rig = Rig::unlocked();
    let mut held_up = rig.say(&Request::ListSlots(vaults::ListSlots {}));
    rig.wait_for(Event::Handled("slots"));
    let mut gone = rig.say(&list());
    gone.shutdown(std::net::Shutdown::Write).unwrap();
    // The server has seen it go when it closes its own end.
    gone.read_to_end(&mut Vec::new()).unwrap();
    rig.gate.notify_one();
    rig.ask(stop()).unwrap();
    assert!(matches!(
        wire::read(&mut held_up).unwrap(),
        Answer::Ok(Reply::ListSlots(_))
    ));
    assert!(
        rig.events
            .iter()
            .all(|event| event != Event::Handled("list"))
    );
}

#[test]
fn what_a_request_left_for_later_is_made_safe_soon() {
    let rig = Rig::unlocked();
    rig.wait_for(Event::Flushed);
    rig.ask(list()).unwrap();
    rig.wait_for(Event::Flushed);
}

#[test]
fn a_reply_is_not_held_back_by_a_client_that_does_not_read() {
    let rig = Rig::unlocked();
    let deaf: Vec<_> = (0..20).map(|_| rig.say(&list())).collect();
    rig.ask(list()).unwrap();
    drop(deaf);
    rig.ask(list()).unwrap();
}

/// Reads never wait for a network.
#[test]
fn a_read_does_not_wait_for_a_sync_that_goes_on() {
    let rig = Rig::unlocked();
    let everything = crate::sync::Sync {
        team: None,
        full: false,
    };
    let mut syncs = rig.say(&Request::Sync(everything));
    rig.wait_for(Event::Handled("beside"));
    assert!(matches!(rig.ask(list()), Ok(Reply::ListBundles(_))));
    rig.gate.notify_one();
    assert!(matches!(
        wire::read(&mut syncs).unwrap(),
        Answer::Ok(Reply::Sync(_))
    ));
}

#[test]
fn a_sync_is_stopped_and_those_that_wait_for_it() {
    let rig = Rig::unlocked();
    let sync = || {
        Request::Sync(crate::sync::Sync {
            team: None,
            full: false,
        })
    };
    let stop_sync = || rig.ask(Request::StopSync(crate::sync::StopSync {}));
    // None goes on.
    assert!(matches!(stop_sync(), Ok(Reply::StopSync(()))));
    let mut hangs = rig.say(&sync());
    rig.wait_for(Event::Handled("beside"));
    let mut waits = rig.say(&sync());
    // Heard after the second one, which waits in a connection of its own: tried until it is.
    let deaf = waits.set_read_timeout(Some(Duration::from_millis(20)));
    deaf.unwrap();
    let second: Answer = loop {
        stop_sync().unwrap();
        match wire::read(&mut waits) {
            Err(crate::agent::error::WireError::TimedOut) => {}
            heard => break heard.unwrap(),
        }
    };
    let answers: [Answer; 2] = [wire::read(&mut hangs).unwrap(), second];
    for answer in answers {
        let fault = answer.unwrap_err();
        assert_eq!(fault.code, Code::Aborted);
        assert!(fault.message.contains("is kept"));
    }
    // The next one goes on as ever.
    let mut next = rig.say(&sync());
    rig.wait_for(Event::Handled("beside"));
    rig.gate.notify_one();
    assert!(matches!(
        wire::read(&mut next).unwrap(),
        Answer::Ok(Reply::Sync(_))
    ));
}

#[test]
fn a_sync_starts_by_itself_a_moment_after_the_unlock() {
    let rig = Rig::with(|server| server.handler.syncs = true);
    rig.ask(unlock("right", None)).unwrap();
    rig.ask(list()).unwrap();
    assert!(
        rig.events
            .try_iter()
            .all(|event| event != Event::Handled("beside"))
    );
    rig.clock.advance(3);
    // Whatever wakes the agent.
    rig.ask(list()).unwrap();
    rig.wait_for(Event::Handled("beside"));
    rig.gate.notify_one();
}

#[test]
fn whatever_needs_a_network_goes_on_beside() {
    let join = Request::Join(crate::team::Join {
        invitation: Plaintext::from_text(String::new()),
        name: None,
        device_name: None,
        location: None,
        recovery_words: None,
    });
    let moving = Request::MoveRemote(crate::sync::MoveRemote {
        team: None,
        location: String::new(),
        without_old: false,
    });
    for request in [join, moving] {
        let rig = Rig::unlocked();
        let _waits = rig.say(&request);
        rig.wait_for(Event::Handled("beside"));
        assert!(matches!(rig.ask(list()), Ok(Reply::ListBundles(_))));
        rig.gate.notify_one();
    }
}
