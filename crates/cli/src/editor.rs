//! The person's editor, over a text that goes when it is done.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;
use std::process::{Command, ExitStatus};

use app::{Code, Fault, Plaintext};

use crate::context::Context;
use crate::scratch::Scratch;
use crate::signals;

/// Lets the person edit a text, in a file called `name`; gives it as it is then. `disk` says whether the
/// file may lie where it is no memory.
pub fn edit(
    context: &Context,
    name: &str,
    text: &Plaintext,
    disk: bool,
) -> Result<Plaintext, Fault> {
    if context.globals.no_input {
        let fault = Fault::new(
            Code::Aborted,
            "An editor asks, and `--no-input` forbids asking.",
        );
        return Err(fault.next("`sealfold set --stdin` and `sealfold import` take what is ready."));
    }
    let editor = chosen()?;
    // EXPOSE: into the file that the person edits.
    let scratch = Scratch::new(name, text.expose(), disk)?;
    let ended = signals::editing(scratch.folder(), || run(&editor, scratch.path()));
    let edited = match ended {
        Ok(status) if status.success() => scratch.read(),
        Ok(status) => Err(gave_up(&editor, &status.to_string())),
        Err(error) => Err(gave_up(&editor, &error.to_string())),
    };
    scratch.wipe()?;
    edited
}

/// What the person calls their editor, with its own arguments.
fn chosen() -> Result<OsString, Fault> {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    set("VISUAL").or_else(|| set("EDITOR")).ok_or_else(|| {
        Fault::new(Code::NotFound, "No editor is chosen.")
            .next("Set VISUAL or EDITOR, such as `export EDITOR=vim`, or `EDITOR=\"code --wait\"`.")
    })
}

fn gave_up(editor: &OsStr, how: &str) -> Fault {
    Fault::new(
        Code::Aborted,
        "The editor did not end well, and nothing was changed.",
    )
    .about(format!("{}: {how}", editor.to_string_lossy()))
    .next("An editor with a window has to wait until the file is closed: `code --wait`.")
}

/// Through a shell, which knows what is the program and what its arguments.
#[cfg(unix)]
fn run(editor: &OsStr, file: &Path) -> io::Result<ExitStatus> {
    // An interrupt at the terminal reaches the shell too, and is the editor's alone.
    let mut script = OsString::from("trap : INT QUIT; ");
    script.push(editor);
    script.push(" \"$@\"");
    let mut command = Command::new("sh");
    command.arg("-c").arg(script).arg(editor).arg(file);
    started(command)
}

#[cfg(not(unix))]
fn run(editor: &OsStr, file: &Path) -> io::Result<ExitStatus> {
    let text = editor.to_string_lossy();
    let mut words = text.split_whitespace();
    let mut command = Command::new(words.next().unwrap_or_default());
    command.args(words).arg(file);
    started(command)
}

/// Our own variables are no business of an editor's, as of no program's.
fn started(mut command: Command) -> io::Result<ExitStatus> {
    for (name, _) in std::env::vars_os() {
        if name.as_encoded_bytes().starts_with(b"SEALFOLD_") {
            command.env_remove(name);
        }
    }
    command.status()
}
