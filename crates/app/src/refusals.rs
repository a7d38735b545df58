//! Errors of the inner rooms, as sentences with a next step.

use team::{AuthorError, EntryError, Rejection};
use vault::{KeychainError, VaultError};

use crate::fault::sentence;
use crate::{Code, Fault};

impl From<VaultError> for Fault {
    fn from(error: VaultError) -> Self {
        let sentence = |code| Fault::new(code, sentence(&error));
        match error {
            VaultError::Missing => sentence(Code::NotFound).next("Make one with `sealfold init`."),
            VaultError::AlreadyExists => sentence(Code::Conflict).next("Choose another name, or move that file aside."),
            VaultError::NotAVault => sentence(Code::Integrity).next("Check the path, or restore a backup with `sealfold backup restore FILE`."),
            VaultError::Newer { .. } => sentence(Code::NotAllowed).next("Update Sealfold. Nothing was changed."),
            VaultError::UnsupportedSuite { .. } => sentence(Code::Integrity).next("Update Sealfold, or restore a backup. Nothing was changed."),
            VaultError::ForeignSchema
            | VaultError::HeaderChanged
            | VaultError::RowsChanged { .. }
            | VaultError::HistoryChanged
            | VaultError::Sealed { .. }
            | VaultError::Corrupt(_)
            | VaultError::IntegrityCheck => sentence(Code::Integrity)
                .next("Nothing was changed. Keep the file, and restore a backup with `sealfold backup restore FILE`."),
            VaultError::NoSuchSlot { .. } => sentence(Code::NotFound).next("`sealfold slot ls` shows what opens this vault."),
            VaultError::CannotUnlock => sentence(Code::WrongKey)
                .next("Try again; `sealfold recovery use` opens the vault with the recovery words."),
            VaultError::Kdf(_) => sentence(Code::Integrity).next("The file was changed by something else: restore a backup."),
            VaultError::LastSlot | VaultError::TooManySlots | VaultError::WeakKdf => sentence(Code::NotAllowed),
            VaultError::ForeignAnchor => sentence(Code::Integrity),
            VaultError::Moved | VaultError::Busy => sentence(Code::Conflict).next("Nothing was changed. Try again."),
            VaultError::DiskFull => sentence(Code::Io).next("Nothing was changed. Make room and try again."),
            VaultError::DiskRefused(_) => sentence(Code::Io).next("Nothing was changed. See whether there is room on the disk, and try again."),
            VaultError::ReadOnly => sentence(Code::Io)
                .next("Nothing was changed. Every use of a secret is written down first, so reading needs a writable vault too."),
            VaultError::Io(ref source) => Fault::new(Code::Io, format!("The vault file could not be accessed: {}.", source.kind())),
            VaultError::Database(_) => sentence(Code::Io).next("Nothing was changed. Run `sealfold doctor`."),
            VaultError::FrontierBackwards | VaultError::AlreadyStored { .. } | VaultError::NotStored { .. } | VaultError::OutOfRange => {
                sentence(Code::Unexpected).next("Nothing was changed. Please report this.")
            }
            _ => sentence(Code::Unexpected),
        }
    }
}

/// Why the keychain can't be used, in words for a person.
pub(crate) fn keychain_fault(error: &KeychainError) -> Fault {
    let (code, next) = match error {
        KeychainError::NotFound => (
            Code::NotFound,
            "The passphrase opens the vault; `sealfold slot add keychain` stores its secret anew.",
        ),
        KeychainError::Denied(_) => (
            Code::NotAllowed,
            "The passphrase opens the vault without the keychain.",
        ),
        KeychainError::Malformed => (
            Code::Integrity,
            "The passphrase opens the vault; `sealfold slot add keychain` stores its secret anew.",
        ),
        _ => (
            Code::Io,
            "The passphrase opens the vault without the keychain.",
        ),
    };
    Fault::new(code, sentence(error)).next(next)
}

impl From<AuthorError> for Fault {
    fn from(error: AuthorError) -> Self {
        match error {
            AuthorError::NotEnrolled => Fault::new(
                Code::NotAllowed,
                "This device may not write in the team: it is not let in yet, was revoked, or its member was removed.",
            )
            .next("`sealfold sync` says which."),
            AuthorError::Copied => Fault::new(
                Code::NotAllowed,
                "This device was copied: another has written with its keys, and neither writes any more.",
            )
            .next("`sealfold device revoke` it from another device, or with the recovery words."),
            AuthorError::TooLarge => Fault::new(
                Code::Usage,
                "A name or value is longer than a vault can hold.",
            ),
            AuthorError::NoSuchBundle => Fault::new(Code::NotFound, "There is no such bundle."),
            AuthorError::NoLogKey | AuthorError::NoBundleKey => Fault::new(
                Code::NotAllowed,
                "The newest key is not here, or has to be rotated first: nothing is written under an older one.",
            )
            .next("Run `sealfold sync`, which says whether you are still in the team; `sealfold team ls` shows what is due, and who can do it. In a vault without a remote, `sealfold recovery new` does it."),
            AuthorError::NotAllowed | AuthorError::Refused(_) => {
                Fault::new(Code::NotAllowed, "The team's rules do not allow this.")
            }
            AuthorError::BadRecipient => {
                Fault::new(Code::Integrity, "A recipient's key is unusable.")
            }
        }
    }
}

/// A vault that must not sign.
pub(crate) fn must_enrol() -> Fault {
    Fault::new(Code::NotAllowed, "This vault is an older copy or a restored backup: it reads, but must not write under its old identity.")
        .next("Run `sealfold recovery use` with the recovery words: this device is then enrolled anew.")
}

/// A vault that was used with a keychain, which does not say whether this is its newest state.
pub(crate) fn no_anchor() -> Fault {
    Fault::new(Code::NotAllowed, "The keychain does not answer, so this could be an older copy of the vault: it reads, but must not write.")
        .next("Start or unlock the keychain and try again, or add `--no-keychain` to write all the same. Where an agent runs: `sealfold lock`, then `sealfold unlock --no-keychain`.")
}

impl From<Rejection> for Fault {
    fn from(_: Rejection) -> Self {
        Fault::new(Code::Integrity, "An op in the vault does not hold.")
            .next("Run `sealfold doctor`.")
    }
}

impl From<EntryError> for Fault {
    fn from(_: EntryError) -> Self {
        Fault::new(Code::Integrity, "An entry in the vault can't be opened.")
            .next("Run `sealfold doctor`.")
    }
}
