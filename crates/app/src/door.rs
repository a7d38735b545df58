//! The one door: the same questions, answered in this process or by the agent.

use tokio::runtime::{Builder, Runtime};
use vault::Keychain;

use crate::agent::Client;
use crate::jobs::{Job, only_reads};
use crate::requests::Ask;
use crate::session::{Caller, Session};
use crate::sync::Watch;
use crate::vaults::{ListSlots, Lock, Locked};
use crate::{Code, Fault, Home, Plaintext, notes};

/// How a door in this process works.
#[derive(Debug, Clone, Copy)]
pub struct DoorOptions {
    /// Whether it may use the keychain.
    pub keychain: bool,
    /// Called when the keychain has not answered for a second: a dialog of its own may wait for a
    /// person, who should be told.
    pub on_keychain_wait: fn(),
}

impl Default for DoorOptions {
    /// Without the keychain.
    fn default() -> Self {
        Self {
            keychain: false,
            on_keychain_wait: || (),
        }
    }
}

/// Where a face asks.
pub struct Door(Behind);

enum Behind {
    Here(Box<Here>),
    Agent(Client),
    Job(Job),
}

struct Here {
    session: Session,
    /// Made at the first question.
    runtime: Option<Runtime>,
}

impl Door {
    /// A door into this process. The vault is locked until it is unlocked through it.
    pub fn here(home: Home, options: DoorOptions) -> Self {
        let DoorOptions {
            keychain,
            on_keychain_wait,
        } = options;
        let keychain = keychain.then(|| Keychain::telling(on_keychain_wait));
        let session = Session::new(home, keychain);
        Self(Behind::Here(Box::new(Here {
            session,
            runtime: None,
        })))
    }

    /// The door of a job that has a service's token and nothing else: it answers `run`, `read` and
    /// `export`. `remote` is where the job finds the remote, if not where the token says.
    ///
    /// # Errors
    /// When the token is not whole.
    pub fn for_job(token: &Plaintext, remote: Option<String>) -> Result<Self, Fault> {
        Ok(Self(Behind::Job(Job::new(token, remote)?)))
    }

    /// What is said to who asks with a token for what it is not good for.
    pub fn not_for_jobs() -> Fault {
        only_reads()
    }

    /// The door of an agent that answers for this vault, if there is one.
    ///
    /// # Errors
    /// When what answers is not to be trusted, or speaks another version.
    pub fn connect(home: &Home) -> Result<Option<Self>, Fault> {
        Ok(Client::connect(&home.socket())?.map(Self::from))
    }

    /// The same door; `say` is called when a person is asked, in Sealfold's window, before it answers.
    pub fn saying_when_asked(mut self, say: fn()) -> Self {
        if let Behind::Agent(client) = &mut self.0 {
            client.when_asked(say);
        }
        self
    }

    /// Locks the vault for everyone: suspends the keychain slot, which takes nobody's answer, and
    /// then ends the agent, if one runs.
    ///
    /// # Errors
    /// When the slot could not be suspended, or an agent does not do as it is told. One that has
    /// just ended by itself is none.
    pub fn lock(home: &Home) -> Result<Locked, Fault> {
        let suspended = notes::suspend_keychain(home);
        let was_unlocked = match Self::connect(home)? {
            None => false,
            Some(mut agent) => match agent.ask(Lock {}) {
                // It saw the mark before it heard the request.
                Err(fault) if fault.code == Code::Locked => true,
                locked => locked?.was_unlocked,
            },
        };
        Ok(Locked {
            was_unlocked,
            suspended_now: suspended? && has_keychain_slot(home),
        })
    }

    /// A look at how far a sync has come that this door is asked for, from another thread.
    pub fn watch(&self) -> Watch {
        match &self.0 {
            Behind::Agent(client) => Watch::agent(client.socket().to_owned()),
            Behind::Here(here) => Watch::here(&here.session.progress),
            Behind::Job(_) => Watch::nothing(),
        }
    }

    /// Asks, and waits for the answer. What this process has to make safe (audit rows on disk, the
    /// anchor in the keychain) is safe when the answer is there.
    pub fn ask<A: Ask>(&mut self, ask: A) -> Result<A::Answer, Fault> {
        let request = ask.into_request();
        let reply = match &mut self.0 {
            Behind::Agent(client) => client.ask(&request)?,
            Behind::Job(job) => start_runtime()?.block_on(job.ask(request))?,
            Behind::Here(here) => {
                let Here { session, runtime } = here.as_mut();
                let runtime = match runtime {
                    Some(runtime) => runtime,
                    none => none.insert(start_runtime()?),
                };
                let caller = Caller {
                    pid: std::process::id(),
                    program: program(),
                };
                runtime.block_on(async {
                    let reply = session.ask(request, caller).await;
                    session.flush().await;
                    reply
                })?
            }
        };
        A::answer(reply)
            .ok_or_else(|| Fault::new(Code::Unexpected, "The answer belongs to another question."))
    }
}

impl From<Client> for Door {
    fn from(client: Client) -> Self {
        Self(Behind::Agent(client))
    }
}

/// Closes the vault tidily: the WAL is emptied, and the keys are wiped.
impl Drop for Here {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Everything was made safe after each question.
            runtime.block_on(self.session.close());
            // A keychain's dialog that still waits for a person is not waited for.
            runtime.shutdown_background();
        }
    }
}

/// What the locked vault says of it; a vault that can't be read is opened by nothing.
fn has_keychain_slot(home: &Home) -> bool {
    let slots = Door::here(home.clone(), DoorOptions::default()).ask(ListSlots {});
    slots.is_ok_and(|slots| slots.iter().any(|slot| slot.kind == "keychain"))
}

fn start_runtime() -> Result<Runtime, Fault> {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| {
            Fault::new(
                Code::Io,
                format!(
                    "The system does not let this process wait for anything: {}.",
                    error.kind()
                ),
            )
        })
}

fn program() -> String {
    let name = std::env::current_exe().ok();
    let name = name.as_deref().and_then(std::path::Path::file_name);
    name.map_or_else(
        || "sealfold".to_owned(),
        |name| name.to_string_lossy().into_owned(),
    )
}
