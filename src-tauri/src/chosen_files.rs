//! Files that a person chose in the system's own dialog. The page gets a ticket for each and can't name a
//! path itself: one that was taken over by something it shows could else write any file of this person,
//! such as one that is started at the next login (threat 69).

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use app::{Code, Fault};

/// What a file was chosen for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To be written.
    Save,
    /// To be read.
    Open,
}

/// What was chosen and is not used yet. Clones are the same.
#[derive(Clone, Default)]
pub struct ChosenFiles(Arc<Mutex<Held>>);

#[derive(Default)]
struct Held {
    last: u32,
    files: HashMap<u32, ChosenFile>,
}

struct ChosenFile {
    path: PathBuf,
    purpose: Purpose,
    /// Whether it was there when it was chosen: the dialog asked whether it may be replaced.
    replaces: bool,
}

/// A chosen file while it is worked with. Unless it is spent, the ticket can be tried again.
pub struct Lent {
    from: ChosenFiles,
    ticket: u32,
    /// None when it is spent.
    file: Option<ChosenFile>,
}

impl ChosenFiles {
    /// Keeps what was chosen. Gives its ticket, which is good for one use.
    pub fn keep(&self, path: PathBuf, purpose: Purpose) -> u32 {
        let mut held = self.held();
        held.last += 1;
        let ticket = held.last;
        let replaces = purpose == Purpose::Save && path.symlink_metadata().is_ok();
        let file = ChosenFile {
            path,
            purpose,
            replaces,
        };
        held.files.insert(ticket, file);
        ticket
    }

    /// The file of a ticket.
    ///
    /// # Errors
    /// When nothing was chosen, it was used already, or it was chosen for something else.
    pub fn lend(&self, ticket: u32, purpose: Purpose) -> Result<Lent, Fault> {
        let mut held = self.held();
        let found = held.files.get(&ticket);
        if found.is_none_or(|file| file.purpose != purpose) {
            return Err(Fault::new(Code::NotAllowed, "No file is chosen for this.")
                .next("Choose the file in the dialog once more."));
        }
        Ok(Lent {
            from: self.clone(),
            ticket,
            file: held.files.remove(&ticket),
        })
    }

    /// Forgets all that was chosen.
    pub fn forget(&self) {
        self.held().files.clear();
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lent {
    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.file().path
    }

    /// As text, for a question that another process answers.
    ///
    /// # Errors
    /// When it is no text.
    pub fn text(&self) -> Result<String, Fault> {
        let text = self.path().to_str().map(str::to_owned);
        text.ok_or_else(|| {
            Fault::new(Code::Usage, "The path is not UTF-8.")
                .about(self.path().to_string_lossy())
                .next("Choose a path of readable characters.")
        })
    }

    /// Whether the person agreed to lose what is there.
    pub fn replaces(&self) -> bool {
        self.file().replaces
    }

    fn file(&self) -> &ChosenFile {
        self.file.as_ref().expect("only its end spends it")
    }

    /// It was used: the ticket is worth nothing any more.
    pub fn spend(mut self) {
        self.file = None;
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(file) = self.file.take() {
            self.from.held().files.insert(self.ticket, file);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path() -> PathBuf {
        PathBuf::from("/home/ann/out")
    }

    // threat 69
    #[test]
    fn a_ticket_is_good_once_and_for_what_it_was_chosen() {
        let files = ChosenFiles::default();
        assert!(files.lend(1, Purpose::Save).is_err());
        let ticket = files.keep(path(), Purpose::Save);
        assert!(files.lend(ticket, Purpose::Open).is_err());
        let lent = files.lend(ticket, Purpose::Save).unwrap();
        assert_eq!(lent.path(), path());
        assert!(files.lend(ticket, Purpose::Save).is_err());
        lent.spend();
        let again = files.lend(ticket, Purpose::Save);
        assert_eq!(again.err().unwrap().code, Code::NotAllowed);
    }

    #[test]
    fn what_failed_can_be_tried_again_until_all_is_forgotten() {
        let files = ChosenFiles::default();
        let ticket = files.keep(path(), Purpose::Open);
        drop(files.lend(ticket, Purpose::Open).unwrap());
        drop(files.lend(ticket, Purpose::Open).unwrap());
        files.forget();
        assert!(files.lend(ticket, Purpose::Open).is_err());
    }
}
