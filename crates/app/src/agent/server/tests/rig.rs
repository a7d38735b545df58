//! A server in a thread with a stand-in for the vault behind it, and a clock that a test turns.

use std::{
    io::{Read, Write},
    os::unix::net::UnixStream,
    sync::{
        Mutex,
        mpsc::{Receiver, Sender, channel},
    },
    thread,
};

use tokio::sync::Notify;

use super::super::*;
use crate::{
    Overrides, Plaintext, Reply,
    agent::{client::Client, clock::Reading, lifetime::Locks, wire},
    vaults::{self, Key, Unlock, Unlocked},
};

/// When to give up on what never happens, so that a defect doesn't look like a slow test.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// Locks only when nobody has used it for this long.
pub(super) fn idle_after(idle: Duration) -> Locks {
    Locks {
        idle: Some(idle),
        sleep: true,
    }
}

/// What happened behind the server.
#[derive(Debug, PartialEq)]
pub(super) enum Event {
    Handled(&'static str),
    /// Put into the audit.
    Recorded(String),
    Flushed,
    Locked,
}

/// A vault's stand-in that does as its requests say.
pub(super) struct StandIn {
    unlocked: bool,
    pub(super) syncs: bool,
    until: Option<u64>,
    events: Sender<Event>,
    callers: Sender<u32>,
    gate: Arc<Notify>,
    /// Stops what goes on beside.
    stop: Option<oneshot::Sender<Fault>>,
}

impl Handler for StandIn {
    async fn handle(&mut self, request: Request, caller: Caller) -> Answer {
        let _ = self.callers.send(caller.pid);
        let (name, answer) = match request {
            Request::Unlock(Unlock {
                key: Key::Passphrase(passphrase),
                ttl_seconds,
                ..
            }) if passphrase.expose() == b"right" => {
                self.unlocked = true;
                self.until = ttl_seconds;
                let unlocked = Unlocked {
                    until: ttl_seconds,
                    warnings: Vec::new(),
                };
                ("unlock", Ok(Reply::Unlock(unlocked)))
            }
            // As of an open vault.
            Request::Unlock(Unlock {
                key: Key::Keychain, ..
            }) if self.unlocked => {
                let unlocked = Unlocked {
                    until: None,
                    warnings: Vec::new(),
                };
                ("unlock", Ok(Reply::Unlock(unlocked)))
            }
            Request::Unlock(_) => ("unlock", Err(Fault::new(Code::WrongKey, "No"))),
            Request::Lock(_) => (
                "lock",
                Ok(Reply::Lock(vaults::Locked {
                    was_unlocked: self.unlocked,
                    suspended_now: true,
                })),
            ),
            Request::StopAgent(_) => ("stop", Ok(Reply::StopAgent(()))),
            Request::ListBundles(_) => ("list", Ok(Reply::ListBundles(Vec::new()))),
            Request::AgentStatus(_) => ("status", Err(Fault::new(Code::NotFound, "No"))),
            Request::Tighten(_) => ("tighten", Ok(Reply::Tighten(()))),
            Request::Reveal(_) => ("reveal", Err(Fault::new(Code::NotFound, "No"))),
            Request::Share(_) => ("share", Err(Fault::new(Code::NotFound, "No"))),
            Request::RecordAct(record) => {
                let detail = record.detail.unwrap_or_default();
                let _ = self.events.send(Event::Recorded(detail));
                ("record", Ok(Reply::RecordAct(())))
            }
            // Something that locks the vault as a part of its work.
            Request::Doctor(_) => {
                self.unlocked = false;
                ("doctor", Err(Fault::new(Code::Integrity, "No")))
            }
            // Something that takes until the test says so.
            Request::ListSlots(_) => {
                let _ = self.events.send(Event::Handled("slots"));
                self.gate.notified().await;
                ("gate", Ok(Reply::ListSlots(Vec::new())))
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

    /// Goes on until the test lets it end.
    async fn beside(&mut self, _: Request, _: Caller) -> Result<oneshot::Receiver<Answer>, Fault> {
        let (client, answer) = oneshot::channel();
        let gate = self.gate.clone();
        let (stop, stopped) = oneshot::channel();
        self.stop = Some(stop);
        let _ = self.events.send(Event::Handled("beside"));
        tokio::spawn(async move {
            let report = crate::sync::SyncReport { teams: Vec::new() };
            let said = tokio::select! {
                () = gate.notified() => Ok(Reply::Sync(report)),
                Ok(why) = stopped => Err(why),
            };
            let _ = client.send(said);
        });
        Ok(answer)
    }

    fn stop_beside(&mut self, why: Fault) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(why);
        }
    }

    fn syncs(&self) -> bool {
        self.syncs
    }

    fn has_synced(&mut self) {}
}

/// A clock that goes when a test says so.
#[derive(Clone, Default)]
pub(super) struct SetClock(pub(super) Arc<Mutex<Reading>>);

impl Clock for SetClock {
    fn now(&self) -> Reading {
        *self.0.lock().unwrap()
    }
}

impl SetClock {
    pub(super) fn advance(&self, seconds: u64) {
        let mut now = self.0.lock().unwrap();
        now.boot += Duration::from_secs(seconds);
        now.awake += Duration::from_secs(seconds);
        now.unix += seconds;
    }
}

/// A server in a thread, with all that it hangs on.
pub(super) struct Rig {
    pub(super) dir: tempfile::TempDir,
    pub(super) clock: SetClock,
    pub(super) tell: watch::Sender<bool>,
    pub(super) events: Receiver<Event>,
    pub(super) callers: Receiver<u32>,
    pub(super) gate: Arc<Notify>,
    ended: Receiver<End>,
}

impl Rig {
    pub(super) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(super) fn with(
        change: impl FnOnce(&mut Server<StandIn, SetClock>) + Send + 'static,
    ) -> Self {
        let clock = SetClock::default();
        Self::on(clock.clone(), clock, change)
    }

    /// `set` is for the test to turn, `clock` for the server to read.
    pub(super) fn on<C: Clock>(
        set: SetClock,
        clock: C,
        change: impl FnOnce(&mut Server<StandIn, C>) + Send + 'static,
    ) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let home = home(dir.path());
        fs::write(home.vault_file(), "").unwrap();
        let socket = Socket::take(&dir.path().join("agent.sock"))
            .unwrap()
            .unwrap();
        let (tell, told_to_end) = watch::channel(false);
        let (event, events) = channel();
        let (called, callers) = channel();
        let gate = Arc::new(Notify::new());
        let handler = StandIn {
            unlocked: false,
            syncs: false,
            until: None,
            events: event,
            callers: called,
            gate: gate.clone(),
            stop: None,
        };
        let lifetime = Lifetime::new(idle_after(Duration::from_secs(900)), clock.now());
        let (end, ended) = channel();
        let doorkeepers_clock = clock.clone();
        thread::spawn(move || {
            let rules = Rules {
                clock,
                lifetime,
                vault: Watched::new(&home),
                told_to_end,
            };
            let limits = Limits {
                grace: Duration::from_millis(50),
                ..Limits::default()
            };
            let mut server = Server {
                handler,
                rules,
                limits,
                owner: Uid::effective(),
                doorkeeper: Arc::new(Doorkeeper::new(doorkeepers_clock)),
            };
            change(&mut server);
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            let outcome = runtime.block_on(server.run(&socket)).unwrap();
            // Nobody hears it when the test is over.
            let _ = end.send(outcome);
        });
        Self {
            dir,
            clock: set,
            tell,
            events,
            callers,
            gate,
            ended,
        }
    }

    pub(super) fn home(&self) -> Home {
        home(self.dir.path())
    }

    pub(super) fn unlocked() -> Self {
        let rig = Self::new();
        rig.ask(unlock("right", None)).unwrap();
        rig
    }

    pub(super) fn socket(&self) -> PathBuf {
        self.dir.path().join("agent.sock")
    }

    /// A connection made now: what the server does after a test turned its clock, it may do at any
    /// moment.
    pub(super) fn client(&self) -> Client {
        Client::connect(&self.socket())
            .unwrap()
            .expect("it answers")
    }

    pub(super) fn ask(&self, request: Request) -> Answer {
        self.client().ask(&request)
    }

    /// A connection of which the test itself says every byte; greeted.
    pub(super) fn raw(&self) -> UnixStream {
        let mut stream = UnixStream::connect(self.socket()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.read_exact(&mut [0; wire::HELLO]).unwrap();
        stream
    }

    /// A request on its way of which nobody hears the answer yet.
    pub(super) fn say(&self, request: &Request) -> UnixStream {
        let mut stream = self.raw();
        stream.write_all(&wire::hello()).unwrap();
        stream
            .write_all(wire::encode(request).unwrap().as_slice())
            .unwrap();
        stream
    }

    /// Waits for this event; others before it pass.
    pub(super) fn wait_for(&self, event: Event) {
        while self.events.recv_timeout(PATIENCE).expect("it happens") != event {}
    }

    /// How it ended.
    pub(super) fn ended(&self) -> End {
        self.ended.recv_timeout(PATIENCE).expect("it ends")
    }

    /// How it ended, and that it left nothing behind.
    pub(super) fn end(&self) -> End {
        let end = self.ended();
        assert_eq!(self.events.try_iter().last(), Some(Event::Locked));
        assert!(!self.dir.path().join("agent.sock").exists());
        end
    }
}

fn home(folder: &Path) -> Home {
    let overrides = Overrides {
        home: Some(folder.to_owned()),
        vault: None,
    };
    Home::find(&overrides).unwrap()
}

pub(super) fn unlock(passphrase: &str, ttl_seconds: Option<u64>) -> Request {
    let key = Key::Passphrase(Plaintext::from_text(passphrase.to_owned()));
    Request::Unlock(Unlock {
        key,
        ttl_seconds,
        full_check: true,
    })
}
