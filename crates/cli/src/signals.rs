//! What a signal finds to be put back, wiped or stopped before it ends the call: a terminal whose echo a
//! prompt took off, the files of an editor, and a sync that the agent does.

#[cfg(unix)]
pub use unix::{editing, interruptible, prompting, prompting_unseen};

/// Elsewhere the console gives its settings back by itself.
#[cfg(not(unix))]
mod elsewhere {
    pub use prompting as prompting_unseen;

    pub fn prompting<T>(prompt: impl FnOnce() -> T) -> T {
        prompt()
    }

    pub fn editing<T>(_: &std::path::Path, editor: impl FnOnce() -> T) -> T {
        editor()
    }

    pub fn interruptible<T>(_: impl FnOnce() + Send + 'static, work: impl FnOnce() -> T) -> T {
        work()
    }
}

#[cfg(not(unix))]
pub use elsewhere::{editing, interruptible, prompting, prompting_unseen};

#[cfg(unix)]
mod unix {
    use std::fs::File;
    use std::path::{Path, PathBuf};
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Arc, Mutex, OnceLock, PoisonError};
    use std::thread;

    use app::Code;
    use nix::sys::termios::{LocalFlags, SetArg, Termios, tcgetattr, tcsetattr};
    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    use signal_hook::iterator::Signals;
    use signal_hook::{flag, low_level};

    use crate::scratch;

    /// Whether nothing has to be put back.
    static IDLE: OnceLock<Arc<AtomicBool>> = OnceLock::new();
    /// The folder that an editor's files are in, while it runs.
    static EDITED: Mutex<Option<PathBuf>> = Mutex::new(None);
    /// What an interrupt does to the work that goes on.
    static STOPS: Mutex<Option<Stop>> = Mutex::new(None);

    type Stop = Box<dyn FnOnce() + Send>;

    /// Runs a prompt. Interrupted, the call ends as aborted; hung up or terminated, as it would
    /// anyway; the terminal is put back first.
    pub fn prompting<T>(prompt: impl FnOnce() -> T) -> T {
        busy(prompt)
    }

    /// As [`prompting`], with the echo off before the question is shown: who types as soon as they
    /// see it types unseen.
    pub fn prompting_unseen<T>(prompt: impl FnOnce() -> T) -> T {
        busy(|| {
            let Some((terminal, before)) = settings() else {
                return prompt();
            };
            let mut quiet = before.clone();
            // As the prompt itself sets it a moment later, when a key may have come already.
            let lines = LocalFlags::ICANON | LocalFlags::ISIG;
            quiet.local_flags.remove(LocalFlags::ECHO | lines);
            let _ = tcsetattr(&terminal, SetArg::TCSANOW, &quiet);
            let answer = prompt();
            let _ = tcsetattr(&terminal, SetArg::TCSANOW, &before);
            answer
        })
    }

    /// Runs an editor over files in `folder`. What is typed at the terminal is the editor's, interrupts
    /// too; hung up or terminated, the call ends as it would anyway, and the files are wiped first.
    pub fn editing<T>(folder: &Path, editor: impl FnOnce() -> T) -> T {
        *edited() = Some(folder.to_owned());
        let ended = busy(editor);
        *edited() = None;
        ended
    }

    /// Runs a work that another process does. Interrupted, it is stopped there by `stop`, and says itself
    /// how it ended; interrupted once more, the call ends as aborted.
    pub fn interruptible<T>(stop: impl FnOnce() + Send + 'static, work: impl FnOnce() -> T) -> T {
        *stops() = Some(Box::new(stop));
        let ended = busy(work);
        *stops() = None;
        ended
    }

    fn stops() -> std::sync::MutexGuard<'static, Option<Stop>> {
        STOPS.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn edited() -> std::sync::MutexGuard<'static, Option<PathBuf>> {
        EDITED.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn busy<T>(work: impl FnOnce() -> T) -> T {
        let idle = IDLE.get_or_init(|| {
            let idle = Arc::new(AtomicBool::new(true));
            watch(&idle);
            idle
        });
        idle.store(false, Ordering::SeqCst);
        let done = work();
        idle.store(true, Ordering::SeqCst);
        done
    }

    fn watch(idle: &Arc<AtomicBool>) {
        const SIGNALS: [i32; 4] = [SIGINT, SIGQUIT, SIGTERM, SIGHUP];
        for signal in SIGNALS {
            // When idle a signal does what it always does.
            if flag::register_conditional_default(signal, Arc::clone(idle)).is_err() {
                return;
            }
        }
        let Ok(mut signals) = Signals::new(SIGNALS) else {
            return;
        };
        let terminal = settings();
        thread::spawn(move || {
            for signal in signals.forever() {
                let stop = stops().take();
                if let (SIGINT, Some(stop)) = (signal, stop) {
                    stop();
                    continue;
                }
                let folder = edited().clone();
                if let Some(folder) = &folder {
                    if matches!(signal, SIGINT | SIGQUIT) {
                        continue;
                    }
                    // There is nobody left to tell what stays.
                    let _ = scratch::wipe(folder);
                }
                if let Some((terminal, before)) = &terminal {
                    // A terminal that is gone needs nothing put back.
                    let _ = tcsetattr(terminal, SetArg::TCSANOW, before);
                }
                if signal == SIGINT {
                    std::process::exit(i32::from(Code::Aborted.exit_code()));
                }
                // It ends the process; were it to fail, the work would go on.
                let _ = low_level::emulate_default_handler(signal);
            }
        });
    }

    fn settings() -> Option<(File, Termios)> {
        let terminal = File::open(crate::prompt::TERMINAL).ok()?;
        let before = tcgetattr(&terminal).ok()?;
        Some((terminal, before))
    }
}
