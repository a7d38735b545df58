//! A shell at a pseudo-terminal: all that is called in it belongs to one terminal, as what a person
//! types one after the other does.

use std::ffi::OsStr;
use std::fs::{File, create_dir, read_to_string, write};
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Output};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use nix::sys::stat::Mode;
use nix::unistd::mkfifo;

use crate::terminal::Terminal;

/// A shell with a terminal of its own, until it is dropped.
pub struct Shell {
    terminal: Terminal,
    folder: tempfile::TempDir,
    called: AtomicU32,
}

impl Default for Shell {
    fn default() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut shell = Command::new("/bin/sh");
        shell.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        shell.current_dir(folder.path());
        Self {
            terminal: Terminal::start(&shell),
            folder,
            called: AtomicU32::new(0),
        }
    }
}

impl Shell {
    /// Runs a command to its end, with these bytes on its standard input. Several may run at once.
    pub fn run(&self, command: &Command, stdin: &[u8]) -> Output {
        let number = self.called.fetch_add(1, Ordering::Relaxed);
        let folder = self.folder.path().join(number.to_string());
        create_dir(&folder).unwrap();
        let pipe = |name: &str| {
            let path = folder.join(name);
            mkfifo(&path, Mode::S_IRUSR | Mode::S_IWUSR).unwrap();
            path
        };
        let (stdout, stderr, ended) = (pipe("stdout"), pipe("stderr"), pipe("ended"));
        write(folder.join("stdin"), stdin).unwrap();
        let script = folder.join("script");
        write(&script, written(command, &folder)).unwrap();
        self.terminal
            .type_in(&format!("/bin/sh {} &\n", script.display()));
        thread::scope(|scope| {
            let stdout = scope.spawn(move || read(&stdout));
            let stderr = scope.spawn(move || read(&stderr));
            let code = read_to_string(&ended).unwrap();
            let code: i32 = code.trim().parse().expect("what the shell says of it");
            Output {
                // As wait(2) says it of one that has ended by itself.
                status: ExitStatus::from_raw(code << 8),
                stdout: stdout.join().unwrap(),
                stderr: stderr.join().unwrap(),
            }
        })
    }
}

fn read(path: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    File::open(path).unwrap().read_to_end(&mut bytes).unwrap();
    bytes
}

/// A command as a shell reads it, with its streams in files of this folder.
fn written(command: &Command, folder: &Path) -> Vec<u8> {
    let mut script = b"cd ".to_vec();
    let mut word = |word: &OsStr, end: &[u8]| {
        script.push(b'\'');
        for byte in word.as_bytes() {
            match byte {
                b'\'' => script.extend(br"'\''"),
                byte => script.push(*byte),
            }
        }
        script.push(b'\'');
        script.extend(end);
    };
    let here = command.get_current_dir().map(PathBuf::from);
    word(here.unwrap_or_default().as_os_str(), b" && env -i ");
    for (name, value) in command.get_envs() {
        let set = [name, value.unwrap_or_default()].join(OsStr::new("="));
        word(&set, b" ");
    }
    word(command.get_program(), b" ");
    for arg in command.get_args() {
        word(arg, b" ");
    }
    for (stream, name) in [("<", "stdin"), (">", "stdout"), ("2>", "stderr")] {
        script.extend(stream.as_bytes());
        script.extend(folder.join(name).as_os_str().as_bytes());
        script.push(b' ');
    }
    script.extend(b"\necho $? >");
    script.extend(folder.join("ended").as_os_str().as_bytes());
    script.push(b'\n');
    script
}
