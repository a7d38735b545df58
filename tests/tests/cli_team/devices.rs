//! Devices of one's own, as their owner types it: a vault gains a remote for them, words are typed and
//! not guessed, and the first one is revoked by the paper.

use crate::people::{Person, Place};
use serde_json::Value;

/// The laptop's vault on a remote, and a desk that was linked to it.
fn laptop_and_desk(place: &Place) -> (Person, Person) {
    let [laptop, desk] = ["ann", "desk"].map(Person::new);
    let import = laptop.call("import - -b api/dev");
    import.stdin("KEY=one\n").run().success();
    let team = laptop.asks("team ls")[0]["id"].clone();
    laptop.does(&format!("remote add {}", place.arguments()));
    laptop.does("sync");
    assert_eq!(laptop.asks("team ls")[0]["id"], team, "not made anew");
    let answer = answers(&laptop, &desk);
    adds(&laptop, &answer, text(&answer, "words")).success();
    laptop.does("sync");
    desk.does("sync");
    (laptop, desk)
}

fn answers(laptop: &Person, desk: &Person) -> Value {
    let link = laptop.does("device link");
    let answer = desk.call("device answer --name desk --json");
    answer.stdin(link.stdout).run().success().json()
}

fn text<'a>(answer: &'a Value, key: &str) -> &'a str {
    answer[key].as_str().unwrap()
}

fn adds(laptop: &Person, answer: &Value, words: &str) -> sealfold_tests::home::Outcome {
    let add = laptop.call("device add").arg("--words").arg(words);
    add.stdin(text(answer, "answer")).run()
}

#[test]
fn a_personal_vault_gains_a_remote_for_its_other_device() {
    let place = Place::git();
    let (laptop, desk) = laptop_and_desk(&place);
    assert_eq!(desk.runs_with("api/dev", "KEY"), "one");
    desk.sets("api/dev", "KEY", "from the desk");
    desk.does("sync");
    laptop.does("sync");
    assert_eq!(laptop.runs_with("api/dev", "KEY"), "from the desk");
}

// threat 31
#[test]
fn one_changed_word_adds_no_device_and_ten_tries_lock() {
    let place = Place::folder();
    let [laptop, desk] = ["ann", "desk"].map(Person::new);
    laptop.does(&format!("remote add {}", place.arguments()));
    laptop.does("sync");
    let answer = answers(&laptop, &desk);
    let right: Vec<&str> = text(&answer, "words").split(' ').collect();
    for at in 0..right.len() {
        let mut wrong = right.clone();
        wrong[at] = if wrong[at] == "zoo" { "able" } else { "zoo" };
        adds(&laptop, &answer, &wrong.join(" ")).code(13);
    }
    // The tenth wrong try has locked: the right words come too late.
    adds(&laptop, &answer, &right.join(" ")).code(11);
    let unlock = laptop.home.sealfold(["unlock"]);
    unlock.with_passphrase().run().success();
    adds(&laptop, &answer, &right.join(" ")).success();
}

// threat 27
#[test]
fn the_first_device_is_revoked_by_the_paper() {
    let place = Place::folder();
    let (laptop, desk) = laptop_and_desk(&place);
    let list = desk.asks("team ls");
    let shared = list.as_array().unwrap().iter();
    let mut shared = shared.filter(|team| team["remote"].is_string());
    let team = shared.next().unwrap()["id"].as_str().unwrap()[..8].to_owned();
    let revoke = format!("device revoke ann-laptop --yes --team {team}");
    let refused = desk.call(&revoke).run().code(3);
    assert!(refused.stderr.contains("--words-file"), "{refused:?}");
    // The desk's own paper is that of another vault.
    desk.call(&format!("{revoke} --words-file words"))
        .run()
        .code(12);
    let words = laptop.home.path().join("words");
    desk.does(&format!("{revoke} --words-file {}", words.display()));
    desk.sets("api/dev", "KEY", "two");
    desk.does("sync");
    assert_eq!(laptop.asks("sync")["teams"][0]["out"], true);
    assert_eq!(laptop.runs_with("api/dev", "KEY"), "one");
}

#[test]
fn several_teams_share_a_branch() {
    let place = Place::git();
    let ann = Person::new("ann");
    ann.does("team new acme");
    ann.does("team new other --separate");
    for (team, value) in [("acme", "of acme"), ("other", "of other")] {
        ann.does(&format!("bundle new {team}/api/prod"));
        ann.sets(&format!("{team}/api/prod"), "KEY", value);
        ann.does(&format!("remote add {} --team {team}", place.arguments()));
    }
    ann.does("sync");
    // Bob is in one of them, and cyd in the other; neither sees what is not theirs.
    for (name, team, value) in [("bob", "acme", "of acme"), ("cyd", "other", "of other")] {
        let person = Person::new(name);
        let invitation = ann.does(&format!("invite --name {name} --role writer --team {team}"));
        let join = person.call(&format!("join --name {name}"));
        let words = join.stdin(invitation.stdout).run().success();
        ann.does("sync");
        let approve = ["approve", name, "--team", team, "--words"];
        let approve = ann.home.sealfold(approve).arg(words.text().trim_end());
        approve.run().success();
        ann.does(&format!("share {team}/api/prod --with {name}"));
        ann.does("sync");
        person.does("sync");
        assert_eq!(person.runs_with("api/prod", "KEY"), value);
        let teams = person.asks("team ls");
        assert_eq!(teams.as_array().unwrap().len(), 2, "{teams}");
        assert_eq!(
            person.asks("sync")["teams"][0]["findings"],
            Value::Array(Vec::new())
        );
    }
    assert_eq!(
        ann.asks("status")["open"]["findings"],
        Value::Array(Vec::new())
    );
}

#[test]
fn a_former_member_comes_back() {
    let place = Place::folder();
    let [ann, bob] = ["ann", "bob"].map(Person::new);
    let import = ann.call("import - -b api/prod");
    import.stdin("KEY=one\n").run().success();
    ann.does("team new acme");
    ann.does(&format!("remote add {}", place.arguments()));
    let words = bob.asks_to_join(&ann, "bob");
    ann.does("sync");
    let approve = ann.home.sealfold(["approve", "bob", "--words", &words]);
    approve.run().success();
    ann.does("share api/prod --with bob");
    ann.does("sync");
    bob.does("sync");
    bob.call("join --again").run().code(15);
    ann.does("remove bob --yes");
    ann.sets("api/prod", "KEY", "two");
    ann.does("sync");
    bob.does("sync");

    let back = bob.asks("join --again");
    let take = ann.call("approve --again --role writer").arg("--words");
    let wrong = take.arg("one two three").stdin(text(&back, "text"));
    wrong.run().code(13);
    let take = ann.call("approve --again --role writer").arg("--words");
    let take = take.arg(text(&back, "words")).stdin(text(&back, "text"));
    let told = take.run().success();
    assert!(
        told.stderr.contains("bob is a writer of acme now."),
        "{told:?}"
    );
    for person in [&ann, &bob, &ann] {
        person.does("sync");
    }
    // Old grants don't come back.
    bob.call("get -b api/prod KEY").run().code(16);
    ann.does("share api/prod --with bob");
    ann.does("sync");
    bob.does("sync");
    assert_eq!(bob.runs_with("api/prod", "KEY"), "two");
}
