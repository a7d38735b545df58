//! Copying, outside the web view: marked as a secret, and cleared on time, on lock and on quit, only
//! if it is still ours (threat 55).

use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use app::{Code, Fault, Plaintext};

/// How often it is tried to clear a clipboard that does not answer.
const TRIES: u32 = 5;
/// The pause between two tries.
const PAUSE: Duration = Duration::from_secs(1);
/// How long the program that owns the clipboard may take to say what is there.
const ANSWER: Duration = Duration::from_secs(2);

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

    /// Clears what is ours, on a thread of its own, and tries again where that fails.
    pub fn clear_soon(&self) {
        let clipboard = self.clone();
        let count = self.held(|held| held.count);
        thread::spawn(move || clipboard.clear_copy(count));
    }

    /// Clears what is ours, and says whether nothing of it is there any more. Takes two seconds at most.
    pub fn clear(&self) -> bool {
        let count = self.held(|held| held.count);
        self.try_clear(count)
    }

    /// Clears a copy, unless a later one has taken its place.
    fn clear_copy(&self, count: u64) {
        for _ in 0..TRIES {
            if self.try_clear(count) {
                return;
            }
            thread::sleep(PAUSE);
        }
        // Nobody says what is there. What was copied does not stay in memory for that.
        self.held(|held| held.forget(count));
    }

    fn try_clear(&self, count: u64) -> bool {
        if !self.held(|held| held.is_there(count)) {
            return true;
        }
        // Not while the clipboard is held: its owner decides how long this takes.
        let there = look();
        self.held(|held| !held.is_there(count) || held.clear(&there))
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

    /// Whether this copy is the last one, and may be there still.
    fn is_there(&self, count: u64) -> bool {
        self.count == count && self.text.is_some()
    }

    /// Whether nothing of ours is there any more.
    fn clear(&mut self, there: &There) -> bool {
        let (Some(text), Some(system)) = (&self.text, &mut self.system) else {
            return true;
        };
        let cleared = match there {
            // EXPOSE: compared with what is there now.
            There::Text(there) if there.expose() == text.expose() => {
                // Overwritten and not only given up: some desktops offer a copy of what was given up.
                hidden(system.set()).text("").is_ok()
            }
            // Somebody copied something else since: that is theirs.
            There::Text(_) | There::Other => true,
            There::Unknown => false,
        };
        if cleared {
            self.text = None;
        }
        cleared
    }

    fn forget(&mut self, count: u64) {
        if self.count == count {
            self.text = None;
        }
    }
}

/// What a clipboard holds.
enum There {
    Text(Plaintext),
    /// No text, or none that is any.
    Other,
    /// Its owner did not say.
    Unknown,
}

/// Looks into the clipboard. Its owner may take its time, or never answer: then the thread that waits for
/// it is left to itself.
fn look() -> There {
    let (tell, told) = channel();
    thread::spawn(move || {
        let text = arboard::Clipboard::new().and_then(|mut system| system.get_text());
        let there = match text {
            Ok(text) => There::Text(Plaintext::from_text(text)),
            Err(arboard::Error::ContentNotAvailable | arboard::Error::ConversionFailure) => {
                There::Other
            }
            Err(_) => There::Unknown,
        };
        // Nobody may wait for it any more.
        let _ = tell.send(there);
    });
    told.recv_timeout(ANSWER).unwrap_or(There::Unknown)
}

/// Waits for so long. It ends by the clock of the day too: the other one may stand still while the machine
/// sleeps.
fn wait(stays: Duration) {
    let (began, day) = (Instant::now(), SystemTime::now());
    while let Some(left) = stays.checked_sub(began.elapsed())
        && !left.is_zero()
        && day.elapsed().is_ok_and(|passed| passed < stays)
    {
        thread::sleep(left.min(Duration::from_secs(1)));
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
