//! One vault on two machines: found at its first write, proven to anybody, and answered.

use std::fs;

use sealfold_tests::home::Home;
use serde_json::Value;

use crate::people::{Person, Place};

// threats 7 and 40
#[test]
fn a_copied_vault_is_found_out_proven_and_revoked() {
    let place = Place::folder();
    let [ann, bob] = ["ann", "bob"].map(Person::new);
    let prod = ann.call("import - -b api/prod");
    prod.stdin("STRIPE_KEY=sk_one\n").run().success();
    ann.does("team new acme");
    ann.does(&format!("remote add {}", place.arguments()));
    bob.asks_to_join(&ann, "bob");
    ann.does("sync");
    ann.does("approve bob --yes");
    ann.does("share api/prod --with bob");
    for person in [&ann, &bob, &ann] {
        person.does("sync");
    }
    bob.does("lock");
    let copy = bob.copy();
    for person in [&bob, &copy] {
        let unlock = person.home.sealfold(["unlock"]);
        unlock.with_passphrase().run().success();
    }
    place.away(|| {
        bob.sets("api/prod", "STRIPE_KEY", "sk_of_bob");
        copy.sets("api/prod", "STRIPE_KEY", "sk_of_the_copy");
    });
    bob.does("sync");
    // The one that comes second hears of its double, and so does everybody.
    for person in [&copy, &bob, &ann] {
        let told = person.call("sync --json").run().code(13).json();
        let finding = &told["teams"][0]["findings"][0];
        assert_eq!(finding["kind"], "equivocation", "{told}");
        assert_eq!(finding["device_name"], "bob-laptop");
        assert!(finding["next"].as_str().unwrap().contains("device revoke"));
    }
    for person in [&copy, &bob] {
        let set = person.call("set -b api/prod STRIPE_KEY --stdin");
        let refused = set.stdin("sk_more").run();
        assert_ne!(refused.status.code(), Some(0), "{refused:?}");
    }

    // Each place that shows it says what to do.
    let sync = ann.call("sync").run().code(13);
    let status = ann.does("status");
    let doctor = ann.call("doctor").run().code(13);
    let list = ann.does("findings ls");
    for shown in [&sync, &status, &doctor, &list] {
        let all = format!("{}{}", shown.text(), shown.stderr);
        for word in ["EQUIVOCATION", "bob-laptop", "device revoke"] {
            assert!(all.contains(word), "{word}: {all}");
        }
    }
    is_proven_by_a_file(&ann);

    let id = ann.asks("findings ls")[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    ann.does(&format!("findings acknowledge {id}"));
    ann.does("sync");
    assert_ne!(ann.asks("findings ls")[0]["acknowledged"], Value::Null);
    ann.does("device revoke bob-laptop --yes");
    ann.does("sync");
    assert_eq!(ann.asks("findings ls"), Value::Array(Vec::new()));
}

/// The file convinces who has nothing but it, and holds no secret and no name.
fn is_proven_by_a_file(person: &Person) {
    let file = person.home.path().join("evidence.json");
    let name = file.display().to_string();
    person.does(&format!("findings export {name}"));
    let text = fs::read_to_string(&file).unwrap();
    for word in ["sk_", "STRIPE", "laptop", "acme", "api"] {
        assert!(!text.contains(word), "{word}: {text}");
    }
    let nobody = Home::empty();
    let verify = || nobody.sealfold(["findings", "verify", &name, "--json"]);
    let view = verify().run().success().json();
    assert_eq!(view["findings"][0]["kind"], "equivocation");
    assert_eq!(view["findings"][0]["rests_on"], "signatures", "{view}");
    assert_eq!(view["ops"], 2);

    // One digit of one op is another: its device did not sign that.
    let ops: Value = serde_json::from_str(&text).unwrap();
    let op = ops["ops"][0].as_str().unwrap();
    let digit = if op.ends_with('0') { '1' } else { '0' };
    let other = format!("{}{digit}", &op[..op.len() - 1]);
    fs::write(&file, text.replace(op, &other)).unwrap();
    verify().run().code(13);
}
