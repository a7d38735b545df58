//! A bundle edited as text.

use remotes::MemoryStore;

use super::*;
use crate::entries::{Kind, Metadata, NewValue, Set};
use crate::sync::tests::Person;
use crate::{Code, Fault, audit};

async fn with_bundle() -> Person {
    let mut ann = Person::new("ann", &MemoryStore::default()).await;
    ann.set_up_bundle().await;
    for (name, value) in [("B", "two words"), ("A", "1"), ("PEM", "a\nb\n")] {
        ann.set("api/dev", name, value).await;
    }
    ann
}

async fn open(person: &mut Person) -> RawEnvText {
    person.ask(RawEnv { bundle: None }).await
}

fn save(text: &str, made_from: &str, dry_run: bool) -> SaveRawEnv {
    SaveRawEnv {
        bundle: None,
        text: Plaintext::from_text(text.to_owned()),
        made_from: made_from.to_owned(),
        dry_run,
    }
}

fn changes(saved: &RawEnvSaved) -> Vec<(&str, RawEnvChange)> {
    let entries = saved.entries.iter();
    entries.map(|one| (one.name.as_str(), one.change)).collect()
}

fn set(name: &str, kind: Option<Kind>, value: &[u8]) -> Set {
    Set {
        bundle: None,
        name: name.to_owned(),
        kind,
        fields: vec![(
            String::new(),
            NewValue::Given(Plaintext::new(value.to_vec())),
        )],
        without_fields: Vec::new(),
        tags: Some(vec!["kept".to_owned()]),
        metadata: Metadata::default(),
        expected_version: None,
        dry_run: false,
    }
}

#[tokio::test]
async fn a_text_that_nobody_edited_changes_nothing() {
    let mut ann = with_bundle().await;
    let raw = open(&mut ann).await;
    assert_eq!(raw.names, ["A", "B", "PEM"]);
    let text = raw.text.expose_text().unwrap();
    assert!(text.starts_with("A=1\nB='two words'\n"), "{text}");
    let saved = ann.ask(save(text, &raw.made_from, false)).await;
    assert!(
        saved
            .entries
            .iter()
            .all(|one| one.change == RawEnvChange::Same)
    );
    assert_eq!(open(&mut ann).await.made_from, raw.made_from);
}

#[tokio::test]
async fn new_changed_removed_in_one_act() {
    let mut ann = with_bundle().await;
    ann.ask(set("B", None, b"two words")).await;
    let raw = open(&mut ann).await;
    let edited = "# a remark\nNEW='n'\nB=three\nA=1\n";
    let rehearsed = ann.ask(save(edited, &raw.made_from, true)).await;
    assert_eq!(
        changes(&rehearsed),
        [
            ("NEW", RawEnvChange::Created),
            ("B", RawEnvChange::Changed),
            ("A", RawEnvChange::Same),
            ("PEM", RawEnvChange::Removed),
        ]
    );
    assert_eq!(ann.get("api/dev", "B").await, "two words");
    let before = ann.commits();
    assert_eq!(
        ann.ask(save(edited, &raw.made_from, false)).await,
        rehearsed
    );
    assert_eq!(ann.commits(), before + 1, "one commit");
    assert_eq!(ann.get("api/dev", "B").await, "three");
    assert_eq!(ann.get("api/dev", "NEW").await, "n");
    assert_eq!(
        ann.try_get("api/dev", "PEM").await.unwrap_err().code,
        Code::NotFound
    );
    let list = ann.ask(crate::entries::List::default()).await;
    let b = list.iter().find(|one| one.name == "B").unwrap();
    assert_eq!(b.tags, ["kept"], "what else is known of it stays");
    let rows = ann
        .ask(audit::List {
            operation: Some("edit".to_owned()),
            ..Default::default()
        })
        .await;
    assert_eq!(rows[0].names, ["NEW", "B", "PEM"]);
    assert_eq!(rows[1].detail.as_deref(), Some("opened as text"));
}

#[tokio::test]
async fn a_change_that_came_between_is_a_conflict_and_no_loss() {
    let mut ann = with_bundle().await;
    let raw = open(&mut ann).await;
    // Written by another meanwhile: the text, which does not have it, would remove it.
    ann.set("api/dev", "LATE", "x").await;
    for dry_run in [true, false] {
        let fault = ann
            .try_ask(save("A=2\n", &raw.made_from, dry_run))
            .await
            .unwrap_err();
        assert_eq!(fault.code, Code::Conflict);
    }
    assert_eq!(ann.get("api/dev", "LATE").await, "x");
    assert_eq!(ann.get("api/dev", "A").await, "1");
}

#[tokio::test]
async fn what_a_text_cannot_hold_stays() {
    let mut ann = with_bundle().await;
    ann.ask(set("GITHUB", Some(Kind::Login), b"pw")).await;
    ann.ask(set("BYTES", None, b"\xff\x00")).await;
    let raw = open(&mut ann).await;
    let left_out: Vec<&str> = raw.left_out.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(left_out, ["BYTES", "GITHUB"]);
    let saved = ann.ask(save("A=1\n", &raw.made_from, false)).await;
    assert_eq!(saved.entries.len(), 3, "{saved:?}");
    assert_eq!(ann.get("api/dev", "GITHUB").await, "pw");
    let raw = open(&mut ann).await;
    let taken = ann
        .try_ask(save("A=1\nGITHUB=x\n", &raw.made_from, true))
        .await;
    assert_eq!(taken.unwrap_err().code, Code::Conflict);
}

#[tokio::test]
async fn a_line_that_cannot_be_kept_is_told_and_then_refused() {
    let mut ann = with_bundle().await;
    let raw = open(&mut ann).await;
    let broken = "A 1\nB=2\n";
    let rehearsed = ann.ask(save(broken, &raw.made_from, true)).await;
    assert_eq!(
        (rehearsed.remarks[0].line, rehearsed.remarks[0].lost),
        (1, true)
    );
    let refused: Result<_, Fault> = ann.try_ask(save(broken, &raw.made_from, false)).await;
    assert_eq!(refused.unwrap_err().code, Code::Usage);
    assert_eq!(ann.get("api/dev", "A").await, "1", "a typo removes nothing");
}
