#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    io::{Read, Write},
    os::unix::net::UnixStream,
    sync::{
        Mutex,
        mpsc::{Receiver, Sender, channel},
    },
    thread::{self, JoinHandle},
};

use super::*;
use crate::{
    Plaintext, Reply,
    agent::{Status, Stop, client::Client, clock::Reading, clock::SystemClock, wire},
    bundles,
    vaults::{self, Key, Unlock, Unlocked},
};

/// What happened behind the server.
#[derive(Debug, PartialEq)]
enum Event {
    Handled(&'static str),
    Flushed,
    Locked,
}

/// A vault's stand-in that does as its requests say.
struct StandIn {
    unlocked: bool,
    until: Option<u64>,
    events: Sender<Event>,
    callers: Sender<u32>,
}

impl Handler for StandIn {
    async fn handle(&mut self, request: Request, caller: Caller) -> Answer {
        let _ = self.callers.send(caller.pid);
        let (name, answer) = match request {
            Request::Unlock(Unlock { key: Key::Passphrase(passphrase), ttl_seconds, .. })
                if passphrase.expose() == b"right" =>
            {
                self.unlocked = true;
                self.until = ttl_seconds;
                let unlocked = Unlocked { until: ttl_seconds, warnings: Vec::new() };
                ("unlock", Ok(Reply::Unlock(unlocked)))
            }
            Request::Unlock(_) => ("unlock", Err(Fault::new(Code::WrongKey, "No"))),
            Request::Lock(_) => {
                ("lock", Ok(Reply::Lock(vaults::Locked { was_unlocked: self.unlocked })))
            }
            Request::StopAgent(_) => ("stop", Ok(Reply::StopAgent(()))),
            Request::ListBundles(_) => ("list", Ok(Reply::ListBundles(Vec::new()))),
            Request::AgentStatus(_) => ("status", Err(Fault::new(Code::NotFound, "No"))),
            // Something that locks the vault as a part of its work.
            Request::Doctor(_) => {
                self.unlocked = false;
                ("doctor", Err(Fault::new(Code::Integrity, "No")))
            }
            // Something that never comes to its end.
            Request::ListSlots(_) => {
                let _ = self.events.send(Event::Handled("slots"));
                std::future::pending().await
            }
            _ => unreachable!("no test asks this"),
        };
        let _ = self.events.send(Event::Handled(name));
        answer
    }

    fn is_unlocked(&self) -> bool {
        self.unlocked
    }

    fn until(&self) -> Option<u64> {
        self.until
    }

    async fn flush(&mut self) {
        let _ = self.events.send(Event::Flushed);
    }

    async fn lock(&mut self) {
        self.unlocked = false;
        let _ = self.events.send(Event::Locked);
    }
}

/// A clock that goes when a test says so.
#[derive(Clone, Default)]
struct SetClock(Arc<Mutex<Reading>>);

impl Clock for SetClock {
    fn now(&self) -> Reading {
        *self.0.lock().unwrap()
    }
}

impl SetClock {
    fn advance(&self, seconds: u64) {
        let mut now = self.0.lock().unwrap();
        now.boot += Duration::from_secs(seconds);
        now.awake += Duration::from_secs(seconds);
        now.unix += seconds;
    }
}

/// A server in a thread, with all that it hangs on.
struct Rig {
    dir: tempfile::TempDir,
    clock: SetClock,
    tell: watch::Sender<bool>,
    events: Receiver<Event>,
    callers: Receiver<u32>,
    thread: JoinHandle<End>,
}

impl Rig {
    fn new() -> Self {
        Self::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut Server<StandIn, SetClock>) + Send + 'static) -> Self {
        let clock = SetClock::default();
        Self::on(clock.clone(), clock, change)
    }

    /// `set` is for the test to turn, `clock` for the server to read.
    fn on<C: Clock + Send + 'static>(
        set: SetClock,
        clock: C,
        change: impl FnOnce(&mut Server<StandIn, C>) + Send + 'static,
    ) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let vault = dir.path().join("vault.sqlite");
        fs::write(&vault, "").unwrap();
        let socket = Socket::take(&dir.path().join("agent.sock")).unwrap().unwrap();
        let (tell, told_to_end) = watch::channel(false);
        let (event, events) = channel();
        let (called, callers) = channel();
        let lifetime = Lifetime::new(Duration::from_secs(900), clock.now());
        let thread = thread::spawn(move || {
            let handler = StandIn { unlocked: false, until: None, events: event, callers: called };
            let rules = Rules { clock, lifetime, vault: Watched::new(vault), told_to_end };
            let limits = Limits { grace: Duration::from_millis(50), ..Limits::default() };
            let mut server = Server { handler, rules, limits, owner: Uid::effective() };
            change(&mut server);
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(server.run(&socket)).unwrap()
        });
        Self { dir, clock: set, tell, events, callers, thread }
    }

    fn unlocked() -> Self {
        let rig = Self::new();
        rig.ask(unlock("right", None)).unwrap();
        rig
    }

    fn socket(&self) -> PathBuf {
        self.dir.path().join("agent.sock")
    }

    /// A connection made now: what the server does after a test turned its clock, it may do at any
    /// moment.
    fn client(&self) -> Client {
        Client::connect(&self.socket()).unwrap().expect("it answers")
    }

    fn ask(&self, request: Request) -> Answer {
        self.client().ask(&request)
    }

    /// A connection of which the test itself says every byte; greeted.
    fn raw(&self) -> UnixStream {
        let mut stream = UnixStream::connect(self.socket()).unwrap();
        stream.read_exact(&mut [0; wire::HELLO]).unwrap();
        stream
    }

    /// A request on its way of which nobody hears the answer yet.
    fn say(&self, request: &Request) -> UnixStream {
        let mut stream = self.raw();
        stream.write_all(&wire::hello()).unwrap();
        stream.write_all(wire::encode(request).unwrap().as_slice()).unwrap();
        stream
    }

    /// Waits for this event; others before it pass.
    fn wait_for(&self, event: Event) {
        while self.events.recv().expect("the server still runs") != event {}
    }

    /// How it ended, and that it left nothing behind.
    fn end(self) -> End {
        let end = self.thread.join().unwrap();
        assert_eq!(self.events.iter().last(), Some(Event::Locked));
        assert!(!self.dir.path().join("agent.sock").exists());
        end
    }
}

fn unlock(passphrase: &str, ttl_seconds: Option<u64>) -> Request {
    let key = Key::Passphrase(Plaintext::from_text(passphrase.to_owned()));
    Request::Unlock(Unlock { key, ttl_seconds, full_check: true })
}

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
        // No waiting in between.
        assert!(rig.events.try_iter().any(|event| event == Event::Locked)); // threat 51
        assert!(!rig.socket().exists());
        assert_eq!(rig.thread.join().unwrap(), End::Asked);
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
        server.limits.patience = Duration::from_millis(50);
    });
    let mut silent = rig.raw();
    // The only place is taken: this waits until the silent one is given up.
    rig.ask(list()).unwrap();
    assert_eq!(silent.read(&mut [0]).unwrap(), 0);
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
    for frame in [&b"\x00\x00\x00\x03abc"[..], b"\xff\xff\xff\xff", b"\x00\x00\x00\x00"] {
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
    assert_eq!(code(rig.ask(Request::AgentStatus(Status {}))), Code::NotFound);
    let mut client = rig.client();
    rig.clock.advance(1);
    assert_eq!(code(client.ask(&list())), Code::Locked);
    assert_eq!(rig.end(), End::Idle);
}

#[test]
fn idle_it_ends_without_being_asked() {
    let rig = Rig::on(SetClock::default(), SystemClock, |server| {
        let now = server.rules.clock.now();
        server.rules.lifetime = Lifetime::new(Duration::from_millis(10), now);
    });
    // Not before it is unlocked.
    rig.ask(Request::AgentStatus(Status {})).unwrap_err();
    rig.ask(unlock("right", None)).unwrap();
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
        change(&rig.dir.path().join("vault.sqlite"));
        assert_eq!(code(client.ask(&list())), Code::Locked);
        assert_eq!(rig.end(), End::VaultReplaced);
    }
}

#[test]
fn what_locks_the_vault_ends_it() {
    let rig = Rig::unlocked();
    assert_eq!(code(rig.ask(Request::Doctor(vaults::Doctor {}))), Code::Integrity);
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
    assert_eq!(code(rig.ask(Request::ListSlots(vaults::ListSlots {}))), Code::Locked);
    assert_eq!(rig.end(), End::TimeLimit);
}

#[test]
fn a_request_whose_client_went_before_its_turn_is_not_carried_out() {
    let rig = Rig::unlocked();
    let hangs = rig.say(&Request::ListSlots(vaults::ListSlots {}));
    rig.wait_for(Event::Handled("slots"));
    let mut gone = rig.say(&list());
    gone.shutdown(std::net::Shutdown::Write).unwrap();
    // The server has seen it go when it closes its own end.
    gone.read_to_end(&mut Vec::new()).unwrap();
    rig.tell.send_replace(true);
    drop(hangs);
    assert_eq!(rig.thread.join().unwrap(), End::Signal);
    assert!(rig.events.iter().all(|event| event != Event::Handled("list")));
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
