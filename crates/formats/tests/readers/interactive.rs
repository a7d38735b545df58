//! Some names are only evaluated later, when a shell prompts or looks for mail: what such a shell
//! runs has to be refused too (threats 57 and 58).

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::Command;

use pty_process::blocking;
use sealfold_formats::export::{Format, write};
use sealfold_formats::names::{is_dangerous_name, is_portable_name};
use sealfold_formats::{Refusal, WriteError};

use crate::shells::is_installed;

/// A shell at a terminal, and what is peculiar to it.
struct Interactive {
    command: &'static [&'static str],
    /// Prints the names of its parameters.
    list: &'static str,
    /// What it knows and does not list, since it was not set.
    also: &'static str,
    /// Settings with which it expands all that it can, and has new mail at every prompt.
    settings: &'static str,
    /// An array of its own, for arithmetic with a command in the subscript.
    array: &'static str,
    /// Names that it is known to evaluate later.
    evaluated: &'static [&'static str],
}

const SHELLS: [Interactive; 2] = [
    Interactive {
        command: &["bash", "--norc", "--noprofile"],
        list: "compgen -v",
        also: "PROMPT_DIRTRIM TIMEFORMAT HISTTIMEFORMAT IGNOREEOF auto_resume",
        settings: "MAILCHECK=0",
        array: "BASH_VERSINFO",
        evaluated: &["MAILPATH", "PROMPT_COMMAND", "PS1", "PS2", "PS4"],
    },
    Interactive {
        command: &["zsh", "-f"],
        list: "zmodload zsh/zle zsh/complist zsh/sched; print -l ${(k)parameters}",
        also: "TIMEFMT WATCHFMT ZBEEP LISTPROMPT MENUPROMPT",
        settings: "MAILCHECK=-1; setopt promptsubst",
        array: "argv",
        evaluated: &[
            "MAIL",
            "PERIOD",
            "PROMPT",
            "PROMPT2",
            "PROMPT4",
            "PROMPT_EOL_MARK",
            "RPROMPT",
            "RPROMPT2",
            "ZLE_RPROMPT_INDENT",
        ],
    },
];

/// Without `TERM` there is no line editor; the others change how the lines typed here are read.
const UNSUITABLE: [&str; 4] = ["TERM", "HISTCHARS", "histchars", "KEYBOARD_HACK"];

/// What is typed: a line, a line that goes on, a trace, and output without a line end.
const KEYS: &str = ":\nif true\nthen :; fi\n(set -x; :)\nprintf x\nexit\n";

impl Interactive {
    fn command(&self) -> Command {
        let mut command = Command::new(self.command[0]);
        command.args(&self.command[1..]);
        command
    }

    /// The names that it may evaluate: all but those that were refused for other reasons.
    fn names(&self) -> Vec<String> {
        let listed = self.command().args(["-c", self.list]).output().unwrap();
        let listed = String::from_utf8(listed.stdout).unwrap();
        let names = listed.lines().chain(self.also.split(' '));
        names
            .filter(|name| is_portable_name(name) && !is_dangerous_name(name))
            .filter(|name| !UNSUITABLE.contains(name))
            .chain(self.evaluated.iter().copied())
            .map(str::to_owned)
            .collect()
    }

    /// Sets each name to a command and works with the shell a little. Returns the names whose
    /// command was run, and what was shown.
    fn evaluated_names(&self) -> (BTreeSet<String>, String) {
        let folder = tempfile::tempdir().unwrap();
        let mut setup = format!("{}\n: >1\n", self.settings);
        for name in self.names() {
            // A number as arithmetic, and the mailbox `1` with a message.
            let value = format!("1?{}[$(echo >ran-{name}; echo 0)]:0", self.array);
            // What is read-only would end it all.
            setup += &format!("(export {name}=0) 2>/dev/null && export {name}='{value}'\n");
        }
        // New mail, and no doubt about the second it came in.
        setup += "echo new >>1; touch -m -t 209901010000 1\n";
        fs::write(folder.path().join("setup"), setup).unwrap();
        let shown = self.type_in(&format!(". ./setup\n{KEYS}"), folder.path());
        let files = fs::read_dir(&folder).unwrap();
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        let evaluated = names.filter_map(|name| name.strip_prefix("ran-").map(str::to_owned));
        (evaluated.collect(), shown)
    }

    /// Runs it at a terminal until it ends; returns what was shown.
    fn type_in(&self, keys: &str, folder: &Path) -> String {
        let (mut pty, inner) = blocking::open().unwrap();
        let mut child = blocking::Command::new(self.command[0])
            .args(&self.command[1..])
            .arg("-i")
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("TERM", "xterm")
            .env("HOME", folder)
            .current_dir(folder)
            .spawn(inner)
            .unwrap();
        pty.write_all(keys.as_bytes()).unwrap();
        // Reading ends with an error once the shell is gone.
        let mut shown = Vec::new();
        let _ = pty.read_to_end(&mut shown);
        child.wait().unwrap();
        String::from_utf8_lossy(&shown).into_owned()
    }
}

// threats 57 and 58
#[test]
fn names_whose_values_a_shell_evaluates_later_are_refused() {
    for shell in SHELLS.iter().filter(|it| is_installed(it.command[0])) {
        let known = shell.evaluated.iter().map(|name| (*name).to_owned());
        let (evaluated, shown) = shell.evaluated_names();
        assert_eq!(evaluated, known.collect(), "{:?}:\n{shown}", shell.command);
    }
    for name in SHELLS.iter().flat_map(|shell| shell.evaluated) {
        let refused = write(&[(name, b"1")], Format::Shell);
        let why = refused.err().map(|WriteError { why, .. }| why);
        assert_eq!(why, Some(Refusal::EvaluatedByShell), "{name}");
        assert!(is_dangerous_name(name), "{name}");
    }
}
