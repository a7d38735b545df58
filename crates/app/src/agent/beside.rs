//! Syncs that go on beside requests: on a thread and a connection of their own, so that a read
//! never waits for a network. One at a time: asked for, a moment after something was written, and
//! on a schedule that backs off while the remote can't be reached.

use std::collections::VecDeque;
use std::thread;
use std::time::Duration;

use tokio::runtime;
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::connection::{Answer, Job};
use super::server::Handler;
use crate::requests::Ask;
use crate::session::{Caller, Session};
use crate::sync::Sync;
use crate::{Code, Fault, Reply, Request};

/// After something was written: what a person does next may come along.
const SOON: Duration = Duration::from_secs(3);
/// Between two syncs that nobody asked for.
const EVERY: Duration = Duration::from_secs(5 * 60);
/// The longest pause while the remote can't be reached.
const AT_MOST: Duration = Duration::from_secs(60 * 60);

/// The syncs of one agent.
#[derive(Default)]
pub(super) struct Beside {
    ongoing: Option<Ongoing>,
    queued: VecDeque<Job>,
    /// When the next one starts that nobody asked for.
    at: Option<Instant>,
    failures: u32,
}

struct Ongoing {
    /// Who asked for it, if anybody did.
    client: Option<oneshot::Sender<Answer>>,
    answer: oneshot::Receiver<Answer>,
}

impl Beside {
    /// Whether a request is carried out here.
    pub fn takes(request: &Request) -> bool {
        matches!(request, Request::Sync(_))
    }

    /// Starts what was asked for, or lets it wait until the present one has ended.
    pub async fn ask<H: Handler>(&mut self, handler: &mut H, job: Job) {
        if self.ongoing.is_some() {
            self.queued.push_back(job);
            return;
        }
        let Job {
            request,
            caller,
            answer: client,
        } = job;
        match handler.beside(request, caller).await {
            Ok(answer) => {
                self.ongoing = Some(Ongoing {
                    client: Some(client),
                    answer,
                });
            }
            // A client that has gone doesn't want its answer.
            Err(fault) => drop(client.send(Err(fault))),
        }
    }

    /// Takes note that something was written.
    pub fn written(&mut self) {
        let soon = Instant::now() + SOON;
        self.at = Some(self.at.map_or(soon, |at| at.min(soon)));
    }

    /// Takes note that the vault was unlocked: others may have written meanwhile.
    pub fn unlocked(&mut self) {
        self.written();
    }

    /// Waits until the present sync has ended, or until one is due that nobody asked for.
    pub async fn event(&mut self) -> Event {
        match (&mut self.ongoing, self.at) {
            (Some(ongoing), _) => {
                let answer = (&mut ongoing.answer).await;
                Event::Ended(Box::new(answer.unwrap_or_else(|_| Err(broken()))))
            }
            (None, Some(at)) => {
                tokio::time::sleep_until(at).await;
                Event::Due
            }
            (None, None) => std::future::pending().await,
        }
    }

    /// Goes on after an event.
    pub async fn go_on<H: Handler>(&mut self, handler: &mut H, event: Event) {
        match event {
            Event::Due => {
                self.at = None;
                if !handler.syncs() {
                    return;
                }
                let everything = Sync {
                    team: None,
                    full: false,
                };
                let started = handler.beside(everything.into_request(), Caller::default());
                if let Ok(answer) = started.await {
                    self.ongoing = Some(Ongoing {
                        client: None,
                        answer,
                    });
                }
            }
            Event::Ended(answer) => {
                let failed = match answer.as_ref() {
                    Ok(Reply::Sync(report)) => {
                        report.teams.iter().any(|team| team.failure.is_some())
                    }
                    _ => true,
                };
                self.failures = if failed { self.failures + 1 } else { 0 };
                let pause = EVERY
                    .saturating_mul(1 << self.failures.min(10))
                    .min(AT_MOST);
                self.at = Some(Instant::now() + pause);
                handler.has_synced();
                if let Some(client) = self.ongoing.take().and_then(|ongoing| ongoing.client) {
                    drop(client.send(*answer));
                }
                if let Some(next) = self.queued.pop_front() {
                    self.ask(handler, next).await;
                }
            }
        }
    }
}

/// What goes on beside requests.
pub(super) enum Event {
    /// The present sync has ended.
    Ended(Box<Answer>),
    /// It is time for one.
    Due,
}

/// Carries a request out on a thread of its own, in a session of its own.
pub(super) fn start(
    mut session: Session,
    request: Request,
    caller: Caller,
) -> Result<oneshot::Receiver<Answer>, Fault> {
    let (client, answer) = oneshot::channel();
    let work = move || {
        let runtime = runtime::Builder::new_current_thread().enable_all().build();
        let answer = match runtime {
            Ok(runtime) => runtime.block_on(async {
                let answer = session.ask(request, caller).await;
                session.close().await;
                answer
            }),
            Err(_) => Err(broken()),
        };
        // The agent may have ended.
        drop(client.send(answer));
    };
    let thread = thread::Builder::new().name("sync".to_owned()).spawn(work);
    thread.map_err(|_| broken())?;
    Ok(answer)
}

fn broken() -> Fault {
    Fault::new(Code::Unexpected, "The sync did not come to its end.").next("Try again.")
}

/// Whether a request may have written something that is to be pushed.
pub(super) fn writes(request: &Request) -> bool {
    !matches!(
        request,
        Request::Status(_)
            | Request::Doctor(_)
            | Request::ListSlots(_)
            | Request::ListBundles(_)
            | Request::ListEntries(_)
            | Request::Reveal(_)
            | Request::History(_)
            | Request::Export(_)
            | Request::Environment(_)
            | Request::ListAudit(_)
            | Request::VerifyAudit(_)
            | Request::RecordAct(_)
            | Request::AgentStatus(_)
            | Request::StopAgent(_)
            | Request::Lock(_)
            | Request::Unlock(_)
            | Request::Sync(_)
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
            | Request::ListQuarantine(_)
    )
}
