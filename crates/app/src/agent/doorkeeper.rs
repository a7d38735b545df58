//! Lets requests wait until a person has allowed or denied them, each in its own connection: others go
//! on meanwhile.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::sleep;

use super::book::{Admission, Book, Standing};
use super::clock::Clock;
use super::leave::{self, Leave};
use super::peer::Peer;
use super::terminal::{Asker, Terminal};
use super::{AskedView, Decide};
use crate::audit::Record;
use crate::{Code, Fault, Request};

/// How often a request that waits looks at the clock.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Who stands at the door of one agent.
pub(crate) struct Doorkeeper<C> {
    clock: C,
    book: Mutex<Book>,
    /// Something changed that those who wait want to know.
    news: watch::Sender<()>,
}

/// A request that may not go on.
pub(super) struct Refused {
    pub fault: Fault,
    /// For the audit, where it is not there yet.
    pub record: Option<Record>,
}

impl<C: Clock> Doorkeeper<C> {
    pub fn new(clock: C) -> Self {
        Self {
            clock,
            book: Mutex::default(),
            news: watch::Sender::default(),
        }
    }

    /// A window says that it is there, and hears what waits.
    pub fn attend(&self, peer: Peer) -> Result<Vec<AskedView>, Fault> {
        let waiting = self.book().attend(peer.process);
        self.news.send_replace(());
        waiting
    }

    /// Returns when a request may be carried out, at once or when a person has allowed it. `waits` is
    /// called before it waits.
    pub async fn admit<E: Into<Fault>>(
        &self,
        request: &Request,
        peer: Peer,
        terminal: Terminal,
        waits: impl Future<Output = Result<(), E>>,
    ) -> Result<(), Refused> {
        let now = self.clock.now();
        let wants = match leave::needed(request) {
            Leave::None => return Ok(()),
            Leave::AsServed => {
                let may_add = self.book().may_add(peer.process, terminal, now);
                return may_add.then_some(()).ok_or_else(|| not_served().into());
            }
            Leave::Asked(wants) => wants,
        };
        let id = {
            let mut book = self.book();
            match book.admission(peer.process, terminal, &wants, now) {
                Admission::Granted => {
                    note_served(&mut book, request, peer);
                    return Ok(());
                }
                Admission::Denied(fault) => return Err(fault.into()),
                Admission::Asks => book
                    .ask(terminal, Asker::of(peer), wants, now)
                    .map_err(Refused::from)?,
            }
        };
        let _ticket = Ticket { keeper: self, id };
        let mut news = self.news.subscribe();
        waits.await.map_err(|error| Refused::from(error.into()))?;
        loop {
            let standing = self.book().standing(id, self.clock.now());
            match standing {
                Standing::Allowed => {
                    note_served(&mut self.book(), request, peer);
                    return Ok(());
                }
                Standing::Denied(fault) => return Err(fault.into()),
                Standing::Unanswered(fault) => {
                    let record = self.book().passed_over(id);
                    return Err(Refused { fault, record });
                }
                Standing::Waits => {}
            }
            tokio::select! {
                _ = news.changed() => {}
                () = sleep(LOOK_EVERY) => {}
            }
        }
    }

    /// A decision has come; or it came to nothing.
    pub fn hold(&self, decide: Decide, peer: Peer, held: bool) {
        self.book().hold(decide.id, peer.process, held);
    }

    /// What a decision puts into the audit, before it holds. Refused to whoever is not the window.
    pub fn judge(&self, decide: Decide, peer: Peer) -> Result<Record, Fault> {
        self.book().judge(decide, peer.process)
    }

    /// Does as a person has decided.
    pub fn settle(&self, decide: Decide) {
        self.book().settle(decide, self.clock.now());
        self.news.send_replace(());
    }

    /// A person unlocked the vault from this terminal.
    pub fn unlocked_by(&self, peer: Peer, terminal: Terminal) {
        self.book().unlocked_by(peer.process, terminal);
    }

    /// The agent ends: those who wait are told.
    pub fn close(&self) {
        self.book().close();
        self.news.send_replace(());
    }

    /// What is known at this moment.
    fn book(&self) -> MutexGuard<'_, Book> {
        let mut book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        book.look();
        book
    }
}

/// A request is carried out: whoever is given variables may add to the audit how that ended.
fn note_served(book: &mut Book, request: &Request, peer: Peer) {
    if let Request::Environment(_) = request {
        book.serve(peer.process);
    }
}

fn not_served() -> Fault {
    let message = "This adds to the audit what nothing was carried out for.";
    Fault::new(Code::NotAllowed, message).next("Allow it in Sealfold's window first.")
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Self {
            fault,
            record: None,
        }
    }
}

/// Takes a request out of the book when its client has its answer or has gone.
struct Ticket<'a, C: Clock> {
    keeper: &'a Doorkeeper<C>,
    id: u64,
}

impl<C: Clock> Drop for Ticket<'_, C> {
    fn drop(&mut self) {
        self.keeper.book().withdraw(self.id);
    }
}
