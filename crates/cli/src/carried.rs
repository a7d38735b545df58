//! Texts that people carry from one vault to another: invitations, and links between devices.

use std::io::{self, IsTerminal};

use app::{Code, Fault, Plaintext};

use crate::context::Context;
use crate::input::{Source, without_whitespace};
use crate::prompt;

/// From the file that was named, else from standard input where that is no terminal, else typed
/// unseen.
pub fn given(context: &Context, file: Option<&Source>, question: &str) -> Result<Plaintext, Fault> {
    const NEXT: &str = "Give the text on standard input or with `--file FILE`.";
    let text = match file {
        Some(source) => source.bytes()?,
        None if !io::stdin().is_terminal() => Source::Stdin.bytes()?,
        None => prompt::hidden(context, question).map_err(|fault| fault.next(NEXT))?,
    };
    // Mail programs break long lines.
    let text = without_whitespace(&text);
    if text.is_empty() {
        return Err(Fault::new(Code::Usage, "The text is empty.")
            .about(question)
            .next(NEXT));
    }
    Ok(text)
}
