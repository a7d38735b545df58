//! Entries are found by words of what is known about them, values and notes excepted.
//!
//! Every word of the query has to be found in something of the entry. How well is the first of:
//! the whole text, its beginning, the beginning of a word in it, a piece of it, or, in the name alone,
//! its letters in their order with others between. A find in the name counts more than one of the same
//! sort in the bundle's name or a tag, and that more than one in kind, purpose or owner. Of entries
//! that are as good, the one with the shorter name comes first.

use std::cmp::Reverse;

use super::list::list_bundle;
use super::{EntryView, Find};
use crate::requests::UseCase;
use crate::session::Session;
use crate::{Code, Fault, bundles};

/// Entries that are told when nothing else is asked.
const LIMIT: u64 = 50;

impl UseCase for Find {
    async fn carry_out(self, session: &mut Session) -> Result<Vec<EntryView>, Fault> {
        let (open, _) = session.opened()?;
        let words = words(&self.query);
        if words.is_empty() {
            return Err(
                Fault::new(Code::Usage, "There is nothing to find in an empty query.")
                    .next("`sealfold ls` lists everything."),
            );
        }
        let mut found = Vec::new();
        for bundle in bundles::usable(&open.teams) {
            for view in list_bundle(open, &bundle).await? {
                if let Some(score) = score(&words, &view) {
                    found.push((score, view));
                }
            }
        }
        found.sort_by(|(one, a), (other, b)| {
            let by_name =
                |view: &EntryView| (view.name.len(), view.name.clone(), view.bundle.clone());
            (Reverse(one), by_name(a)).cmp(&(Reverse(other), by_name(b)))
        });
        let limit = self.limit.unwrap_or(LIMIT);
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(found.into_iter().map(|(_, view)| view).collect())
    }
}

fn words(query: &str) -> Vec<String> {
    query.split_whitespace().map(str::to_lowercase).collect()
}

/// How well all words are found, the better the greater; nothing where one is not found.
fn score(words: &[String], entry: &EntryView) -> Option<u32> {
    let about = &entry.metadata;
    let near = entry.tags.iter().chain([&entry.bundle]);
    let near: Vec<String> = near.map(|text| text.to_lowercase()).collect();
    let far = [about.purpose.as_ref(), about.owner.as_ref()];
    let mut far: Vec<String> = far
        .into_iter()
        .flatten()
        .map(|text| text.to_lowercase())
        .collect();
    far.push(entry.kind.name().to_owned());
    let name = entry.name.to_lowercase();
    let of_word = |word: &String| {
        let in_name =
            How::of(word, &name).or_else(|| is_subsequence(word, &name).then_some(How::Scattered));
        let in_others =
            |texts: &[String]| texts.iter().filter_map(|text| How::of(word, text)).max();
        let scores = [
            in_name.map(|how| how as u32 + 2),
            in_others(&near).map(|how| how as u32 + 1),
            in_others(&far).map(|how| how as u32),
        ];
        scores.into_iter().flatten().max()
    };
    words.iter().map(of_word).sum()
}

/// How a word is found in a text, the better the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum How {
    Scattered = 10,
    Inside = 20,
    AtWord = 30,
    AtStart = 40,
    Whole = 50,
}

impl How {
    fn of(word: &str, text: &str) -> Option<Self> {
        if text == word {
            return Some(How::Whole);
        }
        let mut best = None;
        for (at, _) in text.match_indices(word) {
            let before = text[..at].chars().next_back();
            let how = match before {
                None => return Some(How::AtStart),
                Some(before) if !before.is_alphanumeric() => How::AtWord,
                Some(_) => How::Inside,
            };
            best = best.max(Some(how));
        }
        best
    }
}

/// Whether the letters of a word come in a text in their order.
fn is_subsequence(word: &str, text: &str) -> bool {
    let mut letters = text.chars();
    word.chars()
        .all(|wanted| letters.any(|letter| letter == wanted))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entries::{Kind, Metadata};

    fn entry(name: &str, bundle: &str) -> EntryView {
        EntryView {
            id: String::new(),
            bundle: bundle.to_owned(),
            name: name.to_owned(),
            kind: Kind::Variable,
            fields: Vec::new(),
            tags: Vec::new(),
            metadata: Metadata::default(),
            has_note: false,
            updated: 0,
            versions: 1,
            conflict: false,
            unreadable: None,
        }
    }

    fn of(query: &str, entry: &EntryView) -> Option<u32> {
        score(&words(query), entry)
    }

    #[test]
    fn the_whole_comes_before_its_parts() {
        let names = ["URL", "URL_OLD", "DB_URL", "CURL", "USER_LABEL"];
        let scores: Vec<_> = names.map(|name| of("url", &entry(name, "api/dev"))).into();
        assert!(scores.iter().all(Option::is_some), "{scores:?}");
        assert!(scores.is_sorted_by(|one, other| one > other), "{scores:?}");
        assert_eq!(of("url", &entry("LURE", "api/dev")), None);
    }

    #[test]
    fn every_word_has_to_be_found_and_the_name_counts_most() {
        let mut one = entry("DATABASE_URL", "api/prod");
        one.tags = vec!["billing".to_owned()];
        one.metadata.owner = Some("Ann".to_owned());
        assert!(of("prod data", &one).is_some() && of("billing ANN variable", &one).is_some());
        assert_eq!(of("prod nothing", &one), None);
        // Letters here and there count in a name alone.
        assert!(of("dburl", &one).is_some());
        assert_eq!(of("apd", &one), None);
        let named = of("prod", &entry("PROD", "api/dev"));
        assert!(named > of("api/prod", &one), "{named:?}");
    }

    #[test]
    fn a_note_is_not_looked_at() {
        let mut one = entry("KEY", "api/dev");
        one.metadata.note = Some("hunter2".to_owned());
        assert_eq!(of("hunter2", &one), None);
    }
}
