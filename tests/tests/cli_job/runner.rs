//! A runner of a CI: an empty folder, an empty environment but for `PATH` and the token.

use std::cell::RefCell;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

pub struct Runner {
    folder: TempDir,
    variables: RefCell<Vec<(String, String)>>,
}

/// What came of a call.
#[derive(Debug)]
pub struct Outcome {
    pub code: Option<i32>,
    pub stdout: Vec<u8>,
    pub stderr: String,
}

impl Runner {
    pub fn new(token: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("sf-").tempdir().unwrap();
        for name in ["work", "tmp", "bin"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        let built = sealfold_tests::home::binary();
        let runner = Self {
            folder,
            variables: RefCell::default(),
        };
        let bin = runner.path("bin");
        std::os::unix::fs::symlink(built, bin.join("sealfold")).unwrap();
        let path = std::env::var("PATH").unwrap();
        runner.set("PATH", &format!("{}:{path}", bin.display()));
        runner.set("TMPDIR", &runner.path("tmp").display().to_string());
        runner.set("SEALFOLD_TOKEN", token);
        runner
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Where steps run: what was checked out.
    pub fn checkout(&self) -> PathBuf {
        self.path("work")
    }

    fn set(&self, name: &str, value: &str) {
        let mut variables = self.variables.borrow_mut();
        variables.push((name.to_owned(), value.to_owned()));
    }

    pub fn with(self, name: &str, value: &str) -> Self {
        self.set(name, value);
        self
    }

    fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        command
            .env_clear()
            .envs(self.variables.borrow().iter().cloned())
            .current_dir(self.checkout());
        command
    }

    pub fn call(&self, args: &[&str]) -> Outcome {
        let mut command = self.command(self.path("bin").join("sealfold"));
        Outcome::of(command.args(args).output().unwrap())
    }

    /// Calls with arguments that have spaces between them, and compares the output.
    #[track_caller]
    pub fn gives(&self, line: &str, expected: &str) {
        let outcome = self.call(&line.split(' ').collect::<Vec<_>>()).success();
        assert_eq!(outcome.text(), expected, "{line}");
    }

    /// Runs lines of a shell, as a runner does.
    pub fn sh(&self, lines: &str) -> Outcome {
        let mut command = self.command("/bin/sh");
        Outcome::of(command.args(["-e", "-c", lines]).output().unwrap())
    }

    /// Puts a `git` before the real one that writes its arguments and environment down; returns
    /// the file.
    pub fn with_watched_git(&self) -> PathBuf {
        let seen = self.path("seen");
        let path = std::env::var("PATH").unwrap();
        let script = format!(
            "#!/bin/sh\nprintf '%s\\n' \"$@\" >> {0}\nenv >> {0}\nPATH={path} exec git \"$@\"\n",
            seen.display()
        );
        let git = self.path("bin").join("git");
        fs::write(&git, script).unwrap();
        fs::set_permissions(&git, fs::Permissions::from_mode(0o755)).unwrap();
        seen
    }

    /// Nothing lies where a job could leave something: in its folder and in that for temporary
    /// files. It knows of no home.
    #[track_caller]
    pub fn left_nothing(&self) {
        for name in ["work", "tmp"] {
            let left: Vec<_> = fs::read_dir(self.path(name)).unwrap().collect();
            assert!(left.is_empty(), "{left:?}");
        }
    }
}

impl Outcome {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: output.stdout,
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    #[track_caller]
    pub fn code(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}", self.stderr);
        self
    }

    #[track_caller]
    pub fn success(self) -> Self {
        self.code(0)
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.stdout.clone()).unwrap()
    }
}
