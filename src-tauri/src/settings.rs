//! How the window is set: kept in a file, in plain. Whoever can write that file can have an open vault
//! lock later, within bounds, and no more (threat 56): no setting lets a value out.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use app::agent::{StartOptions, Tighten};
use app::private_file::{Existing, write};
use app::{Code, Fault};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::shortcut;

/// Seconds after an unlock at which a vault locks that does not lock for want of use.
const DAY_OF_WORK: u64 = 12 * 60 * 60;

/// How the window looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the system.
    #[default]
    System,
    Light,
    Dark,
    /// High contrast.
    Contrast,
}

/// Everything that can be set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
#[ts(rename = "Settings")]
pub struct Chosen {
    pub theme: Theme,
    /// How large everything is drawn, in percent, 50 to 200.
    pub zoom: u32,
    /// A tag such as `de`; the system's when absent.
    pub language: Option<String>,
    /// Whether the vault locks when nobody uses it. Else it locks twelve hours after the unlock.
    pub lock_when_idle: bool,
    /// Minutes without use after which it locks, 1 to 240; for `lock_when_idle`.
    pub lock_after_minutes: u32,
    pub lock_on_sleep: bool,
    pub lock_on_screen_lock: bool,
    /// Seconds after which what was copied is cleared, 5 to 120.
    pub clipboard_seconds: u32,
    /// What opens quick access from anywhere, such as `Ctrl+Shift+Space`; nothing when absent.
    pub quick_shortcut: Option<String>,
    /// Whether to stay in the tray, where there is one, when the window is closed.
    pub tray: bool,
    /// Width and height of the window as it was closed last, in pixels of a desktop of 96 dpi; its own
    /// size when absent.
    pub size: Option<[u32; 2]>,
}

impl Default for Chosen {
    fn default() -> Self {
        Self {
            theme: Theme::System,
            zoom: 100,
            language: None,
            lock_when_idle: true,
            lock_after_minutes: 15,
            lock_on_sleep: true,
            lock_on_screen_lock: true,
            clipboard_seconds: 20,
            quick_shortcut: None,
            tray: false,
            size: None,
        }
    }
}

impl Chosen {
    /// Whether a vault that is open would stay so for longer than by these others.
    pub fn locks_later_than(&self, others: &Self) -> bool {
        // In minutes without use; never is more than any.
        let idle = |of: &Self| of.lock_when_idle.then_some(of.lock_after_minutes);
        let idles_longer = match (idle(self), idle(others)) {
            (Some(now), Some(before)) => now > before,
            (now, before) => now.is_none() && before.is_some(),
        };
        idles_longer
            || (others.lock_on_sleep && !self.lock_on_sleep)
            || (others.lock_on_screen_lock && !self.lock_on_screen_lock)
    }

    fn within_bounds(mut self) -> Self {
        self.zoom = self.zoom.clamp(50, 200);
        self.lock_after_minutes = self.lock_after_minutes.clamp(1, 240);
        self.clipboard_seconds = self.clipboard_seconds.clamp(5, 120);
        let within =
            |[width, height]: [u32; 2]| [width.clamp(640, 8_000), height.clamp(480, 8_000)];
        self.size = self.size.map(within);
        // A plain key would be taken from every program.
        self.quick_shortcut = self
            .quick_shortcut
            .filter(|key| shortcut::read(key).is_ok());
        self
    }
}

/// The settings of this window. Clones are the same.
#[derive(Clone)]
pub struct Settings {
    path: Arc<PathBuf>,
    chosen: Arc<Mutex<Chosen>>,
}

impl Settings {
    /// As they were kept. What can't be read is as if nothing had been chosen: a window opens anyway.
    pub fn load(path: PathBuf) -> Self {
        let kept = fs::read(&path).ok();
        let chosen = kept.and_then(|kept| serde_json::from_slice::<Chosen>(&kept).ok());
        Self {
            path: Arc::new(path),
            chosen: Arc::new(Mutex::new(chosen.unwrap_or_default().within_bounds())),
        }
    }

    pub fn chosen(&self) -> Chosen {
        self.held().clone()
    }

    /// Keeps them, and gives them as they are kept.
    pub fn change(&self, chosen: Chosen) -> Result<Chosen, Fault> {
        let chosen = chosen.within_bounds();
        keep(&self.path, &chosen)?;
        *self.held() = chosen.clone();
        Ok(chosen)
    }

    /// How an agent is started.
    pub fn agent(&self) -> StartOptions {
        let chosen = self.chosen();
        StartOptions {
            ttl_seconds: (!chosen.lock_when_idle).then_some(DAY_OF_WORK),
            idle_seconds: Some(u64::from(chosen.lock_after_minutes) * 60),
            locks_when_idle: chosen.lock_when_idle,
            locks_after_sleep: chosen.lock_on_sleep,
            ..StartOptions::default()
        }
    }

    /// What an agent is told that runs already: a stricter choice holds at once.
    pub fn tighten(&self) -> Tighten {
        let of = self.agent();
        Tighten {
            idle_seconds: of.idle_seconds.filter(|_| of.locks_when_idle),
            locks_after_sleep: of.locks_after_sleep,
        }
    }

    pub fn clipboard(&self) -> Duration {
        Duration::from_secs(self.held().clipboard_seconds.into())
    }

    fn held(&self) -> MutexGuard<'_, Chosen> {
        self.chosen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whole or not at all, and for nobody else.
fn keep(path: &Path, chosen: &Chosen) -> Result<(), Fault> {
    let text = serde_json::to_vec_pretty(chosen).expect("settings are text");
    let folder = path.parent().unwrap_or(Path::new("."));
    app::create_private_folder(folder).map_err(|error| {
        Fault::new(Code::Io, format!("The settings can't be kept: {error}."))
            .about(path.display().to_string())
            .next("Check that the folder can be written to.")
    })?;
    write(path, &text, Existing::Replace)
}

#[cfg(test)]
mod tests {
    use super::*;

    // threat 56
    #[test]
    fn what_somebody_wrote_into_the_file_stays_within_bounds() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("window.json");
        let written = r#"{"lock_after_minutes":4000000,"clipboard_seconds":999999,"quick_shortcut":"KeyA","shell":"sh"}"#;
        fs::write(&path, written).unwrap();
        let settings = Settings::load(path.clone());
        assert_eq!(settings.agent().idle_seconds, Some(240 * 60));
        assert_eq!(settings.clipboard(), Duration::from_secs(120));
        assert_eq!(settings.chosen().quick_shortcut, None);
        fs::write(&path, r#"{"lock_when_idle":false,"lock_on_sleep":false}"#).unwrap();
        let agent = Settings::load(path.clone()).agent();
        assert_eq!(
            agent.ttl_seconds,
            Some(DAY_OF_WORK),
            "never is not to be had"
        );
        fs::write(&path, "no settings").unwrap();
        assert_eq!(Settings::load(path).chosen(), Chosen::default());
    }

    #[test]
    fn what_locks_later_is_told_from_what_locks_sooner() {
        let before = Chosen::default();
        let changed = |change: fn(&mut Chosen)| {
            let mut chosen = before.clone();
            change(&mut chosen);
            chosen
        };
        for later in [
            changed(|of| of.lock_after_minutes = 16),
            changed(|of| of.lock_when_idle = false),
            changed(|of| of.lock_on_sleep = false),
            changed(|of| of.lock_on_screen_lock = false),
        ] {
            assert!(later.locks_later_than(&before), "{later:?}");
            assert!(!before.locks_later_than(&later), "{later:?}");
        }
        let sooner = changed(|of| of.lock_after_minutes = 5);
        assert!(!sooner.locks_later_than(&before));
        assert!(!changed(|of| of.theme = Theme::Dark).locks_later_than(&before));
    }

    #[test]
    fn what_is_changed_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("home").join("window.json");
        let settings = Settings::load(path.clone());
        let dark = Chosen {
            theme: Theme::Dark,
            clipboard_seconds: 1,
            ..Chosen::default()
        };
        let kept = settings.change(dark).unwrap();
        assert_eq!((kept.theme, kept.clipboard_seconds), (Theme::Dark, 5));
        assert_eq!(Settings::load(path).chosen(), kept);
    }
}
