//! Texts that people carry from one vault to another: invitations, and links between devices.

use std::io::{self, IsTerminal};

use app::team::local_place;
use app::{Code, Fault, Plaintext};

use crate::context::Context;
use crate::input::{Source, without_whitespace};
use crate::output::escaped;
use crate::prompt;

/// Asks before a text is followed to a place on this machine: whoever made it chose the place. Where nobody
/// can be asked it is said, and nothing is made there that is not there already.
pub fn follow(context: &Context, text: &Plaintext, said: Option<&str>) -> Result<(), Fault> {
    let Some(place) = local_place(text).filter(|_| said.is_none()) else {
        return Ok(());
    };
    let place = escaped(&place);
    if prompt::possible(context).is_ok() {
        return prompt::confirm(
            context,
            &format!("It leads to {place} on this machine. Go there?"),
        );
    }
    context
        .output
        .note(format!("It leads to {place} on this machine."));
    Ok(())
}

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
