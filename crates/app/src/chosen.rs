//! Which of several things a person means: by name, or by the beginning of an id.
//!
//! Others choose names, and whoever makes a key can choose the first digits of its id (threat 38).
//! So nothing is taken because it comes first: what could be another is a question back, with the
//! ids written out far enough to tell them apart. A name that only reads like the one that was written
//! is such a question too: it may be the one that was meant, or have been copied from a list.

use formats::confusable::read_alike;

use crate::{Code, Fault};

/// Fewest digits of an id that mean it.
const DIGITS: usize = 8;

/// Marks what follows as an id, where a name would read the same.
const MARK: &str = "id:";

/// Something that a person can name.
#[derive(Debug, Clone)]
pub(crate) struct Candidate<T> {
    pub it: T,
    /// Its id, in hex.
    pub id: String,
    pub name: String,
    /// Whether it is meant before others of its name: members now come before former ones.
    pub first: bool,
}

/// Why nothing was chosen.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unclear {
    /// There is nothing of this name or id.
    Nothing,
    /// Several could be meant: their ids, as far as they differ, marked as ids.
    Several(Vec<String>),
}

impl Unclear {
    /// The question back. `nothing` is said where nothing is called so.
    pub fn fault(self, text: &str, nothing: Fault) -> Fault {
        match self {
            Self::Nothing => nothing,
            Self::Several(ids) => Fault::new(Code::Usage, "Several could be meant.")
                .about(text)
                .next(format!("Write which one: {}.", ids.join(", "))),
        }
    }
}

/// The one that `text` means: the only one of that name, whatever the case, or the only one whose id
/// begins so.
pub(crate) fn choose<T: Clone>(text: &str, candidates: &[Candidate<T>]) -> Result<T, Unclear> {
    let lower = text.to_lowercase();
    let (marked, digits) = match lower.strip_prefix(MARK) {
        Some(digits) => (true, digits),
        None => (false, &*lower),
    };
    let by_name = |one: &&Candidate<T>| !marked && one.name.to_lowercase() == lower;
    let mut meant: Vec<&Candidate<T>> = candidates.iter().filter(by_name).collect();
    let first = meant.iter().any(|one| one.first);
    meant.retain(|one| one.first || !first);
    if !meant.is_empty() {
        let alike = |one: &&Candidate<T>| (one.first || !first) && read_alike(&one.name, text);
        meant.extend(candidates.iter().filter(alike));
    }
    if is_id(digits) {
        let by_id = candidates.iter().filter(|one| one.id.starts_with(digits));
        let others: Vec<_> = by_id
            .filter(|one| meant.iter().all(|known| known.id != one.id))
            .collect();
        meant.extend(others);
    }
    match meant.as_slice() {
        [] => Err(Unclear::Nothing),
        [only] => Ok(only.it.clone()),
        several => {
            let ids = candidates.iter().map(|one| one.id.as_str());
            let ids: Vec<&str> = ids.collect();
            let shown = several.iter().map(|one| {
                let short = short(&one.id, ids.iter().copied());
                format!("{MARK}{short} ({})", one.name)
            });
            Err(Unclear::Several(shown.collect()))
        }
    }
}

/// Whether a text reads as the beginning of an id.
pub(crate) fn is_id(text: &str) -> bool {
    text.len() >= DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Refuses a name that reads as an id: nobody calls themselves as another is written.
pub(crate) fn check_no_id(name: &str) -> Result<(), Fault> {
    let lower = name.to_lowercase();
    if is_id(&lower) || lower.starts_with(MARK) {
        return Err(Fault::new(
            Code::Usage,
            "A name can't read as an id, of digits and a to f only.",
        )
        .about(name));
    }
    Ok(())
}

/// As much of an id as tells it from all others, at least eight digits.
pub(crate) fn short<'a>(id: &'a str, all: impl Iterator<Item = &'a str>) -> &'a str {
    let same = |other: &str| {
        let pairs = id.bytes().zip(other.bytes());
        pairs.take_while(|(a, b)| a == b).count()
    };
    let most = all.filter(|other| *other != id).map(same).max();
    let digits = most.map_or(DIGITS, |same| same + 1).max(DIGITS);
    id.get(..digits).unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidates(all: &[(&str, &str, bool)]) -> Vec<Candidate<usize>> {
        let candidate = |(it, (id, name, first)): (usize, &(&str, &str, bool))| Candidate {
            it,
            id: (*id).to_owned(),
            name: (*name).to_owned(),
            first: *first,
        };
        all.iter().enumerate().map(candidate).collect()
    }

    // threat 38
    #[test]
    fn an_id_ground_to_begin_alike_is_a_question_and_no_choice() {
        let all = candidates(&[
            ("3fa91c20aa00", "mallory", true),
            ("3fa91c20bb00", "alice", true),
        ]);
        let Err(Unclear::Several(ids)) = choose("3fa91c20", &all) else {
            panic!("one was chosen")
        };
        assert_eq!(ids, ["id:3fa91c20a (mallory)", "id:3fa91c20b (alice)"]);
        assert_eq!(choose("3fa91c20b", &all), Ok(1));
        assert_eq!(choose("id:3fa91c20a", &all), Ok(0));
        assert_eq!(choose("3fa9", &all), Err(Unclear::Nothing));
    }

    // threat 38
    #[test]
    fn who_is_called_as_anothers_id_is_not_taken_for_them() {
        let all = candidates(&[
            ("00112233445566", "3fa91c20", true),
            ("3fa91c20bb0000", "alice", true),
        ]);
        assert!(matches!(choose("3fa91c20", &all), Err(Unclear::Several(_))));
        assert_eq!(choose("id:3fa91c20", &all), Ok(1));
        assert_eq!(choose("id:00112233", &all), Ok(0));
        assert!(check_no_id("3FA91C20").is_err() && check_no_id("id:x").is_err());
        assert!(check_no_id("deadbee").is_ok() && check_no_id("alice").is_ok());
    }

    // threat 38
    #[test]
    fn who_is_called_almost_like_another_is_a_question_and_no_choice() {
        let all = candidates(&[
            ("00112233445566", "b\u{43e}b", true),
            ("99aabbccddeeff", "bob", true),
        ]);
        for name in ["bob", "Bob", "b\u{43e}b"] {
            let Err(Unclear::Several(ids)) = choose(name, &all) else {
                panic!("one was chosen for {name}")
            };
            assert_eq!(ids.len(), 2, "{ids:?}");
        }
        assert_eq!(choose("id:99aabbcc", &all), Ok(1));
        // What only reads like somebody means nobody, and who left confuses nobody.
        assert_eq!(choose("b0b", &all), Err(Unclear::Nothing));
        let all = candidates(&[
            ("00112233445566", "b\u{43e}b", false),
            ("99aabbccddeeff", "bob", true),
        ]);
        assert_eq!(choose("bob", &all), Ok(1));
    }

    #[test]
    fn a_name_means_who_is_here_before_who_was() {
        let all = candidates(&[
            ("00112233445566", "Bob", false),
            ("99aabbccddeeff", "bob", true),
        ]);
        assert_eq!(choose("BOB", &all), Ok(1));
        let both = candidates(&[
            ("00112233445566", "bob", true),
            ("99aabbccddeeff", "bob", true),
        ]);
        assert!(matches!(choose("bob", &both), Err(Unclear::Several(_))));
        assert_eq!(choose("carol", &both), Err(Unclear::Nothing));
    }
}
