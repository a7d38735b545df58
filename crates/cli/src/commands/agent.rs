//! `agent`: the process that holds the unlocked vault for a while.

use app::agent::{AgentView, Guard, Guards, ServeOptions, Status, Stop, serve};
use clap::{Args, Subcommand};

use super::unlock::UnlockArgs;
use crate::context::Context;
use crate::door;
use crate::exit::{Ending, Outcome};
use crate::moment::{shown, span};
use crate::output::Table;

/// Start, stop and look at the agent that holds the unlocked vault
#[derive(Args)]
pub struct AgentArgs {
    #[command(subcommand)]
    command: AgentCommand,
}

#[derive(Subcommand)]
enum AgentCommand {
    Start(StartArgs),
    Stop(StopArgs),
    Status(StatusArgs),
    Serve(ServeArgs),
}

/// Start the agent and unlock the vault in it; the same as `sealfold unlock`
#[derive(Args)]
#[command(after_help = "Example:\n  sealfold agent start --ttl 8h")]
struct StartArgs {
    #[command(flatten)]
    unlock: UnlockArgs,
}

/// Stop the agent
///
/// The keychain slot goes on opening the vault; `sealfold lock` suspends that too.
#[derive(Args)]
#[command(after_help = "Example:\n  sealfold agent stop")]
struct StopArgs {}

/// Say how the agent is; exit code 10 when none runs
#[derive(Args)]
#[command(after_help = "Example:\n  sealfold agent status --json | jq .pid")]
struct StatusArgs {}

/// Be the agent; for `sealfold unlock`, not for people
#[derive(Args)]
#[command(hide = true)]
struct ServeArgs {
    #[arg(long)]
    ttl_seconds: Option<u64>,
    #[arg(long)]
    idle_seconds: Option<u64>,
    #[arg(long)]
    no_idle_lock: bool,
    #[arg(long)]
    no_sleep_lock: bool,
}

impl ServeArgs {
    fn carry_out(self, context: &Context) -> Outcome {
        let options = ServeOptions {
            ttl_seconds: self.ttl_seconds,
            idle_seconds: self.idle_seconds,
            locks_when_idle: !self.no_idle_lock,
            locks_after_sleep: !self.no_sleep_lock,
            keychain: !context.globals.no_keychain,
        };
        serve(context.home()?, options)?;
        Ok(Ending::Done)
    }
}

impl AgentArgs {
    pub fn carry_out(self, context: &Context) -> Outcome {
        match self.command {
            AgentCommand::Start(args) => args.unlock.carry_out(context),
            AgentCommand::Stop(StopArgs {}) => stop(context),
            AgentCommand::Status(StatusArgs {}) => status(context),
            AgentCommand::Serve(args) => args.carry_out(context),
        }
    }
}

fn stop(context: &Context) -> Outcome {
    match door::running_agent(&context.home()?)? {
        Some(mut door) => {
            door.ask(Stop {})?;
            context.output.note("The agent is stopped.");
        }
        None => context.output.note("No agent was running."),
    }
    Ok(Ending::Done)
}

fn status(context: &Context) -> Outcome {
    let home = context.home()?;
    // Without an agent this process answers for itself: that it is none.
    let mut door = match door::running_agent(&home)? {
        Some(door) => door,
        None => context.door_here(home),
    };
    let agent = door.ask(Status {})?;
    if context.output.is_json() {
        context.output.json(&agent)?;
    } else {
        context.output.table(&table(&agent))?;
    }
    Ok(Ending::Done)
}

fn table(agent: &AgentView) -> Table {
    let mut table = Table::without_header();
    let mut line = |what: &str, how: String| table.row([what.to_owned(), how]);
    line("pid", agent.pid.to_string());
    line("socket", agent.socket.clone());
    line("since", format!("{} UTC", shown(agent.since)));
    if let Some(until) = agent.until {
        line("until", format!("{} UTC at the latest", shown(until)));
    }
    line(
        "idle",
        match agent.idle_seconds {
            Some(seconds) => format!("locks after {} without a request", span(seconds)),
            None => "does not lock".to_owned(),
        },
    );
    line(
        "sleep",
        match agent.locks_after_sleep {
            true => "locks when the machine has slept".to_owned(),
            false => "does not lock, or this system does not tell".to_owned(),
        },
    );
    let Guards {
        memory_locked,
        core_dumps_off,
        tracing_off,
    } = &agent.guards;
    let guard = |guard: &Guard| match guard {
        Guard::On => "yes".to_owned(),
        Guard::Off(why) => format!("no: {why}"),
    };
    line("memory locked", guard(memory_locked));
    line("core dumps off", guard(core_dumps_off));
    line("tracing off", guard(tracing_off));
    table
}
