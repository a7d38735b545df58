//! `docs/cli.md`, made of a written part and the commands' own account of themselves.

use std::fmt::Write as _;

use clap::{Arg, Command};

/// What no command can say about itself: conventions, exit codes, JSON.
const WRITTEN: &str = include_str!("written.md");

/// The whole reference as Markdown.
pub fn text(mut root: Command) -> String {
    root.build();
    let mut text = WRITTEN.to_owned();
    text.push_str("\n## Options of every command\n");
    let globals = root.get_arguments().filter(|arg| arg.is_global_set());
    arguments(&mut text, globals);
    text.push_str("\n## Commands\n");
    for command in visible(&root) {
        describe(&mut text, command, "sealfold");
    }
    text
}

fn describe(text: &mut String, command: &Command, parent: &str) {
    let name = format!("{parent} {}", command.get_name());
    let about = command.get_long_about().or(command.get_about());
    let about = about.map(ToString::to_string).unwrap_or_default();
    let _ = write!(text, "\n### {name}\n\n{about}\n");
    if command.has_subcommands() && command.is_subcommand_required_set() {
        for child in visible(command) {
            describe(text, child, &name);
        }
        return;
    }
    let usage = command.clone().render_usage().to_string();
    let _ = write!(
        text,
        "\n```text\n{}\n```\n\n",
        usage.trim_start_matches("Usage: ")
    );
    arguments(
        text,
        command.get_arguments().filter(|arg| !arg.is_global_set()),
    );
    if let Some(examples) = command.get_after_help() {
        let examples = examples.to_string();
        let (title, lines) = examples.split_once('\n').unwrap_or(("", &examples));
        let _ = write!(text, "\n{title}\n\n```sh\n");
        for line in lines.lines() {
            let _ = writeln!(text, "{}", line.trim());
        }
        text.push_str("```\n");
    }
    for child in visible(command) {
        describe(text, child, &name);
    }
}

fn visible(command: &Command) -> impl Iterator<Item = &Command> {
    let children = command.get_subcommands();
    children.filter(|child| !child.is_hide_set() && child.get_name() != "help")
}

fn arguments<'a>(text: &mut String, all: impl Iterator<Item = &'a Arg>) {
    let shown = all.filter(|arg| !arg.is_hide_set() && arg.get_id() != "help");
    for (index, arg) in shown.enumerate() {
        if index == 0 {
            text.push('\n');
        }
        let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
        let _ = write!(text, "- `{arg}`");
        if let (Some(short), Some(_)) = (arg.get_short(), arg.get_long()) {
            let _ = write!(text, ", `-{short}`");
        }
        let _ = write!(text, ": {help}");
        let values = arg.get_possible_values();
        let named: Vec<String> = values
            .iter()
            .filter(|_| arg.get_action().takes_values())
            .map(|value| format!("`{}`", value.get_name()))
            .collect();
        if !named.is_empty() {
            let _ = write!(text, " ({})", named.join(", "));
        }
        text.push('\n');
    }
}
