//! Looking into one folder: a few requests, whatever lies beside it.

use remotes::{Fetched, MemoryStore, Peek, StrayKind, Surroundings};
use tempfile::TempDir;

use crate::places::{At, Place};
use crate::processes::call;
use crate::{name, prefix, suite};

/// More than a page of S3's, and folders as a team has them.
const BESIDE: usize = 3_000;

/// A long log, and a folder with a few files.
pub async fn fill(place: &impl Place) {
    let remote = place.connect();
    let beside = (0..BESIDE).map(|it| {
        let (day, hash) = (it / 100, it % 100);
        (name(&format!("x/1/t/log/{day}/{hash}")), vec![1; 40])
    });
    let wanted = (0..20).map(|it| {
        let text = format!("sheet {it:02}");
        (name(&format!("x/1/t/service/s/{it:02}")), text.into_bytes())
    });
    let objects: Vec<_> = beside.chain(wanted).collect();
    remote.create_many(&objects).await.unwrap();
}

/// What a job does: the first of a folder, and one file. Gives the number of requests.
pub async fn look(peek: &Peek) -> u64 {
    let folder = prefix("x/1/t/service/s");
    let listing = peek.first(&folder, None).await.unwrap();
    assert_eq!(listing.objects.len(), 20);
    assert_eq!(suite::names(&listing)[0], "x/1/t/service/s/00");
    let first = &listing.objects[0].name;
    let fetched = peek.get_many(std::slice::from_ref(first), 100, 100).await;
    assert_eq!(fetched.unwrap(), [Fetched::Whole(b"sheet 00".to_vec())]);
    peek.counts().requests()
}

pub fn peek(at: &At) -> (TempDir, Peek) {
    let cache = tempfile::tempdir().unwrap();
    let surroundings = Surroundings {
        cache: cache.path().to_owned(),
        environment: at.environment(),
    };
    let peek = Peek::connect(&at.location, &surroundings).unwrap();
    (cache, peek)
}

#[tokio::test]
async fn in_memory_and_in_a_folder() {
    let store = MemoryStore::default();
    fill(&store).await;
    assert_eq!(look(&Peek::through(store.connect())).await, 2);

    let folder = tempfile::tempdir().unwrap();
    let at = At::new(folder.path().to_str().unwrap());
    fill(&at).await;
    let (_cache, peek) = peek(&at);
    assert_eq!(look(&peek).await, 1);
    assert_eq!(peek.counts().directories, 1);
}

/// A bare repository with these settings, filled.
async fn repository(settings: &[(&str, &str)], format: &str) -> (TempDir, At) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("acme.git");
    let path = path.to_str().unwrap();
    let format = format!("--object-format={format}");
    call("git", ["init", "--quiet", "--bare", &format, path]);
    for (name, value) in settings {
        call("git", ["--git-dir", path, "config", name, value]);
    }
    // An empty repository does not say what ids it has.
    let first = format!(
        "cd {path} && git update-ref refs/heads/sealfold $(git -c user.name=a -c user.email=a@b \
         commit-tree -m m $(git mktree < /dev/null))"
    );
    call("sh", ["-c", &first]);
    let at = At::new(&format!("file://{path}"));
    fill(&at).await;
    (folder, at)
}

/// How many objects a look has fetched.
fn fetched(cache: &TempDir) -> usize {
    let repository = std::fs::read_dir(cache.path()).unwrap().next().unwrap();
    let path = repository.unwrap().path();
    let path = path.to_str().unwrap();
    let said = call("git", ["--git-dir", path, "count-objects", "-v"]);
    let field = |line: &str| line.strip_prefix("in-pack: ").map(|it| it.parse().unwrap());
    said.lines().find_map(field).unwrap()
}

const FILTERS: (&str, &str) = ("uploadpack.allowFilter", "true");

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_is_not_fetched_for_one_file_of_it() {
    let (_folder, at) = repository(&[FILTERS], "sha1").await;
    let (cache, peek) = peek(&at);
    assert_eq!(look(&peek).await, 3);
    // The commit, the trees x, 1, t, log, service, s and the root, and the file.
    assert_eq!(fetched(&cache), 9);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_may_refuse_to_cut_trees_or_know_no_filter() {
    let refuses = ("uploadpackfilter.tree.maxDepth", "0");
    let (_folder, at) = repository(&[FILTERS, refuses], "sha1").await;
    let (cache, peek_there) = peek(&at);
    assert_eq!(look(&peek_there).await, 3);
    assert!(fetched(&cache) < 100, "no file but the one");

    let (_folder, at) = repository(&[], "sha1").await;
    let (_cache, peek_there) = peek(&at);
    assert_eq!(look(&peek_there).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_may_be_sha_256() {
    let (_folder, at) = repository(&[FILTERS], "sha256").await;
    let (_cache, peek) = peek(&at);
    assert_eq!(look(&peek).await, 3);
}

#[tokio::test]
async fn nothing_there_is_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("acme.git");
    call("git", ["init", "--quiet", "--bare", path.to_str().unwrap()]);
    let at = At::new(&format!("file://{}", path.display()));
    let (_cache, before) = peek(&at);
    let folder = prefix("x/1/t/service/s");
    assert_eq!(before.first(&folder, None).await.unwrap().objects, []);
    let names = [name("x/1/t/service/s/00")];
    let fetched = before.get_many(&names, 10, 10).await.unwrap();
    assert_eq!(fetched, [Fetched::Absent]);
    at.connect().create(&name("x/1/a"), b"a").await.unwrap();
    let (_cache, other) = peek(&at);
    assert_eq!(other.first(&folder, None).await.unwrap().objects, []);

    let missing = At::new(&format!("file://{}x", path.display()));
    let (_cache, missing) = peek(&missing);
    let error = missing.first(&folder, None).await.unwrap_err();
    assert!(
        matches!(error, remotes::RemoteError::Missing { .. }),
        "{error:?}"
    );
}

// threat 64
#[tokio::test(flavor = "multi_thread")]
async fn links_and_submodules_are_told_and_not_followed() {
    let (folder, at) = repository(&[FILTERS], "sha1").await;
    let path = folder.path().join("acme.git");
    let path = path.to_str().unwrap();
    let git = |args: &[&str]| call("git", [&["--git-dir", path], args].concat());
    let blob = git(&["rev-parse", "sealfold:x/1/t/service/s/00"]);
    let commit = git(&["rev-parse", "sealfold"]);
    let entries = format!(
        "120000 blob {0}\tlink\n160000 commit {1}\tmodule\n100644 blob {0}\tfile\n",
        blob.trim(),
        commit.trim()
    );
    let listed = folder.path().join("entries");
    std::fs::write(&listed, entries).unwrap();
    let shell = format!(
        "cd {path} && t=$(git mktree < {}) && for n in s service t 1 x; do \
         t=$(printf '040000 tree %s\\t%s\\n' $t $n | git mktree); done && \
         git update-ref refs/heads/sealfold $(git -c user.name=a -c user.email=a@b commit-tree -m m $t)",
        listed.display()
    );
    call("sh", ["-c", &shell]);
    let (_cache, peek) = peek(&at);
    let listing = peek.first(&prefix("x/1/t/service/s"), None).await.unwrap();
    assert_eq!(suite::names(&listing), ["x/1/t/service/s/file"]);
    let kinds: Vec<_> = listing.strays.iter().map(|stray| stray.kind).collect();
    assert_eq!(kinds, [StrayKind::Symlink, StrayKind::Submodule]);
}
