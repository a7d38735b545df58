//! Whatever comes in, readers end, stay within bounds and say what they made of it (threat 13),
//! and what they and the writers hold never shows in messages. Needs no other program.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use proptest::prelude::*;
use sealfold_formats::dotenv::{
    Dialect, MAX_INPUT, ProblemKind, Quote, Reading, disagreements, interpolate, parse,
};
use sealfold_formats::export::{Format, write};
use sealfold_formats::{InterpolateError, ParseError, Refusal};

proptest! {
    // threat 13
    #[test]
    fn any_bytes_are_read_without_a_panic(input in proptest::collection::vec(any::<u8>(), 0..200)) {
        for dialect in Dialect::ALL {
            if let Ok(document) = parse(&input, dialect) {
                let _ = interpolate(&document, |_| None);
            }
        }
    }

    #[test]
    fn any_text_is_read_without_a_panic(input in "[AB=:#'\"`\\\\${}\\-+? \n\r\u{2028}\u{feff}é]{0,80}") {
        for dialect in Dialect::ALL {
            let document = parse(input.as_bytes(), dialect).unwrap();
            let _ = interpolate(&document, |_| Some("$B".to_owned()));
            disagreements(input.as_bytes(), dialect).unwrap();
        }
    }

    #[test]
    fn json_reads_back(entries in proptest::collection::btree_map(any::<String>(), any::<String>(), 0..8)) {
        let borrowed: Vec<(&str, &[u8])> = entries.iter().map(|(k, v)| (k.as_str(), v.as_bytes())).collect();
        let written = write(&borrowed, Format::Json).unwrap();
        let read: std::collections::BTreeMap<String, String> = serde_json::from_slice(written.expose()).unwrap();
        prop_assert_eq!(read, entries);
    }
}

// threat 13
#[test]
fn hostile_lookahead_is_read_in_one_pass() {
    // Each would take minutes with a reader that looks ahead again and again.
    for piece in [
        "A='",
        "A=\"\\",
        "A=`\\`",
        "A=\n",
        "'",
        "\"",
        "export ",
        "export\n",
        "A\n",
        "A ",
        "\n\n",
        "A=${",
        "${${",
        "${A:${",
        "${A-{",
        "${A-}",
        "${A:-${",
        "A='\\'x\n",
        "A=\"a\\\" \n",
        "A=\u{2028}'\n",
        "\\",
        "$",
        "#",
        "A=# ",
        "B=x #\n",
        ":",
    ] {
        for start in ["", "A=", "A=\"", "A='"] {
            let input = format!("{start}{}", piece.repeat((1 << 16) / piece.len()));
            for dialect in Dialect::ALL {
                let document = parse(input.as_bytes(), dialect).unwrap();
                let _ = interpolate(&document, |_| None);
            }
        }
    }
}

// threat 13
#[test]
fn values_that_double_with_each_line_are_refused() {
    let lines: Vec<String> = (0..64)
        .map(|i| format!("A{}=${{A{i}}}${{A{i}}}", i + 1))
        .collect();
    let input = format!("A0=xxxxxxxx\n{}", lines.join("\n"));
    for dialect in Dialect::ALL {
        let document = parse(input.as_bytes(), dialect).unwrap();
        let error = interpolate(&document, |_| None).unwrap_err();
        assert!(
            matches!(error, InterpolateError::TooLarge { .. }),
            "{dialect}"
        );
    }
}

// threat 13
#[test]
fn references_that_never_end_or_nest_too_deeply_are_refused() {
    let node = parse(b"B=-$A", Dialect::Node).unwrap();
    let error = interpolate(&node, |name| (name == "A").then(|| "x$A".to_owned())).unwrap_err();
    assert!(matches!(error, InterpolateError::TooLarge { line: 1 }));

    let nested = format!("\nA={}{}", "${B:-".repeat(5000), "}".repeat(5000));
    let compose = parse(nested.as_bytes(), Dialect::Compose).unwrap();
    assert!(matches!(
        interpolate(&compose, |_| None),
        Err(InterpolateError::TooDeep { line: 2 })
    ));
}

// threat 13
#[test]
fn more_than_the_limit_is_refused_at_once() {
    let input = vec![b'#'; MAX_INPUT + 1];
    for dialect in Dialect::ALL {
        assert!(matches!(
            parse(&input, dialect),
            Err(ParseError::TooLarge { .. })
        ));
        assert!(parse(&input[1..], dialect).is_ok());
    }
}

#[test]
fn bytes_that_are_no_text_are_refused_by_line() {
    for (input, expected) in [
        (&b"A=1\r\nB=\xff\n"[..], 2),
        (b"\xff\xfeA\0", 1),
        (b"A=1\rB=2\n\nC=\xc3", 4),
    ] {
        for dialect in Dialect::ALL {
            match parse(input, dialect) {
                Err(ParseError::NotUtf8 { line, .. }) => assert_eq!(line, expected),
                other => panic!("{other:?}"),
            }
        }
    }
}

#[test]
fn lines_quotes_and_references_are_told() {
    let input = b"\xef\xbb\xbf# c\r\nA=1\r\n\r\nexport B='x\r\ny'\r\nC=\"${A}\" # z\r\n";
    for dialect in Dialect::ALL {
        let document = parse(input, dialect).unwrap();
        let told: Vec<_> = document
            .assignments
            .iter()
            .map(|a| (a.line, a.quote, a.has_interpolation))
            .collect();
        let expected = [
            (2, Quote::None, false),
            (4, Quote::Single, false),
            (6, Quote::Double, true),
        ];
        assert_eq!(told, expected, "{dialect}");
        assert_eq!(document.problems, []);
    }
}

#[test]
fn the_last_of_a_name_counts_and_the_others_are_told() {
    for dialect in Dialect::ALL {
        let document = parse(b"A=1\nB=2\nA=3\n", dialect).unwrap();
        assert_eq!(
            document
                .overridden()
                .iter()
                .map(|a| a.line)
                .collect::<Vec<_>>(),
            [1]
        );
        let kept = document.into_in_effect();
        assert_eq!(
            kept.iter().map(|a| a.value.expose()).collect::<Vec<_>>(),
            ["2", "3"]
        );
    }
}

#[test]
fn what_is_not_kept_is_a_problem_with_its_line() {
    let kinds = |input: &str, dialect| -> Vec<(usize, ProblemKind, bool)> {
        let problems = parse(input.as_bytes(), dialect).unwrap().problems;
        problems
            .into_iter()
            .map(|p| (p.line, p.kind, p.stops))
            .collect()
    };
    use Dialect::{Compose, Node, Python};
    use ProblemKind::{BadName, NoName, NoValue, NotAnAssignment, TextAfterQuote, UnclosedQuote};
    assert_eq!(kinds("A=1\nB\nC=2", Node), [(2, NoValue, false)]);
    assert_eq!(kinds("A=1\nB\nC=2", Python), [(2, NoValue, false)]);
    assert_eq!(kinds("A=1\nB\nC=2", Compose), [(2, NoValue, false)]);
    assert_eq!(kinds("=1", Node), [(1, NoName, false)]);
    assert_eq!(kinds("=1", Python), [(1, NoName, false)]);
    assert_eq!(kinds("=1", Compose), [(1, NoName, false)]);
    assert_eq!(kinds("some text", Node), [(1, NotAnAssignment, false)]);
    assert_eq!(kinds("some text", Python), [(1, NotAnAssignment, false)]);
    assert_eq!(kinds("some, text", Compose), [(1, NotAnAssignment, true)]);
    assert_eq!(kinds("A B=1", Compose), [(1, BadName, true)]);
    assert_eq!(kinds("__proto__=1", Node), [(1, BadName, false)]);
    assert_eq!(kinds("A='1", Python), [(1, UnclosedQuote, false)]);
    assert_eq!(kinds("B=1\nA='1", Compose), [(2, UnclosedQuote, true)]);
    assert_eq!(kinds("A='1' 2", Python), [(1, TextAfterQuote, false)]);
}

#[test]
fn disagreements_name_lines_and_readers() {
    use Dialect::{Compose, Node, Python};
    use Reading::{Differs, NotAtAll, Refuses, Same};
    let listed = |input: &str, chosen| disagreements(input.as_bytes(), chosen).unwrap();
    let told = |input: &str, chosen, place: usize| {
        let d = listed(input, chosen).swap_remove(place);
        (d.line, d.is_read, d.others)
    };
    assert_eq!(listed("A=1\nB='2' # c\n", Node), []);
    assert_eq!(
        told("A=1\nP=a#b\n", Node, 0),
        (2, true, vec![(Python, Differs), (Compose, Differs)])
    );
    // Only Compose halves the dollars; Node's references are for another package.
    assert_eq!(
        told("Q=pa$$word", Node, 0),
        (1, true, vec![(Python, Same), (Compose, Differs)])
    );
    assert_eq!(
        told("Q=${A}", Node, 0),
        (1, true, vec![(Python, Differs), (Compose, Differs)])
    );
    assert_eq!(
        told("Q=${A}", Python, 0),
        (1, true, vec![(Node, Differs), (Compose, Same)])
    );
    // Compose refuses at line 2 and says nothing about line 3.
    assert_eq!(
        told("A=1\n$x\nB=2", Node, 0),
        (2, false, vec![(Python, Same), (Compose, Refuses)])
    );
    assert_eq!(listed("A=1\n$x\nB=2", Node).len(), 1);
    // Only python-dotenv quotes names.
    assert_eq!(
        told("'A'=1", Python, 1),
        (1, true, vec![(Node, NotAtAll), (Compose, NotAtAll)])
    );
}

#[test]
fn nothing_printed_holds_a_value() {
    const CANARY: &str = "canary-7f3a";
    for dialect in Dialect::ALL {
        let input = format!("A={CANARY}\nB='{CANARY}' x\nC=\"{CANARY}$$\"\n");
        let printed = format!("{:?}", parse(input.as_bytes(), dialect).unwrap());
        assert!(!printed.contains(CANARY), "{printed}");
    }
    let value = format!("{CANARY}\0");
    for format in [Format::Dotenv, Format::Shell] {
        let error = write(&[("NAME", value.as_bytes())], format).unwrap_err();
        assert!(!format!("{error:?} {error} {}", error.why).contains(CANARY));
    }
    let written = write(&[("NAME", CANARY.as_bytes())], Format::Json).unwrap();
    assert!(!format!("{written:?}").contains(CANARY));
}

#[test]
fn text_formats_refuse_what_is_no_text() {
    for format in [
        Format::Json,
        Format::Dotenv,
        Format::DotenvFor(Dialect::Compose),
    ] {
        assert_eq!(
            write(&[("A", b"\xff")], format).unwrap_err().why,
            Refusal::NotUtf8
        );
    }
    assert_eq!(
        write(&[("A", b"\0")], Format::Dotenv).unwrap_err().why,
        Refusal::Nul
    );
    assert_eq!(
        write(&[("A.B", b"")], Format::Dotenv).unwrap_err().why,
        Refusal::Name
    );
    assert_eq!(write(&[], Format::Json).unwrap().expose(), b"{}\n");
}
