//! What a team does with age files: members by their names, and an escape file that follows them.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use sealfold_tests::home::Home;
use serde_json::Value;

use crate::people::{Person, Place};

/// Ann, who founded the team and has `api/prod`, and bob, with whom it is shared.
fn team(place: &Place) -> [Person; 2] {
    let [ann, bob] = ["ann", "bob"].map(Person::new);
    ann.does("bundle new api/prod");
    ann.sets("api/prod", "TOKEN", "marzipan");
    ann.does("team new acme");
    ann.does(&format!("remote add {}", place.arguments()));
    let words = bob.asks_to_join(&ann, "bob");
    ann.does("sync");
    let approve = ann.home.sealfold(["approve", "bob", "--words"]);
    approve.arg(&words).run().success();
    ann.does("share api/prod --with bob");
    for person in [&ann, &bob, &ann] {
        person.does("sync");
    }
    [ann, bob]
}

impl Person {
    /// Their age identities, as stock `age` reads them.
    fn identity(&self, name: &str) -> PathBuf {
        let identity = self.call(&format!("age identity --team acme -o {name} --yes"));
        let passphrase = self.home.passphrase_file();
        let identity = identity.arg("--passphrase-file").arg(passphrase);
        identity.run().success();
        self.home.path().join(name)
    }
}

fn age(args: &[&str]) -> Output {
    Command::new("age")
        .args(args)
        .output()
        .expect("age is there")
}

fn decrypt(identity: &Path, file: &Path) -> Option<String> {
    let output = age(&["-d", "-i", identity.to_str()?, file.to_str()?]);
    let text = String::from_utf8(output.stdout).unwrap();
    output.status.success().then_some(text)
}

fn outsider(person: &Person) -> (PathBuf, String) {
    let file = person.home.path().join("outsider");
    let made = Command::new("age-keygen").arg("-o").arg(&file).output();
    assert!(made.unwrap().status.success());
    let public = Command::new("age-keygen").arg("-y").arg(&file).output();
    let public = String::from_utf8(public.unwrap().stdout).unwrap();
    (file, public.trim_end().to_owned())
}

fn names(list: &Value) -> Vec<&str> {
    list.as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect()
}

#[test]
fn a_member_opens_what_was_sent_to_their_name() {
    let place = Place::git();
    let [ann, bob] = team(&place);
    let own = bob.does("age recipient --team acme");
    let members = ann.asks("members");
    let known = members.as_array().unwrap().iter();
    let known = known.filter(|member| member["name"] == "bob");
    let known: Vec<_> = known.map(|member| &member["age_recipient"]).collect();
    assert_eq!(known, [own.text().trim_end()]);

    let export = ann.does("export -b api/prod --to bob -o out.age");
    assert!(export.stderr.contains("Encrypted to bob."), "{export:?}");
    let file = ann.home.path().join("out.age");
    assert!(decrypt(&ann.identity("identity"), &file).is_none());
    let text = decrypt(&bob.identity("identity"), &file).unwrap();
    assert!(text.contains("marzipan"), "{text}");
    let import = bob.call("import - -b mine/copy --unverified");
    import.stdin(fs::read(&file).unwrap()).run().success();
    assert_eq!(bob.does("get -b mine/copy TOKEN").text(), "marzipan");

    // Not everything that is exported was shared before.
    ann.does("bundle new acme/api/dev");
    ann.sets("acme/api/dev", "TOKEN", "tamarind");
    let export = ann.does("export -b acme/api/dev --to bob -o dev.age");
    assert!(export.stderr.contains("not shared with them"), "{export:?}");
    ann.call("export -b api/prod --to cyd -o cyd.age")
        .run()
        .code(10);
}

// threats 27 and 47: whoever loses the bundle loses the file, and nothing in plain stays behind.
#[test]
fn an_escape_file_follows_its_bundle_and_its_readers() {
    let place = Place::git();
    let [ann, bob] = team(&place);
    let (outsider, public) = outsider(&ann);
    let bob_s = bob.identity("identity");
    let folder = ann.home.path().join("escape");
    fs::create_dir(&folder).unwrap();
    let file = folder.join("prod.env.age");
    assert_eq!(
        ann.asks("escape ls"),
        Value::Array(Vec::new()),
        "off by default"
    );
    ann.call("escape on -b api/prod escape/prod.env.age")
        .run()
        .code(2);
    ann.call("escape on -b api/prod --to cyd escape/prod.env.age")
        .run()
        .code(10);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);

    // Given by key, bob is known all the same.
    let key_of_bob = bob
        .does("age recipient --team acme")
        .text()
        .trim_end()
        .to_owned();
    let on = ann
        .call("escape on -b api/prod escape/prod.env.age")
        .arg("--to");
    let on = on.arg(&public).arg("--to").arg(key_of_bob).run().success();
    assert!(on.stderr.contains("without Sealfold"), "{on:?}");
    assert_eq!(
        fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let both = |value: &str| {
        for identity in [&outsider, &bob_s] {
            let text = decrypt(identity, &file).expect("one of its readers");
            assert!(text.contains(value), "{text}");
        }
    };
    both("marzipan");
    let listed = ann.asks("bundle ls");
    let listed = listed.as_array().unwrap().iter();
    let escapes: Vec<_> = listed
        .filter(|bundle| !bundle["escape"].is_null())
        .collect();
    assert_eq!(escapes.len(), 1);
    assert_eq!(names(&escapes[0]["escape"]["to"]), [public.as_str(), "bob"]);

    // A write here, and one that arrives. A read leaves it alone.
    ann.sets("api/prod", "TOKEN", "bergamot");
    both("bergamot");
    let before = fs::read(&file).unwrap();
    ann.does("get -b api/prod TOKEN");
    ann.does("sync");
    assert_eq!(fs::read(&file).unwrap(), before);
    bob.does("sync");
    bob.sets("api/prod", "TOKEN", "saffron");
    bob.does("sync");
    ann.does("sync");
    both("saffron");
    // Who works without the agent, too.
    let set = ann
        .home
        .sealfold(["set", "-b", "api/prod", "TOKEN", "--stdin", "--no-agent"])
        .stdin("rhubarb");
    set.with_passphrase().run().success();
    both("rhubarb");

    ann.does("unshare api/prod --with bob");
    assert!(decrypt(&bob_s, &file).is_none(), "bob reads on");
    assert!(decrypt(&outsider, &file).is_some());
    let escape = &ann.asks("escape ls")[0];
    assert_eq!(names(&escape["to"]), [public.as_str()]);
    assert_eq!(names(&escape["without"]), ["bob"]);
    let status = ann.does("status");
    assert!(
        format!("{status:?}").contains("escape file of api/prod"),
        "{status:?}"
    );

    // For bob alone there is nothing left.
    let on = ann
        .call("escape on -b api/prod escape/prod.env.age --to bob")
        .run()
        .code(16);
    assert!(on.stderr.contains("not shared with this member"), "{on:?}");
    ann.does("share api/prod --with bob");
    ann.does("escape on -b api/prod escape/prod.env.age --to bob");
    assert!(decrypt(&bob_s, &file).is_some());
    ann.does("remove bob --yes");
    assert!(!file.exists(), "open to who was removed");
    assert!(ann.asks("escape ls")[0]["trouble"].is_string());

    ann.call("escape on -b api/prod escape/prod.env.age")
        .arg("--to")
        .arg(&public)
        .run()
        .success();
    let audit = ann.does("audit --json").text().to_owned();
    assert!(
        audit.contains("\"escape\"") && audit.contains(&format!("to {public}")),
        "{audit}"
    );
    assert_eq!(
        fs::read_dir(&folder).unwrap().count(),
        1,
        "something stays beside it"
    );
    ann.does("escape off");
    assert!(!file.exists());
    ann.sets("api/prod", "TOKEN", "verdigris");
    assert!(!file.exists());
    let plain = Command::new("grep")
        .args(["-rlaE", "marzipan|bergamot|saffron|rhubarb"])
        .arg(ann.home.path())
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&plain.stdout), "");
}

// threats 21 and 40: a restored vault signs nothing as the device that it was.
#[test]
fn a_backup_of_a_vault_with_a_team_comes_back_beside_what_was_written_since() {
    let place = Place::git();
    let [mut ann, bob] = team(&place);
    let (key, public) = outsider(&ann);
    ann.call("backup create b.age")
        .arg("--to")
        .arg(&public)
        .run()
        .success();
    // After the backup, everybody goes on.
    ann.sets("api/prod", "LATER", "one");
    ann.sets("api/prod", "TOKEN", "newer");
    ann.does("sync");
    bob.does("sync");
    bob.sets("api/prod", "BOB", "two");
    bob.does("sync");
    ann.does("lock");

    // The machine is gone; the backup, its key and the paper are not.
    let lost = std::mem::replace(&mut ann.home, Home::empty());
    let (file, words) = (lost.path().join("b.age"), lost.path().join("words"));
    let restore = ann.home.sealfold(["backup", "restore"]).arg(file);
    let restore = restore.arg("-i").arg(key).with_passphrase().run();
    restore.success();
    let unlock = ann.home.sealfold(["unlock"]).with_passphrase();
    unlock.run().success();
    assert_eq!(ann.does("get -b api/prod TOKEN").text(), "marzipan");
    ann.call("set -b api/prod TOKEN --stdin")
        .stdin("x")
        .run()
        .code(16);
    let used = ann.home.sealfold([
        "recovery",
        "use",
        "--keep-passphrase",
        "--no-input",
        "--words-file",
    ]);
    used.arg(words).run().success();
    assert_eq!(ann.does("get -b api/prod TOKEN").text(), "newer");
    assert_eq!(ann.does("get -b api/prod LATER").text(), "one");
    ann.sets("api/prod", "AGAIN", "three");
    for person in [&ann, &bob, &ann] {
        let report = person.asks("sync");
        assert_eq!(
            report["teams"][0]["findings"],
            Value::Array(Vec::new()),
            "{report}"
        );
    }
    for person in [&ann, &bob] {
        let quarantined = person.asks("quarantine ls");
        assert_eq!(quarantined, Value::Array(Vec::new()));
        for (name, value) in [
            ("TOKEN", "newer"),
            ("LATER", "one"),
            ("BOB", "two"),
            ("AGAIN", "three"),
        ] {
            assert_eq!(person.runs_with("api/prod", name), value, "{name}");
        }
    }
    // Its recipient is of the new seed, which the lost machine has not.
    let own = ann
        .does("age recipient --team acme")
        .text()
        .trim_end()
        .to_owned();
    let members = bob.asks("members").to_string();
    assert!(members.contains(&own), "{members}");
}
