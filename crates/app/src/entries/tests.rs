//! Entries found, codes worked out, and a write that expects what it saw.

use remotes::MemoryStore;

use super::*;
use crate::sync::tests::Person;
use crate::{Code, audit};

/// The seed of RFC 6238, appendix B, in base32.
const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

fn set(name: &str, kind: Kind, value: &str) -> Set {
    let value = NewValue::Given(Plaintext::from_text(value.to_owned()));
    Set {
        bundle: None,
        name: name.to_owned(),
        kind: Some(kind),
        fields: vec![(String::new(), value)],
        without_fields: Vec::new(),
        tags: None,
        metadata: Metadata::default(),
        expected_version: None,
        dry_run: false,
    }
}

fn named(name: &str) -> EntryRef {
    EntryRef::Named {
        bundle: None,
        name: name.to_owned(),
    }
}

fn reveal(entry: EntryRef, field: Option<&str>) -> Reveal {
    Reveal {
        entry,
        field: field.map(str::to_owned),
        version: None,
        operation: "get".to_owned(),
    }
}

async fn with_bundle() -> Person {
    let mut ann = Person::new("ann", &MemoryStore::default()).await;
    ann.set_up_bundle().await;
    ann
}

#[tokio::test]
async fn a_code_comes_out_and_its_secret_stays() {
    let mut ann = with_bundle().await;
    let address = format!("otpauth://totp/x?secret={SECRET}&digits=8&period=86400");
    ann.ask(set("2FA", Kind::OneTimePassword, &address)).await;
    let code = RevealCode {
        entry: named("2FA"),
        operation: "copy".to_owned(),
    };
    let code = ann.ask(code).await;
    let text = code.code.expose_text().unwrap().to_owned();
    assert!(
        text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()),
        "{text}"
    );
    assert_eq!((code.period, code.until % 86_400), (86_400, 0));
    assert!((0..=86_400).contains(&code.seconds_left));
    let rows = ann.ask(audit::List::default()).await;
    assert_eq!(
        (rows[0].operation.as_str(), rows[0].detail.as_deref()),
        ("copy", Some("code"))
    );

    let by_field = ann.ask(reveal(named("2FA"), Some("code"))).await;
    let by_reference = EntryRef::Reference("sealfold://api/dev/2FA#code".to_owned());
    let by_reference = ann.ask(reveal(by_reference, None)).await;
    // A day has one code, but midnight may have come between.
    if by_reference.until == Some(code.until) {
        assert_eq!(by_field.value.expose_text(), Some(text.as_str()));
        assert_eq!(by_reference.value, by_field.value);
    }
    assert_eq!(
        ann.get("api/dev", "2FA").await,
        address,
        "the secret is the first field"
    );
}

#[tokio::test]
async fn a_secret_that_makes_no_code_is_refused_when_it_is_written() {
    let mut ann = with_bundle().await;
    for secret in ["hunter2", "", "otpauth://hotp/x?secret=GEZDGNBV&counter=1"] {
        let refused = ann.try_ask(set("2FA", Kind::OneTimePassword, secret)).await;
        let fault = refused.unwrap_err();
        assert_eq!(fault.code, Code::Usage, "{secret}");
        assert!(!fault.message.contains("hunter2") && fault.next.is_some());
    }
    // Neither by making one of what was something else, nor by a file.
    ann.ask(set("PLAIN", Kind::Variable, "hunter2")).await;
    let mut turned = set("PLAIN", Kind::OneTimePassword, "");
    turned.fields.clear();
    assert_eq!(ann.try_ask(turned).await.unwrap_err().code, Code::Usage);
    ann.ask(set("2FA", Kind::OneTimePassword, SECRET)).await;
    let import = crate::transfer::Import {
        bundle: None,
        data: Plaintext::from_text("2FA=hunter2\n".to_owned()),
        unverified: false,
        source: ".env".to_owned(),
        dialect: None,
        interpolate: false,
        dry_run: false,
    };
    assert_eq!(ann.try_ask(import).await.unwrap_err().code, Code::Usage);
    let code = RevealCode {
        entry: named("PLAIN"),
        operation: "get".to_owned(),
    };
    assert_eq!(ann.try_ask(code).await.unwrap_err().code, Code::Usage);
    let none = ann.try_ask(reveal(named("PLAIN"), Some("code"))).await;
    assert_eq!(none.unwrap_err().code, Code::NotFound);
}

#[tokio::test]
async fn who_expects_what_is_no_more_writes_nothing() {
    let mut ann = with_bundle().await;
    ann.set("api/dev", "A", "1").await;
    let over = |expected| Set {
        expected_version: Some(expected),
        ..set("A", Kind::Variable, "mine")
    };
    ann.set("api/dev", "A", "theirs").await;
    for expected in [1, 3] {
        let fault = ann.try_ask(over(expected)).await.unwrap_err();
        assert_eq!(fault.code, Code::Conflict);
    }
    assert_eq!(ann.get("api/dev", "A").await, "theirs");
    assert_eq!(ann.ask(over(2)).await.version, 3);
}

#[tokio::test]
async fn what_is_found_comes_best_first_from_all_bundles() {
    let mut ann = with_bundle().await;
    let new = crate::bundles::New {
        name: "web/prod".to_owned(),
        dry_run: false,
    };
    ann.ask(new).await;
    for (bundle, name) in [
        ("api/dev", "DB_URL"),
        ("api/dev", "OTHER"),
        ("web/prod", "URL"),
        ("web/prod", "URLS"),
    ] {
        ann.set(bundle, name, "url").await;
    }
    let find = |query: &str, limit| Find {
        query: query.to_owned(),
        limit,
    };
    let names = |views: Vec<EntryView>| -> Vec<String> {
        views.into_iter().map(|view| view.name).collect()
    };
    assert_eq!(
        names(ann.ask(find("url", None)).await),
        ["URL", "URLS", "DB_URL"]
    );
    assert_eq!(names(ann.ask(find("URL prod", Some(1))).await), ["URL"]);
    assert!(ann.ask(find("nowhere", None)).await.is_empty());
    assert_eq!(
        ann.try_ask(find("  ", None)).await.unwrap_err().code,
        Code::Usage
    );
}

#[tokio::test]
async fn a_fresh_value_needs_no_vault() {
    let mut nobody = Person::empty(&MemoryStore::default());
    let recipe = Recipe::Words { count: 7 };
    let made = nobody.ask(Generate { recipe }).await;
    assert_eq!(made.bits, 77);
    assert_eq!(made.value.expose_text().unwrap().split('-').count(), 7);
}
