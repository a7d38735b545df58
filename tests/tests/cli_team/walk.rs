//! A team of three on one remote, from its founding to a rolled-back remote, as its people type it.

use crate::people::{Person, Place};
use serde_json::Value;

// threats 5, 18, 28 and 37: at the steps that say so.
#[test]
fn a_team_on_a_folder() {
    walk(&mut Place::folder());
}

// threats 5, 18, 28 and 37: at the steps that say so.
#[test]
fn a_team_on_git() {
    walk(&mut Place::git());
}

// threats 5, 18, 28 and 37: at the steps that say so.
#[test]
fn a_team_on_s3() {
    match Place::bucket() {
        Some(mut bucket) => walk(&mut bucket),
        None => eprintln!("skipped: SEALFOLD_TEST_TOOLS holds no S3 server"),
    }
}

fn walk(place: &mut Place) {
    let team = Team::gather(place);
    team.shares_with_one_and_not_the_other();
    team.resolves_a_conflict(place);
    team.unshares();
    team.removes_bob_who_writes_late(place);
    team.works_the_exposure_list_to_zero();
    team.refuses_an_old_copy(place);
}

struct Team {
    ann: Person,
    bob: Person,
    cyd: Person,
}

impl Team {
    /// Founded by ann, joined by bob, whose words are compared, and cyd, whose aren't.
    fn gather(place: &Place) -> Self {
        let [ann, bob, cyd] = ["ann", "bob", "cyd"].map(Person::new);
        for person in [&ann, &bob, &cyd] {
            place.welcome(person);
        }
        let prod = ann.call("import - -b api/prod");
        prod.stdin("DATABASE_URL=postgres://one\nSTRIPE_KEY=sk_one\n")
            .run()
            .success();
        ann.does("team new acme");
        ann.does(&format!("remote add {}", place.arguments()));

        let words = bob.asks_to_join(&ann, "bob");
        assert_eq!(words.split(' ').count(), 10, "{words}");
        cyd.asks_to_join(&ann, "cyd");
        ann.does("sync");
        let requests = ann.asks("requests");
        let request = named(&requests, "bob");
        assert_eq!(request["words"], words.as_str());
        assert_eq!(request["role"], "writer");

        // threat 18: other words than those that the request gives are not bob's.
        let wrong = ann.home.sealfold(["approve", "bob", "--words"]);
        let wrong = wrong.arg(words.replacen(' ', " zoo ", 1)).run();
        assert_ne!(wrong.status.code(), Some(0), "{wrong:?}");
        let right = ann.home.sealfold(["approve", "bob", "--json", "--words"]);
        let bob_there = right.arg(&words).run().success().json();
        assert_eq!(bob_there["verified"], true);
        let cyd_there = ann.asks("approve cyd --yes");
        assert_eq!(cyd_there["verified"], false);
        assert_eq!(ann.asks("requests"), Value::Array(Vec::new()));

        let team = Self { ann, bob, cyd };
        team.sync();
        for person in [&team.ann, &team.bob, &team.cyd] {
            assert_eq!(names(&person.asks("members")), ["ann", "bob", "cyd"]);
        }
        team
    }

    /// Everybody knows everything.
    fn sync(&self) {
        for person in [&self.ann, &self.bob, &self.cyd, &self.ann, &self.bob] {
            person.does("sync");
        }
    }

    fn shares_with_one_and_not_the_other(&self) {
        let shared = self.ann.asks("share api/prod --with bob");
        assert_eq!(texts(&shared["members"]), ["ann", "bob"]);
        self.sync();
        assert_eq!(
            self.bob.runs_with("api/prod", "DATABASE_URL"),
            "postgres://one"
        );
        let refused = self.cyd.call("get -b acme/api/prod DATABASE_URL").run();
        assert_ne!(refused.status.code(), Some(0), "{refused:?}");
        assert!(refused.stdout.is_empty(), "{refused:?}");
        let who = self.ann.does("access who api/prod");
        assert!(
            who.text().contains("bob") && !who.text().contains("cyd"),
            "{who:?}"
        );
        for value in ["sk_zero", "sk_one"] {
            self.ann.sets("api/prod", "STRIPE_KEY", value);
            self.ann.does("sync");
            let fresh = self.bob.does("get --fresh -b api/prod STRIPE_KEY");
            assert_eq!(fresh.text(), value);
        }
    }

    fn resolves_a_conflict(&self, place: &Place) {
        place.away(|| {
            self.ann.sets("api/prod", "DATABASE_URL", "postgres://ann");
            self.bob.sets("api/prod", "DATABASE_URL", "postgres://bob");
            self.bob.call("sync").run().code(17);
            // What is here can be read, and what is fresh can't be had.
            self.bob.runs_with("api/prod", "DATABASE_URL");
            let fresh = "--fresh -b api/prod";
            let unreachable = |line: String| self.bob.call(&line).run();
            let read = "read --fresh sealfold://api/prod/STRIPE_KEY";
            for line in [
                format!("get {fresh} STRIPE_KEY"),
                format!("export {fresh}"),
                read.to_owned(),
            ] {
                let told = unreachable(line).code(17);
                assert!(told.stdout.is_empty(), "{told:?}");
            }
            unreachable(format!("run {fresh} -- true")).code(125);
        });
        self.sync();
        let hidden = self.bob.does("conflicts ls");
        assert!(!hidden.text().contains("postgres://"), "{hidden:?}");
        let shown = self.bob.does("conflicts ls --reveal");
        for value in ["postgres://one", "postgres://ann", "postgres://bob"] {
            assert!(shown.text().contains(value), "{value}: {shown:?}");
        }
        let strict = self.bob.call("run -b api/prod --strict");
        strict.arg("--").arg("true").run().code(125);

        let conflicts = self.bob.asks("conflicts ls -b api/prod");
        assert_eq!(conflicts[0]["base"]["number"], 0);
        let sides = conflicts[0]["sides"].as_array().unwrap();
        assert_eq!(sides.len(), 2);
        let theirs = sides.iter().find(|side| side["mine"] == false).unwrap();
        assert_eq!(theirs["member"], "ann");
        let resolve = format!(
            "conflicts resolve -b api/prod DATABASE_URL --take {}",
            theirs["number"]
        );
        self.bob.does(&format!("{resolve} --dry-run"));
        assert_ne!(self.bob.asks("conflicts ls"), Value::Array(Vec::new()));
        self.bob.does(&resolve);
        self.sync();
        for person in [&self.ann, &self.bob] {
            assert_eq!(person.asks("conflicts ls"), Value::Array(Vec::new()));
            assert_eq!(
                person.runs_with("api/prod", "DATABASE_URL"),
                "postgres://ann"
            );
        }
    }

    fn unshares(&self) {
        let left = self.ann.asks("unshare api/prod --with bob");
        assert_eq!(left["members"], serde_json::json!(["ann"]));
        self.sync();
        self.ann.sets("api/prod", "DATABASE_URL", "postgres://two");
        self.sync();
        let refused = self.bob.call("get -b api/prod DATABASE_URL").run();
        assert!(!String::from_utf8_lossy(&refused.stdout).contains("two"));
        let exposed = self.ann.asks("exposed ls");
        assert_eq!(names(&exposed), ["STRIPE_KEY"], "threat 37: {exposed}");
        assert_eq!(exposed[0]["to"], serde_json::json!(["bob"]));
        assert_eq!(exposed[0]["state"], "needs_rotation");
    }

    fn removes_bob_who_writes_late(&self, place: &Place) {
        self.ann.does("share api/prod --with bob");
        self.sync();
        let planned = self.ann.asks("remove bob --dry-run");
        assert_eq!(names(&self.ann.asks("members")), ["ann", "bob", "cyd"]);
        self.ann.call("remove bob").run().code(3);
        let removed = place.away(|| {
            self.bob.sets("api/prod", "STRIPE_KEY", "sk_late");
            self.ann.asks("remove bob --yes")
        });
        assert_eq!(removed["member"]["id"], planned["member"]["id"]);
        assert_eq!(
            names(&removed["exposed"]),
            ["DATABASE_URL", "STRIPE_KEY"],
            "threat 37"
        );
        self.ann.does("sync");
        assert_eq!(names(&self.ann.asks("members")), ["ann", "cyd"]);
        assert_eq!(
            named(&self.ann.asks("members --former"), "bob")["role"],
            "none"
        );

        let gone = self.bob.asks("sync");
        assert_eq!(gone["teams"][0]["out"], true, "{gone}");
        self.ann.does("sync");
        assert_eq!(
            self.ann.runs_with("api/prod", "STRIPE_KEY"),
            "sk_one",
            "threat 28"
        );
        let waiting = self.ann.asks("quarantine ls");
        assert_eq!(waiting[0]["member"], "bob", "{waiting}");
        assert_eq!(waiting[0]["names"], serde_json::json!(["STRIPE_KEY"]));
        self.ann.does("quarantine adopt --all");
        assert_eq!(self.ann.runs_with("api/prod", "STRIPE_KEY"), "sk_late");
        assert_eq!(self.ann.asks("quarantine ls"), Value::Array(Vec::new()));
    }

    fn works_the_exposure_list_to_zero(&self) {
        self.ann.sets("api/prod", "STRIPE_KEY", "sk_two");
        let exposed = self.ann.asks("exposed ls");
        assert_eq!(names(&exposed), ["DATABASE_URL"], "{exposed}");
        let done = ["exposed", "done", "-b", "api/prod", "DATABASE_URL"];
        let done = self.ann.home.sealfold(done);
        done.arg("--reason")
            .arg("the server is gone")
            .run()
            .success();
        assert_eq!(self.ann.asks("exposed ls"), Value::Array(Vec::new()));
        let all = self.ann.asks("exposed ls --all");
        let has = |name: &str, state: &str| {
            let mut versions = all.as_array().unwrap().iter();
            versions.any(|version| version["name"] == name && version["state"] == state)
        };
        assert!(has("DATABASE_URL", "settled") && has("STRIPE_KEY", "rotated"));
    }

    fn refuses_an_old_copy(&self, place: &mut Place) {
        self.ann.does("sync");
        place.keep();
        self.ann
            .sets("api/prod", "DATABASE_URL", "postgres://three");
        self.sync_without_bob();
        place.put_back();

        // threat 5
        let told = self.ann.call("sync --full --json").run().code(13);
        let findings = told.json()["teams"][0]["findings"].clone();
        assert_eq!(findings[0]["kind"], "rollback", "{told:?}");
        let status = self.ann.asks("status");
        assert_eq!(
            status["open"]["findings"][0]["kind"], "rollback",
            "{status}"
        );
        assert_eq!(
            self.ann.runs_with("api/prod", "DATABASE_URL"),
            "postgres://three"
        );

        // The same place again brings back what it lost.
        self.ann
            .does(&format!("remote move {} --without-old", place.arguments()));
        self.sync_without_bob();
        assert_eq!(
            self.ann.asks("status")["open"]["findings"],
            Value::Array(Vec::new())
        );
    }

    fn sync_without_bob(&self) {
        for person in [&self.ann, &self.cyd, &self.ann] {
            person.does("sync");
        }
    }
}

/// A list of texts, sorted.
fn texts(list: &Value) -> Vec<&str> {
    let list = list.as_array().expect("a list").iter();
    let mut texts: Vec<&str> = list.map(|one| one.as_str().unwrap()).collect();
    texts.sort_unstable();
    texts
}

/// The names in a list, sorted.
fn names(list: &Value) -> Vec<&str> {
    let list = list.as_array().expect("a list").iter();
    let mut names: Vec<&str> = list.map(|one| one["name"].as_str().unwrap()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn named<'a>(list: &'a Value, name: &str) -> &'a Value {
    let mut found = list.as_array().expect("a list").iter();
    found
        .find(|one| one["name"] == name)
        .unwrap_or_else(|| panic!("no {name} in {list}"))
}
