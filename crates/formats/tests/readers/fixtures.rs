//! The `.env` files of real projects import whole.

use std::fs;

use sealfold_formats::dotenv::{Dialect, parse};
use sealfold_formats::names::is_dangerous_name;

use crate::tools::{Case, read_by, workspace_file};

#[test]
fn the_samples_of_real_projects_import_whole() {
    let folder = workspace_file("../shared/fixtures/dotenv");
    let Ok(files) = fs::read_dir(folder) else {
        eprintln!("skipped: there is no ../shared/fixtures");
        return;
    };
    let texts: Vec<String> = files
        .map(|file| fs::read_to_string(file.unwrap().path()).unwrap())
        .collect();
    assert!(!texts.is_empty());

    for text in &texts {
        let document = parse(text.as_bytes(), Dialect::default()).unwrap();
        assert_eq!(document.problems, []);
        assert!(document.overridden().is_empty());
        assert!(document.assignments.len() >= 15);
        // What real projects need is not refused as dangerous.
        let mut names = document.assignments.iter().map(|a| &a.name);
        assert_eq!(names.find(|name| is_dangerous_name(name)), None);
    }
    let cases: Vec<Case> = texts.into_iter().map(Case::new).collect();
    let Some(results) = read_by(Dialect::default(), &cases) else {
        return;
    };
    for (case, theirs) in cases.iter().zip(results) {
        let document = parse(case.text.as_bytes(), Dialect::default()).unwrap();
        let ours = document
            .assignments
            .iter()
            .map(|a| (a.name.clone(), a.value.expose().to_owned()));
        let theirs: Vec<(String, String)> = serde_json::from_value(theirs["read"].clone()).unwrap();
        assert_eq!(ours.collect::<Vec<_>>(), theirs);
    }
}

/// Plain files mean the same to everyone.
#[test]
fn samples_without_references_and_backticks_are_read_alike() {
    let Ok(text) = fs::read(workspace_file(
        "../shared/fixtures/dotenv/sentry-self-hosted.env",
    )) else {
        eprintln!("skipped: there is no ../shared/fixtures");
        return;
    };
    assert_eq!(
        sealfold_formats::dotenv::disagreements(&text, Dialect::default()).unwrap(),
        []
    );
}
