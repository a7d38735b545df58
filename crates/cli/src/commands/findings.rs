//! `findings`: what is wrong with a team's remote or members, and what bears it out.

use std::ffi::OsString;
use std::path::PathBuf;

use app::private_file::{self, Existing};
use app::sync::{
    AcknowledgeFinding, CheckEvidence, EvidenceFile, ExportEvidence, FindingView, ListFindings,
    Proof,
};
use app::{Code, Fault, counted};
use clap::{Args, Subcommand};

use crate::args::OneTeamArg;
use crate::context::Context;
use crate::door::{self, Access};
use crate::exit::{Ending, Outcome};
use crate::input::Source;
use crate::moment::shown;
use crate::output::{Table, escaped};

/// See what is wrong with a team's remote or members, and prove it
#[derive(Args)]
pub struct FindingsArgs {
    #[command(subcommand)]
    command: FindingsCommand,
}

#[derive(Subcommand)]
enum FindingsCommand {
    Ls(LsArgs),
    Acknowledge(AcknowledgeArgs),
    Export(ExportArgs),
    Verify(VerifyArgs),
}

/// List what is wrong
///
/// What `sync` found against the remotes and members of all teams and is not resolved, each with
/// what to do next.
#[derive(Args)]
#[command(after_help = "Example:\n  sealfold findings ls")]
struct LsArgs {}

/// Say that a finding is known
///
/// It stays listed until it is resolved, and no command fails because of it any more. A rollback is
/// refused by every sync all the same, and a device that was copied signs nothing.
#[derive(Args)]
#[command(after_help = "Example:\n  sealfold findings acknowledge 3f2a91")]
struct AcknowledgeArgs {
    /// The beginning of its id, as findings ls shows it
    #[arg(value_name = "ID")]
    finding: String,
}

/// Write what bears the findings out into a file
///
/// For whoever keeps the remote, or for the rest of the team: ids, names of objects, and signed ops
/// as they lie on the remote. It holds no secret, and `findings verify` checks it without a vault.
#[derive(Args)]
#[command(after_help = "Example:\n  sealfold findings export evidence.json")]
struct ExportArgs {
    /// The file to write; it must not exist
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    team: OneTeamArg,
}

/// Check a file that somebody exported
///
/// Needs no vault. Exit code 13 when an op in it is not what its device signed.
#[derive(Args)]
#[command(after_help = "Example:\n  sealfold findings verify evidence.json")]
struct VerifyArgs {
    /// The file
    #[arg(value_name = "FILE")]
    file: OsString,
}

impl FindingsArgs {
    pub fn carry_out(self, context: &Context) -> Outcome {
        match self.command {
            FindingsCommand::Ls(args) => args.carry_out(context),
            FindingsCommand::Acknowledge(args) => args.carry_out(context),
            FindingsCommand::Export(args) => args.carry_out(context),
            FindingsCommand::Verify(args) => args.carry_out(context),
        }
    }
}

impl LsArgs {
    fn carry_out(self, context: &Context) -> Outcome {
        let findings = door::open(context, Access::Read)?.ask(ListFindings {})?;
        if context.output.is_json() {
            context.output.json(&findings)?;
            return Ok(Ending::Done);
        }
        context.output.table(&table(&findings))?;
        if findings.is_empty() {
            context.output.note("Nothing is found.");
        }
        for finding in &findings {
            let next = escaped(&finding.next);
            context.output.note(format!("{}: {next}", finding.id));
        }
        Ok(Ending::Done)
    }
}

fn table(findings: &[FindingView]) -> Table {
    let mut table = Table::new(["ID", "TEAM", "SINCE (UTC)", "KNOWN (UTC)", "WHAT"]);
    for finding in findings {
        table.row([
            finding.id.clone(),
            finding.team.clone(),
            shown(finding.since),
            finding.acknowledged.map(shown).unwrap_or_default(),
            finding.about(),
        ]);
    }
    table
}

impl AcknowledgeArgs {
    fn carry_out(self, context: &Context) -> Outcome {
        let mut door = door::open(context, Access::Write)?;
        let finding = door.ask(AcknowledgeFinding {
            finding: self.finding,
        })?;
        if context.output.is_json() {
            context.output.json(&finding)?;
        } else {
            context.output.note(format!("{} is known.", finding.id));
        }
        Ok(Ending::Done)
    }
}

impl ExportArgs {
    fn carry_out(self, context: &Context) -> Outcome {
        let mut door = door::open(context, Access::Read)?;
        let evidence = door.ask(ExportEvidence {
            team: self.team.team,
        })?;
        let mut text = serde_json::to_vec_pretty(&evidence)
            .map_err(|_| Fault::new(Code::Unexpected, "The evidence can't be written as JSON."))?;
        text.push(b'\n');
        private_file::write(&self.file, &text, Existing::Keep)?;
        if context.output.is_json() {
            context.output.json(&evidence)?;
        } else {
            let findings = counted(evidence.findings.len() as u64, "finding", "findings");
            let ops = counted(evidence.ops.len() as u64, "signed op", "signed ops");
            context
                .output
                .note(format!("{findings} and {ops} written."));
        }
        Ok(Ending::Done)
    }
}

impl VerifyArgs {
    fn carry_out(self, context: &Context) -> Outcome {
        let bytes = Source::from(self.file).bytes()?;
        // EXPOSE: the file holds no secret; it came the way that secrets do.
        let file: EvidenceFile = serde_json::from_slice(bytes.expose())
            .map_err(|_| Fault::new(Code::Usage, "This is no file of evidence."))?;
        let mut door = context.door_here(context.home()?);
        let view = door.ask(CheckEvidence { file })?;
        if context.output.is_json() {
            context.output.json(&view)?;
            return Ok(Ending::Done);
        }
        let mut table = Table::new(["RESTS ON", "WHAT"]);
        for checked in &view.findings {
            let what = checked.finding.sentence.clone();
            table.row([rests_on(checked.rests_on).to_owned(), what]);
        }
        context.output.table(&table)?;
        let ops = counted(view.ops, "op", "ops");
        let note = format!("{ops} of team {}, each signed by its device.", view.team);
        context.output.note(escaped(&note));
        Ok(Ending::Done)
    }
}

fn rests_on(proof: Proof) -> &'static str {
    match proof {
        Proof::Signatures => "signatures alone",
        Proof::SignedOps => "signed ops, and the writer's word",
        Proof::Word => "the writer's word",
    }
}
