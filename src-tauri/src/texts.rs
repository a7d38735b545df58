//! What the program itself says to a person, outside of the page: in the tray and in the system's
//! dialogs. Everything else stands in `ui/src/i18n`.

use std::env;

use crate::settings::Chosen;

/// The sentences of one language.
#[derive(Debug, PartialEq, Eq)]
pub struct Texts {
    pub open: &'static str,
    pub quick: &'static str,
    pub lock: &'static str,
    pub quit: &'static str,
    pub move_aside: &'static str,
    pub remove_file: &'static str,
    pub lock_later: &'static str,
}

const ENGLISH: Texts = Texts {
    open: "Open Sealfold",
    quick: "Quick access",
    lock: "Lock",
    quit: "Quit",
    move_aside: "Move the vault that is here aside, and put the backup in its place?",
    remove_file: "Delete this file?",
    lock_later: "Let an open vault lock later than now?",
};

const GERMAN: Texts = Texts {
    open: "Sealfold öffnen",
    quick: "Schnellzugriff",
    lock: "Sperren",
    quit: "Beenden",
    move_aside: "Den Tresor, der hier ist, beiseitelegen und die Sicherung an seine Stelle setzen?",
    remove_file: "Diese Datei löschen?",
    lock_later: "Einen offenen Tresor später sperren als bisher?",
};

/// In the language that was chosen, else in the system's.
pub fn texts(chosen: &Chosen) -> &'static Texts {
    let language = chosen.language.clone().or_else(of_the_system);
    in_language(language.as_deref().unwrap_or_default())
}

/// English where there is no other: as in the page.
fn in_language(tag: &str) -> &'static Texts {
    match tag.split(['-', '_', '.']).next() {
        Some("de") => &GERMAN,
        _ => &ENGLISH,
    }
}

/// As POSIX has it: the first that is set says it.
fn of_the_system() -> Option<String> {
    let set = |name| env::var(name).ok().filter(|value| !value.is_empty());
    ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(set)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tray_speaks_the_language_of_the_window() {
        let chosen = |tag: &str| Chosen {
            language: Some(tag.to_owned()),
            ..Chosen::default()
        };
        assert_eq!(texts(&chosen("de")).lock, "Sperren");
        assert_eq!(texts(&chosen("en")).lock, "Lock");
        for (tag, expected) in [
            ("de_AT.UTF-8", &GERMAN),
            ("de-CH", &GERMAN),
            ("C.UTF-8", &ENGLISH),
            ("dev", &ENGLISH),
        ] {
            assert_eq!(in_language(tag), expected, "{tag}");
        }
    }
}
