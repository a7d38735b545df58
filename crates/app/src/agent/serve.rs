//! The agent's process: cut loose from whoever started it, guarded, and alone; then it serves.

use std::{
    env, fs,
    io::{self, IsTerminal, Write},
    process,
    sync::Arc,
    time::Duration,
};

use nix::{
    sys::stat::{Mode, umask},
    unistd::{Uid, close, setsid},
};
use tokio::sync::oneshot;
use tokio::{
    runtime,
    signal::unix::{SignalKind, signal},
    sync::watch,
};
use vault::Keychain;

use super::beside::AtWork;
use super::{
    IDLE_SECONDS, Running, ServeOptions,
    clock::{Clock, SystemClock, TELLS_SLEEP},
    connection::{Answer, Limits},
    doorkeeper::Doorkeeper,
    guard,
    lifetime::{Lifetime, Locks},
    server::{Handler, Rules, Server, Watched},
    socket::Socket,
    wire,
};
use crate::{
    Code, Fault, Home, Request,
    session::{Caller, Session},
};

/// The main of the agent's process; returns when the agent has ended. To be called before
/// anything else is opened, since it closes every inherited descriptor. Tells its starter, over
/// standard output, that it answers, or why not. Returns at once, without a fault, when another
/// agent already answers for this vault.
pub fn serve(home: Home, options: ServeOptions) -> Result<(), Fault> {
    cut_loose().map_err(|error| {
        Fault::new(
            Code::Io,
            format!("The agent can't leave its terminal: {error}."),
        )
    })?;
    let guards = guard::apply(true);
    match Socket::take(&home.socket()) {
        Ok(Some(socket)) => live(home, options, guards, &socket),
        Ok(None) => {
            announce(&Ok(()));
            Ok(())
        }
        Err(fault) => {
            announce(&Err(fault.clone()));
            Err(fault)
        }
    }
}

fn live(
    home: Home,
    options: ServeOptions,
    guards: super::Guards,
    socket: &Socket,
) -> Result<(), Fault> {
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(no_runtime)?;
    let ended = runtime.block_on(async {
        let clock = SystemClock;
        let now = clock.now();
        let idle_seconds = options
            .locks_when_idle
            .then(|| options.idle_seconds.unwrap_or(IDLE_SECONDS));
        let keychain = options.keychain.then(Keychain::default);
        let mut session = Session::new(home.clone(), keychain);
        session.agent = Some(Running {
            pid: process::id(),
            socket: home.socket(),
            since: now.unix,
            idle_seconds,
            locks_after_sleep: options.locks_after_sleep && TELLS_SLEEP,
            guards,
        });
        let mut server = Server {
            handler: Unlocked {
                session,
                ttl_seconds: options.ttl_seconds,
                beside: None,
            },
            rules: Rules {
                lifetime: Lifetime::new(
                    Locks {
                        idle: idle_seconds.map(Duration::from_secs),
                        sleep: options.locks_after_sleep,
                    },
                    now,
                ),
                clock,
                vault: Watched::new(&home),
                told_to_end: listen_to_signals().map_err(no_runtime)?,
            },
            limits: Limits::default(),
            owner: Uid::effective(),
            doorkeeper: Arc::new(Doorkeeper::new(clock)),
        };
        announce(&Ok(()));
        server.run(socket).await
    });
    // Whatever still blocks, a keychain's prompt for example, is not waited for.
    runtime.shutdown_background();
    ended.map(|_| ())
}

/// The session behind the server.
struct Unlocked {
    session: Session,
    /// For an unlock that doesn't say when it ends.
    ttl_seconds: Option<u64>,
    /// What was started beside requests last.
    beside: Option<AtWork>,
}

impl Handler for Unlocked {
    async fn handle(&mut self, mut request: Request, caller: Caller) -> Answer {
        if let Request::Unlock(unlock) = &mut request {
            unlock.ttl_seconds = unlock.ttl_seconds.or(self.ttl_seconds);
        }
        self.session.ask(request, caller).await
    }

    fn is_unlocked(&self) -> bool {
        self.session.is_unlocked()
    }

    fn until(&self) -> Option<u64> {
        self.session.until()
    }

    async fn flush(&mut self) {
        self.session.flush().await;
    }

    async fn lock(&mut self) {
        self.session.lock().await;
        if let Some(running) = self.beside.take() {
            running.stop().await;
        }
    }

    async fn beside(
        &mut self,
        request: Request,
        caller: Caller,
    ) -> Result<oneshot::Receiver<Answer>, Fault> {
        let session = self.session.beside().await?;
        let (answer, running) = super::beside::start(session, request, caller)?;
        self.beside = Some(running);
        Ok(answer)
    }

    fn stop_beside(&mut self, why: Fault) {
        if let Some(running) = &mut self.beside {
            running.tell_to_stop(why);
        }
    }

    fn syncs(&self) -> bool {
        let open = self.session.open.as_ref();
        open.is_some_and(|open| open.teams.iter().any(|team| team.remote.is_some()))
    }

    fn has_synced(&mut self) {
        if let Some(open) = &mut self.session.open {
            open.went_on_elsewhere();
        }
    }
}

/// Leaves the starter's session, folder, umask and descriptors, so that the agent neither ends
/// with its terminal nor keeps a pipe, a lock or a mounted disk of the starter busy.
fn cut_loose() -> io::Result<()> {
    close_inherited();
    // Refused only to the leader of a process group: one that a person started by hand, which may
    // as well end with its terminal.
    let _ = setsid();
    umask(Mode::S_IRWXG | Mode::S_IRWXO);
    env::set_current_dir("/")
}

/// Closes everything above standard error. Ours are opened later and closed on exec.
fn close_inherited() {
    let Ok(open) = fs::read_dir("/dev/fd") else {
        return;
    };
    let open: Vec<i32> = open
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .collect();
    for descriptor in open.into_iter().filter(|descriptor| *descriptor > 2) {
        // One of them was the folder's own and is closed already.
        let _ = close(descriptor);
    }
}

/// Tells the starter, who reads the other end of a pipe. On a terminal a person looks; nobody
/// is told there.
fn announce(outcome: &Result<(), Fault>) {
    let mut stdout = io::stdout();
    if !stdout.is_terminal()
        && let Ok(frame) = wire::encode(outcome)
    {
        // A starter that has gone doesn't want to know.
        let _ = stdout
            .write_all(frame.as_slice())
            .and_then(|()| stdout.flush());
    }
}

/// True as soon as the system tells the process to end.
fn listen_to_signals() -> io::Result<watch::Receiver<bool>> {
    let (tell, told) = watch::channel(false);
    let kinds = [
        SignalKind::terminate(),
        SignalKind::interrupt(),
        SignalKind::hangup(),
        SignalKind::quit(),
    ];
    for kind in kinds {
        let mut signals = signal(kind)?;
        let tell = tell.clone();
        tokio::spawn(async move {
            if signals.recv().await.is_some() {
                tell.send_replace(true);
            }
        });
    }
    Ok(told)
}

fn no_runtime(error: io::Error) -> Fault {
    Fault::new(
        Code::Io,
        format!("The system refused what the agent needs: {error}."),
    )
}
