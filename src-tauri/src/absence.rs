//! Locks the vault when its person leaves: when the screen is locked, or the machine goes to sleep. Each
//! has a switch of its own in the settings; a desktop that does not say so locks nothing.

use std::thread;

use tauri::{AppHandle, Manager, Runtime};
use zbus::MatchRule;
use zbus::blocking::{Connection, MessageIterator};
use zbus::message::{Message, Type};

use crate::lock;
use crate::settings::{Chosen, Settings};

/// Who says on the session's bus that the screen is locked now, all by a signal of one name.
const SAVERS: [&str; 4] = [
    "org.freedesktop.ScreenSaver",
    "org.gnome.ScreenSaver",
    "org.cinnamon.ScreenSaver",
    "org.mate.ScreenSaver",
];

/// Listens on both buses until the program ends.
pub fn watch<R: Runtime>(program: &AppHandle<R>) {
    for listen in [session::<R>, system::<R>] {
        let program = program.clone();
        // Without a bus, nobody says anything.
        thread::spawn(move || listen(&program));
    }
}

fn session<R: Runtime>(program: &AppHandle<R>) -> zbus::Result<()> {
    let bus = Connection::session()?;
    let rule = MatchRule::builder().msg_type(Type::Signal);
    let rule = rule.member("ActiveChanged")?.build();
    for message in MessageIterator::for_match_rule(rule, &bus, None)? {
        let message = message?;
        let header = message.header();
        let by_saver = header
            .interface()
            .is_some_and(|of| SAVERS.contains(&of.as_str()));
        if by_saver && says_true(&message) && chosen(program).lock_on_screen_lock {
            lock(program);
        }
    }
    Ok(())
}

fn system<R: Runtime>(program: &AppHandle<R>) -> zbus::Result<()> {
    let bus = Connection::system()?;
    let rule = MatchRule::builder().msg_type(Type::Signal);
    let rule = rule.sender("org.freedesktop.login1")?.build();
    for message in MessageIterator::for_match_rule(rule, &bus, None)? {
        let message = message?;
        let header = message.header();
        let member = header.member().map(|member| member.as_str());
        let chosen = chosen(program);
        let left = match member {
            Some("PrepareForSleep") => chosen.lock_on_sleep && says_true(&message),
            Some("Lock") => chosen.lock_on_screen_lock,
            _ => false,
        };
        if left {
            lock(program);
        }
    }
    Ok(())
}

fn says_true(message: &Message) -> bool {
    message.body().deserialize::<bool>().unwrap_or_default()
}

fn chosen<R: Runtime>(program: &AppHandle<R>) -> Chosen {
    program.state::<Settings>().chosen()
}
