//! The last column of `docs/threats.md`: which tests say, in a comment, that they are about which
//! attack. What stands in the other columns is written by hand and stays.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Context, Result, bail};

use crate::check::files;
use crate::check::source::{Source, parse};
use crate::workspace::root;

pub const PATH: &str = "docs/threats.md";

/// For each attack, each file that shows its defence, with the names of the tests; none means that
/// the whole file does.
type Shown = BTreeMap<u32, BTreeMap<String, BTreeSet<String>>>;

pub fn text() -> Result<Vec<u8>> {
    let table = fs::read_to_string(root().join(PATH)).context(PATH)?;
    let mut shown = Shown::new();
    for path in files()? {
        let read = || fs::read_to_string(root().join(&path)).with_context(|| path.clone());
        // This file's own tests cite attacks that are none.
        if path.ends_with(".rs") && !path.starts_with("xtask/") {
            collect(&parse(&path, &read()?), &mut shown);
        } else if path.ends_with(".test.ts") {
            collect_of_the_page(&path, &read()?, &mut shown);
        }
    }
    let text = fill(&table, &shown);
    if let Some(row) = text.lines().find(|row| row.ends_with("| yes | – |")) {
        bail!("no test says that it shows this: {row}");
    }
    Ok(text.into_bytes())
}

/// Adds what the tests of one file say they show.
fn collect(source: &Source, shown: &mut Shown) {
    let whole_file_is_tests = source.lines.iter().all(|line| line.is_test);
    for (at, line) in source.lines.iter().enumerate() {
        let Some((mark, comment)) = comment(&line.text) else {
            continue;
        };
        let numbers = numbers(comment);
        if numbers.is_empty() || !line.is_test {
            continue;
        }
        let test = match mark {
            Mark::File if whole_file_is_tests => None,
            Mark::File => continue,
            Mark::Line => match test_of(source, at) {
                Some(name) => Some(name),
                None => continue,
            },
        };
        for number in numbers {
            let files = shown.entry(number).or_default();
            let tests = files.entry(source.path.clone()).or_default();
            tests.extend(test.clone());
        }
    }
}

/// Adds what the tests of one file of the front end say they show: the whole file by a comment at its
/// head, else the test or the group of tests below or around it.
fn collect_of_the_page(path: &str, text: &str, shown: &mut Shown) {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let is_comment = |line: &str| line.starts_with("//") || line.starts_with("/*");
    let head = lines.iter().take_while(|line| is_comment(line)).count();
    for (at, line) in lines.iter().enumerate() {
        let numbers = numbers(line);
        if !is_comment(line) || numbers.is_empty() {
            continue;
        }
        let below = lines[at..].iter().find(|line| !is_comment(line));
        let below = below.and_then(|line| test_name(line));
        let name = || below.or_else(|| lines[..at].iter().rev().find_map(|line| test_name(line)));
        let name = if at < head { None } else { name() };
        for number in numbers {
            let files = shown.entry(number).or_default();
            let tests = files.entry(path.to_owned()).or_default();
            tests.extend(name.map(str::to_owned));
        }
    }
}

/// `test('is shown', …` and `describe('a name', …`: the name.
fn test_name(line: &str) -> Option<&str> {
    let (call, rest) = line.split_once("('")?;
    let is_test = call.starts_with("test") || call.starts_with("describe");
    is_test.then_some(rest.split_once("',")?.0)
}

enum Mark {
    /// `//!`: about the file.
    File,
    /// `//` or `///`: about the test around or below it.
    Line,
}

fn comment(line: &str) -> Option<(Mark, &str)> {
    let text = line.trim_start();
    let text = text.strip_prefix("//")?;
    match text.strip_prefix('!') {
        Some(text) => Some((Mark::File, text)),
        None => Some((Mark::Line, text.trim_start_matches('/'))),
    }
}

/// `threat 7`, `threats 2, 4 and 34`: the numbers.
fn numbers(comment: &str) -> Vec<u32> {
    let Some((_, rest)) = comment.split_once("threat") else {
        return Vec::new();
    };
    let rest = rest.strip_prefix('s').unwrap_or(rest);
    let words = rest.split([' ', ',']).filter(|word| !word.is_empty());
    words
        .take_while(|word| *word == "and" || word.starts_with(|first: char| first.is_ascii_digit()))
        .filter_map(|word| {
            word.trim_end_matches(|last: char| !last.is_ascii_digit())
                .parse()
                .ok()
        })
        .collect()
}

/// The test that a comment stands above or in.
fn test_of(source: &Source, at: usize) -> Option<String> {
    let function_at = |line: usize| function_name(source.lines.get(line)?.text.trim());
    let is_above_a_function = |line: &usize| {
        let text = source.lines[*line].text.trim();
        text.starts_with("//") || text.starts_with("#[")
    };
    let mut below = at + 1..source.lines.len();
    let below = below.find(|line| !is_above_a_function(line));
    let mut around = below.into_iter().chain((0..at).rev());
    let function = around.find(|line| function_at(*line).is_some())?;
    if is_test(source, function) {
        function_at(function)
    } else {
        None
    }
}

/// Whether the function at a line is run as a test: its attributes say so, or it stands in
/// `proptest!`, where they do as well.
fn is_test(source: &Source, at: usize) -> bool {
    let above = source.lines[..at].iter().rev().map(|line| line.text.trim());
    above
        .take_while(|text| text.starts_with("//") || text.starts_with("#["))
        .any(|text| text == "#[test]" || text.starts_with("#[tokio::test"))
}

fn function_name(line: &str) -> Option<String> {
    let (before, rest) = line.split_once("fn ")?;
    if !["", "async ", "pub ", "pub async "].contains(&before) {
        return None;
    }
    let name = rest.split(['(', '<']).next()?;
    Some(name.to_owned())
}

/// The document with the last column of each row written anew.
fn fill(document: &str, shown: &Shown) -> String {
    let row = |line: &str| {
        let cells: Vec<&str> = line.split(" | ").collect();
        let number: u32 = cells.first()?.strip_prefix("| ")?.trim().parse().ok()?;
        let [_, what, state, _] = cells.as_slice() else {
            return None;
        };
        let cell = shown.get(&number).map_or("–".to_owned(), cell);
        Some(format!("| {number} | {what} | {state} | {cell} |"))
    };
    let mut text = String::with_capacity(document.len());
    for line in document.lines() {
        text.push_str(&row(line).unwrap_or_else(|| line.to_owned()));
        text.push('\n');
    }
    text
}

fn cell(files: &BTreeMap<String, BTreeSet<String>>) -> String {
    let file = |(path, tests): (&String, &BTreeSet<String>)| {
        let tests: Vec<String> = tests.iter().map(|test| format!("`{test}`")).collect();
        match tests.len() {
            0 => format!("`{path}`"),
            _ => format!("`{path}`: {}", tests.join(", ")),
        }
    };
    files.iter().map(file).collect::<Vec<_>>().join("<br>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_found_by_the_comments_above_and_in_them() {
        let text = "//! threat 9: the whole file\n\n\
                    // threats 2, 4 and 34: why\n#[test]\nfn above() {}\n\n\
                    #[test]\nfn around() {\n    let x = 1;\n    // threat 4\n    x();\n}\n";
        let mut shown = Shown::new();
        collect(&parse("tests/one.rs", text), &mut shown);
        let table = "| 2 | a | yes | old |\n| 4 | b | later | – |\n| 5 | c | later | stale |\n| 9 | d | yes | – |\nprose\n";
        assert_eq!(
            fill(table, &shown),
            "| 2 | a | yes | `tests/one.rs`: `above` |\n\
             | 4 | b | later | `tests/one.rs`: `above`, `around` |\n\
             | 5 | c | later | – |\n\
             | 9 | d | yes | `tests/one.rs` |\nprose\n"
        );
    }

    #[test]
    fn tests_of_the_page_are_found_too() {
        let text = "// threat 9\n\nimport x\n\n/** threat 2 */\ndescribe('a group', () => {\n  \
                    test('a test', () => {\n    // threat 4: why\n    expect(x)\n";
        let mut shown = Shown::new();
        collect_of_the_page("ui/one.test.ts", text, &mut shown);
        let table = "| 2 | a | yes | – |\n| 4 | b | yes | – |\n| 9 | c | yes | – |\n";
        assert_eq!(
            fill(table, &shown),
            "| 2 | a | yes | `ui/one.test.ts`: `a group` |\n\
             | 4 | b | yes | `ui/one.test.ts`: `a test` |\n\
             | 9 | c | yes | `ui/one.test.ts` |\n"
        );
    }

    #[test]
    fn what_a_test_only_uses_is_no_test() {
        let text = "fn step() {\n    // threat 9\n}\n\n#[test]\nfn walk() {}\n\n\
                    fn other() {\n    // threat 8\n}\n";
        let mut shown = Shown::new();
        collect(&parse("tests/one.rs", text), &mut shown);
        assert!(shown.is_empty());
    }

    #[test]
    fn what_is_no_test_shows_nothing() {
        let mut shown = Shown::new();
        collect(
            &parse("src/one.rs", "// threat 3\nfn code() {}\n"),
            &mut shown,
        );
        assert!(shown.is_empty());
    }
}
