//! What can go wrong with a vault file or the keychain. Messages name no path, name or value.

use std::error::Error as StdError;

use crypto::KdfError;

use crate::SlotKind;

/// What lies behind an error.
type Cause = Box<dyn StdError + Send + Sync>;

/// A request to the vault that did not succeed. Unless a variant says otherwise, the file is as
/// it was before.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VaultError {
    /// There is no file under this name.
    #[error("there is no vault here")]
    Missing,
    /// A vault was to be created where a file already stands.
    #[error("a file of this name already exists")]
    AlreadyExists,
    /// The file is something else.
    #[error("the file is not a vault")]
    NotAVault,
    /// A newer program made or migrated the file.
    #[error("the vault has schema version {found}, newer than this program knows")]
    Newer {
        /// Its schema version.
        found: i64,
    },
    /// The format or suite is not one that this program accepts (threat 59).
    #[error("the vault has format {format} and suite {suite}, which are not accepted")]
    UnsupportedSuite {
        /// The number in the file.
        format: i64,
        /// The number in the file.
        suite: i64,
    },
    /// The schema holds a trigger, view, table or index that is not ours, or lacks one
    /// (threat 48). Nothing was run against it.
    #[error("the vault's database schema was changed by another program")]
    ForeignSchema,
    /// The header or a key slot was changed by something other than this program (threat 44).
    #[error("the vault's header or key slots were changed by another program")]
    HeaderChanged,
    /// Rows of a table were changed, added or removed by something other than this program
    /// (threat 46).
    #[error("the vault's table {table} was changed by another program")]
    RowsChanged {
        /// The table's name.
        table: &'static str,
    },
    /// Another process's state does not continue the one that this one knew: the file was
    /// replaced by another branch or an older copy of itself.
    #[error("the vault's history is not the one known a moment ago")]
    HistoryChanged,
    /// A sealed row does not open, though the root says that it is as it was written.
    #[error("a row of the vault's table {table} does not open")]
    Sealed {
        /// The table's name.
        table: &'static str,
    },
    /// SQLite finds the file damaged.
    #[error("the vault file is damaged")]
    Corrupt(#[source] sqlx::Error),
    /// The rows are as they were written, but SQLite's own check finds something wrong around
    /// them: an index, by which rows are found, that does not agree with them (threats 45, 46),
    /// or damage.
    #[error("the vault file is damaged or was changed: SQLite's own check does not agree")]
    IntegrityCheck,
    /// The vault has no slot of the kind that was to open it.
    #[error("the vault has no {kind} slot")]
    NoSuchSlot {
        /// The kind asked for.
        kind: SlotKind,
    },
    /// The passphrase, secret or recovery key is another one, or the slot is damaged: these two
    /// can't be told apart.
    #[error("this does not open the vault")]
    CannotUnlock,
    /// The key derivation parameters of a slot, or of all passphrase slots together, are out of
    /// bounds, or deriving failed. Argon2 did not run on the former (threats 42, 43).
    #[error("the key derivation parameters of a passphrase slot are refused")]
    Kdf(#[source] KdfError),
    /// A new passphrase slot asked for less than the floor.
    #[error("the key derivation parameters of the new slot are below the floor")]
    WeakKdf,
    /// A vault, or its backup, would be left without any slot to open it with.
    #[error("no key slot would be left")]
    LastSlot,
    /// More key slots than a vault may have, or passphrase slots that cost too much together.
    #[error("the vault would have too many key slots")]
    TooManySlots,
    /// Another process committed since this one last looked: `refresh`, and do it again.
    #[error("another process wrote to the vault in the meantime")]
    Moved,
    /// A device's frontier was to go back, or aside to another op of the same number.
    #[error("a frontier would go backwards")]
    FrontierBackwards,
    /// A row of this id is there already.
    #[error("the row is already in the vault's table {table}")]
    AlreadyStored {
        /// The table's name.
        table: &'static str,
    },
    /// A row that was to change is not there.
    #[error("the row is not in the vault's table {table}")]
    NotStored {
        /// The table's name.
        table: &'static str,
    },
    /// A number is above 2^63 - 1.
    #[error("a number is too large for the vault")]
    OutOfRange,
    /// An anchor of another vault.
    #[error("the anchor belongs to another vault")]
    ForeignAnchor,
    /// Another process kept the file locked for longer than five seconds.
    #[error("the vault is in use by another process")]
    Busy,
    /// The disk is full.
    #[error("the disk is full")]
    DiskFull,
    /// The system refused a write to the file or to what SQLite keeps beside it, without saying
    /// why. On a full disk SQLite often knows no more than this.
    #[error("the disk could not be written to: it is full or fails")]
    DiskRefused(#[source] sqlx::Error),
    /// The file, its folder or its disk can't be written to.
    #[error("the vault can't be written to: file, folder or disk are read-only or not ours")]
    ReadOnly,
    /// Reading, writing or renaming the file failed.
    #[error("the vault file could not be accessed")]
    Io(#[source] std::io::Error),
    /// Any other failure that SQLite reports.
    #[error("the database reports an error")]
    Database(#[source] sqlx::Error),
}

/// SQLITE_IOERR_WRITE, _FSYNC, _TRUNCATE, _SHMOPEN, _SHMSIZE and _SHMMAP.
const FAILED_WRITES: [u32; 6] = [778, 1034, 1546, 4618, 4874, 5386];

impl From<sqlx::Error> for VaultError {
    /// Sorts SQLite's result codes (<https://www.sqlite.org/rescode.html>) by what a person can
    /// do about them.
    fn from(error: sqlx::Error) -> Self {
        let code = match error {
            sqlx::Error::Io(error) => return error.into(),
            _ => sqlite_code(&error),
        };
        if code.is_some_and(|code| FAILED_WRITES.contains(&code)) {
            return Self::DiskRefused(error);
        }
        // The primary result code is the low byte of the extended one.
        match code.map(|code| code & 0xff) {
            Some(5 | 6) => Self::Busy,
            // 14, CANTOPEN: the file is there, as was checked; what can't be opened for
            // writing is the file itself or the shared memory beside it.
            Some(8 | 14) => Self::ReadOnly,
            Some(11) => Self::Corrupt(error),
            Some(13) => Self::DiskFull,
            Some(26) => Self::NotAVault,
            _ => Self::Database(error),
        }
    }
}

impl From<std::io::Error> for VaultError {
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem, StorageFull};
        match error.kind() {
            StorageFull => Self::DiskFull,
            PermissionDenied | ReadOnlyFilesystem => Self::ReadOnly,
            _ => Self::Io(error),
        }
    }
}

/// The extended result code of an error that SQLite raised.
fn sqlite_code(error: &sqlx::Error) -> Option<u32> {
    error.as_database_error()?.code()?.parse().ok()
}

/// A request to the operating system's keychain that did not succeed (threat 50). None of them
/// is fatal: the passphrase opens the vault without a keychain.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeychainError {
    /// No keychain is running that this session can reach.
    #[error("no keychain is available in this session")]
    Absent(#[source] Cause),
    /// This program has no keychain for this operating system yet.
    #[error("the keychain of this operating system is not supported")]
    Unsupported,
    /// The keychain is locked, and was not unlocked: no one could be asked, or the person
    /// dismissed its dialog.
    #[error("the keychain is locked")]
    Locked(#[source] Cause),
    /// The keychain refused.
    #[error("the keychain refused the request")]
    Denied(#[source] Cause),
    /// The keychain failed in a way that it does not explain further.
    #[error("the keychain failed")]
    Failed(#[source] Cause),
    /// The keychain did not answer in time; perhaps its dialog is still open.
    #[error("the keychain did not answer in time")]
    TimedOut,
    /// The keychain holds nothing of this name.
    #[error("the keychain holds nothing for this vault")]
    NotFound,
    /// What the keychain holds under this name is not what we stored.
    #[error("the keychain's item is not one of ours")]
    Malformed,
}
