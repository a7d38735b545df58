//! Copying, outside the web view: marked as a secret, and cleared on time, on lock and on quit, only
//! if it is still ours (threat 55).

use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use app::{Code, Fault, Plaintext};

/// How often a clipboard that can't be read or written is tried, and how long is waited in between.
const TRIES: u32 = 5;
const AGAIN: Duration = Duration::from_secs(1);

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
            wait(stays);
            clipboard.clear_copy(count);
        });
        Ok(())
    }

    /// Clears what is ours, on a thread of its own: whoever owns the clipboard by now may not answer.
    pub fn clear_soon(&self) {
        let clipboard = self.clone();
        thread::spawn(move || {
            let count = clipboard.held(|held| held.count);
            clipboard.clear_copy(count);
        });
    }

    /// Clears what is ours, before the program ends. May wait for another one.
    pub fn clear(&self) {
        self.held(Held::clear);
    }

    /// Clears a copy, unless a later one has taken its place. Who owns the clipboard by now may be busy: it
    /// is asked again.
    fn clear_copy(&self, count: u64) {
        for _ in 0..TRIES {
            if self.held(|held| held.count != count || held.clear()) {
                return;
            }
            thread::sleep(AGAIN);
        }
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

    /// Whether nothing of ours is there any more.
    fn clear(&mut self) -> bool {
        let (Some(text), Some(system)) = (&self.text, &mut self.system) else {
            return true;
        };
        let cleared = match system.get_text().map(Plaintext::from_text) {
            // EXPOSE: compared with what is there now.
            Ok(there) if there.expose() == text.expose() => {
                // Overwritten and not only given up: some desktops offer a copy of what was given up.
                hidden(system.set()).text("").is_ok()
            }
            // Somebody copied something else since: that is theirs.
            Ok(_) | Err(arboard::Error::ContentNotAvailable) => true,
            Err(_) => false,
        };
        if cleared {
            self.text = None;
        }
        cleared
    }
}

/// Waits so long by the clock of the day too, which goes on while the machine sleeps.
fn wait(stays: Duration) {
    let (began, day) = (Instant::now(), SystemTime::now());
    while let Some(left) = stays.checked_sub(began.elapsed())
        && !left.is_zero()
        && day.elapsed().is_ok_and(|passed| passed < stays)
    {
        thread::sleep(left.min(AGAIN));
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
