//! Help, usage errors and the reference, which are text that people and scripts see.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    missing_docs
)]

use std::fs;
use std::path::Path;

use sealfold_tests::home::Home;

#[test]
fn help_and_usage_errors() {
    let home = Home::empty();
    trycmd::TestCases::new()
        .register_bin(
            "sealfold",
            Path::new(home.sealfold([""]).command().get_program()),
        )
        .env("SEALFOLD_HOME", "/nonexistent/sealfold")
        .case("tests/cli_usage/*.trycmd");
}

#[test]
fn the_reference_is_current() {
    let written = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/cli.md");
    let made = Home::empty()
        .sealfold(["docs", "reference"])
        .run()
        .success();
    assert_eq!(
        fs::read_to_string(written).unwrap(),
        made.text(),
        "sealfold docs reference > docs/cli.md"
    );
}

#[test]
fn every_command_says_how_it_is_used() {
    let reference = Home::empty()
        .sealfold(["docs", "reference"])
        .run()
        .success();
    let commands: Vec<&str> = reference
        .text()
        .lines()
        .filter_map(|line| line.strip_prefix("### sealfold "))
        .collect();
    assert!(commands.len() > 35, "{commands:?}");
    for command in commands {
        let help = Home::empty()
            .sealfold(command.split(' '))
            .arg("--help")
            .run()
            .success();
        let group = help.text().contains("<COMMAND>") && !help.text().contains("[COMMAND]");
        assert!(
            help.text().contains("Example") || group || command == "audit",
            "{command}"
        );
    }
}

#[test]
fn completions_are_read_by_their_shells() {
    let home = Home::empty();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = home.sealfold(["completions", shell]).run().success();
        assert!(script.text().contains("sealfold"), "{shell}");
        let path = home.write(shell, &script.stdout);
        if ["bash", "zsh"].contains(&shell) {
            match std::process::Command::new(shell)
                .arg("-n")
                .arg(path)
                .status()
            {
                Ok(status) => assert!(status.success(), "{shell}"),
                Err(error) => eprintln!("skipped: no {shell} here ({error})"),
            }
        }
    }
}

#[test]
fn man_pages_for_every_command() {
    let home = Home::empty();
    home.sealfold(["docs", "man", "."]).run().success();
    for page in [
        "sealfold.1",
        "sealfold-get.1",
        "sealfold-slot-add-keychain.1",
    ] {
        assert!(
            fs::read_to_string(home.path().join(page))
                .unwrap()
                .contains(".TH"),
            "{page}"
        );
    }
    home.sealfold(["docs", "man", "none"]).run().code(18);
}

#[test]
fn every_command_in_the_documents_is_one() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = vec![root.join("README.md"), root.join("SECURITY.md")];
    for folder in ["docs", "docs/runbooks"] {
        let entries = fs::read_dir(root.join(folder)).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        // The reference comes from the program itself.
        let by_hand = |path: &std::path::PathBuf| {
            path.extension().is_some_and(|end| end == "md") && !path.ends_with("cli.md")
        };
        files.extend(paths.filter(by_hand));
    }
    let home = Home::empty();
    let mut seen = std::collections::BTreeSet::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        for mut command in commands_in(&text) {
            let ends = |word: &String| ["--", "COMMAND"].contains(&word.as_str());
            let end = command.iter().position(ends);
            command.truncate(end.unwrap_or(command.len()));
            if !seen.insert(command.clone()) {
                continue;
            }
            // What is not known is said before the help is shown.
            let told = home.sealfold(&command).arg("--help").run();
            assert_eq!(
                told.status.code(),
                Some(0),
                "{}: {command:?}\n{}",
                file.display(),
                told.stderr
            );
        }
    }
    assert!(seen.len() > 80, "{}", seen.len());
}

/// The calls of `sealfold` in a document: lines of code blocks, and code within a line.
fn commands_in(text: &str) -> Vec<Vec<String>> {
    let mut commands = Vec::new();
    for (index, part) in text.split("```").enumerate() {
        if index % 2 == 0 {
            let code = part.split('`').skip(1).step_by(2);
            commands.extend(
                code.filter_map(|code| code.strip_prefix("sealfold "))
                    .map(words),
            );
            continue;
        }
        for line in part.lines() {
            let line = line.split_once("$ ").map_or(line, |(_, line)| line).trim();
            let calls = line.split(['|', ';', '(']).map(str::trim_start);
            commands.extend(
                calls
                    .filter_map(|call| call.strip_prefix("sealfold "))
                    .map(words),
            );
        }
    }
    commands
}

/// The words of a call as a shell gives them, up to what is not the program's any more.
fn words(call: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    for c in call.chars() {
        match (c, quote) {
            ('\'' | '"', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            ('#' | '|' | '<' | '>' | ';' | ')' | '&' | '…', None) => break,
            (c, None) if c.is_whitespace() => {
                words.push(std::mem::take(&mut word));
            }
            (c, _) => word.push(c),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}
