//! Terminals that ask while a window is there. The test is the window; each terminal is a process in a
//! session of its own, which speaks to the agent's real socket.

use std::{
    env,
    io::{BufRead, BufReader},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::Instant,
};

use super::rig::PATIENCE;
use super::*;
use crate::agent::{AskedView, Attend, Decide, client::Client};
use crate::entries::{EntryRef, Reveal};

const SOCKET: &str = "SEALFOLD_TEST_SOCKET";
const SAYS: &str = "terminal says: ";

/// A shell's stand-in.
struct Terminal {
    process: Child,
    asks: ChildStdin,
    hears: BufReader<ChildStdout>,
}

impl Terminal {
    fn of(rig: &Rig) -> Self {
        let mut process = Command::new(env::current_exe().unwrap())
            .args(["--exact", "--nocapture"])
            .arg("agent::server::tests::asked::a_terminal")
            .env(SOCKET, rig.socket())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Self {
            asks: process.stdin.take().unwrap(),
            hears: BufReader::new(process.stdout.take().unwrap()),
            process,
        }
    }

    fn ask(&mut self, what: &str) {
        writeln!(self.asks, "{what}").unwrap();
    }

    fn hear(&mut self) -> String {
        loop {
            let mut line = String::new();
            assert!(self.hears.read_line(&mut line).unwrap() > 0, "it ended");
            if let Some((_, said)) = line.split_once(SAYS) {
                return said.trim_end().to_owned();
            }
        }
    }

    /// Asks for something that is answered at once.
    fn get(&mut self, what: &str) -> String {
        self.ask(what);
        self.hear()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What runs in a terminal: no test unless another one starts it.
#[test]
#[allow(clippy::print_stdout)]
fn a_terminal() {
    let Some(socket) = env::var_os(SOCKET) else {
        return;
    };
    nix::unistd::setsid().unwrap();
    for line in std::io::stdin().lines() {
        let line = line.unwrap();
        let mut words = line.split(' ');
        let request = match words.next().unwrap() {
            "reveal" => reveal(),
            "list" => list(),
            "lock" => Request::Lock(vaults::Lock {}),
            "unlock" => unlock("right", None),
            "keychain" => Request::Unlock(vaults::Unlock {
                key: vaults::Key::Keychain,
                ttl_seconds: None,
                full_check: true,
            }),
            "attend" => Request::Attend(Attend {}),
            "allow" => allow(words.next().unwrap().parse().unwrap(), 60),
            _ => panic!("it knows no such request"),
        };
        let mut client = Client::connect(Path::new(&socket)).unwrap().unwrap();
        client.when_asked(|| println!("{SAYS}waits"));
        match client.ask(&request) {
            Ok(_) => println!("{SAYS}ok"),
            Err(fault) => println!("{SAYS}{:?}: {}", fault.code, fault.message),
        }
    }
}

fn reveal() -> Request {
    Request::Reveal(Reveal {
        entry: EntryRef::Named {
            bundle: Some("api/prod".to_owned()),
            name: "TOKEN".to_owned(),
        },
        field: None,
        version: None,
        operation: "get".to_owned(),
    })
}

fn allow(id: u64, minutes: u32) -> Request {
    Request::Decide(Decide {
        id,
        allow: true,
        minutes,
    })
}

fn deny(id: u64) -> Request {
    Request::Decide(Decide {
        id,
        allow: false,
        minutes: 0,
    })
}

/// What a request answers that was carried out: the vault's stand-in has no such entry.
const CARRIED_OUT: &str = "NotFound: No";

impl Rig {
    fn attend(&self) -> Vec<AskedView> {
        match self.ask(Request::Attend(Attend {})) {
            Ok(Reply::Attend(waiting)) => waiting,
            answer => panic!("{answer:?}"),
        }
    }

    /// Attends until so many wait.
    fn waiting(&self, count: usize) -> Vec<AskedView> {
        let give_up = Instant::now() + PATIENCE;
        loop {
            let waiting = self.attend();
            if waiting.len() == count {
                return waiting;
            }
            assert!(Instant::now() < give_up, "{waiting:?}");
        }
    }

    /// Time goes by with the window open.
    fn go_on(&self, seconds: u64) {
        for _ in 0..seconds / 2 {
            self.clock.advance(2);
            self.attend();
        }
    }

    fn recorded(&self) -> Vec<String> {
        let recorded = |event| match event {
            Event::Recorded(detail) => Some(detail),
            _ => None,
        };
        self.events.try_iter().filter_map(recorded).collect()
    }
}

/// threat 71
#[test]
fn a_terminal_that_asks_for_the_first_time_waits_to_be_allowed() {
    let rig = Rig::unlocked();
    let mut terminal = Terminal::of(&rig);
    // Nobody is there to ask.
    assert_eq!(terminal.get("reveal"), CARRIED_OUT);
    rig.attend();
    terminal.ask("reveal");
    assert_eq!(terminal.hear(), "waits");
    let [asked] = rig.waiting(1).try_into().unwrap();
    assert_eq!(asked.pid, terminal.process.id());
    assert_eq!(asked.terminal, None);
    let wants = &asked.wants;
    assert!(wants.values);
    assert_eq!(wants.operation, "get");
    assert_eq!(wants.bundle.as_deref(), Some("api/prod"));
    assert_eq!(
        (wants.names.as_slice(), wants.count),
        (&["TOKEN".to_owned()][..], 1)
    );
    // Others go on, and the window itself is not asked.
    rig.ask(list()).unwrap();
    assert_eq!(code(rig.ask(reveal())), Code::NotFound);
    assert!(rig.recorded().is_empty());

    rig.ask(allow(asked.id, 240)).unwrap();
    assert_eq!(terminal.hear(), CARRIED_OUT);
    let [recorded] = rig.recorded().try_into().unwrap();
    let named = format!("get: allowed for 240 minutes; {}", asked.pid);
    assert!(recorded.starts_with(&named), "{recorded}");
    assert_eq!(rig.attend(), []);
    // It is remembered, of this terminal.
    assert_eq!(terminal.get("reveal"), CARRIED_OUT);
    let mut other = Terminal::of(&rig);
    assert_eq!(other.get("reveal"), "waits");
    let id = rig.waiting(1)[0].id;
    rig.ask(deny(id)).unwrap();
    assert_eq!(
        other.hear(),
        "NotAllowed: This was denied in Sealfold's window."
    );
    assert!(rig.recorded()[0].starts_with("get: denied; "));
    assert_eq!(code(rig.ask(allow(id, 1))), Code::NotFound);
}

#[test]
fn what_looks_and_what_locks_waits_for_nobody() {
    let rig = Rig::unlocked();
    rig.attend();
    let mut terminal = Terminal::of(&rig);
    assert_eq!(terminal.get("list"), "ok");
    let mut waits = Terminal::of(&rig);
    assert_eq!(waits.get("reveal"), "waits");
    assert_eq!(terminal.get("lock"), "ok");
    // A lock is one for those who wait too.
    assert!(waits.hear().contains("has just locked"));
    assert_eq!(rig.ended(), End::Asked);
}

#[test]
fn allowed_once_or_for_a_time_it_asks_again_after_that() {
    let rig = Rig::with(|server| {
        let now = server.rules.clock.now();
        server.rules.lifetime = Lifetime::new(Duration::from_secs(36_000), now);
    });
    rig.ask(unlock("right", None)).unwrap();
    rig.attend();
    let mut terminal = Terminal::of(&rig);
    for minutes in [0, 1] {
        assert_eq!(terminal.get("reveal"), "waits");
        let id = rig.waiting(1)[0].id;
        rig.ask(allow(id, minutes)).unwrap();
        assert_eq!(terminal.hear(), CARRIED_OUT);
    }
    rig.go_on(58);
    assert_eq!(terminal.get("reveal"), CARRIED_OUT);
    rig.go_on(2);
    assert_eq!(terminal.get("reveal"), "waits");
}

#[test]
fn nobody_answers_for_a_minute() {
    let rig = Rig::unlocked();
    rig.attend();
    let mut terminal = Terminal::of(&rig);
    assert_eq!(terminal.get("reveal"), "waits");
    rig.waiting(1);
    rig.go_on(58);
    assert_eq!(rig.attend().len(), 1);
    rig.go_on(2);
    let heard = terminal.hear();
    assert!(heard.starts_with("NotAllowed: Nobody allowed"), "{heard}");
    assert_eq!(rig.attend(), []);
    assert!(rig.recorded()[0].starts_with("get: not answered; "));
}

#[test]
fn a_window_that_is_closed_is_not_waited_for() {
    let rig = Rig::unlocked();
    rig.attend();
    let mut terminal = Terminal::of(&rig);
    assert_eq!(terminal.get("reveal"), "waits");
    rig.waiting(1);
    rig.clock.advance(3);
    let heard = terminal.hear();
    assert!(heard.contains("window was closed"), "{heard}");
    assert_eq!(terminal.get("reveal"), CARRIED_OUT);
}

#[test]
fn who_goes_away_is_not_asked_about() {
    let rig = Rig::unlocked();
    rig.attend();
    let mut terminal = Terminal::of(&rig);
    assert_eq!(terminal.get("reveal"), "waits");
    rig.waiting(1);
    drop(terminal);
    rig.waiting(0);
}

/// threat 71: while the window is there, nobody else says yes in its place.
#[test]
fn only_the_window_decides() {
    let rig = Rig::unlocked();
    rig.attend();
    let mut terminal = Terminal::of(&rig);
    assert_eq!(terminal.get("reveal"), "waits");
    let id = rig.waiting(1)[0].id;
    let mut other = Terminal::of(&rig);
    for attempt in ["attend".to_owned(), format!("allow {id}")] {
        let heard = other.get(&attempt);
        assert!(heard.starts_with("NotAllowed: "), "{heard}");
    }
    assert_eq!(rig.waiting(1)[0].id, id);
}

#[test]
fn the_terminal_that_unlocked_is_not_asked() {
    let rig = Rig::new();
    let mut terminal = Terminal::of(&rig);
    assert_eq!(terminal.get("unlock"), "ok");
    rig.attend();
    assert_eq!(terminal.get("reveal"), CARRIED_OUT);
    // Of an open vault the keychain's key is nobody's word.
    let mut other = Terminal::of(&rig);
    assert_eq!(other.get("keychain"), "ok");
    assert_eq!(other.get("reveal"), "waits");
    let mut third = Terminal::of(&rig);
    assert_eq!(third.get("unlock"), "ok");
    assert_eq!(third.get("reveal"), CARRIED_OUT);
}

/// A window that was started from a terminal unlocks for itself.
#[test]
fn the_window_unlocks_for_no_terminal() {
    use crate::agent::{book::Book, peer::Peer, terminal};
    let now = SystemClock.now();
    let pid = std::process::id();
    let user = Uid::effective();
    let terminal = terminal::Terminal::of(Peer { user, pid });
    let mut book = Book::default();
    book.unlocked_by(pid, terminal);
    book.attend(pid, now).unwrap();
    assert!(!book.must_ask(pid, terminal, now));
    assert!(book.must_ask(pid + 1, terminal, now));
    book.unlocked_by(pid, terminal);
    assert!(book.must_ask(pid + 1, terminal, now));
    book.unlocked_by(pid + 1, terminal);
    assert!(!book.must_ask(pid + 2, terminal, now));
}

/// Those who wait leave room for a lock.
#[test]
fn so_many_wait_and_no_more() {
    let rig = Rig::unlocked();
    rig.attend();
    let mut terminals: Vec<_> = (0..16).map(|_| Terminal::of(&rig)).collect();
    for terminal in &mut terminals {
        assert_eq!(terminal.get("reveal"), "waits");
    }
    rig.waiting(16);
    let heard = Terminal::of(&rig).get("reveal");
    assert!(heard.starts_with("NotAllowed: Too many"), "{heard}");
}
