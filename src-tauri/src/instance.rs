//! One window a vault: a second start brings the first to the front, or opens quick access in it. So
//! there is a way back to a window that went into the tray, and a way to quick access on desktops that
//! have no global shortcuts (`sealfold-desktop --quick`).

#[cfg(unix)]
mod socket;
#[cfg(not(unix))]
mod unsupported;

use std::path::Path;
use std::sync::{Mutex, PoisonError};

#[cfg(unix)]
pub use socket::Place;
#[cfg(unix)]
use socket::tell;
#[cfg(not(unix))]
pub use unsupported::Place;
#[cfg(not(unix))]
use unsupported::tell;

/// What a start wants to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    Window,
    Quick,
}

impl Wanted {
    /// As the command line says.
    pub fn of(arguments: &[String]) -> Self {
        match arguments.iter().any(|argument| argument == "--quick") {
            true => Self::Quick,
            false => Self::Window,
        }
    }
}

/// Who has a vault's place.
pub enum Taken {
    /// This process, from now on.
    Here(Place),
    /// Another window, which was told what is wanted.
    Elsewhere,
    /// Nobody can: every start opens a window.
    Nowhere,
}

/// Takes the place of a vault's window, or tells the one that has it.
pub fn take(socket: &Path, wanted: Wanted) -> Taken {
    match Place::take(socket) {
        Ok(Some(place)) => Taken::Here(place),
        Ok(None) if tell(socket, wanted) => Taken::Elsewhere,
        // One that has it and can't be told is no way back to a window.
        Ok(None) | Err(_) => Taken::Nowhere,
    }
}

/// The place that this window has.
#[derive(Default)]
pub struct Instance(Mutex<Option<Place>>);

impl Instance {
    /// Has another place from now on, and listens there for later starts. The one before is left.
    pub fn settle(&self, place: Option<Place>, on_start: impl Fn(Wanted) + Send + 'static) {
        if let Some(place) = &place {
            place.listen(on_start);
        }
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = place;
    }
}
