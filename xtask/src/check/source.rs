//! Rust sources as lines that know whether they are tests.
//!
//! By indentation and not by parsing: rustfmt, which is checked too, makes that exact, and a
//! parser would treble the time that this program takes to compile.

use std::fs;

use anyhow::{Context, Result};

use crate::workspace::root;

pub struct Source {
    pub path: String,
    pub lines: Vec<Line>,
}

pub struct Line {
    pub text: String,
    pub is_test: bool,
}

/// All Rust sources among `files`.
pub fn read_all(files: &[String]) -> Result<Vec<Source>> {
    files
        .iter()
        .filter(|path| path.ends_with(".rs"))
        .map(|path| {
            let text = fs::read_to_string(root().join(path)).with_context(|| path.clone())?;
            Ok(parse(path, &text))
        })
        .collect()
}

pub fn parse(path: &str, text: &str) -> Source {
    let all_tests = is_test_file(path);
    let mut skip = Skip::Nothing;
    let lines = text.lines().map(|line| {
        let before = !matches!(skip, Skip::Nothing);
        skip = skip.after(line);
        Line {
            text: line.to_owned(),
            is_test: all_tests || before || !matches!(skip, Skip::Nothing),
        }
    });
    let lines = lines.collect();
    Source {
        path: path.to_owned(),
        lines,
    }
}

/// Files that only tests compile: `tests.rs`, and what lies in a folder `tests`.
fn is_test_file(path: &str) -> bool {
    let mut parts = path.rsplit('/');
    parts.next() == Some("tests.rs") || parts.any(|folder| folder == "tests")
}

/// How far we are in leaving out an item under `#[cfg(test)]`.
#[derive(Clone, Copy)]
enum Skip {
    Nothing,
    /// The attribute was seen at this indentation: the item comes.
    Item(usize),
    /// Until the closing brace at this indentation.
    Block(usize),
}

impl Skip {
    fn after(self, line: &str) -> Self {
        let indent = line.len() - line.trim_start().len();
        let text = line.trim();
        match self {
            Self::Nothing if text.starts_with("#[cfg(") && names_test(text) => Self::Item(indent),
            Self::Nothing => Self::Nothing,
            Self::Item(at) if indent == at && text.ends_with(';') => Self::Nothing,
            Self::Item(at) if text.ends_with('{') => Self::Block(at),
            Self::Item(at) => Self::Item(at),
            Self::Block(at) if indent == at && text.starts_with('}') => Self::Nothing,
            Self::Block(at) => Self::Block(at),
        }
    }
}

/// `cfg(test)` and `cfg(all(test, …))`, but not `cfg(not(test))`.
fn names_test(attribute: &str) -> bool {
    attribute.starts_with("#[cfg(test)") || attribute.starts_with("#[cfg(all(test,")
}

#[cfg(test)]
mod tests {
    use super::parse;

    fn tests_in(text: &str) -> Vec<usize> {
        let source = parse("crates/x/src/lib.rs", text);
        let marked = source.lines.iter().enumerate();
        marked
            .filter(|(_, line)| line.is_test)
            .map(|(at, _)| at + 1)
            .collect()
    }

    #[test]
    fn a_test_module_ends_with_its_brace() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {\n    }\n}\nfn c() {}\n";
        assert_eq!(tests_in(text), [2, 3, 4, 5, 6]);
    }

    #[test]
    fn a_declaration_under_cfg_test_is_one_item() {
        let text = "#[cfg(test)]\nmod tests;\nfn a() {\n}\n";
        assert_eq!(tests_in(text), [1, 2]);
    }

    #[test]
    fn cfg_not_test_is_no_test() {
        assert_eq!(tests_in("#[cfg(not(test))]\nfn a() {\n}\n"), [0; 0]);
    }
}
