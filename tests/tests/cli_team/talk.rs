//! What the commands of teams say and refuse, and how they end.

use crate::people::{Person, Place};
use sealfold_tests::home::Home;

#[test]
fn an_invitation_comes_from_where_nobody_sees_it() {
    let home = Home::prepared();
    home.sealfold(["unlock"]).with_passphrase().run().success();
    let join = |args: &[&str]| home.sealfold(["join", "--no-input"].iter().chain(args));
    // threat 53
    let given = join(&["sealfold-invitation-1-abc"]).run().code(2);
    assert!(
        given.stderr.contains("never an argument") && !given.stderr.contains("abc"),
        "{given:?}"
    );
    join(&[]).run().code(2);
    join(&["--file", "none"]).run().code(10);
    let garbage = join(&[]).stdin("sealfold-invitation-1-abc").run().code(2);
    assert!(!garbage.stderr.contains("abc"), "{garbage:?}");
}

#[test]
fn a_location_is_checked_and_a_password_in_it_not_repeated() {
    let home = Home::prepared();
    home.sealfold(["unlock"]).with_passphrase().run().success();
    let add = |args: &str| {
        let args = ["remote", "add"].into_iter().chain(args.split(' '));
        home.sealfold(args).run()
    };
    for (args, told) in [
        ("git s3://bucket/prefix", "file:///"),
        ("git /srv/acme.git", "file:///"),
        ("s3 https://example.org/bucket", "s3://"),
        ("s3 s3://bucket --plain-http", "--endpoint"),
        ("s3 s3://bucket --endpoint http://example.org", "https"),
        ("folder shared --region eu", "s3"),
        ("git ext::true", "USER@HOST:PATH"),
        // threat 63
        ("git git@-oProxyCommand=true:x", ""),
    ] {
        let refused = add(args).code(2);
        assert!(refused.stderr.contains(told), "{refused:?}");
    }
    // threat 65
    let refused = add("git https://ann:hunter2@example.org/acme.git").code(2);
    assert!(!refused.stderr.contains("hunter2"), "{refused:?}");
    home.sealfold(["remote", "ls"]).run().success();
    assert_eq!(home.sealfold(["remote", "ls"]).run().success().text(), "");
}

#[test]
fn approving_takes_the_words_at_the_terminal() {
    let place = Place::folder();
    let [ann, bob] = ["ann", "bob"].map(Person::new);
    ann.does("team new acme");
    ann.does(&format!("remote add {}", place.arguments()));
    let words = bob.asks_to_join(&ann, "bob");
    ann.does("sync");
    ann.call("approve cyd").run().code(10);
    ann.call("approve bob").run().code(3);

    let approve = ann.home.sealfold(["approve", "bob"]);
    let mut wrong = approve.on_terminal();
    wrong.expect("ten words");
    wrong.type_in("one two three\n");
    let (status, shown) = wrong.wait();
    assert!(!status.success(), "threat 18: {shown}");
    let mut right = approve.on_terminal();
    right.expect("ten words");
    right.type_in(&format!("{words}\n"));
    let shown = right.wait_for_code(0);
    assert!(shown.contains("bob is a writer of acme now."), "{shown}");
    ann.call("approve bob --yes").run().code(10);

    // What bob is asked for is the fingerprint that both see.
    for person in [&ann, &bob] {
        person.does("sync");
    }
    let known = ann.does("verify bob");
    assert_eq!(known.text(), bob.does("verify bob").text());
    let other = ann.does("verify ann");
    let compare = |words: &str| {
        let verify = ann.home.sealfold(["verify", "bob", "--words"]);
        verify.arg(words.trim_end()).run()
    };
    assert_ne!(compare(other.text()).status.code(), Some(0));
    compare(known.text()).success();
}

#[test]
fn one_team_out_of_reach_does_not_keep_the_others_from_their_sync() {
    let (near, far) = (Place::folder(), Place::folder());
    let ann = Person::new("ann");
    ann.does("team new acme");
    ann.does("team new other --separate");
    ann.call("sync").run().code(10);
    ann.does(&format!("remote add {} --team acme", far.arguments()));
    ann.does(&format!("remote add {} --team other", near.arguments()));
    far.away(|| {
        let told = ann.call("sync --json").run().code(17).json();
        let teams = told["teams"].as_array().unwrap();
        let of = |name: &str| teams.iter().find(|team| team["team"] == name).unwrap();
        assert_eq!(of("acme")["failure"]["code"], "remote", "{told}");
        assert!(of("other")["failure"].is_null(), "{told}");
        assert!(of("other")["pushed"].as_u64() > Some(0), "{told}");
        ann.does("sync --team other");
        let said = ann.call("sync --quiet").run().code(17);
        assert!(said.stderr.contains("acme"), "{said:?}");
        let status = ann.asks("status");
        let remotes = status["remotes"].as_array().unwrap();
        let acme = remotes.iter().find(|remote| remote["team"] == "acme");
        assert!(acme.unwrap()["trouble"].is_string(), "{status}");
    });
    ann.does("sync");
}

#[test]
fn another_device_of_ones_own() {
    let place = Place::folder();
    let [ann, desk] = ["ann", "desk"].map(Person::new);
    let import = ann.call("import - -b api/prod");
    import
        .stdin("DATABASE_URL=postgres://one\n")
        .run()
        .success();
    ann.does("team new acme");
    ann.does(&format!("remote add {}", place.arguments()));
    ann.does("sync");
    let link = ann.does("device link");
    let answer = desk.call("device answer --name desk --json");
    let answer = answer.stdin(link.stdout).run().success().json();
    let text = |key: &str| answer[key].as_str().unwrap();
    let add = |words: &str| {
        let add = ann
            .home
            .sealfold(["device", "add", "--no-input", "--words"]);
        add.arg(words).stdin(text("answer")).run()
    };
    // threat 31
    let wrong = add("one two three four five six seven eight nine ten");
    assert_ne!(wrong.status.code(), Some(0), "{wrong:?}");
    add(text("words")).success();
    ann.does("sync");
    desk.does("sync");
    assert_eq!(
        desk.runs_with("acme/api/prod", "DATABASE_URL"),
        "postgres://one"
    );
    let devices = ann.does("device ls");
    assert!(devices.text().contains("desk"), "{devices:?}");

    ann.call("device revoke desk").run().code(3);
    ann.does("device revoke desk --yes");
    ann.sets("acme/api/prod", "DATABASE_URL", "postgres://two");
    ann.does("sync");
    desk.call("sync").run();
    assert_eq!(
        desk.runs_with("acme/api/prod", "DATABASE_URL"),
        "postgres://one"
    );
}

// threat 65: whoever made an invitation chose the place that it leads to.
#[test]
fn an_invitation_to_a_place_on_this_machine_is_asked_about() {
    let place = Place::folder();
    let [ann, bob] = ["ann", "bob"].map(Person::new);
    ann.does("team new acme");
    ann.does(&format!("remote add {}", place.arguments()));
    let invitation = ann.does("invite --name bob --role writer");
    let file = bob.home.path().join("invitation");
    std::fs::write(&file, invitation.stdout).unwrap();
    let join = bob.home.sealfold(["join", "--file"]).arg(&file);
    let teams = || bob.asks("team ls").as_array().unwrap().len();
    let mut no = join.on_terminal();
    no.expect("on this machine");
    no.type_in("n\n");
    no.wait_for_code(3);
    assert_eq!(teams(), 1);
    let mut yes = join.on_terminal();
    yes.expect("on this machine");
    yes.type_in("y\n");
    yes.wait_for_code(0);
    assert_eq!(teams(), 2);
}
