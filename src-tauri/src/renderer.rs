//! Which renderer the web view takes: with some drivers its newer one shows an empty window.

use std::env;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

const SWITCH: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";

/// Takes the older renderer where nobody said otherwise. The variable has to be there before anything
/// runs, so the program is started anew in its place.
///
/// # Errors
/// When that can't be done.
pub fn choose() -> io::Result<()> {
    if env::var_os(SWITCH).is_some() {
        return Ok(());
    }
    let program = env::current_exe()?;
    let arguments = env::args_os().skip(1);
    Err(Command::new(program)
        .args(arguments)
        .env(SWITCH, "1")
        .exec())
}
