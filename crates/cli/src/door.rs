//! How a command comes to an open vault: the agent, else the keychain, else the passphrase. In a job
//! a token stands in for all of it.

use app::vaults::{Key, Unlock, Unlocked};
use app::{Code, Door, Fault, Home, Plaintext};

use crate::context::Context;
use crate::job;
use crate::prompt;

/// How often a passphrase is asked for before giving up.
const TRIES: u32 = 3;

/// What a command is about to do with the vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Read: only the header is checked.
    Read,
    /// Write: the whole file is checked against its root first.
    Write,
}

/// An open vault, in the agent or here.
pub fn open(context: &Context, access: Access) -> Result<Door, Fault> {
    if context.has_token {
        return job::door();
    }
    let home = context.home()?;
    if let Some(door) = agent(context, &home)? {
        return Ok(door);
    }
    home.must_have_vault()?;
    let keychain = may_use_keychain(context, &home);
    let mut door = context.door_here(home);
    let full_check = access == Access::Write;
    let unlocked = unlock(context, keychain, |key| {
        door.ask(Unlock {
            key,
            ttl_seconds: None,
            full_check,
        })
    })?;
    context.output.warn(&unlocked.warnings);
    Ok(door)
}

/// The agent's door or one here, open if that takes no question: for commands that have
/// something to say about a locked vault too.
pub fn open_or_locked(context: &Context, full_check: bool) -> Result<Door, Fault> {
    let home = context.home()?;
    if let Some(door) = agent(context, &home)? {
        return Ok(door);
    }
    let exists = home.vault_file().exists();
    let keychain = may_use_keychain(context, &home);
    let mut door = context.door_here(home);
    let key = match &context.globals.passphrase_file {
        _ if !exists => return Ok(door),
        Some(source) => Key::Passphrase(source.first_line()?),
        None if keychain => Key::Keychain,
        None => return Ok(door),
    };
    let given = matches!(key, Key::Passphrase(_));
    match door.ask(Unlock {
        key,
        ttl_seconds: None,
        full_check,
    }) {
        Ok(unlocked) => context.output.warn(&unlocked.warnings),
        Err(fault) if given => return Err(fault),
        Err(fault) => without_keychain(context, fault)?,
    }
    Ok(door)
}

/// The agent's door, unless `--no-agent`.
pub fn agent(context: &Context, home: &Home) -> Result<Option<Door>, Fault> {
    if context.globals.no_agent {
        return Ok(None);
    }
    let agent = running_agent(home)?;
    Ok(agent.map(|door| door.saying_when_asked(context.output.on_asked())))
}

/// The agent's door, whatever the options say.
pub fn running_agent(home: &Home) -> Result<Option<Door>, Fault> {
    Door::connect(home)
}

/// Whether the keychain slot may be tried. A passphrase that was given goes first, and `lock`
/// suspends the slot.
pub fn may_use_keychain(context: &Context, home: &Home) -> bool {
    let globals = &context.globals;
    !globals.no_keychain && globals.passphrase_file.is_none() && !home.suspended_marker().exists()
}

/// Opens the vault by what `attempt` does with a key: the keychain's when it may be tried, else
/// the passphrase.
pub fn unlock(
    context: &Context,
    keychain: bool,
    mut attempt: impl FnMut(Key) -> Result<Unlocked, Fault>,
) -> Result<Unlocked, Fault> {
    if keychain {
        match attempt(Key::Keychain) {
            Ok(unlocked) => return Ok(unlocked),
            Err(fault) => without_keychain(context, fault)?,
        }
    }
    by_passphrase(context, "Passphrase", |passphrase| {
        attempt(Key::Passphrase(passphrase))
    })
}

/// A keychain that can't serve leaves its reason and the way to the passphrase (threat 50).
/// What is wrong with the vault itself stays a fault.
fn without_keychain(context: &Context, fault: Fault) -> Result<(), Fault> {
    match fault.code {
        // There is no such slot, or it is suspended.
        Code::NotFound | Code::Locked => Ok(()),
        Code::Io | Code::WrongKey | Code::NotAllowed | Code::Aborted => {
            context
                .output
                .warn(&[format!("the keychain did not open the vault: {fault}")]);
            Ok(())
        }
        _ => Err(fault),
    }
}

/// Tries the passphrase from `--passphrase-file`, or asks up to three times.
pub fn by_passphrase<T>(
    context: &Context,
    question: &str,
    mut attempt: impl FnMut(Plaintext) -> Result<T, Fault>,
) -> Result<T, Fault> {
    if let Some(source) = &context.globals.passphrase_file {
        return attempt(source.first_line()?);
    }
    if let Err(why) = prompt::possible(context) {
        let message = format!("The passphrase is needed, and {why}.");
        let fault = Fault::new(Code::Locked, message);
        return Err(fault.next("Run `sealfold unlock`, or give `--passphrase-file FILE`."));
    }
    let mut tries = 1;
    loop {
        let passphrase = prompt::hidden(context, question)?;
        match attempt(passphrase) {
            Err(fault) if fault.code == Code::WrongKey && tries < TRIES => {
                tries += 1;
                context.output.note("That did not open it; once more.");
            }
            outcome => return outcome,
        }
    }
}
