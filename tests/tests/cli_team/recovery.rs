//! What 24 words bring back, as their owner types it: on an empty machine, from the remote alone.

use crate::people::{Person, Place};
use sealfold_tests::home::Home;

#[test]
fn an_empty_machine_and_a_folder() {
    an_empty_machine(&Place::folder());
}

#[test]
fn an_empty_machine_and_git() {
    an_empty_machine(&Place::git());
}

/// A machine without a vault, with the words of somebody's paper in the file `words`.
fn machine_with_words_of(person: &Person) -> Person {
    let home = Home::empty();
    let words = std::fs::read(person.home.path().join("words")).unwrap();
    home.write("words", words);
    Person { home }
}

/// As `--remote` takes it.
fn location(place: &Place) -> String {
    let arguments = place.arguments();
    let (_, location) = arguments.split_once(' ').unwrap();
    location.to_owned()
}

const USE: &str = "recovery use --words-file words --new-passphrase-file passphrase \
                   --unlock-millis 1 --device desk --no-keychain";

fn an_empty_machine(place: &Place) {
    let [ann, bob] = ["ann", "bob"].map(Person::new);
    let import = ann.call("import - -b api/prod");
    import
        .stdin("DATABASE_URL=postgres://one\n")
        .run()
        .success();
    ann.does("team new acme");
    ann.does(&format!("remote add {}", place.arguments()));
    let words = bob.asks_to_join(&ann, "bob");
    ann.does("sync");
    ann.home
        .sealfold(["approve", "bob", "--words", &words])
        .run()
        .success();
    ann.does("share api/prod --with bob");
    ann.does("sync");

    // Bob's laptop breaks before it has heard of the approval, ann's later.
    for (lost, role) in [(&bob, "writer"), (&ann, "owner")] {
        let desk = machine_with_words_of(lost);
        desk.call("recovery use --words-file words --keep-passphrase")
            .run()
            .code(10);
        desk.call(&format!("{USE} --remote {}/elsewhere", location(place)))
            .run();
        let recovered = desk.asks(&format!("{USE} --remote {}", location(place)));
        assert_eq!(recovered["role"], role, "{recovered}");
        assert_eq!(recovered["revoked"].as_array().unwrap().len(), 1);
        desk.home
            .sealfold(["unlock"])
            .with_passphrase()
            .run()
            .success();
        // What bob has a right to is handed to his new keys by who has it.
        for person in [&ann, &desk] {
            person.call("sync").run();
        }
        assert_eq!(
            desk.runs_with("acme/api/prod", "DATABASE_URL"),
            "postgres://one",
            "{role}"
        );
        desk.sets("acme/api/prod", "NOTE", role);
        desk.does("sync");
    }
    // threat 36: the machine that is lost reads what it had, and nothing newer.
    let out = ann.asks("sync");
    assert_eq!(out["teams"][0]["out"], true, "{out}");
    assert_eq!(ann.runs_with("api/prod", "NOTE"), "writer");
    ann.call("set -b api/prod NOTE --stdin").stdin("x").run();
    assert_eq!(ann.runs_with("api/prod", "NOTE"), "writer");
}
