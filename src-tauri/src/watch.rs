//! Tells the web view when the vault was locked, by whomever, and when something else is in it: from a
//! terminal, a sync, or the window itself. And says to the agent that a person is here who can be asked.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use app::Code;
use app::agent::Attend;
use tauri::async_runtime::block_on;
use tauri::{AppHandle, Emitter, Manager, Runtime};

use crate::clipboard::Clipboard;
use crate::frame;
use crate::memory;
use crate::vault::Vault;

/// How often it is looked at. A look keeps no vault open.
const EVERY: Duration = Duration::from_secs(1);

/// The way to the one that looks, for those who know that there is something to see.
pub struct Watch(Mutex<Sender<Seen>>);

/// What the window did to the vault itself, or knows of it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    Locked,
    Opened,
}

impl Watch {
    /// The vault was locked from here: what the page showed is forgotten now.
    pub fn locked(&self) {
        self.tell(Seen::Locked);
    }

    /// The vault was opened from here, or the page was told that it is open: an agent that ends before
    /// the next look is missed too.
    pub fn opened(&self) {
        self.tell(Seen::Opened);
    }

    fn tell(&self, what: Seen) {
        let sender = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // It looks as long as the program runs.
        let _ = sender.send(what);
    }
}

/// Looks until the program ends.
pub fn start<R: Runtime>(program: &AppHandle<R>, vault: Vault) -> Watch {
    let (sender, told) = channel();
    let (attends, attended) = (program.clone(), vault.clone());
    thread::spawn(move || attend(&attends, &attended));
    let program = program.clone();
    thread::spawn(move || look(&program, &vault, &told));
    Watch(Mutex::new(sender))
}

fn look<R: Runtime>(program: &AppHandle<R>, vault: &Vault, told: &Receiver<Seen>) {
    let (mut was, mut before) = (None, None);
    // Whether the page may show an open vault, which it can know before this does.
    let mut shown = false;
    loop {
        let did = told.recv_timeout(EVERY).ok();
        shown |= did == Some(Seen::Opened);
        let seen = block_on(vault.look());
        let gone = match &seen {
            // Another agent: it was locked and opened again between two looks.
            Ok(Some(seen)) => was.is_some_and(|was| was != seen.agent),
            Ok(None) => shown,
            // An agent that does not answer holds the vault open all the same.
            Err(_) => false,
        };
        if did == Some(Seen::Locked) || gone {
            program.state::<Clipboard>().clear_soon();
            // A window that is just closing needs no word.
            let _ = program.emit("locked", ());
            memory::forget(program);
        } else if let Ok(seen) = &seen
            && before.is_some()
            && seen.is_some()
            && *seen != before
        {
            let _ = program.emit("changed", ());
        }
        if let Ok(seen) = seen {
            shown = seen.is_some();
            (was, before) = (seen.as_ref().map(|seen| seen.agent), seen);
        }
    }
}

/// On a thread of its own: a look at the vault may have to wait for others' requests.
fn attend<R: Runtime>(program: &AppHandle<R>, vault: &Vault) {
    let (mut before, mut refused) = (Vec::new(), false);
    loop {
        // Without an agent there is nobody who could ask.
        let asked = block_on(vault.ask_if_open(Attend {}));
        if let Err(fault) = &asked
            && fault.code == Code::NotAllowed
        {
            // Another answers here in its person's name: that person should know.
            if !refused {
                let _ = program.emit("unheard", fault);
            }
            refused = true;
        } else {
            refused = false;
        }
        let asked = asked.ok().flatten().unwrap_or_default();
        if asked != before {
            let _ = program.emit("asked", ());
        }
        if asked.len() > before.len() {
            frame::call(program);
        }
        before = asked;
        thread::sleep(EVERY);
    }
}
