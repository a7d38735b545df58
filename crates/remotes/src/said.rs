//! What a server or another program said, made fit to be shown and logged.

use std::fmt;

/// Most characters that are kept.
const MAX_SAID: usize = 400;

/// A line of another program's or a server's own words, for a person to read and never for code to
/// decide on. It is cut at 400 characters, on one line, without anything a terminal might act on
/// (threat 60), and without the user part, query or fragment of any URL (threat 65).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said(String);

impl Said {
    /// Cleans what was said.
    pub(crate) fn new(raw: &[u8]) -> Self {
        let text = String::from_utf8_lossy(raw);
        let words = text.split_whitespace().map(redacted);
        let line = words.collect::<Vec<_>>().join(" ");
        Self(line.chars().filter(is_plain).take(MAX_SAID).collect())
    }

    /// The words.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_plain(c: &char) -> bool {
    matches!(c, ' '..='~') || c.is_alphabetic()
}

/// A word without what a URL in it may carry of credentials.
fn redacted(word: &str) -> String {
    let lower = word.to_ascii_lowercase();
    let marks = ["authorization", "bearer", "token=", "password=", "secret"];
    if marks.iter().any(|mark| lower.contains(mark)) {
        return "[redacted]".into();
    }
    let Some((scheme, rest)) = word.split_once("://") else {
        return word.to_owned();
    };
    // A password may hold a slash or a second `@`: all before the last one goes.
    let place = match rest.rsplit_once('@') {
        Some((_, place)) => place,
        None => rest,
    };
    let bare = place.split(['?', '#']).next().unwrap_or_default();
    format!("{scheme}://{bare}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::Said;

    // threat 65
    #[test]
    fn credentials_in_urls_are_not_repeated() {
        let cases = [
            (
                "fatal: unable to access 'https://ann:hunter2@example.org/x.git/'",
                "fatal: unable to access 'https://example.org/x.git/'",
            ),
            ("https://ghp_hunter2@example.org", "https://example.org"),
            (
                "https://a:hun/ter2@x@example.org/y?token=hunter2",
                "[redacted]",
            ),
            (
                "https://a:hun/ter2@x@example.org/y?k=hunter2#hunter2",
                "https://example.org/y",
            ),
            ("Authorization:hunter2", "[redacted]"),
        ];
        for (raw, clean) in cases {
            let said = Said::new(raw.as_bytes());
            assert!(!said.as_str().contains("hunter2"), "{said}");
            assert_eq!(said.as_str(), clean);
        }
    }

    // threat 60
    #[test]
    fn nothing_reaches_a_terminal_but_letters() {
        let said = Said::new(b"remote: \x1b[2Jhi\r\n\x07 there \xe2\x80\xae \xff");
        assert_eq!(said.as_str(), "remote: [2Jhi  there  ");
        assert_eq!(Said::new(&[b'x'; 9000]).as_str().len(), 400);
    }
}
