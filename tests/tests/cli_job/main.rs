//! Jobs of a CI through the built program: a service's token, a remote, and nothing else.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

// What only the walks of a team need is not used here.
#[allow(dead_code)]
#[path = "../cli_team/bucket.rs"]
mod bucket;
#[allow(dead_code)]
#[path = "../cli_team/people.rs"]
mod people;
mod runner;
mod snippets;

use people::{Person, Place};
use runner::Runner;
use team::ids::DeviceId;
use team::jobs::{Terms, Token, make_service};

/// Somebody with a team at this place, two bundles in it, and a service for these.
fn with_service(ann: Person, place: &str, bundles: &str) -> (Person, String) {
    ann.does("team new acme");
    ann.does(&format!("remote add {place}"));
    ann.does("bundle new api/prod");
    ann.sets("api/prod", "DATABASE_URL", "postgres://prod");
    ann.sets("api/prod", "STRIPE_KEY", "it's \"quoted\" $HOME");
    ann.does("bundle new web/prod");
    ann.sets("web/prod", "TITLE", "Acme");
    let created = ann.does(&format!("service create ci {bundles}"));
    let token = created.text().trim_end().to_owned();
    assert!(token.starts_with("sealfold-service-1-"), "{token}");
    assert!(!created.stderr.contains(&token));
    (ann, token)
}

fn on(place: &Place) -> (Person, String) {
    with_service(Person::new("ann"), &place.arguments(), "-b api/prod")
}

#[test]
fn a_job_reads_runs_and_exports_with_nothing_but_its_token() {
    for place in [Place::git(), Place::folder()] {
        let (ann, token) = on(&place);
        let job = Runner::new(&token);
        job.gives(
            "read -n sealfold://api/prod/STRIPE_KEY",
            "it's \"quoted\" $HOME",
        );
        job.gives("run -- printenv DATABASE_URL", "postgres://prod\n");
        job.gives(
            "run -b acme/api/prod --only STRIPE_* -- printenv STRIPE_KEY",
            "it's \"quoted\" $HOME\n",
        );
        job.gives(
            "export --only DATABASE_URL --format json",
            "{\n  \"DATABASE_URL\": \"postgres://prod\"\n}\n",
        );
        job.left_nothing();

        ann.sets("api/prod", "DATABASE_URL", "postgres://new");
        ann.does("sync");
        job.gives("run -- printenv DATABASE_URL", "postgres://new\n");

        let listed = ann.asks("service ls");
        assert_eq!(listed[0]["state"], "active");
        assert!(listed[0]["published"].is_u64(), "{listed}");
    }
}

// threat 53
#[test]
fn a_token_reaches_no_other_program() {
    let place = Place::git();
    let (_ann, token) = on(&place);
    let job = Runner::new(&token);
    let seen = job.with_watched_git();
    let environment = job.call(&["run", "--", "env"]).success().text();
    assert!(environment.contains("DATABASE_URL=postgres://prod"));
    assert!(!environment.contains("SEALFOLD_") && !environment.contains(&token));
    let seen = std::fs::read_to_string(seen).unwrap();
    assert!(seen.contains("fetch"), "{seen}");
    assert!(
        !seen.contains("SEALFOLD_TOKEN") && !seen.contains(&token[..40]),
        "{seen}"
    );
    assert!(!seen.contains("postgres://prod"));
}

#[test]
fn a_token_is_good_for_three_commands() {
    let place = Place::folder();
    let (_ann, token) = on(&place);
    let job = Runner::new(&token);
    for line in [
        "status",
        "ls",
        "get DATABASE_URL",
        "sync",
        "init",
        "unlock",
        "doctor",
        "agent status",
        "service ls",
        "lock",
    ] {
        let refused = job.call(&line.split(' ').collect::<Vec<_>>()).code(16);
        assert!(refused.stderr.contains("run"), "{refused:?}");
    }
    job.left_nothing();
}

#[test]
fn what_goes_wrong_has_its_own_code() {
    let place = Place::git();
    let (ann, token) = on(&place);
    let fails = |token: &str, code: u8, class: &str| {
        let job = Runner::new(token);
        let read = job
            .call(&["read", "sealfold://api/prod/DATABASE_URL"])
            .code(code.into());
        assert!(
            !read.stderr.contains(&token[..token.len().min(30)]),
            "{read:?}"
        );
        let run = job.call(&["run", "--", "printenv"]).code(125);
        assert!(
            run.stderr.contains(&format!("not started ({class})")),
            "{run:?}"
        );
        job.left_nothing();
    };
    fails("sealfold-service-1-", 12, "wrong passphrase or key");
    fails(&token[..token.len() - 5], 12, "wrong passphrase or key");

    let changed = |change: fn(&mut Token)| {
        let mut token = Token::from_text(&token).unwrap();
        change(&mut token);
        token.to_text().expose().to_owned()
    };
    fails(&changed(|token| token.terms.expires = 1), 16, "not allowed");
    // threat 5
    fails(
        &changed(|token| token.terms.min_count = 99),
        13,
        "integrity",
    );
    // threat 23: nobody whom this token believes has signed.
    let stranger = |token: &mut Token| token.terms.signers = vec![DeviceId::from_bytes([7; 32])];
    fails(&changed(stranger), 17, "remote");
    fails(&changed(|token| token.hint += "x"), 17, "remote");

    let held = Token::from_text(&token).unwrap();
    let terms = Terms {
        signers: held.terms.signers.clone(),
        ..held.terms.clone()
    };
    let (other, _) = make_service((held.team, held.genesis), &held.hint, Vec::new(), terms);
    fails(other.to_text().expose(), 17, "remote");

    // A program that is not there, as without a token.
    let job = Runner::new(&token);
    job.call(&["run", "--", "no-such-program"]).code(127);
    job.call(&["read", "sealfold://web/prod/TITLE"]).code(10);
    job.call(&["read", "sealfold://api/prod/NONE"]).code(10);

    // threat 37: the token opens what was published, and the owner is told.
    ann.does("service remove ci");
    ann.does("sync");
    let ended = job.call(&["run", "--", "true"]).code(125);
    assert!(ended.stderr.contains("was removed"), "{ended:?}");
    let exposed = ann.asks("exposed ls");
    assert_eq!(exposed.as_array().unwrap().len(), 2, "{exposed}");
    assert_eq!(exposed[0]["to"][0], "the service ci");
}

#[test]
fn a_token_for_several_bundles_asks_which() {
    let place = Place::folder();
    let (_ann, token) = with_service(
        Person::new("ann"),
        &place.arguments(),
        "-b api/prod -b web/prod",
    );
    let job = Runner::new(&token);
    let which = job.call(&["run", "--", "true"]).code(125);
    assert!(which.stderr.contains("api/prod, web/prod"), "{which:?}");
    job.gives("run -b web/prod -- printenv TITLE", "Acme\n");
    job.gives("read sealfold://web/prod/TITLE", "Acme\n");
}

#[test]
fn a_job_may_find_the_remote_elsewhere() {
    let place = Place::git();
    let (_ann, token) = on(&place);
    let mut held = Token::from_text(&token).unwrap();
    held.hint = "ssh://nobody@127.0.0.1:9/acme.git".to_owned();
    let job = Runner::new(held.to_text().expose());
    let arguments = place.arguments();
    let there = arguments.strip_prefix("git ").unwrap();
    let job = job.with("SEALFOLD_REMOTE", there);
    job.gives("run -- printenv DATABASE_URL", "postgres://prod\n");
}
