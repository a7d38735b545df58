//! docs/ci.md: every step of its snippets runs as it stands there, in an empty environment.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use sealfold_tests::s3_server::S3Server;

use crate::people::{Person, Place};
use crate::runner::Runner;
use crate::{on, with_service};

/// The shell lines of one step.
type Step = String;

/// The snippets of the document, each by its heading.
fn snippets() -> Vec<(String, Vec<Step>)> {
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/ci.md");
    let document = fs::read_to_string(document).unwrap();
    let sections = document.split("\n## ").skip(1);
    let snippet = |section: &str| {
        let (heading, text) = section.split_once('\n').unwrap();
        let (_, block) = text
            .split_once("```yaml\n")
            .or_else(|| text.split_once("```groovy\n"))?;
        let (block, _) = block.split_once("\n```").unwrap();
        let steps = match heading {
            "GitHub Actions" => after(block, "run:"),
            "GitLab CI" => scripts(block),
            "Jenkins" => calls(block),
            _ => panic!("a snippet for {heading}"),
        };
        Some((heading.to_owned(), steps))
    };
    sections.filter_map(snippet).collect()
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// What stands after a key of YAML: on its line, or in the block under it.
fn after(block: &str, key: &str) -> Vec<Step> {
    let lines: Vec<&str> = block.lines().collect();
    let mut steps = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some(value) = line.trim_start().strip_prefix(key) else {
            continue;
        };
        if value.trim() != "|" {
            steps.push(value.trim().to_owned());
            continue;
        }
        let inner = lines[at + 1..]
            .iter()
            .take_while(|inner| indent(inner) > indent(line));
        steps.push(
            inner
                .map(|inner| inner.trim_start())
                .collect::<Vec<_>>()
                .join("\n"),
        );
    }
    steps
}

/// The list under `script:`.
fn scripts(block: &str) -> Vec<Step> {
    let (_, script) = block.split_once("script:\n").unwrap();
    let items = script
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("- "));
    items.map(str::to_owned).collect()
}

/// What `sh` is called with.
fn calls(block: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    for call in block.split("sh '").skip(1) {
        let (text, _) = match call.strip_prefix("''") {
            Some(long) => long.split_once("'''").unwrap(),
            None => call.split_once('\'').unwrap(),
        };
        steps.push(
            text.lines()
                .map(str::trim_start)
                .collect::<Vec<_>>()
                .join("\n"),
        );
    }
    steps
}

fn run_all(token: &str, variables: &[(&str, &str)]) {
    let snippets = snippets();
    let kinds: Vec<&str> = snippets.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(kinds, ["GitHub Actions", "GitLab CI", "Jenkins"]);
    for (kind, steps) in snippets {
        assert!(steps.len() > 1, "{kind}: {steps:?}");
        let mut runner = Runner::new(token);
        for (name, value) in variables {
            runner = runner.with(name, value);
        }
        // What the job checks out: it works only with the secret.
        let deploy = runner.checkout().join("deploy.sh");
        let script = "#!/bin/sh\ntest \"$DATABASE_URL\" = postgres://prod && test -z \"$SEALFOLD_TOKEN$HOME\" || exit 3\ntouch deployed\n";
        fs::write(&deploy, script).unwrap();
        fs::set_permissions(&deploy, fs::Permissions::from_mode(0o755)).unwrap();
        for step in steps {
            let outcome = runner.sh(&step);
            assert_eq!(outcome.code, Some(0), "{kind}: {step}\n{}", outcome.stderr);
        }
        assert!(runner.checkout().join("deployed").exists(), "{kind}");
        let left = fs::read_dir(runner.checkout()).unwrap().count();
        assert_eq!(left, 2, "{kind}: nothing but what was checked out and made");
    }
}

#[test]
fn on_git() {
    let place = Place::git();
    let (_ann, token) = on(&place);
    run_all(&token, &[]);
}

#[test]
fn on_s3() {
    let Some(server) = S3Server::start() else {
        return;
    };
    let ann = Person::new("ann");
    // Her agent was given no environment of ours.
    fs::create_dir(ann.home.path().join(".aws")).unwrap();
    ann.home.write(".aws/credentials", server.credentials());
    let endpoint = server.endpoint();
    let place = format!("s3 s3://acme/team --endpoint {endpoint} --region us-east-1");
    let (_ann, token) = with_service(ann, &place, "-b api/prod");
    run_all(&token, &S3Server::variables());
}
