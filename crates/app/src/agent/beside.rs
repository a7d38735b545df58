//! Work with a network that goes on beside requests: on a thread and a connection of its own, so
//! that a read never waits for it. One at a time: what was asked for, and syncs on a schedule.

use std::collections::VecDeque;
use std::mem;
use std::thread;
use std::time::Duration;

use tokio::runtime;
use tokio::sync::oneshot;

use super::connection::{Answer, Job, just_locked};
use super::schedule::Schedule;
use super::server::Handler;
use crate::requests::Ask;
use crate::session::{Caller, Unloaded};
use crate::sync::Sync;
use crate::{Code, Fault, Reply, Request};

/// The network work of one agent.
#[derive(Default)]
pub(super) struct Beside {
    ongoing: Option<Ongoing>,
    queued: VecDeque<Job>,
    schedule: Schedule,
}

struct Ongoing {
    /// Who asked for it, if anybody did.
    client: Option<oneshot::Sender<Answer>>,
    answer: oneshot::Receiver<Answer>,
    is_sync: bool,
}

impl Beside {
    /// Whether a request is carried out here.
    pub fn takes(request: &Request) -> bool {
        matches!(
            request,
            Request::Sync(_) | Request::Join(_) | Request::MoveRemote(_)
        )
    }

    /// Starts what was asked for, or lets it wait until the present work has ended.
    pub async fn ask<H: Handler>(&mut self, handler: &mut H, job: Job) {
        if self.ongoing.is_some() {
            self.queued.push_back(job);
            return;
        }
        let Job {
            request,
            peer,
            answer,
            ..
        } = job;
        let started = self.start(handler, request, peer.caller(), Some(answer));
        if let Err((client, fault)) = started.await
            && let Some(client) = client
        {
            // A client that has gone doesn't want its answer.
            drop(client.send(Err(fault)));
        }
    }

    async fn start<H: Handler>(
        &mut self,
        handler: &mut H,
        request: Request,
        caller: Caller,
        client: Option<oneshot::Sender<Answer>>,
    ) -> Result<(), (Option<oneshot::Sender<Answer>>, Fault)> {
        let is_sync = matches!(request, Request::Sync(_));
        match handler.beside(request, caller).await {
            Ok(answer) => {
                if is_sync {
                    self.schedule.started();
                }
                self.ongoing = Some(Ongoing {
                    client,
                    answer,
                    is_sync,
                });
                Ok(())
            }
            Err(fault) => Err((client, fault)),
        }
    }

    /// Stops the sync that goes on, and those that wait for it to end. What was done so far is kept.
    pub fn stop_sync<H: Handler>(&mut self, handler: &mut H) {
        let (syncs, others) = mem::take(&mut self.queued)
            .into_iter()
            .partition::<VecDeque<_>, _>(|job| matches!(job.request, Request::Sync(_)));
        self.queued = others;
        for job in syncs {
            // A client that has gone doesn't want its answer.
            drop(job.answer.send(Err(stopped())));
        }
        if self.ongoing.as_ref().is_some_and(|ongoing| ongoing.is_sync) {
            handler.stop_beside(stopped());
        }
    }

    /// Takes note that something was written, or that the vault was unlocked.
    pub fn written(&mut self, now: Duration) {
        self.schedule.written(now);
    }

    /// How long until a sync is due that nobody asked for.
    pub fn wait(&self, now: Duration) -> Option<Duration> {
        self.schedule.wait(now)
    }

    /// Waits until the present work has ended; while there is none, for so long until a sync is
    /// due.
    pub async fn event(&mut self, wait: Option<Duration>) -> Event {
        match (&mut self.ongoing, wait) {
            (Some(ongoing), _) => {
                let answer = (&mut ongoing.answer).await;
                Event::Ended(Box::new(answer.unwrap_or_else(|_| Err(broken()))))
            }
            (None, Some(wait)) => {
                tokio::time::sleep(wait).await;
                Event::Due
            }
            (None, None) => std::future::pending().await,
        }
    }

    /// Goes on after an event.
    pub async fn go_on<H: Handler>(&mut self, handler: &mut H, event: Event, now: Duration) {
        match event {
            // The timer and the clock need not agree.
            Event::Due if self.wait(now).is_none_or(|wait| !wait.is_zero()) => {}
            Event::Due => {
                self.schedule.started();
                if !handler.syncs() {
                    return;
                }
                let everything = Sync {
                    team: None,
                    full: false,
                };
                let request = everything.into_request();
                let started = self.start(handler, request, Caller::default(), None);
                if started.await.is_err() {
                    self.schedule.ended(true, now);
                }
            }
            Event::Ended(answer) => {
                handler.has_synced();
                if let Some(ongoing) = self.ongoing.take() {
                    if ongoing.is_sync {
                        self.schedule.ended(failed(&answer), now);
                    } else if answer.is_ok() {
                        self.schedule.written(now);
                    }
                    if let Some(client) = ongoing.client {
                        drop(client.send(*answer));
                    }
                }
                // One that can't be started leaves the others no longer waiting.
                while self.ongoing.is_none()
                    && let Some(next) = self.queued.pop_front()
                {
                    self.ask(handler, next).await;
                }
            }
        }
    }
}

/// Whether a sync did not come to its end, for one team at least. One that a person stopped did not fail.
fn failed(answer: &Answer) -> bool {
    match answer {
        Ok(Reply::Sync(report)) => report.teams.iter().any(|team| team.failure.is_some()),
        Err(fault) => fault.code != Code::Aborted,
        _ => true,
    }
}

/// What goes on beside requests.
pub(super) enum Event {
    /// The present work has ended.
    Ended(Box<Answer>),
    /// It is time for a sync.
    Due,
}

/// Work on a thread of its own.
pub(super) struct AtWork {
    /// What its asker is told when it is stopped.
    stop: Option<oneshot::Sender<Fault>>,
    /// Ends when the thread has let go of everything.
    gone: oneshot::Receiver<()>,
}

impl AtWork {
    /// Breaks the work off where it stands, and waits until its keys are gone. A commit that was
    /// not done is not done.
    pub async fn stop(mut self) {
        self.tell_to_stop(just_locked());
        let _ = self.gone.await;
    }

    /// Breaks the work off where it stands, and tells its asker why.
    pub fn tell_to_stop(&mut self, why: Fault) {
        if let Some(stop) = self.stop.take() {
            // It may have ended.
            let _ = stop.send(why);
        }
    }
}

/// Carries a request out on a thread of its own, in a session of its own.
pub(super) fn start(
    session: Unloaded,
    request: Request,
    caller: Caller,
) -> Result<(oneshot::Receiver<Answer>, AtWork), Fault> {
    on_a_thread(async move || {
        let mut session = session.load().await?;
        let answer = session.ask(request, caller).await;
        session.close().await;
        answer
    })
}

fn on_a_thread(
    carry_out: impl AsyncFnOnce() -> Answer + Send + 'static,
) -> Result<(oneshot::Receiver<Answer>, AtWork), Fault> {
    let (client, answer) = oneshot::channel();
    let (stop, stopped) = oneshot::channel();
    let (alive, gone) = oneshot::channel::<()>();
    let work = move || {
        let runtime = runtime::Builder::new_current_thread().enable_all().build();
        let answer = match runtime {
            Ok(runtime) => runtime.block_on(async {
                tokio::select! {
                    biased;
                    Ok(why) = stopped => Err(why),
                    answer = carry_out() => answer,
                }
            }),
            Err(_) => Err(broken()),
        };
        drop(alive);
        // The agent may have ended.
        drop(client.send(answer));
    };
    let thread = thread::Builder::new().name("beside".to_owned()).spawn(work);
    thread.map_err(|_| broken())?;
    let stop = Some(stop);
    Ok((answer, AtWork { stop, gone }))
}

fn stopped() -> Fault {
    Fault::new(
        Code::Aborted,
        "The sync was stopped. What was done so far is kept.",
    )
    .next("The next sync goes on from there.")
}

fn broken() -> Fault {
    Fault::new(Code::Unexpected, "The work did not come to its end.").next("Try again.")
}

/// Whether a request may have written something that is to be pushed.
pub(super) fn writes(request: &Request) -> bool {
    !matches!(
        request,
        Request::Status(_)
            | Request::Pulse(_)
            | Request::Doctor(_)
            | Request::ListSlots(_)
            | Request::ListBundles(_)
            | Request::ListEntries(_)
            | Request::Find(_)
            | Request::Reveal(_)
            | Request::RevealCode(_)
            | Request::Generate(_)
            | Request::History(_)
            | Request::Export(_)
            | Request::Environment(_)
            | Request::RawEnv(_)
            | Request::Diff(_)
            | Request::Matrix(_)
            | Request::ListAudit(_)
            | Request::VerifyAudit(_)
            | Request::RecordAct(_)
            | Request::AgentStatus(_)
            | Request::StopAgent(_)
            | Request::Tighten(_)
            | Request::Attend(_)
            | Request::Decide(_)
            | Request::Lock(_)
            | Request::Unlock(_)
            | Request::Sync(_)
            | Request::SyncProgress(_)
            | Request::StopSync(_)
            | Request::Lend(_)
            | Request::ListRemotes(_)
            | Request::ListFindings(_)
            | Request::ListConflicts(_)
            | Request::ListTeams(_)
            | Request::ListRequests(_)
            | Request::ListMembers(_)
            | Request::ListDevices(_)
            | Request::AccessWho(_)
            | Request::AccessWhat(_)
            | Request::ListExposed(_)
            | Request::ListServices(_)
            | Request::ListQuarantine(_)
            | Request::ListEscapes(_)
            | Request::TurnOnEscape(_)
            | Request::TurnOffEscape(_)
            | Request::HandOutIdentity(_)
    )
}

#[cfg(test)]
mod tests;
