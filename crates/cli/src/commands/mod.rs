//! The commands, one small file each: its arguments on top, its work below.

mod access;
mod age;
mod agent;
mod approve;
mod audit;
mod backup;
mod bundle;
mod completions;
mod conflicts;
mod device;
mod diff;
mod docs;
mod doctor;
mod edit;
mod escape;
mod export;
mod exposed;
mod find;
mod findings;
mod generate;
mod get;
mod history;
mod import;
mod init;
mod invite;
mod join;
mod lock;
mod ls;
mod members;
mod mv;
mod naming;
mod passphrase;
mod promote;
mod quarantine;
mod read;
mod recovery;
mod remote;
mod remove;
mod requests;
mod restore;
mod rm;
mod role;
mod run;
mod services;
mod set;
mod share;
mod slot;
mod status;
mod sync;
mod team;
mod unlock;
mod unshare;
mod verify;

use clap::{ArgMatches, Args, FromArgMatches, Subcommand};

use crate::context::Context;
use crate::exit::Outcome;

/// Makes the list of commands: name, variant, and the arguments that know how to carry it out.
/// By hand instead of by derive, so that one command can be described without the others.
macro_rules! commands {
    ($($name:literal => $variant:ident($arguments:ty),)*) => {
        /// Everything that `sealfold` can do.
        pub enum Command {
            $($variant($arguments),)*
        }

        /// Adds the description of each command to the program's, or that of `only` one.
        pub fn describe(mut program: clap::Command, only: Option<&str>) -> clap::Command {
            $(if only.is_none_or(|only| only == $name) {
                program = program.subcommand(<$arguments>::augment_args(clap::Command::new($name)));
            })*
            program
        }

        impl Subcommand for Command {
            fn augment_subcommands(program: clap::Command) -> clap::Command {
                describe(program, None)
            }

            fn augment_subcommands_for_update(program: clap::Command) -> clap::Command {
                describe(program, None)
            }

            fn has_subcommand(name: &str) -> bool {
                [$($name),*].contains(&name)
            }
        }

        impl FromArgMatches for Command {
            fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
                Self::from_arg_matches_mut(&mut matches.clone())
            }

            fn from_arg_matches_mut(matches: &mut ArgMatches) -> Result<Self, clap::Error> {
                let (name, mut own) = matches.remove_subcommand().ok_or_else(no_command)?;
                match name.as_str() {
                    $($name => <$arguments>::from_arg_matches_mut(&mut own).map(Self::$variant),)*
                    _ => Err(no_command()),
                }
            }

            fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
                *self = Self::from_arg_matches(matches)?;
                Ok(())
            }
        }

        impl Command {
            /// What it is called.
            pub const fn name(&self) -> &'static str {
                match self {
                    $(Self::$variant(_) => $name,)*
                }
            }
        }

        /// Carries a command to its file.
        pub fn carry_out(command: Command, context: &Context) -> Outcome {
            match command {
                $(Command::$variant(arguments) => arguments.carry_out(context),)*
            }
        }
    };
}

commands! {
    "init" => Init(init::InitArgs),
    "unlock" => Unlock(unlock::UnlockArgs),
    "lock" => Lock(lock::LockArgs),
    "status" => Status(status::StatusArgs),
    "doctor" => Doctor(doctor::DoctorArgs),

    "ls" => Ls(ls::LsArgs),
    "find" => Find(find::FindArgs),
    "get" => Get(get::GetArgs),
    "set" => Set(set::SetArgs),
    "edit" => Edit(edit::EditArgs),
    "mv" => Mv(mv::MvArgs),
    "rm" => Rm(rm::RmArgs),
    "history" => History(history::HistoryArgs),
    "restore" => Restore(restore::RestoreArgs),
    "generate" => Generate(generate::GenerateArgs),

    "bundle" => Bundle(bundle::BundleArgs),
    "import" => Import(import::ImportArgs),
    "export" => Export(export::ExportArgs),
    "diff" => Diff(diff::DiffArgs),
    "promote" => Promote(promote::PromoteArgs),
    "run" => Run(run::RunArgs),
    "read" => Read(read::ReadArgs),

    "team" => Team(team::TeamArgs),
    "invite" => Invite(invite::InviteArgs),
    "join" => Join(join::JoinArgs),
    "requests" => Requests(requests::RequestsArgs),
    "approve" => Approve(approve::ApproveArgs),
    "members" => Members(members::MembersArgs),
    "role" => Role(role::RoleArgs),
    "device" => Device(device::DeviceArgs),
    "share" => Share(share::ShareArgs),
    "unshare" => Unshare(unshare::UnshareArgs),
    "remove" => Remove(remove::RemoveArgs),
    "access" => Access(access::AccessArgs),
    "exposed" => Exposed(exposed::ExposedArgs),
    "quarantine" => Quarantine(quarantine::QuarantineArgs),
    "verify" => Verify(verify::VerifyArgs),
    "service" => Service(services::ServiceArgs),

    "remote" => Remote(remote::RemoteArgs),
    "sync" => Sync(sync::SyncArgs),
    "conflicts" => Conflicts(conflicts::ConflictsArgs),
    "findings" => Findings(findings::FindingsArgs),

    "age" => Age(age::AgeArgs),
    "escape" => Escape(escape::EscapeArgs),

    "slot" => Slot(slot::SlotArgs),
    "passphrase" => Passphrase(passphrase::PassphraseArgs),
    "recovery" => Recovery(recovery::RecoveryArgs),
    "backup" => Backup(backup::BackupArgs),
    "audit" => Audit(audit::AuditArgs),
    "agent" => Agent(agent::AgentArgs),
    "completions" => Completions(completions::CompletionsArgs),
    "docs" => Docs(docs::DocsArgs),
}

fn no_command() -> clap::Error {
    clap::Error::new(clap::error::ErrorKind::MissingSubcommand)
}
