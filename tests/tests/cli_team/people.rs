//! People with a home each, and the places where they sync.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use sealfold_tests::home::{Call, Home, Outcome};
use serde_json::Value;
use tempfile::TempDir;

use crate::bucket::Bucket;

/// Somebody with a vault of their own, unlocked.
pub struct Person {
    pub home: Home,
}

impl Person {
    /// Each makes a vault: copies of one would be one person.
    pub fn new(name: &str) -> Self {
        let home = Home::empty();
        let device = format!("{name}-laptop");
        let init = ["init", "--unlock-millis", "1", "--recovery-file", "words"];
        let named = ["--member", name, "--device", &device];
        home.sealfold(init.into_iter().chain(named))
            .with_passphrase()
            .run()
            .success();
        let person = Self { home };
        let unlock = person.home.sealfold(["unlock"]);
        unlock.with_passphrase().run().success();
        person
    }

    /// The files of their vault on another machine. The vault has to be locked.
    pub fn copy(&self) -> Self {
        let home = Home::empty();
        fs::create_dir_all(home.sealfold_home()).unwrap();
        let files = fs::read_dir(self.home.sealfold_home()).unwrap();
        for file in files.map(Result::unwrap) {
            if file.file_type().unwrap().is_file() {
                fs::copy(file.path(), home.sealfold_home().join(file.file_name())).unwrap();
            }
        }
        Self { home }
    }

    /// A call, its arguments with spaces between them.
    pub fn call(&self, line: &str) -> Call {
        self.home.sealfold(line.split(' ')).arg("--no-input")
    }

    /// A call that must do.
    #[track_caller]
    pub fn does(&self, line: &str) -> Outcome {
        self.call(line).run().success()
    }

    /// A call whose answer is wanted.
    #[track_caller]
    pub fn asks(&self, line: &str) -> Value {
        self.does(&format!("{line} --json")).json()
    }

    /// Sets a value.
    #[track_caller]
    pub fn sets(&self, bundle: &str, name: &str, value: &str) {
        let set = self.call(&format!("set -b {bundle} {name} --stdin"));
        set.stdin(value).run().success();
    }

    /// A value as a program gets it.
    #[track_caller]
    pub fn runs_with(&self, bundle: &str, name: &str) -> String {
        let run = self
            .home
            .sealfold(["run", "-b", bundle, "--", "printenv", name]);
        run.run().success().text().trim_end().to_owned()
    }

    /// Joins the team of `inviter` as `name`; returns the safety words.
    #[track_caller]
    pub fn asks_to_join(&self, inviter: &Person, name: &str) -> String {
        let invitation = inviter.does(&format!("invite --name {name} --role writer"));
        // A place with settings of its own is gone to only when the newcomer says it too.
        let remotes = inviter.asks("remote ls");
        let location = remotes[0]["location"].as_str().unwrap();
        let said = match location.contains('?') {
            true => format!(" --remote {location}"),
            false => String::new(),
        };
        let join = self.call(&format!("join --name {name}{said}"));
        let words = join.stdin(invitation.stdout).run().success();
        words.text().trim_end().to_owned()
    }
}

/// Where they sync; gone with the test.
pub enum Place {
    /// A folder or a repository.
    Here(Here),
    /// A prefix of a bucket.
    Bucket(Bucket),
}

impl Place {
    pub fn folder() -> Self {
        Self::Here(Here::folder())
    }

    pub fn git() -> Self {
        Self::Here(Here::git())
    }

    /// None where there is no server.
    pub fn bucket() -> Option<Self> {
        Bucket::open().map(Self::Bucket)
    }

    /// What somebody needs to come in.
    pub fn welcome(&self, person: &Person) {
        if let Self::Bucket(bucket) = self {
            bucket.write_credentials(person.home.path());
        }
    }

    /// As `remote add` takes it.
    pub fn arguments(&self) -> String {
        match self {
            Self::Here(here) => here.arguments(),
            Self::Bucket(bucket) => bucket.arguments(),
        }
    }

    /// Nobody can reach it while `work` is done.
    pub fn away<T>(&self, work: impl FnOnce() -> T) -> T {
        match self {
            Self::Here(here) => here.away(work),
            Self::Bucket(bucket) => bucket.away(work),
        }
    }

    /// Keeps a copy of it as it is now.
    pub fn keep(&mut self) {
        match self {
            Self::Here(here) => here.keep(),
            Self::Bucket(bucket) => bucket.keep(),
        }
    }

    /// Puts the copy in its place.
    pub fn put_back(&self) {
        match self {
            Self::Here(here) => here.put_back(),
            Self::Bucket(bucket) => bucket.put_back(),
        }
    }
}

/// A place in a folder of this machine.
pub struct Here {
    folder: TempDir,
    is_git: bool,
}

impl Here {
    pub fn folder() -> Self {
        let place = Self::new(false);
        fs::create_dir(place.path()).unwrap();
        place
    }

    pub fn git() -> Self {
        let place = Self::new(true);
        let made = Command::new("git")
            .args(["init", "--quiet", "--bare"])
            .arg(place.path())
            .status();
        assert!(made.expect("git is there").success());
        place
    }

    fn new(is_git: bool) -> Self {
        let folder = tempfile::Builder::new().prefix("sf-").tempdir().unwrap();
        Self { folder, is_git }
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("place")
    }

    /// As `remote add` takes it.
    pub fn arguments(&self) -> String {
        let path = self.path();
        if self.is_git {
            format!("git file://{}", path.display())
        } else {
            format!("folder {}", path.display())
        }
    }

    /// Nobody can reach it while `work` is done: a file stands in its way.
    pub fn away<T>(&self, work: impl FnOnce() -> T) -> T {
        let away = self.folder.path().join("away");
        fs::rename(self.path(), &away).unwrap();
        fs::write(self.path(), "").unwrap();
        let done = work();
        fs::remove_file(self.path()).unwrap();
        fs::rename(away, self.path()).unwrap();
        done
    }

    /// Keeps a copy of it as it is now.
    pub fn keep(&self) {
        copy(&self.path(), &self.folder.path().join("kept"));
    }

    /// Puts the copy in its place.
    pub fn put_back(&self) {
        fs::remove_dir_all(self.path()).unwrap();
        fs::rename(self.folder.path().join("kept"), self.path()).unwrap();
    }
}

fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-a").args([from, to]).status();
    assert!(copied.unwrap().success());
}
