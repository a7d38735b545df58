//! What is written as dotenv comes back from the real readers (threat 57).

use std::collections::BTreeMap;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use sealfold_formats::Refusal;
use sealfold_formats::dotenv::Dialect;
use sealfold_formats::export::{Format, write};
use serde_json::Value;

use crate::tools::{Case, read_by};

/// Values that a careless writer gets wrong.
pub const HOSTILE: &[&str] = &[
    "",
    " ",
    "plain",
    "two words",
    " led and trailed ",
    "\ttab\t",
    "=",
    "=x",
    "a=b",
    "#",
    "a#b",
    "a #b",
    "'",
    "\"",
    "`",
    "it's",
    "say \"hi\"",
    "it's \"both\"",
    "'quoted'",
    "\"quoted\"",
    "`quoted`",
    "\\",
    "\\\\",
    "ends in \\",
    "C:\\new\\table",
    "\\'",
    "\\\"",
    "\\n",
    "\n",
    "a\nb",
    "a\n\nb\n",
    "\r",
    "a\r\nb",
    "a\rb",
    "-----BEGIN KEY-----\nMIIB+/==\n-----END KEY-----\n",
    "it's\nmany \"lines\"",
    "$",
    "$$",
    "a$b",
    "pa$$word",
    "$HOME",
    "${HOME}",
    "${HOME:-x}",
    "'${HOME}'",
    "\\$HOME",
    "a$",
    "$(touch CANARY)",
    "`touch CANARY`",
    "'; touch CANARY; '",
    "\"; touch CANARY; \"",
    "';touch CANARY;#",
    "x' $(touch CANARY) 'y",
    "\n touch CANARY\n",
    "'\ntouch CANARY\n'",
    "'\\''",
    "''",
    "''''",
    "!!",
    "!touch",
    "~",
    "*",
    "a;b&c|d<e>f(g)h",
    "{\"json\": \"it's\"}",
    "ünïcödé 密码 😀",
    "\u{feff}",
    "\u{85}x\u{85}",
    "\u{a0}x\u{a0}",
    "\u{2028}",
    "\u{1}\u{1b}[0m\u{7f}",
    "PATH[$(touch CANARY)]",
    "-n",
    "-e \\n",
    "%s%n",
    "export A=1",
];

fn values() -> Vec<String> {
    let pieces: Vec<&'static str> = HOSTILE
        .iter()
        .copied()
        .filter(|v| !v.is_empty() && v.len() < 4)
        .collect();
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let made =
        proptest::collection::vec(proptest::sample::select(pieces), 1..8).prop_map(|p| p.concat());
    let mut values: Vec<String> = HOSTILE.iter().map(|v| (*v).to_owned()).collect();
    values.extend((0..500).map(|_| made.new_tree(&mut runner).unwrap().current()));
    values
}

/// The value of `A`, with the reader's own interpolation where it is on by default.
fn value_read(dialect: Dialect, theirs: &Value) -> String {
    let values: BTreeMap<String, String> = match dialect {
        Dialect::Node => {
            let pairs: Vec<(String, String)> =
                serde_json::from_value(theirs["read"].clone()).unwrap();
            pairs.into_iter().collect()
        }
        Dialect::Python => serde_json::from_value(theirs["interpolated"].clone()).unwrap(),
        Dialect::Compose => {
            assert_eq!(theirs["refused"], false);
            serde_json::from_value(theirs["values"].clone()).unwrap()
        }
    };
    assert_eq!(values.len(), 1);
    values["A"].clone()
}

fn check(dialect: Dialect, written: Vec<(String, String)>) {
    let cases: Vec<Case> = written
        .iter()
        .map(|(_, text)| Case::new(text.clone()))
        .collect();
    for ((value, text), theirs) in written
        .iter()
        .zip(read_by(dialect, &cases).unwrap_or_default())
    {
        assert_eq!(
            value_read(dialect, &theirs),
            *value,
            "{dialect} from {text:?}"
        );
    }
}

fn write_one(value: &str, format: Format) -> Result<(String, bool), Refusal> {
    match write(&[("A", value.as_bytes())], format) {
        Ok(written) => {
            let text = String::from_utf8(written.expose().to_vec()).unwrap();
            Ok((text, written.not_portable.is_empty()))
        }
        Err(error) => Err(error.why),
    }
}

// threat 57
#[test]
fn a_portable_file_reads_back_everywhere() {
    for dialect in Dialect::ALL {
        let written = values().into_iter().filter_map(|value| {
            let (text, is_portable) = write_one(&value, Format::Dotenv).ok()?;
            (is_portable || dialect == Dialect::default()).then_some((value, text))
        });
        check(dialect, written.collect());
    }
}

// threat 57
#[test]
fn a_file_for_one_dialect_reads_back_there() {
    for dialect in Dialect::ALL {
        let written = values().into_iter().filter_map(|value| {
            let result = write_one(&value, Format::DotenvFor(dialect));
            // python-dotenv and Compose have an escape for everything.
            assert!(
                result.is_ok() || dialect == Dialect::Node,
                "{dialect}: {value:?}"
            );
            Some((value, result.ok()?.0))
        });
        check(dialect, written.collect());
    }
}

#[test]
fn ordinary_values_are_portable() {
    for value in [
        "",
        "plain",
        "two words",
        "a#b",
        "a #b",
        "it's",
        "say \"hi\"",
        "C:\\new\\table",
        "a\nb",
        "a\r\nb",
        "$HOME",
        "pa$$word",
        "{\"json\": 1}",
        " led and trailed ",
        "https://u:p@h/?q=1#f",
    ] {
        assert!(write_one(value, Format::Dotenv).unwrap().1, "{value:?}");
    }
}

#[test]
fn what_no_quoting_holds_is_refused() {
    assert_eq!(
        write_one("'\"`\n#", Format::Dotenv),
        Err(Refusal::NoQuoting)
    );
    assert_eq!(
        write_one("'\"`\n#", Format::DotenvFor(Dialect::Node)),
        Err(Refusal::NoQuoting)
    );
    assert!(write_one("'\"`\n#", Format::DotenvFor(Dialect::Python)).is_ok());
    // Portable to none but the default, and said so.
    assert!(!write_one("${HOME}", Format::Dotenv).unwrap().1);
}
