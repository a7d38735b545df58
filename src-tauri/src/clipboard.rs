//! Copying, outside the web view: marked as a secret, and cleared on time, on lock and on quit, only
//! if it is still ours (threat 55).

use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use app::{Code, Fault, Plaintext};

/// The system's clipboard, and what was put there last. Clones are the same.
#[derive(Clone, Default)]
pub struct Clipboard(Arc<Mutex<Held>>);

#[derive(Default)]
struct Held {
    /// Kept open: on X11 the text lives in the program that copied it.
    system: Option<arboard::Clipboard>,
    /// Which copy this is; a later one is not cleared by the timer of an earlier.
    count: u64,
    /// What is there by us.
    text: Option<Plaintext>,
}

impl Clipboard {
    /// Copies a value, and clears it after a while.
    pub fn put(&self, text: &str, stays: Duration) -> Result<(), Fault> {
        let count = self.held(|held| {
            held.put(text).map_err(|error| no_clipboard(&error))?;
            held.count += 1;
            Ok::<_, Fault>(held.count)
        })?;
        let clipboard = self.clone();
        thread::spawn(move || {
            thread::sleep(stays);
            clipboard.held(|held| {
                if held.count == count {
                    held.clear();
                }
            });
        });
        Ok(())
    }

    /// Clears what is ours, on a thread of its own: whoever owns the clipboard by now may not answer.
    pub fn clear_soon(&self) {
        let clipboard = self.clone();
        thread::spawn(move || clipboard.clear());
    }

    /// Clears what is ours. May wait for another program.
    pub fn clear(&self) {
        self.held(Held::clear);
    }

    fn held<T>(&self, work: impl FnOnce(&mut Held) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Held {
    fn put(&mut self, text: &str) -> Result<(), arboard::Error> {
        let system = match &mut self.system {
            Some(system) => system,
            none => none.insert(arboard::Clipboard::new()?),
        };
        hidden(system.set()).text(text)?;
        self.text = Some(Plaintext::from_text(text.to_owned()));
        Ok(())
    }

    fn clear(&mut self) {
        let (Some(text), Some(system)) = (self.text.take(), &mut self.system) else {
            return;
        };
        // Somebody copied something else since: that is theirs.
        let there = system.get_text().map(Plaintext::from_text);
        // EXPOSE: compared with what is there now.
        if there.is_ok_and(|there| there.expose() == text.expose()) {
            // Overwritten and not only given up: some desktops offer a copy of what was given up.
            let _ = hidden(system.set()).text("");
        }
    }
}

/// Marked so that clipboard managers keep no copy.
#[cfg(target_os = "linux")]
fn hidden(set: arboard::Set<'_>) -> arboard::Set<'_> {
    use arboard::SetExtLinux;
    set.exclude_from_history()
}

/// Marked so that clipboard managers keep no copy.
#[cfg(target_os = "macos")]
fn hidden(set: arboard::Set<'_>) -> arboard::Set<'_> {
    use arboard::SetExtApple;
    set.exclude_from_history()
}

/// Marked so that clipboard managers keep no copy, here or in the cloud.
#[cfg(windows)]
fn hidden(set: arboard::Set<'_>) -> arboard::Set<'_> {
    use arboard::SetExtWindows;
    set.exclude_from_cloud().exclude_from_history()
}

fn no_clipboard(error: &arboard::Error) -> Fault {
    Fault::new(Code::Io, format!("The clipboard can't be used: {error}."))
        .next("Reveal the value instead, or `sealfold get` it.")
}
