//! Terminals that ask while a window is there. The test is the window; each terminal is a process in a
//! session of its own with a real pseudo-terminal, which speaks to the agent's real socket.

use std::{
    env,
    fs::OpenOptions,
    io::{BufRead, BufReader},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::Instant,
};

use nix::{fcntl::OFlag, pty, unistd::setsid};

use super::rig::{PATIENCE, idle_after};
use super::*;
use crate::agent::{AskedView, Attend, Decide, client::Client};
use crate::audit::Record;
use crate::entries::{EntryRef, Reveal};
use crate::team::Share;

const SOCKET: &str = "SEALFOLD_TEST_SOCKET";
const NO_TERMINAL: &str = "SEALFOLD_TEST_JOB";
const SAYS: &str = "terminal says: ";

/// A shell's stand-in.
struct Terminal {
    process: Child,
    asks: ChildStdin,
    hears: BufReader<ChildStdout>,
}

impl Terminal {
    fn of(rig: &Rig) -> Self {
        Self::start(Self::command(rig))
    }

    /// What runs without a terminal.
    fn job(rig: &Rig) -> Self {
        let mut command = Self::command(rig);
        command.env(NO_TERMINAL, "");
        Self::start(command)
    }

    fn command(rig: &Rig) -> Command {
        let mut command = Command::new(env::current_exe().unwrap());
        command
            .args(["--exact", "--nocapture"])
            .arg("agent::server::tests::asked::a_terminal")
            .env(SOCKET, rig.socket())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        command
    }

    fn start(mut command: Command) -> Self {
        let mut process = command.spawn().unwrap();
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
    setsid().unwrap();
    let terminal = pty::posix_openpt(OFlag::O_RDWR | OFlag::O_NOCTTY).unwrap();
    pty::grantpt(&terminal).unwrap();
    pty::unlockpt(&terminal).unwrap();
    let name = pty::ptsname_r(&terminal).unwrap();
    // The first terminal that a session's leader opens is the session's.
    let wanted = env::var_os(NO_TERMINAL).is_none();
    let _device = wanted.then(|| OpenOptions::new().read(true).write(true).open(name));
    for line in std::io::stdin().lines() {
        let line = line.unwrap();
        let mut words = line.split(' ');
        let request = match words.next().unwrap() {
            "reveal" => reveal(),
            "share" => share(),
            "record" => record(words.next().unwrap()),
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

fn share() -> Request {
    Request::Share(Share {
        bundle: "api/prod".to_owned(),
        entry: None,
        with: vec!["mallory".to_owned()],
        history: false,
    })
}

fn record(operation: &str) -> Request {
    Request::RecordAct(Record {
        operation: operation.to_owned(),
        bundle: None,
        detail: None,
        failure: None,
    })
}

fn allow(id: u64, minutes: u32) -> Request {
    Request::Decide(Decide {
        id,
        allow: true,
        minutes,
    })
}

fn deny(id: u64, minutes: u32) -> Request {
    Request::Decide(Decide {
        id,
        allow: false,
        minutes,
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
    assert!(asked.terminal.as_ref().unwrap().starts_with("pts/"));
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
    rig.ask(deny(id, 0)).unwrap();
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
        server.rules.lifetime = Lifetime::new(idle_after(Duration::from_secs(36_000)), now);
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

/// threat 71: one that is slow, or stopped, is there all the same.
#[test]
fn a_window_is_there_until_its_process_ends() {
    let rig = Rig::unlocked();
    let mut window = Terminal::job(&rig);
    assert_eq!(window.get("attend"), "ok");
    let mut terminal = Terminal::of(&rig);
    assert_eq!(terminal.get("reveal"), "waits");
    rig.clock.advance(30);
    let mut other = Terminal::of(&rig);
    assert_eq!(other.get("reveal"), "waits");
    drop(window);
    for mut one in [terminal, other] {
        let heard = one.hear();
        assert!(heard.contains("window was closed"), "{heard}");
        assert_eq!(one.get("reveal"), CARRIED_OUT);
    }
}

/// threat 71: an editor's session may be that of the whole desktop.
#[test]
fn what_has_no_terminal_is_allowed_once() {
    let rig = Rig::unlocked();
    rig.attend();
    let mut job = Terminal::job(&rig);
    for _ in 0..2 {
        assert_eq!(job.get("reveal"), "waits");
        let [asked] = rig.waiting(1).try_into().unwrap();
        assert_eq!(asked.terminal, None);
        assert!(!asked.wants.may_last);
        rig.ask(allow(asked.id, 240)).unwrap();
        assert_eq!(job.hear(), CARRIED_OUT);
        let recorded = rig.recorded();
        assert!(
            recorded[0].starts_with("get: allowed once; "),
            "{recorded:?}"
        );
    }
}

/// threat 71
#[test]
fn what_changes_keys_or_recipients_is_asked_each_time() {
    let rig = Rig::new();
    let mut terminal = Terminal::of(&rig);
    // Even where a person typed the passphrase.
    assert_eq!(terminal.get("unlock"), "ok");
    rig.attend();
    assert_eq!(terminal.get("reveal"), CARRIED_OUT);
    for _ in 0..2 {
        assert_eq!(terminal.get("share"), "waits");
        let [asked] = rig.waiting(1).try_into().unwrap();
        let wants = &asked.wants;
        assert_eq!((wants.operation.as_str(), wants.may_last), ("share", false));
        assert_eq!(wants.about, ["mallory"]);
        rig.ask(allow(asked.id, 240)).unwrap();
        assert_eq!(terminal.hear(), CARRIED_OUT);
    }
}

/// threat 71: who asks again and again in ever new terminals.
#[test]
fn a_no_to_everything_holds_for_some_minutes() {
    let rig = Rig::unlocked();
    rig.attend();
    let mut terminals = [Terminal::of(&rig), Terminal::of(&rig)];
    for terminal in &mut terminals {
        assert_eq!(terminal.get("reveal"), "waits");
    }
    let id = rig.waiting(2)[0].id;
    rig.ask(deny(id, 10)).unwrap();
    assert!(rig.recorded()[0].starts_with("get: denied, as all for 10 minutes; "));
    for terminal in &mut terminals {
        let heard = terminal.hear();
        assert!(heard.contains("This was denied"), "{heard}");
    }
    rig.go_on(598);
    let mut third = Terminal::of(&rig);
    let heard = third.get("reveal");
    assert!(heard.contains("Everything is denied"), "{heard}");
    rig.go_on(2);
    assert_eq!(third.get("reveal"), "waits");
}

/// threat 71: what was not carried out has no end that could be told.
#[test]
fn nobody_adds_to_the_audit_what_was_not_carried_out() {
    let rig = Rig::unlocked();
    let mut terminal = Terminal::of(&rig);
    assert_eq!(terminal.get("record run"), "ok");
    rig.attend();
    let heard = terminal.get("record run");
    assert!(heard.contains("nothing was carried out"), "{heard}");
    assert_eq!(terminal.get("record asked"), "waits");
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
