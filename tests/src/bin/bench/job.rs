//! A service's job from its sheet: what it takes beyond the requests themselves, with a long log.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use sealfold_tests::home::{Home, binary};
use tempfile::TempDir;

use super::measure::{Report, in_turn, show};

/// Objects in the log beside the sheet.
const LOG: usize = 20_000;
/// What a job may take beyond its requests.
const LIMIT: Duration = Duration::from_millis(50);

pub fn from_its_sheet(report: &mut Report) {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("acme.git");
    let path = path.to_str().unwrap();
    git(path, &["init", "--quiet", "--bare"]);
    git(path, &["config", "uploadpack.allowFilter", "true"]);
    let home = Home::prepared();
    let token = service(&home, path);
    lengthen(path);

    let sheets = git(path, &["ls-tree", "-r", "sealfold", "sealfold"]);
    let sheet = sheets.lines().find(|line| line.contains("/service/"));
    let (head, name) = sheet.expect("a sheet").split_once('\t').unwrap();
    let blob = head.rsplit(' ').next().unwrap();
    let (folder, _) = name.rsplit_once('/').unwrap();
    let tree = git(path, &["rev-parse", &format!("sealfold:{folder}")]);

    let job = || {
        let program = ["run", "--", "true"];
        let status = Command::new(binary())
            .args(program)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("SEALFOLD_TOKEN", &token)
            .status();
        assert!(status.unwrap().success());
    };
    // Each round has a repository of its own, as a job has.
    let mut bare = (0..12).map(|_| empty()).collect::<Vec<_>>();
    let requests = || bare_requests(&bare.pop().expect("one a round"), path, tree.trim(), blob);
    let (ours, theirs) = in_turn(10, job, requests);
    let over = ours.saturating_sub(theirs);
    println!(
        "  a job takes {}, its three requests alone {}",
        show(ours),
        show(theirs)
    );
    report.figure(
        "a job from its sheet, over its requests, of 50 ms",
        over.as_secs_f64() / LIMIT.as_secs_f64(),
        1.0,
    );
}

/// A team with a service; returns its token.
fn service(home: &Home, path: &str) -> String {
    let values: String = (0..50)
        .map(|it| format!("NAME_{it}=value {it}\n"))
        .collect();
    home.write(".env", values);
    let remote = format!("file://{path}");
    let does = |args: &[&str]| {
        let call = home.sealfold(args).arg("--no-agent").with_passphrase();
        call.run().success().text().to_owned()
    };
    does(&["team", "new", "acme"]);
    does(&["remote", "add", "git", &remote]);
    does(&["import", ".env", "-b", "api/prod"]);
    does(&["service", "create", "ci", "-b", "api/prod"])
        .trim()
        .to_owned()
}

/// Adds a log of many segments to the branch, as a team of some years has it.
fn lengthen(path: &str) {
    let team = git(path, &["ls-tree", "--name-only", "sealfold:sealfold/1"]);
    let mut stream = String::from(
        "commit refs/heads/sealfold\ncommitter a <a@b> 0 +0000\ndata 0\nfrom refs/heads/sealfold^0\n",
    );
    for it in 0..LOG {
        let (day, text) = (it / 100, format!("{it:0300}"));
        let name = format!("sealfold/1/{}/log/{day:03}/{it:0140}.seg", team.trim());
        stream += &format!("M 100644 inline {name}\ndata {}\n{text}\n", text.len());
    }
    let mut import = Command::new("git")
        .args(["--git-dir", path, "fast-import", "--quiet"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = import.stdin.take().unwrap();
    input.write_all(stream.as_bytes()).unwrap();
    drop(input);
    assert!(import.wait().unwrap().success());
}

fn empty() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    git(path, &["init", "--quiet", "--bare", "--template="]);
    folder
}

fn bare_requests(repository: &TempDir, remote: &str, tree: &str, blob: &str) {
    let fetch = |wanted: &[&str]| {
        let url = format!("remote.r.url=file://{remote}");
        let mut command = git_command(repository.path());
        command.args(["-c", &url, "-c", "remote.r.promisor=true"]);
        command.args(["-c", "extensions.partialClone=r"]);
        command.args(["-c", "fetch.negotiationAlgorithm=noop"]);
        command.args(["fetch", "--quiet", "--no-tags", "--no-write-fetch-head"]);
        assert!(command.args(wanted).status().unwrap().success());
    };
    let head = "+refs/heads/sealfold:refs/head";
    fetch(&["--depth=1", "--filter=tree:5", "r", head]);
    fetch(&["--filter=blob:none", "r", tree]);
    fetch(&["--filter=blob:none", "r", blob]);
}

fn git_command(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_NO_LAZY_FETCH", "1")
        .arg("--git-dir")
        .arg(folder);
    command
}

fn git(folder: &str, args: &[&str]) -> String {
    let output = git_command(Path::new(folder)).args(args).output().unwrap();
    assert!(output.status.success(), "git {args:?}");
    String::from_utf8(output.stdout).unwrap()
}
