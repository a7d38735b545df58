//! One client of the agent: checked, greeted, heard out, answered.

use std::{sync::Arc, time::Duration};

use nix::unistd::Uid;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        UnixListener, UnixStream,
        unix::{ReadHalf, WriteHalf},
    },
    sync::{Semaphore, mpsc, oneshot},
    time::{sleep, timeout},
};

use super::{
    clock::Clock,
    doorkeeper::Doorkeeper,
    error::WireError,
    peer::Peer,
    terminal::Terminal,
    wire::{self, Incoming},
};
use crate::{Ask, Code, Fault, Reply, Request};

/// What a client gets back.
pub(crate) type Answer = Result<Reply, Fault>;

/// A request that was heard out and waits for its turn.
pub(crate) struct Job {
    pub(crate) request: Request,
    pub(crate) peer: Peer,
    /// Where its client belongs.
    pub(crate) terminal: Terminal,
    /// Where the answer goes. Dropped without one, the client is told that the agent has locked;
    /// closed when the client has gone.
    pub(crate) answer: oneshot::Sender<Answer>,
}

/// What clients may take up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// How long each piece of what it says may take: the hello, the length, each part of the
    /// frame. Programs that connect and say nothing hold up the others no longer.
    pub(crate) hearing: Duration,
    /// How long it may take to take its answer.
    pub(crate) patience: Duration,
    /// How long whatever is under way may go on when the agent has to end.
    pub(crate) grace: Duration,
    /// How many may be connected at once; more wait in the system's queue.
    pub(crate) connections: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            hearing: Duration::from_secs(2),
            patience: Duration::from_secs(20),
            grace: Duration::from_secs(5),
            connections: 64,
        }
    }
}

/// After the system refused to accept, most likely for want of file descriptors.
const RECOVER: Duration = Duration::from_millis(100);

/// Accepts clients for ever. Each holds one of the `slots` until its connection is closed. Those
/// who are not `owner` are closed before a byte is read or written.
pub(crate) async fn accept<C: Clock>(
    listener: UnixListener,
    owner: Uid,
    limits: Limits,
    slots: Arc<Semaphore>,
    jobs: mpsc::Sender<Job>,
    doorkeeper: Arc<Doorkeeper<C>>,
) {
    loop {
        let slot = slots
            .clone()
            .acquire_owned()
            .await
            .expect("the slots are never closed");
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(_) => {
                sleep(RECOVER).await;
                continue;
            }
        };
        if let Ok(peer) = Peer::of(&stream)
            && peer.user == owner
        {
            let jobs = jobs.clone();
            let doorkeeper = doorkeeper.clone();
            tokio::spawn(async move {
                // The client knows by itself that it was not served.
                let _ = converse(stream, peer, limits, jobs, &doorkeeper).await;
                drop(slot);
            });
        }
    }
}

async fn converse<C: Clock>(
    mut stream: UnixStream,
    peer: Peer,
    limits: Limits,
    jobs: mpsc::Sender<Job>,
    doorkeeper: &Doorkeeper<C>,
) -> Result<(), WireError> {
    let answer = match hear(&mut stream, limits.hearing).await {
        Ok(request) => {
            let (mut from, mut to) = stream.split();
            tokio::select! {
                answer = serve(request, peer, limits, jobs, doorkeeper, &mut to) => answer,
                () = gone(&mut from) => return Err(WireError::Closed),
            }
        }
        Err(error @ (WireError::Malformed | WireError::TooLarge)) => Err(error.into()),
        Err(error) => return Err(error),
    };
    let frame = wire::encode(&answer).or_else(|error| wire::encode(&Answer::Err(error.into())))?;
    drop(answer);
    timeout(limits.patience, stream.write_all(frame.as_slice()))
        .await
        .map_err(|_| WireError::TimedOut)??;
    Ok(())
}

/// A request's answer, when a person has allowed it, should one have to be asked.
async fn serve<C: Clock>(
    request: Request,
    peer: Peer,
    limits: Limits,
    jobs: mpsc::Sender<Job>,
    doorkeeper: &Doorkeeper<C>,
    client: &mut WriteHalf<'_>,
) -> Answer {
    // Not in the queue: however long another request takes, the window is there.
    if let Request::Attend(_) = request {
        return doorkeeper.attend(peer).map(Reply::Attend);
    }
    let terminal = Terminal::of(peer);
    let put = async |request| {
        let (answer, answered) = oneshot::channel();
        let job = Job {
            request,
            peer,
            terminal,
            answer,
        };
        // Not sent only when the agent has locked; then the answer is dropped too.
        let _ = jobs.send(job).await;
        answered.await.unwrap_or_else(|_| Err(just_locked()))
    };
    let waits = async {
        let said = timeout(limits.patience, client.write_all(&wire::WAITS)).await;
        Ok(said.map_err(|_| WireError::TimedOut)??)
    };
    let admitted = doorkeeper.admit::<WireError>(&request, peer, terminal, waits);
    if let Err(refused) = admitted.await {
        if let Some(record) = refused.record {
            // It says no more than the fault.
            let _ = put(record.into_request()).await;
        }
        return Err(refused.fault);
    }
    let Request::Decide(decide) = request else {
        return put(request).await;
    };
    doorkeeper.hold(decide, peer, true);
    let answer = put(request).await;
    if answer.is_err() {
        doorkeeper.hold(decide, peer, false);
    }
    answer
}

async fn hear(stream: &mut UnixStream, limit: Duration) -> Result<Request, WireError> {
    timeout(limit, stream.write_all(&wire::hello()))
        .await
        .map_err(|_| WireError::TimedOut)??;
    let mut hello = [0; wire::HELLO];
    fill(stream, &mut hello, limit).await?;
    wire::check_hello(&hello)?;
    let mut prefix = [0; Incoming::PREFIX];
    fill(stream, &mut prefix, limit).await?;
    let mut frame = Incoming::announced(prefix)?;
    while let Some(chunk) = frame.next_chunk() {
        fill(stream, chunk, limit).await?;
    }
    frame.decode()
}

async fn fill(stream: &mut UnixStream, piece: &mut [u8], limit: Duration) -> Result<(), WireError> {
    timeout(limit, stream.read_exact(piece))
        .await
        .map_err(|_| WireError::TimedOut)??;
    Ok(())
}

/// Waits until the client closes its end, or says more than its one request.
async fn gone(stream: &mut ReadHalf<'_>) {
    // Whatever comes, even an error, it is no longer a client that waits for its answer.
    let _ = stream.read_u8().await;
}

pub(super) fn just_locked() -> Fault {
    Fault::new(Code::Locked, "The agent has just locked; nothing was done.").next("Unlock again.")
}
