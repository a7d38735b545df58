//! Each dialect against its real reader.

use std::collections::BTreeMap;
use std::fs;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use sealfold_formats::dotenv::{Dialect, Document, ProblemKind, interpolate, parse};
use serde_json::{Value, json};

use crate::corpus;
use crate::tools::{Case, read_by, workspace_file};

/// The hand-written cases, and documents put together at random from the same pieces.
fn cases() -> Vec<Case> {
    let written = corpus::CASES.iter().map(|text| Case::new(*text));
    written.chain(generated(0, 3000)).collect()
}

fn generated(seed: u8, count: usize) -> Vec<Case> {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let pieces = proptest::collection::vec(proptest::sample::select(corpus::PIECES), 1..24);
    let texts = pieces.prop_map(|pieces| pieces.concat());
    (0..count)
        .map(|_| Case::new(texts.new_tree(&mut runner).unwrap().current()))
        .collect()
}

type Values = BTreeMap<String, String>;

fn in_effect(document: &Document) -> Values {
    let all = document.in_effect().into_iter();
    all.map(|a| (a.name.clone(), a.value.expose().to_owned()))
        .collect()
}

fn compare(dialect: Dialect, check: fn(&Case, &Value)) {
    compare_all(dialect, cases(), check);
}

fn compare_all(dialect: Dialect, cases: Vec<Case>, check: fn(&Case, &Value)) {
    let Some(results) = read_by(dialect, &cases) else {
        return;
    };
    for (case, theirs) in cases.iter().zip(&results) {
        check(case, theirs);
    }
}

#[test]
fn node_reads_as_dotenv_does() {
    compare(Dialect::Node, check_node);
}

#[test]
fn python_reads_as_python_dotenv_does() {
    compare(Dialect::Python, check_python);
}

#[test]
fn compose_reads_as_compose_go_does() {
    compare(Dialect::Compose, check_compose);
}

/// A hundred thousand documents instead of some thousands: `--run-ignored only`, when a reader changes.
#[test]
#[ignore = "takes minutes"]
fn all_dialects_read_as_their_readers_do_at_length() {
    for seed in 1..=4 {
        compare_all(Dialect::Node, generated(seed, 10_000), check_node);
        compare_all(Dialect::Python, generated(seed, 10_000), check_python);
        compare_all(Dialect::Compose, generated(seed, 10_000), check_compose);
    }
}

fn check_node(case: &Case, theirs: &Value) {
    let document = parse(case.text.as_bytes(), Dialect::Node).unwrap();
    let read: Vec<(String, String)> = serde_json::from_value(theirs["read"].clone()).unwrap();
    assert_eq!(
        in_effect(&document),
        read.into_iter().collect(),
        "{:?}",
        case.text
    );

    let ours = interpolate(&document, |name| case.lookup(name));
    let expanded: Option<Vec<(String, String)>> =
        serde_json::from_value(theirs["interpolated"].clone()).unwrap();
    let expanded = expanded.map(|all| all.into_iter().collect());
    assert_eq!(
        ours.ok().as_ref().map(in_effect),
        expanded,
        "{:?}",
        case.text
    );
    check_reference_flags(&document);
}

fn check_python(case: &Case, theirs: &Value) {
    let document = parse(case.text.as_bytes(), Dialect::Python).unwrap();
    let theirs_read: Vec<(String, Option<String>)> =
        serde_json::from_value(theirs["read"].clone()).unwrap();
    let mut ours: Vec<(usize, String, Option<String>)> = Vec::new();
    for a in &document.assignments {
        ours.push((a.line, a.name.clone(), Some(a.value.expose().to_owned())));
    }
    for p in document
        .problems
        .iter()
        .filter(|p| p.kind == ProblemKind::NoValue)
    {
        ours.push((p.line, p.name.clone().unwrap(), None));
    }
    ours.sort_by_key(|(line, ..)| *line);
    let ours: Vec<_> = ours
        .into_iter()
        .map(|(_, name, value)| (name, value))
        .collect();
    assert_eq!(ours, theirs_read, "{:?}", case.text);

    let resolved: BTreeMap<String, Option<String>> =
        serde_json::from_value(theirs["interpolated"].clone()).unwrap();
    let ours = in_effect(&interpolate(&document, |name| case.lookup(name)).unwrap());
    for (name, value) in resolved {
        // A name that a later line leaves without a value is a problem of ours and nothing there.
        if let Some(value) = value {
            assert_eq!(ours[&name], value, "{:?}", case.text);
        }
    }
    check_reference_flags(&document);
}

fn check_compose(case: &Case, theirs: &Value) {
    let document = parse(case.text.as_bytes(), Dialect::Compose).unwrap();
    let interpolated = interpolate(&document, |name| case.lookup(name));
    let is_refused = interpolated.is_err() || document.problems.iter().any(|p| p.stops);
    let mut values: Values = serde_json::from_value(theirs["values"].clone()).unwrap();
    // Compose keeps a value without a name, and may refuse what it refers to; here it is a problem.
    let is_nameless = values.remove("").is_some()
        || document
            .problems
            .iter()
            .any(|p| p.kind == ProblemKind::NoName);
    if theirs["refused"] == json!(true) {
        assert!(is_refused || is_nameless, "{:?}", case.text);
        let ours = in_effect(&document);
        assert!(
            values.keys().all(|name| ours.contains_key(name)),
            "{:?}",
            case.text
        );
    } else {
        assert!(!is_refused, "{:?}", case.text);
        assert_eq!(in_effect(&interpolated.unwrap()), values, "{:?}", case.text);
    }
    check_reference_flags(&document);
}

/// A value is flagged exactly when interpolation could change it.
fn check_reference_flags(document: &Document) {
    let Ok(interpolated) = interpolate(document, |_| Some("¶".to_owned())) else {
        return;
    };
    for (before, after) in document
        .in_effect()
        .into_iter()
        .zip(interpolated.in_effect())
    {
        let is_same = before.value.expose() == after.value.expose();
        // dotenv-expand resolves `\$` even where there is no reference.
        let is_escape = document.dialect == Dialect::Node && before.value.expose().contains(r"\$");
        assert!(
            before.has_interpolation != is_same || is_escape,
            "{:?}",
            before.value.expose()
        );
    }
}

/// What compose-go 2.13.0 says of the hand-written cases and some generated ones. It was recorded
/// from the source of its packages `dotenv` and `template` alone, without their logging.
const COMPOSE_VECTORS: &str = "tests/vectors/dotenv/compose-go-2.13.json";

#[test]
fn compose_reads_as_recorded() {
    let text = fs::read_to_string(workspace_file(COMPOSE_VECTORS)).unwrap();
    let recorded: Vec<Value> = serde_json::from_str(&text).unwrap();
    assert!(recorded.len() > corpus::CASES.len());
    for theirs in recorded {
        check_compose(&Case::new(theirs["text"].as_str().unwrap()), &theirs);
    }
}

/// Records what compose-go says: `--run-ignored only`, when it has a new version.
#[test]
#[ignore = "writes the recorded results anew"]
fn record_compose() {
    let mut cases = cases();
    cases.truncate(corpus::CASES.len() + 500);
    let results = read_by(Dialect::Compose, &cases).expect("compose-reader has to be built");
    let lines: Vec<String> = cases
        .iter()
        .zip(results)
        .map(|(case, theirs)| {
            json!({"text": case.text, "values": theirs["values"], "refused": theirs["refused"]})
                .to_string()
        })
        .collect();
    fs::write(
        workspace_file(COMPOSE_VECTORS),
        format!("[\n{}\n]\n", lines.join(",\n")),
    )
    .unwrap();
}
