//! Environments through the terminal: compared, promoted; entries found; codes and fresh values.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use sealfold_tests::home::Home;

/// A home with an agent, and two bundles that differ.
fn with_two() -> Home {
    let home = Home::prepared();
    home.sealfold(["unlock"]).with_passphrase().run().success();
    import(&home, "api/dev", "SAME=1\nURL=http://localhost\nNEW=n\n");
    import(&home, "api/prod", "SAME=1\nURL=https://example.org\n");
    home
}

fn import(home: &Home, bundle: &str, text: &str) {
    let call = home.sealfold(["import", "-", "-b", bundle]);
    call.stdin(text).run().success();
}

#[test]
fn what_differs_is_told_without_values() {
    let home = with_two();
    let told = home
        .sealfold(["diff", "api/dev", "api/prod"])
        .run()
        .code(14);
    let lines: Vec<Vec<&str>> = told
        .text()
        .lines()
        .map(|line| line.split('\t').collect())
        .collect();
    assert_eq!(lines.len(), 2, "{told:?}");
    assert_eq!(lines[0][..3], ["NEW", "variable", "only in api/dev"]);
    assert_eq!(lines[1][..3], ["URL", "variable", "different"]);
    assert!(!format!("{told:?}").contains("localhost"));
    let all = home
        .sealfold(["diff", "api/dev", "api/prod", "--all"])
        .run()
        .code(14);
    assert!(all.text().contains("same"));

    let shown = home
        .sealfold(["diff", "api/dev", "api/prod", "--reveal", "--json"])
        .run()
        .code(14)
        .json();
    let url = &shown["rows"][2];
    assert_eq!(url["state"], "different");
    assert_eq!(url["b_values"][0]["value"], "https://example.org");
    assert_eq!(
        shown["rows"][1]["a_values"],
        serde_json::json!([]),
        "what is the same stays hidden"
    );
}

#[test]
fn a_file_is_a_side_too() {
    let home = with_two();
    home.write(".env", "SAME=1\nURL=http://localhost\nNEW=n\n");
    let same = home.sealfold(["diff", ".env", "api/dev"]).run().success();
    assert_eq!(same.text(), "", "{same:?}");
    let piped = home
        .sealfold(["diff", "api/dev", "-"])
        .stdin("SAME=1\nno\n")
        .run()
        .code(14);
    assert!(
        piped.stderr.contains("line 2 of standard input"),
        "{piped:?}"
    );
    home.sealfold(["diff", "api/dev", "./none"]).run().code(10);
    home.sealfold(["diff", "api/dev", "api/none"])
        .run()
        .code(10);
}

#[test]
fn a_project_stands_side_by_side() {
    let home = with_two();
    let told = home.sealfold(["diff", "api", "--all"]).run().code(14);
    assert_eq!(
        told.text(),
        "NEW\t1\t-\nSAME\t1\t1\nURL\t1\t2\n",
        "{told:?}"
    );
    let json = home
        .sealfold(["diff", "api", "--json"])
        .run()
        .code(14)
        .json();
    assert_eq!(json["environments"][1]["bundle"], "api/prod");
    assert_eq!(json["rows"][2]["cells"][1]["group"], 2);
    home.sealfold(["diff", "none"]).run().code(10);
    home.sealfold(["diff", "api/dev"]).run().code(2);
}

#[test]
fn promotion_asks_and_says_which_is_written() {
    let home = with_two();
    let call = || home.sealfold(["promote", "api/dev", "api/prod", "URL", "SAME"]);
    let refused = call().arg("--no-input").run().code(3);
    assert!(
        refused.stderr.contains("api/prod") && refused.stderr.contains("--yes"),
        "{refused:?}"
    );
    let get = |name: &str| home.sealfold(["get", "-b", "api/prod", name]).run();
    assert_eq!(get("URL").text(), "https://example.org");

    let rehearsed = call().arg("--dry-run").run().success();
    assert_eq!(
        rehearsed.text(),
        "SAME\tvariable\tsame\nURL\tvariable\tchanged\n"
    );
    let mut terminal = call().on_terminal();
    terminal.expect("Write 0 new and 1 changed (1 the same) into api/prod?");
    terminal.type_in("y\r");
    terminal.expect("Wrote 0 new and 1 changed");
    terminal.wait_for_code(0);
    assert_eq!(get("URL").success().text(), "http://localhost");
    get("NEW").code(10);

    let all = ["promote", "api/dev", "api/prod", "--all", "--yes", "--json"];
    let report = home.sealfold(all).run().success().json();
    assert_eq!(report["entries"][0]["change"], "created");
    home.sealfold(["diff", "api/dev", "api/prod"])
        .run()
        .success();
    let again = home.sealfold(all).run().success();
    assert!(
        again.json()["entries"]
            .as_array()
            .unwrap()
            .iter()
            .all(|one| one["change"] == "same")
    );
}

#[test]
fn entries_are_found_by_what_is_known_of_them() {
    let home = with_two();
    home.sealfold([
        "set",
        "-b",
        "api/prod",
        "URL",
        "--owner",
        "Ann",
        "--no-input",
    ])
    .run()
    .success();
    let found = home.sealfold(["find", "url"]).run().success();
    let first: Vec<&str> = found
        .text()
        .lines()
        .map(|line| line.split('\t').nth(1).unwrap())
        .collect();
    assert_eq!(first, ["api/dev", "api/prod"]);
    let json = home
        .sealfold(["find", "ann", "u", "--json"])
        .run()
        .success()
        .json();
    assert_eq!(
        (json.as_array().unwrap().len(), &json[0]["bundle"]),
        (1, &"api/prod".into())
    );
    // Values are never looked at.
    home.sealfold(["find", "localhost"]).run().code(10);
}

#[test]
fn codes_of_one_time_passwords() {
    let home = with_two();
    let set = |secret: &str| {
        let args = ["set", "-b", "api/dev", "2FA", "--kind", "otp", "--stdin"];
        home.sealfold(args).stdin(secret).run()
    };
    let refused = set("hunter2").code(2);
    assert!(
        refused.stderr.contains("base32") && !refused.stderr.contains("hunter2"),
        "{refused:?}"
    );
    set("JBSW Y3DP EHPK 3PXP").success();
    let code = home
        .sealfold(["get", "-b", "api/dev", "2FA", "--field", "code"])
        .run()
        .success();
    assert!(
        code.text().len() == 6 && code.text().bytes().all(|byte| byte.is_ascii_digit()),
        "{code:?}"
    );
    assert!(code.stderr.contains("Good for"));
    let json = home
        .sealfold(["read", "sealfold://api/dev/2FA#code", "--json"])
        .run()
        .success()
        .json();
    assert_eq!(json["until"].as_u64().unwrap() % 30, 0);
    assert_eq!(json["value"].as_str().unwrap().len(), 6);
}

#[test]
fn fresh_values_need_no_vault() {
    let home = Home::empty();
    let generate = |args: &[&str]| home.sealfold(["generate"].iter().chain(args)).run();
    let made = generate(&[]).success();
    assert_eq!(made.text().len(), 32);
    assert!(made.stderr.contains("190 bits"), "{made:?}");
    assert!(made.text().bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let words = generate(&["--words", "6"]).success();
    assert_eq!(words.text().split('-').count(), 6);
    assert!(words.stderr.contains("66 bits"));
    let json = generate(&["--length", "20", "--symbols", "--json"])
        .success()
        .json();
    assert_eq!(
        (json["value"].as_str().unwrap().len(), &json["bits"]),
        (20, &123.into())
    );
    generate(&["--length", "7"]).code(2);
    generate(&["--words", "3"]).code(2);
    assert!(!home.sealfold_home().exists(), "nothing is kept");
}
