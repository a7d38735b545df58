//! The tray, where the desktop has one. It is never the only way back: a second start shows the window
//! too.

use std::sync::{Mutex, PoisonError};

use ksni::blocking::{Handle, TrayMethods};
use ksni::menu::{MenuItem, StandardItem};
use tauri::{AppHandle, Manager, Runtime};

use crate::settings::Settings;
use crate::texts::texts;
use crate::{frame, lock, quick};

/// Whether the window stays in the tray when it is closed.
pub struct Tray<R: Runtime>(Mutex<Option<Handle<Item<R>>>>);

impl<R: Runtime> Default for Tray<R> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<R: Runtime> Tray<R> {
    /// Goes there, where there is one, or leaves it. Blocks on the session's bus.
    pub fn set(&self, program: &AppHandle<R>, wanted: bool) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match (wanted, kept.take()) {
            (true, Some(present)) => *kept = Some(present),
            (true, None) => *kept = Item(program.clone()).spawn().ok(),
            (false, Some(present)) => present.shutdown().wait(),
            (false, None) => {}
        }
    }

    /// Whether the window can be closed without ending the program.
    pub fn is_there(&self) -> bool {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.is_some()
    }
}

/// What stands in the tray.
pub struct Item<R: Runtime>(AppHandle<R>);

impl<R: Runtime> ksni::Tray for Item<R> {
    fn id(&self) -> String {
        "sealfold".to_owned()
    }

    fn title(&self) -> String {
        "Sealfold".to_owned()
    }

    fn icon_name(&self) -> String {
        "sealfold".to_owned()
    }

    fn activate(&mut self, _: i32, _: i32) {
        frame::show(&self.0);
    }

    fn menu(&self) -> Vec<MenuItem<Self>> {
        let item = |label: &str, act: fn(&AppHandle<R>)| {
            StandardItem {
                label: label.to_owned(),
                activate: Box::new(move |tray: &mut Self| act(&tray.0)),
                ..StandardItem::default()
            }
            .into()
        };
        let texts = texts(&self.0.state::<Settings>().chosen());
        vec![
            item(texts.open, frame::show),
            item(texts.quick, quick::open),
            item(texts.lock, lock),
            MenuItem::Separator,
            item(texts.quit, |program| program.exit(0)),
        ]
    }
}
