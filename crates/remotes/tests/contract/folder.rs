//! Folders, and what other programs leave in them.

use std::fs;
use std::path::Path;

use remotes::{Creation, Remote, RemoteError, StrayKind};
use tempfile::TempDir;

use crate::places::{At, Place};
use crate::{name, prefix, suite};

fn folder() -> (TempDir, At) {
    let folder = tempfile::tempdir().unwrap();
    let at = At::new(&format!("folder:{}", folder.path().display()));
    (folder, at)
}

#[tokio::test(flavor = "multi_thread")]
async fn contract() {
    let (_folder, at) = folder();
    suite::all(&at).await;
}

// threats 5, 6: an unmounted folder is no empty one.
#[tokio::test]
async fn a_folder_that_is_not_there_is_missing_and_made_only_when_asked() {
    let (folder, at) = folder();
    fs::remove_dir(folder.path()).unwrap();
    let remote = at.connect();
    let missing = |error: RemoteError| matches!(error, RemoteError::Missing { .. });
    assert!(missing(remote.list(&prefix("x"), None).await.unwrap_err()));
    assert!(missing(remote.get(&name("x/a"), 1).await.unwrap_err()));
    assert!(missing(
        remote.create(&name("x/a"), b"a").await.unwrap_err()
    ));
    assert!(!folder.path().exists());
    remote.establish().await.unwrap();
    remote.establish().await.unwrap();
    assert_eq!(remote.list(&prefix("x"), None).await.unwrap().objects, []);

    let deep = At::new(&format!("folder:{}/a/b", folder.path().display())).connect();
    assert!(missing(deep.establish().await.unwrap_err()));
    assert!(!folder.path().join("a").exists());
}

// How fast: a listing without news walks the days that it has to, and no others.
#[tokio::test]
async fn only_days_that_may_have_news_are_read() {
    let (folder, at) = folder();
    for day in 1..=28 {
        let day = folder.path().join(format!("log/2026-01-{day:02}"));
        fs::create_dir_all(&day).unwrap();
        fs::write(day.join("a.seg"), "x").unwrap();
    }
    let remote = at.connect();
    let listing = remote
        .list(&prefix("log"), Some("log/2026-01-26"))
        .await
        .unwrap();
    assert_eq!(listing.objects.len(), 3);
    // The log itself and three days.
    assert_eq!(remote.counts().directories, 4);
    assert_eq!(remote.counts().requests(), 0);
}

// threat 67
#[tokio::test]
async fn conflict_copies_and_half_files_are_reported_and_not_listed() {
    let (folder, at) = folder();
    let log = folder.path().join("log");
    fs::create_dir(&log).unwrap();
    let strays = [
        (
            "a.sync-conflict-20260102-030405-ABCDEFG.seg",
            StrayKind::ConflictCopy,
        ),
        (
            "a (Ann's conflicted copy 2026-01-02).seg",
            StrayKind::ConflictCopy,
        ),
        (".syncthing.a.seg.tmp", StrayKind::Temporary),
        ("~sealfold-00.tmp", StrayKind::Temporary),
        ("b.seg.tmp", StrayKind::Temporary),
        (".DS_Store", StrayKind::OtherName),
        ("A.seg", StrayKind::OtherName),
    ];
    for (stray, _) in strays {
        fs::write(log.join(stray), "half").unwrap();
    }
    fs::write(log.join("a.seg"), "whole").unwrap();
    fs::create_dir(log.join("Photos")).unwrap();
    fs::write(log.join("Photos/a"), "").unwrap();
    let listing = at.connect().list(&prefix("log"), None).await.unwrap();
    assert_eq!(suite::names(&listing), ["log/a.seg"]);
    let mut found: Vec<_> = listing
        .strays
        .iter()
        .map(|it| (it.shown_name(), it.kind))
        .collect();
    found.sort_by_key(|(name, _)| *name);
    let mut expected: Vec<_> = strays.map(|(it, kind)| (format!("log/{it}"), kind)).into();
    expected.push(("log/Photos".into(), StrayKind::OtherName));
    expected.sort_by_key(|(name, _)| name.clone());
    let expected: Vec<_> = expected
        .iter()
        .map(|(it, kind)| (it.replace('\'', r"\'"), *kind))
        .collect();
    let found: Vec<_> = found
        .into_iter()
        .map(|(it, kind)| (it.to_owned(), kind))
        .collect();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_file_where_a_folder_is_needed_stays() {
    let (folder, at) = folder();
    fs::write(folder.path().join("x"), "file").unwrap();
    fs::create_dir(folder.path().join("y")).unwrap();
    let remote = at.connect();
    let different = Creation::DifferentAlready;
    assert_eq!(remote.create(&name("x/a"), b"a").await.unwrap(), different);
    assert_eq!(remote.create(&name("y"), b"a").await.unwrap(), different);
    assert_eq!(fs::read(folder.path().join("x")).unwrap(), b"file");
    let error = remote.get(&name("y"), 10).await.unwrap_err();
    assert!(matches!(error, RemoteError::NotAFile), "{error}");
}

// threat 66: written beside its place, then renamed; nothing is left behind.
#[tokio::test]
async fn nothing_is_left_behind() {
    let (folder, at) = folder();
    let remote = at.connect();
    remote.create(&name("x/a"), b"a").await.unwrap();
    remote.create(&name("x/a"), b"b").await.unwrap();
    let names: Vec<_> = fs::read_dir(folder.path().join("x")).unwrap().collect();
    assert_eq!(names.len(), 1);
}

/// A folder that must not be reached, and everything that leads there.
#[cfg(unix)]
async fn with_links(act: impl AsyncFn(&Path, &Path, Remote)) {
    use std::os::unix::fs::symlink;
    let (folder, at) = folder();
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("secret"), "outside").unwrap();
    let log = folder.path().join("log");
    fs::create_dir(&log).unwrap();
    symlink(outside.path(), log.join("day")).unwrap();
    symlink(outside.path().join("secret"), log.join("file")).unwrap();
    symlink("nowhere", log.join("dangling")).unwrap();
    symlink(".", log.join("loop")).unwrap();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        log.join("pipe"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR,
        0,
    )
    .unwrap();
    act(folder.path(), outside.path(), at.connect()).await;
}

// threats 61, 64
#[cfg(unix)]
#[tokio::test]
async fn links_are_not_followed() {
    with_links(async |_, outside, remote| {
        let listing = remote.list(&prefix("log"), None).await.unwrap();
        assert_eq!(listing.objects, []);
        let mut kinds: Vec<_> = listing
            .strays
            .iter()
            .map(|it| (it.shown_name(), it.kind))
            .collect();
        kinds.sort_by_key(|(name, _)| *name);
        let link = StrayKind::Symlink;
        let expected = [
            ("log/dangling", link),
            ("log/day", link),
            ("log/file", link),
            ("log/loop", link),
            ("log/pipe", StrayKind::NotAFile),
        ];
        assert_eq!(kinds, expected);
        let error = remote.list(&prefix("log/day"), None).await.unwrap_err();
        assert!(matches!(error, RemoteError::NotAFile), "{error}");
        for bad in [
            "log/day/secret",
            "log/file",
            "log/dangling",
            "log/loop/file",
            "log/pipe",
        ] {
            let error = remote.get(&name(bad), 10).await.unwrap_err();
            assert!(matches!(error, RemoteError::NotAFile), "{bad}: {error}");
            let created = remote.create(&name(bad), b"x").await.unwrap();
            assert_eq!(created, Creation::DifferentAlready, "{bad}");
        }
        let created = remote.create(&name("log/day/new/a"), b"x").await.unwrap();
        assert_eq!(created, Creation::DifferentAlready);
        assert_eq!(fs::read_dir(outside).unwrap().count(), 1);
        assert_eq!(fs::read(outside.join("secret")).unwrap(), b"outside");
    })
    .await;
}

// threat 67: whoever looks while an object is written finds none, or all of it.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_object_comes_into_sight_whole() {
    use std::mem::MaybeUninit;

    use rustix::fs::inotify::{CreateFlags, ReadFlags, Reader, WatchFlags, add_watch, init};

    let (folder, at) = folder();
    let remote = at.connect();
    remote.create(&name("x/before"), b"a").await.unwrap();
    let watch = init(CreateFlags::NONBLOCK).unwrap();
    let flags = WatchFlags::CREATE | WatchFlags::MODIFY | WatchFlags::MOVED_TO;
    add_watch(&watch, folder.path().join("x"), flags).unwrap();
    let object = vec![7; 1 << 20];
    remote.create(&name("x/watched"), &object).await.unwrap();

    let mut buffer = [MaybeUninit::uninit(); 4096];
    let mut events = Reader::new(&watch, &mut buffer);
    let mut happened = Vec::new();
    // Until there are no more.
    while let Ok(event) = events.next() {
        if event.file_name() == Some(c"watched") {
            happened.push(event.events());
        }
    }
    // Renamed; or linked, where the file system can't rename without replacing.
    let whole = [[ReadFlags::MOVED_TO], [ReadFlags::CREATE]];
    assert!(whole.iter().any(|it| happened == it), "{happened:?}");
}
