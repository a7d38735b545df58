//! The way to the vault. Each question goes on a thread of its own: the web view never waits on a
//! disk, and a look at how far a sync has come does not wait for the sync.

use std::sync::{Arc, PoisonError, RwLock};

use app::agent::start;
use app::vaults::{Pulse, PulseView};
use app::{Ask, Code, Door, DoorOptions, Fault, Home};
use tauri::async_runtime::spawn_blocking;

use crate::settings::Settings;

/// The vault that the window is about. Clones are the same.
#[derive(Clone)]
pub struct Vault {
    home: Arc<RwLock<Home>>,
    settings: Settings,
}

impl Vault {
    /// The vault of a home. Nothing is opened yet.
    pub fn new(home: Home, settings: Settings) -> Self {
        Self {
            home: Arc::new(RwLock::new(home)),
            settings,
        }
    }

    /// The home as it is now.
    pub fn home(&self) -> Home {
        let home = self.home.read();
        home.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Is about another vault from now on.
    pub fn turn_to(&self, home: Home) {
        *self.home.write().unwrap_or_else(PoisonError::into_inner) = home;
    }

    /// Asks the agent that holds the vault open; where there is none, the locked vault.
    pub async fn ask<A: Ask + Send + 'static>(&self, ask: A) -> Result<A::Answer, Fault>
    where
        A::Answer: Send,
    {
        self.with(move |home| door(home)?.ask(ask)).await
    }

    /// Asks the agent; none where there is no agent. It wakes nobody: no keychain is asked.
    pub async fn ask_if_open<A: Ask + Send + 'static>(
        &self,
        ask: A,
    ) -> Result<Option<A::Answer>, Fault>
    where
        A::Answer: Send,
    {
        let asks = |home: &Home| match Door::connect(home)? {
            Some(mut agent) => agent.ask(ask).map(Some),
            None => Ok(None),
        };
        self.with(asks).await
    }

    /// How far an open vault has come; none where no agent holds it open.
    pub async fn look(&self) -> Result<Option<PulseView>, Fault> {
        Ok(self.ask_if_open(Pulse {}).await?.flatten())
    }

    /// Asks in this process, where there is no vault for an agent to hold yet.
    pub async fn ask_here<A: Ask + Send + 'static>(&self, ask: A) -> Result<A::Answer, Fault>
    where
        A::Answer: Send,
    {
        self.with(move |home| here(home).ask(ask)).await
    }

    /// Asks the agent, which is started where there is none: so that terminal and window share one
    /// unlock.
    pub async fn ask_agent<A: Ask + Send + 'static>(&self, ask: A) -> Result<A::Answer, Fault>
    where
        A::Answer: Send,
    {
        let options = self.settings.agent();
        let asks = move |home: &Home| start(home, options)?.ask(ask);
        self.with(asks).await
    }

    /// Does something with the home, on a thread that may wait.
    pub async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Home) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let home = self.home();
        let done = spawn_blocking(move || work(&home)).await;
        done.map_err(|_| gone())?
    }
}

fn door(home: &Home) -> Result<Door, Fault> {
    match Door::connect(home)? {
        Some(agent) => Ok(agent),
        None => Ok(here(home)),
    }
}

fn here(home: &Home) -> Door {
    let options = DoorOptions {
        keychain: true,
        ..DoorOptions::default()
    };
    Door::here(home.clone(), options)
}

fn gone() -> Fault {
    Fault::new(Code::Unexpected, "The window lost its way to the vault.")
        .next("Close the window and open it again.")
}
