#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::{Location, LocationError};

fn parse(text: &str) -> Result<Location, LocationError> {
    text.parse()
}

#[test]
fn each_form_has_one_canonical_text() {
    let cases = [
        (
            "https://example.org/acme.git",
            "https://example.org/acme.git",
        ),
        (
            "git+https://example.org:8443/a/b#team/x",
            "https://example.org:8443/a/b#team/x",
        ),
        ("https://example.org/a#sealfold", "https://example.org/a"),
        (
            "ssh://git@example.org:22/a.git",
            "ssh://git@example.org:22/a.git",
        ),
        (
            "git+ssh://example.org/~ann/a.git",
            "ssh://example.org/~ann/a.git",
        ),
        ("ssh://git@[::1]:22/a", "ssh://git@[::1]:22/a"),
        (
            "git@example.org:acme/a.git#b",
            "git@example.org:acme/a.git#b",
        ),
        ("file:///srv/acme.git", "file:///srv/acme.git"),
        ("s3://acme-secrets", "s3://acme-secrets/"),
        ("s3://acme-secrets/team/x", "s3://acme-secrets/team/x/"),
        (
            "s3://abc/p?region=eu-1&endpoint=https%3A%2F%2Fs3.example.org",
            "s3://abc/p/?endpoint=https://s3.example.org&region=eu-1",
        ),
        (
            "s3://abc?endpoint=http://127.0.0.1:9000&profile=a%20b"
                .replace("%20", "+")
                .leak(),
            "s3://abc/?endpoint=http://127.0.0.1:9000&profile=a%2Bb",
        ),
        (
            "s3://abc?endpoint=http://ceph.lan&plain-http=yes",
            "s3://abc/?endpoint=http://ceph.lan&plain-http=yes",
        ),
    ];
    for (text, canonical) in cases {
        let location = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(location.to_string(), canonical);
        assert_eq!(parse(canonical), Ok(location));
    }
}

#[cfg(unix)]
#[test]
fn a_full_path_is_a_folder() {
    let folder = parse("/srv/Team share/acme/").unwrap();
    assert_eq!(folder.to_string(), "folder:/srv/Team share/acme");
    assert_eq!(parse("folder:/srv/Team share/acme"), Ok(folder));
    assert_eq!(parse("folder:srv"), Err(LocationError::Path));
    assert_eq!(parse("/srv/../etc"), Err(LocationError::Path));
    assert_eq!(parse("srv/acme"), Err(LocationError::Scheme));
}

// threat 63
#[test]
fn options_and_other_transports_are_refused() {
    let cases = [
        "ext::sh -c true",
        "ext::sh",
        "ext://sh/x",
        "git+ext::x",
        "fd::17",
        "git://example.org/a",
        "http://example.org/a",
        "ftp://example.org/a",
        "ssh+ext://example.org/a",
        "file::///a",
        "--upload-pack=x",
        "-oProxyCommand=x:y",
        "-oProxyCommand=x@host:y",
        "ssh://-oProxyCommand=x/a",
        "ssh://git@-oProxyCommand=x/a",
        "ssh://-oProxyCommand=x@host/a",
        "git@-oProxyCommand=x:a",
        "ssh://-lroot@host/a",
        "-lroot@host:a",
        "git@host:-x",
        "git@host::a",
        "git@host:",
        "host:path",
        "https://example.org",
        "https:///a",
        "https://exa mple.org/a",
        "https://example.org/a\n--x",
        "https://example.org/%0a--x",
        "https://example.org/a%00",
        "https://example.org/../a",
        "https://example.org/a?x=y",
        "https://example.org/-x",
        "file://host/a",
        "file:///-x",
        "https://example.org/a#--force",
        "https://example.org/a#+x",
        "https://example.org/a#a:b",
        "https://example.org/a#a..b",
        "https://example.org/a#",
        "https://example.org/a#x.lock",
        "s3://-x/y",
        "s3://ab",
        "s3://ABC",
        "s3://abc/../x",
        "s3://abc/x#y",
        "s3://abc?x=y",
        "s3://abc?region=a&region=b",
        "s3://abc?region=",
        "s3://abc?endpoint=ext://x",
        "s3://abc?endpoint=https://-x",
        "s3://abc?plain-http=no",
        "",
    ];
    for text in cases {
        assert!(parse(text).is_err(), "{text}");
    }
}

// threat 65
#[test]
fn credentials_are_refused_and_not_repeated() {
    let cases = [
        "https://ann:hunter2@example.org/a",
        "https://hunter2@example.org/a",
        "ssh://git:hunter2@example.org/a",
        "git:hunter2@example.org:a",
        "https://example.org/ann:hunter2@x",
        "s3://key:hunter2@abc/x",
        "s3://abc?endpoint=https://ann:hunter2@example.org",
    ];
    for text in cases {
        let error = parse(text).unwrap_err();
        assert_eq!(error, LocationError::Credentials, "{text}");
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
    assert_eq!(
        parse("s3://abc?endpoint=http://ceph.lan"),
        Err(LocationError::PlainText)
    );
    assert_eq!(
        parse("s3://abc?endpoint=http://localhost.evil.example"),
        Err(LocationError::PlainText)
    );
}

proptest! {
    #[test]
    fn whatever_parses_has_a_text_that_parses_to_the_same(
        text in "(https|ssh|file|s3|git\\+ssh|ext|folder)?(:|://|::)?[-a-z0-9@:/.#?=&%\\[\\]~_ ]{0,40}"
    ) {
        if let Ok(location) = parse(&text) {
            prop_assert_eq!(parse(&location.to_string()), Ok(location));
        }
    }
}
