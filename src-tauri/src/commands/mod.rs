//! The closed list of what the web view may ask, and how it is asked.
//!
//! Most of it is passed on: the question is one of `app`'s own, and so is its answer, which can't hold
//! a value (`Plaintext` does not go into JSON). What stands under `of_the_window` is a function of this
//! room: it brings a value into the page because a person asked for that, works outside the vault, or
//! starts the agent. `table.rs` writes the list down for the front end and for the capability.

mod copies;
mod files;
mod life;
mod papers;
#[cfg(test)]
mod table;
mod values;
mod window;

use std::future::Future;

use app::{Code, Fault};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tauri::ipc::{Invoke, InvokeBody, InvokeError};
use tauri::{AppHandle, Manager, Runtime};

use crate::chosen_files::ChosenFiles;
use crate::clipboard::Clipboard;
use crate::vault::Vault;

/// What commands work with.
pub struct Desk<R: Runtime> {
    /// The program around the window.
    pub program: AppHandle<R>,
    pub vault: Vault,
    pub clipboard: Clipboard,
    /// What a person chose in the system's dialogs.
    pub files: ChosenFiles,
}

macro_rules! commands {
    (
        passed_on { $($name:ident($ask:path),)* }
        of_the_window { $($own:ident = $module:ident,)* }
    ) => {
        /// Answers what is on the list. The capability in `capabilities/main.json` says to whom.
        pub fn handle<R: Runtime>(invoke: Invoke<R>) -> bool {
            match invoke.message.command() {
                $(stringify!($name) => answer(invoke, async |desk, ask: $ask| desk.vault.ask(ask).await),)*
                $(stringify!($own) => answer(invoke, $module::$own),)*
                _ => return false,
            }
            true
        }

        /// Shows every command with the types of its question and its answer.
        #[cfg(test)]
        fn describe(table: &mut table::Table) {
            $(table.add(stringify!($name), async |_: Desk<tauri::Wry>, ask: $ask| {
                table::answer_of(ask)
            });)*
            $(table.add(stringify!($own), $module::$own::<tauri::Wry>);)*
        }
    };
}

commands! {
    passed_on {
        doctor(app::vaults::Doctor),
        change_passphrase(app::vaults::ChangePassphrase),
        list_slots(app::vaults::ListSlots),
        add_slot(app::vaults::AddSlot),
        remove_slot(app::vaults::RemoveSlot),
        list_bundles(app::bundles::List),
        new_bundle(app::bundles::New),
        archive_bundle(app::bundles::Archive),
        list_entries(app::entries::List),
        set_entry(app::entries::Set),
        move_entry(app::entries::Move),
        remove_entries(app::entries::Remove),
        restore_entry(app::entries::Restore),
        history(app::entries::History),
        import(app::transfer::Import),
        save_raw_env(app::transfer::SaveRawEnv),
        matrix(app::environments::Matrix),
        promote(app::environments::Promote),
        add_remote(app::sync::AddRemote),
        list_remotes(app::sync::ListRemotes),
        remove_remote(app::sync::RemoveRemote),
        move_remote(app::sync::MoveRemote),
        sync(app::sync::Sync),
        sync_progress(app::sync::AskProgress),
        stop_sync(app::sync::StopSync),
        list_findings(app::sync::ListFindings),
        acknowledge_finding(app::sync::AcknowledgeFinding),
        list_conflicts(app::sync::ListConflicts),
        resolve_conflict(app::sync::ResolveConflict),
        new_team(app::team::NewTeam),
        list_teams(app::team::ListTeams),
        team_policy(app::team::SetPolicy),
        join(app::team::Join),
        ask_to_return(app::team::AskToReturn),
        take_back(app::team::TakeBack),
        list_requests(app::team::ListRequests),
        approve(app::team::Approve),
        list_members(app::team::ListMembers),
        set_role(app::team::SetRole),
        remove_member(app::team::RemoveMember),
        verify_member(app::team::Verify),
        list_devices(app::team::ListDevices),
        link_device(app::team::LinkDevice),
        answer_link(app::team::AnswerLink),
        add_device(app::team::AddDevice),
        revoke_device(app::team::RevokeDevice),
        share(app::team::Share),
        unshare(app::team::Unshare),
        access_who(app::team::AccessWho),
        access_what(app::team::AccessWhat),
        list_exposed(app::team::ListExposed),
        settle_exposed(app::team::SettleExposed),
        list_services(app::services::ListServices),
        remove_service(app::services::RemoveService),
        list_quarantine(app::team::ListQuarantine),
        review(app::team::Review),
        list_escapes(app::escape::ListEscapes),
        list_audit(app::audit::List),
        verify_audit(app::audit::Verify),
        list_asked(app::agent::Attend),
        decide(app::agent::Decide),
    }
    of_the_window {
        status = life,
        draft_words = life,
        create_vault = life,
        unlock = life,
        lock = life,
        use_recovery = life,
        recover_team = life,
        reveal = values,
        copy = copies,
        copy_text = copies,
        clear_clipboard = copies,
        reveal_conflict = values,
        choose_path = files,
        export = files,
        save_field = files,
        create_backup = files,
        verify_backup = files,
        restore_backup = files,
        turn_on_escape = files,
        turn_off_escape = files,
        raw_env = values,
        code = values,
        generate = values,
        invite = papers,
        create_service = papers,
        draft_recovery = papers,
        new_recovery = papers,
        settings = window,
        save_settings = window,
        open_other = window,
        leave_quick = window,
    }
}

/// Reads the question, and answers on a thread that nobody draws on.
fn answer<R, A, T, F>(invoke: Invoke<R>, command: impl FnOnce(Desk<R>, A) -> F)
where
    R: Runtime,
    A: DeserializeOwned,
    T: Serialize,
    F: Future<Output = Result<T, Fault>> + Send + 'static,
{
    let Invoke {
        message, resolver, ..
    } = invoke;
    let ask = match message.payload() {
        InvokeBody::Json(payload) => payload.get("ask").cloned(),
        InvokeBody::Raw(_) => None,
    };
    let ask = ask.and_then(|ask| serde_json::from_value(ask).ok());
    let Some(ask) = ask else {
        return resolver.reject(Fault::new(
            Code::Usage,
            "The window asked for something that the program does not understand.",
        ));
    };
    let program = message.webview_ref().app_handle().clone();
    let desk = Desk {
        vault: program.state::<Vault>().inner().clone(),
        clipboard: program.state::<Clipboard>().inner().clone(),
        files: program.state::<ChosenFiles>().inner().clone(),
        program,
    };
    let work = command(desk, ask);
    resolver.respond_async_serialized(async move {
        let answer = work.await.map_err(|fault| as_error(&fault))?;
        let written = serde_json::to_string(&answer);
        written.map(Into::into).map_err(|_| as_error(&unwritten()))
    });
}

fn as_error(fault: &Fault) -> InvokeError {
    InvokeError(serde_json::to_value(fault).expect("a fault is text"))
}

fn unwritten() -> Fault {
    Fault::new(
        Code::Unexpected,
        "The answer holds a value, which the window is not given this way.",
    )
}
