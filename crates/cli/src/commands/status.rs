//! `status`: how things stand, without a question.

use app::counted;
use app::sync::{ListRemotes, RemoteView};
use app::vaults::{Status, StatusView};
use clap::Args;
use serde::Serialize;

use crate::context::Context;
use crate::door;
use crate::exit::{Ending, Outcome};
use crate::moment::shown;
use crate::output::Table;

/// Say how things stand
///
/// Never asks for anything. Without an agent the vault counts as locked, and less is told.
#[derive(Args)]
#[command(after_help = "Examples:\n  sealfold status\n  sealfold status --json | jq .locked")]
pub struct StatusArgs {}

/// How things stand, with the remotes.
#[derive(Serialize)]
struct Standing {
    #[serde(flatten)]
    status: StatusView,
    remotes: Vec<RemoteView>,
}

impl StatusArgs {
    pub fn carry_out(self, context: &Context) -> Outcome {
        let mut door = match &context.globals.passphrase_file {
            Some(_) => door::open_or_locked(context, true)?,
            None => {
                let home = context.home()?;
                match door::agent(context, &home)? {
                    Some(door) => door,
                    None => context.door_here(home),
                }
            }
        };
        let status = door.ask(Status {})?;
        let mut standing = Standing {
            status,
            remotes: Vec::new(),
        };
        if standing.status.open.is_some() {
            standing.remotes = door.ask(ListRemotes {})?;
        }
        if context.output.is_json() {
            context.output.json(&standing)?;
            return Ok(Ending::Done);
        }
        context.output.table(&table(&standing))?;
        context.output.warn(&standing.status.warnings);
        if !standing.status.exists {
            context
                .output
                .note("There is no vault yet. `sealfold init` makes one.");
        }
        Ok(Ending::Done)
    }
}

fn table(standing: &Standing) -> Table {
    let status = &standing.status;
    let mut table = Table::without_header();
    let mut line = |what: &str, how: String| table.row([what.to_owned(), how]);
    line("vault", status.path.clone());
    if !status.exists {
        line("state", "none yet".to_owned());
        return table;
    }
    line("state", state(status));
    line("slots", status.slots.join(", "));
    line("keychain", keychain(status));
    if let Some(open) = &status.open {
        line("member", format!("{} on {}", open.member, open.device_name));
        line("standing", open.standing.clone());
        line("bundles", open.bundles.to_string());
        line("entries", open.entries.to_string());
        line("anchor", open.anchor.clone());
        line(
            "checked",
            if open.fully_checked {
                "whole file"
            } else {
                "header"
            }
            .to_owned(),
        );
        line("audit", counted(open.audit_rows, "row", "rows"));
    }
    for remote in &standing.remotes {
        line("remote", account(remote));
    }
    table
}

fn state(status: &StatusView) -> String {
    let Some(agent) = &status.agent else {
        return if status.locked {
            "locked"
        } else {
            "unlocked for this command"
        }
        .to_owned();
    };
    let pid = agent.pid;
    match (status.locked, agent.until) {
        (true, _) => format!("locked; agent {pid} waits to be unlocked"),
        (false, None) => format!("unlocked by agent {pid}"),
        (false, Some(until)) => format!("unlocked by agent {pid} until {} UTC", shown(until)),
    }
}

fn account(remote: &RemoteView) -> String {
    let synced = match (&remote.trouble, remote.last_sync) {
        (Some(trouble), _) => trouble.clone(),
        (None, Some(at)) => format!("synced {} UTC", shown(at)),
        (None, None) => "not synced yet".to_owned(),
    };
    let waiting = match remote.to_push {
        0 => String::new(),
        count => format!("; {} to send", counted(count, "change", "changes")),
    };
    let out = match remote.out {
        true => "; this member was removed or this device revoked",
        false => "",
    };
    format!(
        "{}: {}: {synced}{waiting}{out}",
        remote.team, remote.location
    )
}

fn keychain(status: &StatusView) -> String {
    if status.suspended && status.slots.iter().any(|kind| kind == "keychain") {
        format!("{}; suspended until the next unlock", status.keychain)
    } else {
        status.keychain.clone()
    }
}
