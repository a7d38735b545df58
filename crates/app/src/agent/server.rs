//! The loop over all clients: one request after the other, in the order in which they were heard
//! out, over the one handler; until something ends it.

use std::{
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    pin::pin,
    sync::Arc,
    time::Duration,
};

use nix::unistd::Uid;
use tokio::{
    net::UnixListener,
    sync::{Semaphore, mpsc, oneshot, watch},
    time::{Instant, sleep, sleep_until, timeout},
};

use super::{
    beside::{Beside, writes},
    clock::Clock,
    connection::{Answer, Job, Limits, accept, just_locked},
    doorkeeper::Doorkeeper,
    error::WireError,
    lifetime::{End, Lifetime, Locks},
    peer::Peer,
    socket::Socket,
    terminal::Terminal,
};
use crate::{Ask, Code, Fault, Home, Reply, Request, session::Caller, vaults::Key};

/// What answers behind the server: the session, or a stand-in where the server is what is tested.
/// `handle` and `flush` may be dropped halfway when the agent has to end.
pub(crate) trait Handler {
    /// Carries out one request.
    async fn handle(&mut self, request: Request, caller: Caller) -> Answer;
    /// Whether the vault is open.
    fn is_unlocked(&self) -> bool;
    /// Unix second at which the unlock ends.
    fn until(&self) -> Option<u64>;
    /// Makes safe what requests left for later.
    async fn flush(&mut self);
    /// Flushes, forgets the keys and closes the vault.
    async fn lock(&mut self);
    /// Starts a request that goes on beside others.
    async fn beside(
        &mut self,
        request: Request,
        caller: Caller,
    ) -> Result<oneshot::Receiver<Answer>, Fault>;
    /// Breaks off what goes on beside others, and tells its asker why.
    fn stop_beside(&mut self, why: Fault);
    /// Whether there is anything to sync.
    fn syncs(&self) -> bool;
    /// A sync has ended: the vault went on.
    fn has_synced(&mut self);
}

/// When to flush after a request: soon, but not before the client has its answer.
const FLUSH_AFTER: Duration = Duration::from_millis(200);

/// The agent without its process: everything that can be tested without a vault.
pub(crate) struct Server<H, C> {
    pub(crate) handler: H,
    pub(crate) rules: Rules<C>,
    pub(crate) limits: Limits,
    /// The only user who is served.
    pub(crate) owner: Uid,
    /// Lets those wait of whom a person is asked.
    pub(crate) doorkeeper: Arc<Doorkeeper<C>>,
}

/// All that can end an agent from outside a request.
pub(crate) struct Rules<C> {
    pub(crate) clock: C,
    pub(crate) lifetime: Lifetime,
    pub(crate) vault: Watched,
    /// Turns true when the system tells the process to end.
    pub(crate) told_to_end: watch::Receiver<bool>,
}

/// The last request, whose answer waits until everything is locked and gone.
type Last = (oneshot::Sender<Answer>, Answer);

impl<H: Handler, C: Clock> Server<H, C> {
    /// Serves until something ends it; then locks, removes the socket, and only then answers those
    /// who wait: when `lock` returns, nothing is left. Inside a tokio runtime.
    pub(crate) async fn run(&mut self, socket: &Socket) -> Result<End, Fault> {
        let listener = socket.listener().and_then(UnixListener::from_std);
        let listener = listener.map_err(WireError::from)?;
        let places = usize::try_from(self.limits.connections)
            .expect("a u32 fits where there are Unix sockets");
        let slots = Arc::new(Semaphore::new(places));
        // Each client has one request, so none waits to get into the queue.
        let (heard, mut jobs) = mpsc::channel(places);
        let accepting = tokio::spawn(accept(
            listener,
            self.owner,
            self.limits,
            slots.clone(),
            heard,
            self.doorkeeper.clone(),
        ));

        let (end, last) = self.answer_all(&mut jobs).await;
        accepting.abort();
        // Not closed in time it is as after a crash: nothing committed is lost.
        let _ = timeout(self.limits.grace, self.handler.lock()).await;
        socket.remove();
        // Those who still wait are told now: locked is what it is when they hear it.
        drop(jobs);
        self.doorkeeper.close();
        if let Some((client, answer)) = last {
            // A client that has gone is not waited for.
            let _ = client.send(answer);
        }
        let everyone_left = slots.acquire_many(self.limits.connections);
        let _ = timeout(self.limits.grace, everyone_left).await;
        Ok(end)
    }

    async fn answer_all(&mut self, jobs: &mut mpsc::Receiver<Job>) -> (End, Option<Last>) {
        let mut flush_at = None;
        let mut beside = Beside::default();
        loop {
            let wait = beside.wait(self.rules.clock.now().boot);
            tokio::select! {
                biased;
                end = self.rules.end() => return (end, None),
                () = reached(flush_at) => {
                    flush_at = None;
                    // What takes longer is tried again after the next request.
                    let _ = timeout(self.limits.grace, self.handler.flush()).await;
                }
                event = beside.event(wait) => {
                    let now = self.rules.clock.now().boot;
                    beside.go_on(&mut self.handler, event, now).await;
                    flush_at.get_or_insert_with(|| Instant::now() + FLUSH_AFTER);
                }
                Some(job) = jobs.recv() => {
                    let Job { request, peer, terminal, answer: client } = job;
                    // What ends the agent may have come up while it waited.
                    if let Some(end) = self.rules.end_now() {
                        return (end, Some((client, Err(just_locked()))));
                    }
                    if client.is_closed() {
                        continue;
                    }
                    if let Request::StopSync(_) = request {
                        beside.stop_sync(&mut self.handler);
                        drop(client.send(Ok(Reply::StopSync(()))));
                        continue;
                    }
                    if Beside::takes(&request) && self.handler.is_unlocked() {
                        let job = Job { request, peer, terminal, answer: client };
                        self.rules.lifetime.begin();
                        beside.ask(&mut self.handler, job).await;
                        self.rules.lifetime.finish(true, self.rules.clock.now());
                        continue;
                    }
                    let (writes, was_unlocked) = (writes(&request), self.handler.is_unlocked());
                    let (answer, end) = self.answer(request, peer, terminal).await;
                    let unlocked = self.handler.is_unlocked() && !was_unlocked;
                    if unlocked || (writes && answer.is_ok()) {
                        beside.written(self.rules.clock.now().boot);
                    }
                    match end {
                        Some(end) => return (end, Some((client, answer))),
                        // A client that has gone doesn't want its answer.
                        None => drop(client.send(answer)),
                    }
                    flush_at.get_or_insert_with(|| Instant::now() + FLUSH_AFTER);
                }
            }
        }
    }

    /// One request's turn, and whether the agent ends after it. A request that doesn't come to an
    /// end, because a keychain asks its person for example, holds up neither a signal nor the time
    /// limit.
    async fn answer(
        &mut self,
        request: Request,
        peer: Peer,
        terminal: Terminal,
    ) -> (Answer, Option<End>) {
        // A decision holds when it stands in the audit.
        if let Request::Decide(decide) = request {
            let record = match self.doorkeeper.judge(decide, peer) {
                Ok(record) => record.into_request(),
                Err(fault) => return (Err(fault), None),
            };
            let (answer, end) = Box::pin(self.answer(record, peer, terminal)).await;
            if answer.is_ok() {
                self.doorkeeper.settle(decide);
            }
            return (answer.map(|_| Reply::Decide(())), end);
        }
        if let Request::Tighten(tighten) = &request {
            self.rules.lifetime.tighten(Locks {
                idle: tighten.idle_seconds.map(Duration::from_secs),
                sleep: tighten.locks_after_sleep,
            });
        }
        let asks = Asks::of(&request);
        let by_key = brings_a_key(&request);
        let was_unlocked = self.handler.is_unlocked();
        self.rules.lifetime.begin();
        let (answer, ended) = {
            let mut handling = pin!(self.handler.handle(request, peer.caller()));
            tokio::select! {
                biased;
                answer = &mut handling => (answer, None),
                end = self.rules.end() => {
                    let answer = timeout(self.limits.grace, handling).await;
                    (answer.unwrap_or_else(|_| Err(cut_off())), Some(end))
                }
            }
        };
        let is_unlocked = self.handler.is_unlocked();
        let now = self.rules.clock.now();
        let lifetime = &mut self.rules.lifetime;
        lifetime.finish(asks != Asks::Look, now);
        if asks == Asks::Unlock {
            lifetime.tried_unlock(answer.is_err());
            if answer.is_ok() && by_key {
                self.doorkeeper.unlocked_by(peer, terminal);
            }
        }
        if is_unlocked {
            lifetime.unlocked(self.handler.until(), now);
        }
        if is_unlocked && !was_unlocked {
            self.rules.vault.look();
        }
        let ended = ended.or(match asks {
            Asks::End => Some(End::Asked),
            _ if was_unlocked && !is_unlocked => Some(End::Locked),
            _ => None,
        });
        (answer, ended)
    }
}

impl<C: Clock> Rules<C> {
    /// Why the agent must end now, if it must.
    fn end_now(&self) -> Option<End> {
        if *self.told_to_end.borrow() {
            Some(End::Signal)
        } else if self.vault.was_replaced() {
            Some(End::VaultReplaced)
        } else if self.vault.was_locked() {
            Some(End::Locked)
        } else {
            self.lifetime.end(self.clock.now())
        }
    }

    /// Waits until the agent must end.
    async fn end(&mut self) -> End {
        loop {
            if let Some(end) = self.end_now() {
                return end;
            }
            let look = self.lifetime.next_look(self.clock.now());
            tokio::select! {
                Ok(_) = self.told_to_end.wait_for(|told| *told) => return End::Signal,
                () = sleep(look) => {}
            }
        }
    }
}

/// What a request means for the agent's life.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asks {
    Unlock,
    End,
    Look,
    Work,
}

impl Asks {
    fn of(request: &Request) -> Self {
        match request {
            Request::Unlock(_) => Asks::Unlock,
            Request::Lock(_) | Request::StopAgent(_) => Asks::End,
            Request::Status(_)
            | Request::Pulse(_)
            | Request::AgentStatus(_)
            | Request::Tighten(_)
            | Request::SyncProgress(_)
            | Request::Attend(_)
            | Request::RecordAct(_)
            | Request::Lend(_) => Asks::Look,
            _ => Asks::Work,
        }
    }
}

/// Whether it is an unlock with a key that a person brings. Of an open vault an unlock by the keychain
/// says nothing of who asks.
fn brings_a_key(request: &Request) -> bool {
    matches!(request, Request::Unlock(unlock) if !matches!(unlock.key, Key::Keychain))
}

/// The vault's file as it was when it was unlocked: an agent never answers for another, nor after
/// somebody locked the vault who does not know this agent.
pub(crate) struct Watched {
    path: PathBuf,
    suspended_marker: PathBuf,
    /// Device and inode.
    seen: Option<(u64, u64)>,
}

impl Watched {
    /// Not looked at yet.
    pub(crate) fn new(home: &Home) -> Self {
        Self {
            path: home.vault_file().to_owned(),
            suspended_marker: home.suspended_marker(),
            seen: None,
        }
    }

    fn look(&mut self) {
        self.seen = identity(&self.path);
    }

    fn was_replaced(&self) -> bool {
        self.seen.is_some() && self.seen != identity(&self.path)
    }

    /// An unlock by a person removes the marker, and the keychain opens nothing while it is there.
    fn was_locked(&self) -> bool {
        self.seen.is_some() && self.suspended_marker.exists()
    }
}

fn identity(path: &Path) -> Option<(u64, u64)> {
    let found = fs::metadata(path).ok()?;
    Some((found.dev(), found.ino()))
}

async fn reached(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}

fn cut_off() -> Fault {
    Fault::new(Code::Locked, "The agent had to lock before this was done.")
        .next("Look whether the change was made, then unlock and try again.")
}

#[cfg(test)]
mod tests;
