//! The commands, one small file each: its arguments on top, its work below.

mod agent;
mod audit;
mod backup;
mod bundle;
mod completions;
mod docs;
mod doctor;
mod export;
mod get;
mod history;
mod import;
mod init;
mod lock;
mod ls;
mod mv;
mod naming;
mod passphrase;
mod read;
mod recovery;
mod restore;
mod rm;
mod run;
mod set;
mod slot;
mod status;
mod unlock;

use clap::Subcommand;

use crate::context::Context;
use crate::exit::Outcome;

/// Everything that `sealfold` can do.
#[derive(Subcommand)]
pub enum Command {
    Init(init::InitArgs),
    Unlock(unlock::UnlockArgs),
    Lock(lock::LockArgs),
    Status(status::StatusArgs),
    Doctor(doctor::DoctorArgs),

    Ls(ls::LsArgs),
    Get(get::GetArgs),
    Set(set::SetArgs),
    Mv(mv::MvArgs),
    Rm(rm::RmArgs),
    History(history::HistoryArgs),
    Restore(restore::RestoreArgs),

    Bundle(bundle::BundleArgs),
    Import(import::ImportArgs),
    Export(export::ExportArgs),
    Run(run::RunArgs),
    Read(read::ReadArgs),

    Slot(slot::SlotArgs),
    Passphrase(passphrase::PassphraseArgs),
    Recovery(recovery::RecoveryArgs),
    Backup(backup::BackupArgs),
    Audit(audit::AuditArgs),
    Agent(agent::AgentArgs),
    Completions(completions::CompletionsArgs),
    Docs(docs::DocsArgs),
}

/// Carries a command to its file.
pub fn carry_out(command: Command, context: &Context) -> Outcome {
    match command {
        Command::Init(args) => args.carry_out(context),
        Command::Unlock(args) => args.carry_out(context),
        Command::Lock(args) => args.carry_out(context),
        Command::Status(args) => args.carry_out(context),
        Command::Doctor(args) => args.carry_out(context),
        Command::Ls(args) => args.carry_out(context),
        Command::Get(args) => args.carry_out(context),
        Command::Set(args) => args.carry_out(context),
        Command::Mv(args) => args.carry_out(context),
        Command::Rm(args) => args.carry_out(context),
        Command::History(args) => args.carry_out(context),
        Command::Restore(args) => args.carry_out(context),
        Command::Bundle(args) => args.carry_out(context),
        Command::Import(args) => args.carry_out(context),
        Command::Export(args) => args.carry_out(context),
        Command::Run(args) => args.carry_out(context),
        Command::Read(args) => args.carry_out(context),
        Command::Slot(args) => args.carry_out(context),
        Command::Passphrase(args) => args.carry_out(context),
        Command::Recovery(args) => args.carry_out(context),
        Command::Backup(args) => args.carry_out(context),
        Command::Audit(args) => args.carry_out(context),
        Command::Agent(args) => args.carry_out(context),
        Command::Completions(args) => args.carry_out(context),
        Command::Docs(args) => args.carry_out(context),
    }
}
