//! `completions`: a script that teaches a shell the commands and options.

use clap::Args;
use clap_complete::Shell;

use crate::args;
use crate::context::Context;
use crate::exit::{Ending, Outcome};

/// Print a completion script for a shell
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    sealfold completions bash > ~/.local/share/bash-completion/completions/sealfold\n  \
    sealfold completions zsh > ~/.zfunc/_sealfold\n  \
    sealfold completions fish > ~/.config/fish/completions/sealfold.fish")]
pub struct CompletionsArgs {
    /// Which shell
    shell: Shell,
}

impl CompletionsArgs {
    pub fn carry_out(self, context: &Context) -> Outcome {
        let mut script = Vec::new();
        clap_complete::generate(
            self.shell,
            &mut args::describe(None),
            "sealfold",
            &mut script,
        );
        context.output.data(&script)?;
        Ok(Ending::Done)
    }
}
