#![allow(clippy::unwrap_used)]

use super::super::clock::{Clock, SystemClock};
use super::*;

const ASKER: Process = Process::unknown(1);

fn window() -> Process {
    Process::now(std::process::id())
}

/// A terminal of ours: that there is one is all that is asked here.
fn terminal() -> Terminal {
    Terminal::Session(window())
}

fn wants() -> Wants {
    Wants {
        may_last: true,
        ..Wants::default()
    }
}

fn later(now: Reading, seconds: u64) -> Reading {
    Reading {
        boot: now.boot + Duration::from_secs(seconds),
        ..now
    }
}

/// A window that was started from a terminal unlocks for itself.
#[test]
fn the_window_unlocks_for_no_terminal() {
    let now = SystemClock.now();
    let mut book = Book::default();
    book.unlocked_by(window(), terminal());
    book.attend(window()).unwrap();
    let admission = |book: &Book, process| book.admission(process, terminal(), &wants(), now);
    assert_eq!(admission(&book, window()), Admission::Granted);
    assert_eq!(admission(&book, ASKER), Admission::Asks);
    book.unlocked_by(window(), terminal());
    assert_eq!(admission(&book, ASKER), Admission::Asks);
    book.unlocked_by(ASKER, terminal());
    assert_eq!(admission(&book, ASKER), Admission::Granted);
}

/// It stands behind others' requests before it is in the audit.
#[test]
fn a_decision_that_has_come_is_in_time() {
    let now = SystemClock.now();
    let mut book = Book::default();
    book.attend(window()).unwrap();
    let id = book
        .ask(terminal(), Asker::default(), wants(), now)
        .unwrap();
    // Only the window's.
    book.hold(id, ASKER, true);
    let over = later(now, 60);
    assert!(matches!(book.standing(id, over), Standing::Unanswered(_)));
    book.hold(id, window(), true);
    assert_eq!(book.standing(id, over), Standing::Waits);
    book.hold(id, window(), false);
    assert!(matches!(book.standing(id, over), Standing::Unanswered(_)));
}

/// A window may still show what it asked for an agent that has ended.
#[test]
fn a_later_agents_numbers_are_higher() {
    let now = SystemClock.now();
    let number = |now| {
        let mut book = Book::default();
        book.ask(terminal(), Asker::default(), wants(), now)
            .unwrap()
    };
    let first = number(now);
    let second = Reading {
        unix: now.unix + 1,
        ..now
    };
    assert!(number(second) > first + 100);
}

#[test]
fn what_was_given_variables_may_say_how_it_ended() {
    let now = SystemClock.now();
    let mut book = Book::default();
    assert!(book.may_add(ASKER, terminal(), now));
    book.attend(window()).unwrap();
    assert!(!book.may_add(ASKER, terminal(), now));
    book.serve(ASKER);
    assert!(book.may_add(ASKER, terminal(), now));
    for pid in 0..SERVED {
        book.serve(Process::unknown(u32::try_from(pid).unwrap() + 10));
    }
    assert!(!book.may_add(ASKER, terminal(), now));
}
