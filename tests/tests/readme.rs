//! The README's walk, typed at a terminal as it stands there: what it shows is what one sees.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod cli_shell;

use std::fs;
use std::path::Path;

use cli_shell::in_shell;
use sealfold_tests::home::Home;
use sealfold_tests::terminal::Terminal;
use sqlx::{Connection, SqliteConnection};

/// A command, and the lines that it shows. `…` in the README stands for what was left out.
struct Step {
    command: String,
    shown: Vec<String>,
}

#[test]
fn the_walk_shows_what_the_readme_says() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let readme = fs::read_to_string(readme).unwrap();
    let walks: Vec<Vec<Step>> = readme.split("```\n").filter_map(walk).collect();
    let [main, tampered] = walks.as_slice() else {
        panic!("the README has two walks, not {}", walks.len());
    };

    let home = Home::empty();
    home.write("pass", "orchid mantle seven\n");
    home.write(".env", main[0].shown.join("\n") + "\n");
    home.write(
        "app.py",
        "import os\nprint('paying with', os.environ['STRIPE_KEY'])\n",
    );
    take(&home, main);
    change_a_row(&home);
    take(&home, tampered);
}

/// The steps of a block of the README, if it is a walk.
fn walk(block: &str) -> Option<Vec<Step>> {
    let steps = block.strip_prefix("$ ")?.split("\n$ ").map(|step| {
        let mut lines = step.trim_end().lines().map(str::to_owned);
        Step {
            command: lines.next().expect("a command"),
            shown: lines.collect(),
        }
    });
    Some(steps.collect())
}

fn take(home: &Home, steps: &[Step]) {
    let mut script = String::from("PATH=$(dirname \"$0\"):$PATH\n");
    for (number, step) in steps.iter().enumerate() {
        script += &format!("{}\necho '--- {number}'\n", step.command);
    }
    let call = home.sealfold([""; 0]);
    let mut terminal = Terminal::start(&in_shell(&call, "bash", &script));
    for (number, step) in steps.iter().enumerate() {
        let shown = terminal.expect(&format!("--- {number}\r\n"));
        let shown: Vec<String> = shown.lines().map(without_dates).collect();
        let expected: Vec<String> = step.shown.iter().map(|line| without_dates(line)).collect();
        assert!(
            agree(&expected, &shown),
            "$ {}\nthe README shows\n{}\nthe program shows\n{}",
            step.command,
            expected.join("\n"),
            shown.join("\n")
        );
    }
}

/// Whether the lines are these, `…` standing for any lines.
fn agree(expected: &[String], shown: &[String]) -> bool {
    match (expected, shown) {
        ([], shown) => shown.is_empty(),
        ([left_out, rest @ ..], shown) if left_out.trim() == "…" => {
            (0..=shown.len()).any(|from| agree(rest, &shown[from..]))
        }
        ([line, rest @ ..], [first, others @ ..]) => line == first && agree(rest, others),
        (_, []) => false,
    }
}

/// Days and times differ; how they are written does not.
fn without_dates(line: &str) -> String {
    let digit = |c: char| if c.is_ascii_digit() { '0' } else { c };
    let is_date = |word: &str| {
        let shape: String = word.chars().map(digit).collect();
        ["0000-00-00", "00:00"].contains(&shape.as_str())
    };
    let words = line.trim_end().split(' ').map(|word| {
        if is_date(word) {
            word.chars().map(digit).collect()
        } else {
            word.to_owned()
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

fn change_a_row(home: &Home) {
    let file = home.sealfold_home().join("vault.sealfold");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let address = format!("sqlite://{}", file.display());
        let mut connection = SqliteConnection::connect(&address).await.unwrap();
        sqlx::query("UPDATE audit SET sealed = zeroblob(64) WHERE idx = 3")
            .execute(&mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
    });
}
