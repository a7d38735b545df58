//! Environments compared and promoted, as a face asks for it.

use remotes::MemoryStore;

use super::*;
use crate::audit;
use crate::entries::{EntryRef, History, Kind, Metadata, NewValue, Set};
use crate::sync::tests::Person;
use crate::{Code, bundles};

/// Somebody with bundles `api/dev` and `api/prod`.
async fn with_two() -> Person {
    let mut ann = Person::new("ann", &MemoryStore::default()).await;
    for name in ["api/dev", "api/prod"] {
        new_bundle(&mut ann, name).await;
    }
    ann
}

async fn new_bundle(person: &mut Person, name: &str) {
    let (name, dry_run) = (name.to_owned(), false);
    person.ask(bundles::New { name, dry_run }).await;
}

fn bundle(name: &str) -> DiffSide {
    DiffSide::Bundle(name.to_owned())
}

fn dotenv(text: &str) -> DiffSide {
    DiffSide::Dotenv {
        data: Plaintext::from_text(text.to_owned()),
        source: ".env".to_owned(),
        dialect: None,
    }
}

fn diff(a: DiffSide, b: DiffSide, reveal: bool) -> Diff {
    Diff { a, b, reveal }
}

fn states(view: &DiffView) -> Vec<(&str, DiffState)> {
    let rows = view.rows.iter();
    rows.map(|row| (row.name.as_str(), row.state)).collect()
}

fn promote(names: &[&str]) -> Promote {
    Promote {
        from: "api/dev".to_owned(),
        to: "api/prod".to_owned(),
        names: names.iter().map(|name| (*name).to_owned()).collect(),
        all: names.is_empty(),
        dry_run: false,
    }
}

async fn set_login(person: &mut Person, bundle: &str, password: &str, user: &str) {
    let field = |name: &str, value: &str| {
        let value = Plaintext::from_text(value.to_owned());
        (name.to_owned(), NewValue::Given(value))
    };
    let set = Set {
        bundle: Some(bundle.to_owned()),
        name: "LOGIN".to_owned(),
        kind: Some(Kind::Login),
        fields: vec![field("password", password), field("username", user)],
        without_fields: Vec::new(),
        tags: None,
        metadata: Metadata::default(),
        expected_version: None,
        dry_run: false,
    };
    person.ask(set).await;
}

#[tokio::test]
async fn two_bundles_are_compared_by_all_their_fields() {
    let mut ann = with_two().await;
    for (bundle, name, value) in [
        ("api/dev", "ONLY_DEV", "1"),
        ("api/dev", "SAME", "equal"),
        ("api/dev", "URL", "http://localhost"),
        ("api/prod", "ONLY_PROD", "1"),
        ("api/prod", "SAME", "equal"),
        ("api/prod", "URL", "https://example.org"),
    ] {
        ann.set(bundle, name, value).await;
    }
    set_login(&mut ann, "api/dev", "pw", "ann").await;
    set_login(&mut ann, "api/prod", "pw", "root").await;
    let view = ann
        .ask(diff(bundle("api/dev"), bundle("api/prod"), false))
        .await;
    assert_eq!(
        states(&view),
        [
            ("LOGIN", DiffState::Different),
            ("ONLY_DEV", DiffState::MissingB),
            ("ONLY_PROD", DiffState::MissingA),
            ("SAME", DiffState::Same),
            ("URL", DiffState::Different),
        ]
    );
    let told = |row: &DiffRow| !row.a_values.is_empty() || !row.b_values.is_empty();
    assert!(!view.rows.iter().any(told), "no value unasked");
    assert!(view.rows[1].b_updated.is_none() && view.rows[1].a_updated.is_some());

    let view = ann
        .ask(diff(bundle("api/dev"), bundle("api/prod"), true))
        .await;
    let shown: Vec<&str> = view
        .rows
        .iter()
        .filter(|row| told(row))
        .map(|row| row.name.as_str())
        .collect();
    assert_eq!(
        shown,
        ["LOGIN", "ONLY_DEV", "ONLY_PROD", "URL"],
        "what is the same stays hidden"
    );
    assert_eq!(
        view.rows[4].b_values[0].1.expose_text(),
        Some("https://example.org")
    );

    let rows = ann.ask(audit::List::default()).await;
    let row = &rows[0];
    assert_eq!((row.operation.as_str(), row.count), ("diff", 5));
    assert_eq!(row.detail.as_deref(), Some("with api/prod"));
    let same = ann
        .try_ask(diff(bundle("api/dev"), bundle("api/dev"), false))
        .await;
    assert_eq!(same.unwrap_err().code, Code::Usage);
}

#[tokio::test]
async fn a_file_is_compared_with_the_variables() {
    let mut ann = with_two().await;
    ann.set("api/dev", "A", "1").await;
    ann.set("api/dev", "B", "2").await;
    set_login(&mut ann, "api/dev", "pw", "ann").await;
    let view = ann
        .ask(diff(
            dotenv("A=1\nB=other\nC=3\nno assignment\n"),
            bundle("api/dev"),
            false,
        ))
        .await;
    assert_eq!(
        states(&view),
        [
            ("A", DiffState::Same),
            ("B", DiffState::Different),
            ("C", DiffState::MissingB),
        ]
    );
    assert_eq!((view.a.as_str(), view.warnings.len()), (".env", 1));
    // Named in the file, the login is compared by what a file could hold of it.
    let view = ann
        .ask(diff(
            bundle("api/dev"),
            dotenv("A=1\nB=2\nLOGIN=pw\n"),
            false,
        ))
        .await;
    assert!(
        view.rows.iter().all(|row| row.state == DiffState::Same),
        "{view:?}"
    );
    let files = ann.try_ask(diff(dotenv("A=1"), dotenv("A=1"), false)).await;
    assert_eq!(files.unwrap_err().code, Code::Usage);
}

#[tokio::test]
async fn a_matrix_tells_what_is_the_same_and_no_value() {
    let mut ann = with_two().await;
    new_bundle(&mut ann, "api/test").await;
    new_bundle(&mut ann, "web/dev").await;
    for (bundle, name, value) in [
        ("api/dev", "URL", "local"),
        ("api/test", "URL", "local"),
        ("api/prod", "URL", "public"),
        ("api/prod", "KEY", "k"),
        ("web/dev", "OTHER", "x"),
    ] {
        ann.set(bundle, name, value).await;
    }
    let (team, project) = (None, "api".to_owned());
    let view = ann.ask(Matrix { team, project }).await;
    let columns: Vec<&str> = view
        .environments
        .iter()
        .map(|of| of.environment.as_str())
        .collect();
    assert_eq!(columns, ["dev", "prod", "test"]);
    let groups = |row: &MatrixRow| -> Vec<Option<u32>> {
        row.cells
            .iter()
            .map(|cell| cell.as_ref().map(|cell| cell.group))
            .collect()
    };
    assert_eq!(view.rows.len(), 2);
    assert_eq!(
        (view.rows[0].name.as_str(), groups(&view.rows[0])),
        ("KEY", vec![None, Some(1), None])
    );
    assert_eq!(
        (view.rows[1].name.as_str(), groups(&view.rows[1])),
        ("URL", vec![Some(1), Some(2), Some(1)])
    );
    assert_eq!(ann.ask(audit::List::default()).await[0].operation, "matrix");
    let (team, project) = (None, "none".to_owned());
    assert_eq!(
        ann.try_ask(Matrix { team, project })
            .await
            .unwrap_err()
            .code,
        Code::NotFound
    );
}

#[tokio::test]
async fn what_is_promoted_keeps_what_is_known_of_it() {
    let mut ann = with_two().await;
    ann.set("api/dev", "URL", "new").await;
    ann.set("api/dev", "KEY", "k").await;
    ann.set("api/dev", "SAME", "s").await;
    ann.set("api/prod", "SAME", "s").await;
    ann.set("api/prod", "URL", "old").await;
    let about = |bundle: &str, purpose: &str, owner: Option<&str>| Set {
        bundle: Some(bundle.to_owned()),
        name: "URL".to_owned(),
        kind: None,
        fields: Vec::new(),
        without_fields: Vec::new(),
        tags: None,
        metadata: Metadata {
            purpose: Some(purpose.to_owned()),
            owner: owner.map(str::to_owned),
            ..Metadata::default()
        },
        expected_version: None,
        dry_run: false,
    };
    ann.ask(about("api/dev", "for tests", Some("ann"))).await;
    ann.ask(about("api/prod", "for customers", None)).await;

    let rehearsed = ann
        .ask(Promote {
            dry_run: true,
            ..promote(&[])
        })
        .await;
    let changes: Vec<_> = rehearsed
        .entries
        .iter()
        .map(|one| (one.name.as_str(), one.change))
        .collect();
    assert_eq!(
        changes,
        [
            ("KEY", Change::Created),
            ("SAME", Change::Same),
            ("URL", Change::Changed)
        ]
    );
    assert_eq!(
        ann.get("api/prod", "URL").await,
        "old",
        "a rehearsal writes nothing"
    );

    let promoted = ann.ask(promote(&[])).await;
    assert_eq!(promoted, rehearsed);
    assert_eq!(ann.get("api/prod", "URL").await, "new");
    let list = crate::entries::List {
        bundle: Some("api/prod".to_owned()),
        ..Default::default()
    };
    let listed = ann.ask(list).await;
    let of = |name: &str| listed.iter().find(|one| one.name == name).unwrap();
    let url = &of("URL").metadata;
    assert_eq!(
        (url.purpose.as_deref(), url.owner.as_deref()),
        (Some("for customers"), Some("ann"))
    );
    assert_eq!(url.lineage.as_deref(), Some("promoted from api/dev"));
    assert_eq!(of("SAME").versions, 1, "what is the same gets no version");
    let entry = EntryRef::Named {
        bundle: Some("api/prod".to_owned()),
        name: "URL".to_owned(),
    };
    let versions = ann.ask(History { entry }).await.versions;
    assert_eq!(versions.len(), 3);
}

#[tokio::test]
async fn nothing_is_promoted_that_nobody_settled_or_that_is_not_there() {
    let mut ann = with_two().await;
    ann.set("api/dev", "A", "1").await;
    for (wish, code) in [
        (promote(&["A", "MISSING"]), Code::NotFound),
        (
            Promote {
                to: "api/dev".to_owned(),
                ..promote(&["A"])
            },
            Code::Usage,
        ),
        (
            Promote {
                all: false,
                ..promote(&[])
            },
            Code::Usage,
        ),
    ] {
        assert_eq!(ann.try_ask(wish).await.unwrap_err().code, code);
    }
    assert_eq!(
        ann.try_get("api/prod", "A").await.unwrap_err().code,
        Code::NotFound,
        "all or nothing"
    );
}

#[tokio::test]
async fn of_several_values_none_is_promoted() {
    let store = MemoryStore::default();
    let [mut ann, mut bob] = crate::sync::tests::two(&store).await;
    new_bundle(&mut ann, "acme/api/next").await;
    bob.set("api/prod", "KEY", "his").await;
    ann.set("api/prod", "KEY", "hers").await;
    bob.sync().await;
    ann.look(false).await;
    for names in [&["KEY"][..], &[]] {
        let wish = Promote {
            from: "api/prod".to_owned(),
            to: "api/next".to_owned(),
            ..promote(names)
        };
        assert_eq!(ann.try_ask(wish).await.unwrap_err().code, Code::Conflict);
    }
    let (team, project) = (None, "api".to_owned());
    let view = ann.ask(Matrix { team, project }).await;
    assert_eq!(view.warnings.len(), 1, "{:?}", view.warnings);
}

// threat 37: what was shown counts as read, and what was only compared does not.
#[tokio::test]
async fn who_compares_has_read_what_was_shown() {
    let store = MemoryStore::default();
    let [mut ann, mut bob] = crate::sync::tests::two(&store).await;
    new_bundle(&mut bob, "acme/api/own").await;
    let reads = async |person: &mut Person| {
        let open = person.session.open.as_mut().unwrap();
        let id = open
            .teams
            .iter()
            .find(|team| !team.is_personal())
            .unwrap()
            .id;
        audit::to_publish(open, &id).await.unwrap().len()
    };
    let (team, project) = (Some("acme".to_owned()), "api".to_owned());
    bob.ask(Matrix { team, project }).await;
    bob.ask(diff(bundle("api/prod"), bundle("acme/api/own"), false))
        .await;
    bob.ask(diff(bundle("api/prod"), dotenv("KEY=wrong"), false))
        .await;
    assert_eq!(reads(&mut bob).await, 0);
    bob.ask(diff(bundle("api/prod"), dotenv("KEY=one"), false))
        .await;
    assert_eq!(reads(&mut bob).await, 1, "a guess that was right");
    ann.ask(diff(bundle("api/prod"), dotenv("X=1"), true)).await;
    assert_eq!(reads(&mut ann).await, 1, "shown");
}
