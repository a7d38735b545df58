//! `service`: jobs of a CI that read a few bundles with a token.

use app::services::{CreateService, CreatedService, ListServices, RemoveService, ServiceView};
use app::sync::Sync;
use app::{Door, Fault};
use clap::{Args, Subcommand};
use serde::Serialize;

use crate::args::{OneTeamArg, TeamArg};
use crate::context::Context;
use crate::door::{self, Access};
use crate::exit::{Ending, Failure, Outcome};
use crate::moment::{Moment, Span, now, shown, span};
use crate::output::{LineEnd, Table, Value, escaped};

/// Let jobs of a CI read bundles with a token
#[derive(Args)]
pub struct ServiceArgs {
    #[command(subcommand)]
    command: ServiceCommand,
}

#[derive(Subcommand)]
enum ServiceCommand {
    Create(CreateArgs),
    Ls(LsArgs),
    Remove(RemoveArgs),
}

/// Make a service, and its token
///
/// The token alone is on standard output, and is shown only now: put it into the secrets of the CI
/// as SEALFOLD_TOKEN. With it, `run`, `read` and `export` work in a job that has no vault, from the
/// remote alone. The devices that sign publish the values for it whenever they sync; one of them
/// should be always on.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    sealfold service create ci -b api/prod > token\n  \
    sealfold service create nightly -b api/prod -b web/prod --signer server --max-age 2d --expires 1y")]
struct CreateArgs {
    /// What it is called
    name: String,
    /// The bundle that it reads; may be repeated
    #[arg(short, long = "bundle", required = true, value_name = "PROJECT/ENV")]
    bundles: Vec<String>,
    /// How old the values that a job takes may be at most; 7d when absent
    #[arg(long, value_name = "SPAN")]
    max_age: Option<Span>,
    /// When the token stops working; 90d when absent
    #[arg(long, value_name = "WHEN")]
    expires: Option<Moment>,
    /// A device that publishes for it, by name or beginning of its id; may be repeated; this one
    /// when absent
    #[arg(long = "signer", value_name = "DEVICE")]
    signers: Vec<String>,
}

/// List services
#[derive(Args)]
#[command(after_help = "Example:\n  sealfold service ls")]
struct LsArgs {
    /// Those that were removed or have expired, too
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    team: OneTeamArg,
}

/// End a service
///
/// Nothing is published for it any more. What it was given stays readable with its token: `exposed
/// ls` lists it until it is changed.
#[derive(Args)]
#[command(after_help = "Example:\n  sealfold service remove ci")]
struct RemoveArgs {
    /// Its name, or the beginning of its id
    name: String,
    #[command(flatten)]
    team: TeamArg,
}

/// [`CreatedService`] with a token that JSON can hold.
#[derive(Serialize)]
struct CreatedView<'a> {
    token: Value<'a>,
    service: &'a ServiceView,
    remote: &'a str,
    warnings: &'a [String],
}

impl ServiceArgs {
    pub fn carry_out(self, context: &Context) -> Outcome {
        match self.command {
            ServiceCommand::Create(args) => args.carry_out(context),
            ServiceCommand::Ls(args) => args.carry_out(context),
            ServiceCommand::Remove(args) => args.carry_out(context),
        }
    }
}

impl CreateArgs {
    fn carry_out(self, context: &Context) -> Outcome {
        let mut door = door::open(context, Access::Write)?;
        let created = door.ask(CreateService {
            name: self.name,
            bundles: self.bundles,
            max_age: self.max_age.map(|span| span.0),
            expires: self.expires.map(|moment| moment.as_deadline(now())),
            signers: self.signers,
        })?;
        // The token is on its way before anything else can fail: it can't be shown again.
        show(context, &created)?;
        context.output.warn(&created.warnings);
        sync(context, &mut door, &created.service.team);
        Ok(Ending::Done)
    }
}

fn show(context: &Context, created: &CreatedService) -> Result<(), Failure> {
    let CreatedService {
        token,
        service,
        remote,
        warnings,
    } = created;
    if context.output.is_json() {
        return context.output.json(&CreatedView {
            token: Value(token),
            service,
            remote,
            warnings,
        });
    }
    context.output.value(token, false, LineEnd::Always)?;
    context.output.note(format!(
        "{} reads {} until {} UTC, from {}. Put the token into the secrets of the CI as \
         SEALFOLD_TOKEN: whoever has it reads all that is published for it.",
        escaped(&service.name),
        escaped(&service.bundles.join(", ")),
        shown(service.expires),
        escaped(remote)
    ));
    Ok(())
}

/// Pushes what was written, so that others know of it; and publishes, where this device signs.
fn sync(context: &Context, door: &mut Door, team: &str) {
    let report = {
        let _progress = context.output.progress("Syncing");
        door.ask(Sync {
            team: Some(team.to_owned()),
            full: false,
        })
    };
    let failure: Option<Fault> = match report {
        Ok(report) => report.teams.into_iter().find_map(|team| team.failure),
        Err(fault) => Some(fault),
    };
    if let Some(failure) = failure {
        context.output.warn(&[format!(
            "nothing is published yet; the next sync tries again: {failure}"
        )]);
    }
}

impl LsArgs {
    fn carry_out(self, context: &Context) -> Outcome {
        let services = door::open(context, Access::Read)?.ask(ListServices {
            team: self.team.team,
            all: self.all,
        })?;
        if context.output.is_json() {
            context.output.json(&services)?;
            return Ok(Ending::Done);
        }
        let mut table = Table::new([
            "SERVICE",
            "TEAM",
            "BUNDLES",
            "SIGNERS",
            "STATE",
            "MAX AGE",
            "PUBLISHED",
            "EXPIRES",
        ]);
        for service in &services {
            table.row([
                service.name.clone(),
                service.team.clone(),
                service.bundles.join(", "),
                service.signers.join(", "),
                service.state.replace('_', " "),
                span(service.max_age),
                service.published.map(shown).unwrap_or_default(),
                shown(service.expires),
            ]);
        }
        context.output.table(&table)?;
        context.output.warn(&remarks(&services));
        Ok(Ending::Done)
    }
}

/// What there is to do about services.
pub fn remarks(services: &[ServiceView]) -> Vec<String> {
    let mut remarks = Vec::new();
    for service in services {
        let name = &service.name;
        if matches!(&*service.state, "removed" | "expired") {
            continue;
        }
        if !service.gone.is_empty() {
            let (gone, until) = (service.gone.join(", "), shown(service.expires));
            remarks.push(format!(
                "the token of {name} believes {gone}, which does not stand any more, until {until} UTC: make a new service, give the CI its token, and `sealfold service remove` this one"
            ));
        }
        if !service.left_out.is_empty() {
            let left_out = service.left_out.join(", ");
            remarks.push(format!(
                "{name} gets no values of {left_out}: no device that signs for it can read them"
            ));
        }
    }
    remarks
}

impl RemoveArgs {
    fn carry_out(self, context: &Context) -> Outcome {
        let mut door = door::open(context, Access::Write)?;
        let service = door.ask(RemoveService {
            team: self.team.team,
            name: self.name,
        })?;
        if context.output.is_json() {
            context.output.json(&service)?;
        } else {
            context.output.note(format!(
                "{} is removed: its jobs get no values as soon as a device that signs for it has synced. \
                 Whoever kept the token opens what was published so far: `sealfold exposed ls` shows what \
                 to change.",
                escaped(&service.name)
            ));
        }
        sync(context, &mut door, &service.team);
        Ok(Ending::Done)
    }
}
