//! Git: over files and over ssh, and repositories that mean harm.

use std::fs;
use std::path::Path;

use remotes::{Creation, Remote, RemoteError, StrayKind};
use tempfile::TempDir;

use crate::places::{At, Place};
use crate::processes::call;
use crate::{name, prefix, suite};

/// A bare repository, and where it is.
fn repository() -> (TempDir, At) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("acme.git");
    call("git", ["init", "--quiet", "--bare", path.to_str().unwrap()]);
    let at = At::new(&format!("file://{}", path.display()));
    (folder, at)
}

fn git(folder: &TempDir, args: &[&str]) -> String {
    let path = folder.path().join("acme.git");
    call(
        "git",
        [&["--git-dir", path.to_str().unwrap()], args].concat(),
    )
}

async fn list(remote: &Remote) -> String {
    let listing = remote.list(&prefix("x"), None).await.unwrap();
    suite::names(&listing).join(" ")
}

#[tokio::test(flavor = "multi_thread")]
async fn contract_over_files() {
    let (_folder, at) = repository();
    suite::all(&at).await;
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn contract_over_ssh() {
    use crate::sshd::{Sshd, user};
    let (folder, _) = repository();
    let keys = tempfile::tempdir().unwrap();
    let Some(sshd) = Sshd::start(keys.path()) else {
        return;
    };
    let path = folder.path().join("acme.git");
    let url = format!("ssh://{}@127.0.0.1:{}{}", user(), sshd.port, path.display());
    let mut at = At::new(&url).with("GIT_SSH_COMMAND", sshd.command("user"));
    at.writers = 3;
    suite::all(&at).await;

    // A key that the server does not know.
    let at = At::new(&url).with("GIT_SSH_COMMAND", sshd.command("host"));
    let error = at.connect().list(&prefix("x"), None).await.unwrap_err();
    assert!(matches!(error, RemoteError::Denied { .. }), "{error:?}");
    // A repository that is not there.
    let at = At::new(&format!("{url}x")).with("GIT_SSH_COMMAND", sshd.command("user"));
    let error = at.connect().list(&prefix("x"), None).await.unwrap_err();
    assert!(matches!(error, RemoteError::Missing { .. }), "{error:?}");
    // Nobody there.
    drop(sshd);
    let error = at.connect().list(&prefix("x"), None).await.unwrap_err();
    assert!(
        matches!(error, RemoteError::Unreachable { .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn ids_may_be_sha_256() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("acme.git");
    let path = path.to_str().unwrap();
    call(
        "git",
        ["init", "--quiet", "--bare", "--object-format=sha256", path],
    );
    commit_file(&folder, "sealfold", "100644", "x/a");
    let at = At::new(&format!("file://{path}"));
    let remote = at.connect();
    assert_eq!(list(&remote).await, "x/a");
    assert_eq!(
        remote.create(&name("x/b"), b"b").await.unwrap(),
        Creation::Created
    );
    assert_eq!(list(&at.connect()).await, "x/a x/b");
}

// How fast: without news one ls-remote, even for a new process; with news a fetch more.
#[tokio::test]
async fn no_news_costs_one_question() {
    let (_folder, at) = repository();
    let ann = at.connect();
    ann.create(&name("x/a"), b"a").await.unwrap();
    let cache = tempfile::tempdir().unwrap();
    let bob = at.reconnect(cache.path());
    assert_eq!(list(&bob).await, "x/a");
    let counts = bob.counts();
    assert_eq!(
        (counts.ls_remotes, counts.fetches, counts.pushes),
        (1, 1, 0)
    );
    list(&bob).await;
    bob.get(&name("x/a"), 10).await.unwrap();
    assert_eq!(bob.counts().requests(), 3);

    let later = at.reconnect(cache.path());
    assert_eq!(list(&later).await, "x/a");
    assert_eq!(later.counts().requests(), 1);
    // What was pushed is known too: a push, and nothing to fetch afterwards.
    later.create(&name("x/b"), b"b").await.unwrap();
    list(&later).await;
    let counts = later.counts();
    assert_eq!(
        (counts.ls_remotes, counts.fetches, counts.pushes),
        (2, 0, 1)
    );
}

#[tokio::test]
async fn many_files_are_one_commit_that_says_nothing() {
    let (folder, at) = repository();
    let objects: Vec<_> = (0..20)
        .map(|it| (name(&format!("x/{it}")), vec![1]))
        .collect();
    at.connect().create_many(&objects).await.unwrap();
    let log = git(
        &folder,
        &["log", "--format=%an %ae %cn %ce %s%b|%P|", "sealfold"],
    );
    let who = "Sealfold sealfold@localhost";
    assert_eq!(log.trim(), format!("{who} {who} Sealfold [skip ci]||"));
    // Nothing but the branch.
    let refs = git(&folder, &["for-each-ref", "--format=%(refname)"]);
    assert_eq!(refs.trim(), "refs/heads/sealfold");
}

#[tokio::test]
async fn other_branches_stay_as_they_are() {
    let (folder, at) = repository();
    commit_file(&folder, "main", "100644", "src/main.c");
    let before = git(&folder, &["rev-parse", "main"]);
    at.connect().create(&name("x/a"), b"a").await.unwrap();
    assert_eq!(git(&folder, &["rev-parse", "main"]), before);
    let files = git(&folder, &["ls-tree", "-r", "--name-only", "sealfold"]);
    assert_eq!(files.trim(), "x/a");
}

// threat 5: what is there now is what is told; the caller compares.
#[tokio::test]
async fn a_branch_that_was_set_back_is_shown_as_it_is() {
    let (folder, at) = repository();
    let (ann, bob) = (at.connect(), at.connect());
    ann.create(&name("x/a"), b"a").await.unwrap();
    let old = git(&folder, &["rev-parse", "sealfold"]);
    ann.create(&name("x/b"), b"b").await.unwrap();
    assert_eq!(list(&bob).await, "x/a x/b");
    git(&folder, &["update-ref", "refs/heads/sealfold", old.trim()]);
    assert_eq!(list(&bob).await, "x/a");
    assert_eq!(list(&ann).await, "x/a");
    // Writing goes on from there, and from a branch that is gone.
    assert_eq!(
        bob.create(&name("x/c"), b"c").await.unwrap(),
        Creation::Created
    );
    assert_eq!(list(&ann).await, "x/a x/c");
    git(&folder, &["update-ref", "-d", "refs/heads/sealfold"]);
    assert_eq!(list(&ann).await, "");
    assert_eq!(
        ann.create(&name("x/d"), b"d").await.unwrap(),
        Creation::Created
    );
    assert_eq!(list(&bob).await, "x/d");
}

// A branch of another history, as after a push by force.
#[tokio::test]
async fn a_branch_with_another_root_is_taken_as_it_is() {
    let (folder, at) = repository();
    let ann = at.connect();
    ann.create(&name("x/a"), b"a").await.unwrap();
    commit_file(&folder, "sealfold", "100644", "x/other");
    assert_eq!(
        ann.create(&name("x/b"), b"b").await.unwrap(),
        Creation::Created
    );
    assert_eq!(list(&ann).await, "x/b x/other");
}

#[tokio::test]
async fn a_push_that_is_not_wanted_is_refused() {
    let (folder, at) = repository();
    git(&folder, &["config", "receive.maxInputSize", "10"]);
    let error = at
        .connect()
        .create(&name("x/a"), &[7; 5000])
        .await
        .unwrap_err();
    assert!(
        matches!(
            error,
            RemoteError::Refused { .. } | RemoteError::Unreachable { .. }
        ),
        "{error:?}"
    );
    assert_eq!(list(&at.connect()).await, "");
}

/// Adds a branch of one commit with one file of this mode.
fn commit_file(folder: &TempDir, branch: &str, mode: &str, path: &str) {
    let input = format!(
        "blob\nmark :1\ndata 11\n/etc/passwd\ncommit refs/heads/{branch}\n\
         committer X <x@example.org> now\ndata 1\nx\ndeleteall\nM {mode} :1 {path}\ndone\n"
    );
    import(folder, &input);
}

fn import(folder: &TempDir, input: &str) {
    let file = folder.path().join("input");
    fs::write(&file, input).unwrap();
    let path = folder.path().join("acme.git");
    let script =
        "git --git-dir \"$1\" fast-import --quiet --force --done --date-format=now < \"$2\"";
    let (path, file) = (path.to_str().unwrap(), file.to_str().unwrap());
    call("sh", ["-c", script, "sh", path, file]);
}

// threat 64
#[tokio::test]
async fn links_submodules_and_odd_names_are_strays() {
    let (folder, at) = repository();
    import(
        &folder,
        "blob\nmark :1\ndata 11\n/etc/passwd\ncommit refs/heads/sealfold\n\
         committer X <x@example.org> now\ndata 1\nx\n\
         M 100644 :1 x/good\nM 120000 :1 x/link\nM 120000 :1 x/day\n\
         M 160000 1111111111111111111111111111111111111111 x/sub\n\
         M 100644 :1 x/.gitattributes\nM 100644 :1 x/Upper\nM 100644 :1 \"x/a\\nb\"\n\
         M 100644 :1 .gitmodules\ndone\n",
    );
    let remote = at.connect();
    let listing = remote.list(&prefix("x"), None).await.unwrap();
    assert_eq!(suite::names(&listing), ["x/good"]);
    let strays: Vec<_> = listing
        .strays
        .iter()
        .map(|it| (it.shown_name(), it.kind))
        .collect();
    let expected = [
        ("x/.gitattributes", StrayKind::OtherName),
        ("x/Upper", StrayKind::OtherName),
        (r"x/a\u{a}b", StrayKind::OtherName),
        ("x/day", StrayKind::Symlink),
        ("x/link", StrayKind::Symlink),
        ("x/sub", StrayKind::Submodule),
    ];
    assert_eq!(strays, expected);
    // Nothing is followed, and nothing is replaced.
    let different = Creation::DifferentAlready;
    for taken in ["x/link", "x/sub", "x/day/a", "x/sub/a", "x/good/a"] {
        assert_eq!(
            remote.create(&name(taken), b"a").await.unwrap(),
            different,
            "{taken}"
        );
    }
    assert_eq!(
        remote.create(&name("x/new"), b"a").await.unwrap(),
        Creation::Created
    );
    let after = git(&folder, &["ls-tree", "-r", "--name-only", "sealfold"]);
    assert_eq!(after.lines().count(), 9, "{after}");
}

/// Writes a program that leaves a mark when it runs.
#[cfg(unix)]
fn trap(at: &Path, mark: &Path) -> String {
    use std::os::unix::fs::PermissionsExt;
    fs::create_dir_all(at.parent().unwrap()).unwrap();
    let text = format!(
        "#!/bin/sh\necho \"$0\" >> '{}'\ncat > /dev/null\n",
        mark.display()
    );
    fs::write(at, text).unwrap();
    fs::set_permissions(at, fs::Permissions::from_mode(0o755)).unwrap();
    at.to_str().unwrap().to_owned()
}

/// A repository of this machine, not bare, with every trap that git knows. What it ran is in
/// the second file.
#[cfg(unix)]
fn hostile() -> (TempDir, At, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let (work, mark) = (folder.path().join("work"), folder.path().join("mark"));
    let shown = work.to_str().unwrap();
    call(
        "git",
        ["init", "--quiet", "--initial-branch=sealfold", shown],
    );
    let git = |args: &[&str]| call("git", [&["-C", shown], args].concat());
    fs::create_dir(work.join("x")).unwrap();
    fs::write(work.join("x/a"), "a").unwrap();
    fs::write(
        work.join(".gitattributes"),
        "* filter=evil diff=evil merge=evil\n",
    )
    .unwrap();
    git(&["add", "."]);
    git(&[
        "-c",
        "user.name=x",
        "-c",
        "user.email=x",
        "commit",
        "--quiet",
        "-m",
        "x",
    ]);
    let hooks = [
        "pre-receive",
        "update",
        "post-receive",
        "post-update",
        "proc-receive",
        "reference-transaction",
        "push-to-checkout",
        "post-checkout",
        "pre-push",
        "pre-auto-gc",
        "fsmonitor-watchman",
        "post-index-change",
        "pre-commit",
        "post-commit",
    ];
    for hook in hooks {
        trap(&work.join(".git/hooks").join(hook), &mark);
    }
    let evil = trap(&work.join("evil"), &mark);
    let ext = format!("ext::{evil}");
    let settings = [
        ("core.fsmonitor", evil.as_str()),
        ("core.sshCommand", &evil),
        ("core.alternateRefsCommand", &evil),
        ("core.askPass", &evil),
        ("core.pager", &evil),
        ("filter.evil.clean", &evil),
        ("filter.evil.smudge", &evil),
        ("filter.evil.process", &evil),
        ("diff.evil.textconv", &evil),
        ("diff.external", &evil),
        ("receive.denyCurrentBranch", "updateInstead"),
        ("receive.procReceiveRefs", "refs/for"),
        ("receive.unpackLimit", "1"),
        ("gc.auto", "1"),
        ("gc.autoDetach", "false"),
        ("gc.pruneExpire", "now"),
        ("gc.recentObjectsHook", &evil),
        ("gpg.program", &evil),
        ("uploadpack.packObjectsHook", &evil),
        ("protocol.allow", "always"),
        ("protocol.ext.allow", "always"),
        ("remote.origin.url", &ext),
        ("remote.origin.promisor", "true"),
        ("extensions.partialClone", "origin"),
    ];
    for (key, value) in settings {
        git(&["config", key, value]);
    }
    // As many loose objects as make git tidy up: it goes by this one folder.
    let loose = work.join(".git/objects/17");
    fs::create_dir_all(&loose).unwrap();
    for number in 0..3 {
        fs::write(loose.join(format!("{number:038x}")), "").unwrap();
    }
    // An alternate, so that its refs are asked for.
    let other = folder.path().join("other.git");
    call(
        "git",
        ["init", "--quiet", "--bare", other.to_str().unwrap()],
    );
    let alternate = other.join("objects");
    fs::write(
        work.join(".git/objects/info/alternates"),
        format!("{}\n", alternate.display()),
    )
    .unwrap();
    let at = At::new(&format!("file://{shown}"));
    let _ = fs::remove_file(&mark);
    (folder, at, mark)
}

// threat 64
#[cfg(unix)]
#[tokio::test]
async fn nothing_of_a_hostile_repository_runs() {
    let (folder, at, mark) = hostile();
    let remote = at.connect();
    assert_eq!(list(&remote).await, "x/a");
    assert_eq!(remote.get(&name("x/a"), 10).await.unwrap(), b"a");
    // To push to the branch that is checked out there would change its files.
    let error = remote.create(&name("x/b"), b"b").await.unwrap_err();
    assert!(matches!(error, RemoteError::Refused { .. }), "{error:?}");
    let ran = fs::read_to_string(&mark).unwrap_or_default();
    assert_eq!(ran, "");
    assert!(!folder.path().join("work/x/b").exists());

    // Another branch is pushed, and still nothing runs.
    let branch = format!("{}#other", at.location);
    let other = At::new(&branch).connect();
    assert_eq!(
        other.create(&name("x/b"), b"b").await.unwrap(),
        Creation::Created
    );
    let ran = fs::read_to_string(&mark).unwrap_or_default();
    assert_eq!(ran, "");
}

// threats 19, 64: our own repository has no files, and holds no name but objects'.
#[tokio::test]
async fn nothing_is_checked_out() {
    let (folder, at) = repository();
    commit_file(&folder, "sealfold", "120000", "x/link");
    let cache = tempfile::tempdir().unwrap();
    let remote = at.reconnect(cache.path());
    list(&remote).await;
    remote.create(&name("x/b"), b"canary").await.unwrap();
    let mut folders = vec![cache.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let kind = entry.file_type().unwrap();
            assert!(!kind.is_symlink());
            if kind.is_dir() {
                folders.push(entry.path());
            } else {
                assert_ne!(fs::read(entry.path()).unwrap(), b"canary");
                assert_ne!(entry.file_name(), "index");
            }
        }
    }
}

#[tokio::test]
async fn a_cache_does_not_grow_in_pieces() {
    let (_folder, at) = repository();
    fs::write(at.home().join(".gitconfig"), "[gc]\n autoPackLimit = 3\n").unwrap();
    let (ann, cache) = (at.connect(), tempfile::tempdir().unwrap());
    let bob = at.reconnect(cache.path());
    for number in 0..8 {
        let object = name(&format!("x/{number}"));
        ann.create(&object, b"a").await.unwrap();
        bob.list(&prefix("x"), None).await.unwrap();
        assert_eq!(bob.get(&object, 10).await.unwrap(), b"a");
    }
    let own = fs::read_dir(cache.path()).unwrap().next().unwrap().unwrap();
    let packs = fs::read_dir(own.path().join("objects/pack")).unwrap();
    let packs = packs.filter(|it| {
        it.as_ref()
            .unwrap()
            .path()
            .extension()
            .is_some_and(|it| it == "pack")
    });
    assert!(packs.count() <= 5);
}

// threats 63, 65: the user's own configuration may rewrite a URL, and may hold a password.
#[tokio::test]
async fn a_rewritten_url_stays_within_the_allowed_transports_and_unsaid() {
    let cases = [
        ("ext::sh -c touch% MARK", "https://example.invalid/"),
        (
            "git://ann:hunter2@example.invalid/",
            "https://example.invalid/",
        ),
        (
            "https://ann:hunter2@127.0.0.1:1/",
            "https://example.invalid/",
        ),
    ];
    for (instead, of) in cases {
        let at = At::new("https://example.invalid/acme.git");
        let mark = at.home().join("mark");
        let instead = instead.replace("MARK", mark.to_str().unwrap());
        let config = format!(
            "[url \"{instead}\"]\n insteadOf = {of}\n[protocol \"ext\"]\n allow = always\n\
             [protocol]\n allow = always\n"
        );
        fs::write(at.home().join(".gitconfig"), config).unwrap();
        let error = at.connect().list(&prefix("x"), None).await.unwrap_err();
        let shown = format!("{error} {error:?} {:?}", error.said());
        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(
            matches!(
                error,
                RemoteError::Refused { .. } | RemoteError::Unreachable { .. }
            ),
            "{shown}"
        );
        assert!(!mark.exists());
    }
}

// threat 53, and variables of the repository that a hook of the user's runs in.
#[cfg(unix)]
#[tokio::test]
async fn git_gets_no_variable_of_ours_nor_of_another_repository() {
    let tools = tempfile::tempdir().unwrap();
    let seen = tools.path().join("seen");
    let real = crate::processes::find("git").unwrap();
    let script = format!(
        "#!/bin/sh\nenv >> '{}'\nexec '{}' \"$@\"\n",
        seen.display(),
        real.display()
    );
    let fake = tools.path().join("git");
    trap(&fake, &seen);
    fs::write(&fake, script).unwrap();
    let (_folder, at) = repository();
    let path = std::env::var("PATH").unwrap();
    let at = at
        .with("PATH", format!("{}:{path}", tools.path().display()))
        .with("SEALFOLD_TOKEN", "hunter2")
        .with("GIT_DIR", "/nowhere")
        .with("GIT_INDEX_FILE", "/nowhere")
        .with("GIT_OBJECT_DIRECTORY", "/nowhere")
        .with("GIT_TRACE", "/nowhere")
        .with("GIT_CONFIG_COUNT", "1")
        .with("GIT_CONFIG_KEY_0", "core.hooksPath")
        .with("GIT_CONFIG_VALUE_0", "/nowhere");
    let remote = at.connect();
    assert_eq!(
        remote.create(&name("x/a"), b"a").await.unwrap(),
        Creation::Created
    );
    let seen = fs::read_to_string(seen).unwrap();
    assert!(seen.contains("GIT_TERMINAL_PROMPT=0"));
    assert!(!seen.contains("hunter2"));
    assert!(!seen.contains("/nowhere"));
}

#[tokio::test]
async fn without_git_it_says_so() {
    let (_folder, at) = repository();
    let empty = tempfile::tempdir().unwrap();
    let at = at.with("PATH", empty.path());
    let error = at.connect().list(&prefix("x"), None).await.unwrap_err();
    assert!(matches!(error, RemoteError::NoGit), "{error:?}");
}

// threat 13: trees that cite each other, ten to the ninth paths from a few objects.
#[tokio::test]
async fn a_tree_of_endless_paths_ends_with_a_page() {
    let (folder, at) = repository();
    let path = folder.path().join("acme.git");
    let script = "cd \"$1\"; id=$(echo x | git hash-object -w --stdin); kind='100644 blob'\n\
        for depth in 1 2 3 4 5 6 7 8 9; do\n\
          id=$(for n in 0 1 2 3 4 5 6 7 8 9; do printf '%s %s\\t%s\\n' \"$kind\" $id $n; done | git mktree)\n\
          kind='040000 tree'\n\
        done\n\
        id=$(printf '040000 tree %s\\tx\\n' $id | git mktree)\n\
        git update-ref refs/heads/sealfold $(git -c user.name=x -c user.email=x commit-tree -m x $id)";
    call("sh", ["-c", script, "sh", path.to_str().unwrap()]);
    let remote = at.connect();
    let listing = remote.list(&prefix("x"), None).await.unwrap();
    assert_eq!(listing.objects.len(), 50_000);
    let next = listing.next.unwrap();
    let listing = remote.list(&prefix("x"), Some(&next)).await.unwrap();
    assert!(listing.objects[0].name.as_str() > next.as_str());
}
