//! Recovery words: taken from a file or the terminal, and handed over once when they are made.

use std::path::Path;

use app::private_file::{self, Existing};
use app::{Code, Fault, Plaintext};
use zeroize::Zeroizing;

use crate::context::Context;
use crate::input::Source;
use crate::output::{self, escaped};
use crate::prompt;

/// How many words a recovery key has.
const WORDS: usize = 24;

/// Words on one line of the screen.
const ON_A_LINE: usize = 6;

/// The words from a file, or typed.
pub fn given(
    context: &Context,
    source: Option<&Source>,
    question: &str,
) -> Result<Plaintext, Fault> {
    match source {
        Some(source) => source.words(WORDS),
        None => prompt::hidden(context, &format!("{question}, in one line"))
            .map_err(|fault| fault.next("Give them with `--words-file FILE`.")),
    }
}

/// Recovery words with what has to be kept beside them.
pub struct Words<'a> {
    pub words: &'a Plaintext,
    pub team: &'a str,
    pub genesis: &'a str,
}

/// Refuses, before anything is made, where new words could neither be written nor be shown: nobody
/// could make them again.
pub fn must_have_a_place(path: Option<&Path>) -> Result<(), Fault> {
    match path {
        Some(path) => private_file::must_be_free(path),
        None if output::stderr_leads_nowhere() => {
            let message = "Standard error leads nowhere, so the recovery words would be lost.";
            let fault = Fault::new(Code::Usage, message);
            Err(fault.next("Have them written with `--recovery-file FILE`."))
        }
        None => Ok(()),
    }
}

/// Hands new words over: to the file that was named, else to standard error, once. When the file
/// fails after all, the words are shown, because nobody could make them again.
pub fn hand_over(context: &Context, path: Option<&Path>, made: &Words<'_>) -> Result<(), Fault> {
    // EXPOSE: the one time that the words leave, for the person who keeps them.
    let text = made
        .words
        .expose_text()
        .ok_or_else(|| Fault::new(Code::Unexpected, "The recovery words are not text."))?;
    let Some(path) = path else {
        return show(text, made);
    };
    let content = Zeroizing::new(format!(
        "{text}\n# Sealfold recovery words. Keep them apart from the machine.\n# team {}\n# genesis {}\n",
        made.team, made.genesis
    ));
    if let Err(fault) = private_file::write(path, content.as_bytes(), Existing::Keep) {
        show(text, made)?;
        return Err(fault.next("The words stand above: write them down now."));
    }
    let path = escaped(&path.display().to_string());
    context.output.note(format!(
        "The recovery words are in {path}. Keep them elsewhere."
    ));
    Ok(())
}

/// Quiet or not: this is the only chance to see them.
fn show(text: &str, made: &Words<'_>) -> Result<(), Fault> {
    use std::io::Write as _;
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut shown = Zeroizing::new(String::with_capacity(text.len() * 2));
    for line in words.chunks(ON_A_LINE) {
        shown.push_str("    ");
        for (index, word) in line.iter().enumerate() {
            if index > 0 {
                shown.push(' ');
            }
            shown.push_str(word);
        }
        shown.push('\n');
    }
    let lost = |error: String| {
        let fault = Fault::new(
            Code::Io,
            "The recovery words could not be shown, and are lost.",
        );
        let next = "Only the passphrase opens the vault now; better make it anew.";
        fault.about(error).next(next)
    };
    if output::stderr_leads_nowhere() {
        return Err(lost("standard error leads nowhere".to_owned()));
    }
    let told = writeln!(
        std::io::stderr().lock(),
        "Recovery words. Write them down and keep them apart from this machine;\n\
         they open the vault without the passphrase and are shown only now.\n\n\
         {}\n    team    {}\n    genesis {}\n",
        shown.as_str(),
        made.team,
        made.genesis
    );
    told.map_err(|error| lost(error.to_string()))
}
