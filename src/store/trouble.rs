//! What a failure of the store asks of the operator, in words that anybody may read: no path, no name.

use super::StoreError;
use super::error::{OpenError, is_full, sqlite_code};

const SQLITE_BUSY: i32 = 5;
const SQLITE_READONLY: i32 = 8;
const SQLITE_CORRUPT: i32 = 11;
const SQLITE_NOTADB: i32 = 26;

impl StoreError {
    /// The cause and the cure, in sentences that tell nothing of the machine.
    #[must_use]
    pub fn words(&self) -> &'static str {
        match self {
            Self::Gone(_) => "The database file is gone. Put it back, or restore a backup.",
            Self::Replaced(error) if matches!(**error, OpenError::Unreadable { .. }) => UNWRITABLE,
            Self::Replaced(error) if matches!(**error, OpenError::Full(_)) => FULL,
            Self::Replaced(_) => {
                "Another file stands in the database's place, and it can't be used. Put the database back, or restore a backup."
            }
            Self::Key(OpenError::Missing(_))
            | Self::UsernameMap(_)
            | Self::Settings(_)
            | Self::Value(_) => DAMAGED,
            Self::Key(_) => {
                "The secret key can't be read, or it does not fit the database. Restore the key file."
            }
            Self::Database(error) => words(error),
        }
    }
}

const FULL: &str = "The disk of the database is full. Make room on it, then save again.";
pub(super) const UNWRITABLE: &str = "The database can't be written. Make its file and its directory writable for the user of this program.";
const DAMAGED: &str = "The database is damaged. Restore a backup.";

/// What keeps every write from being made until somebody sees to it; `None` for what passes by itself.
pub(super) fn keeps_from_writing(error: &sqlx::Error) -> Option<&'static str> {
    match sqlite_code(error)? {
        SQLITE_BUSY => None,
        _ => Some(words(error)),
    }
}

pub(super) fn words(error: &sqlx::Error) -> &'static str {
    match sqlite_code(error) {
        _ if is_full(error) => FULL,
        Some(SQLITE_READONLY) => UNWRITABLE,
        Some(SQLITE_BUSY) => "Another process is writing to the database. Try again in a moment.",
        Some(SQLITE_CORRUPT | SQLITE_NOTADB) => DAMAGED,
        _ => {
            "The database does not answer. Look at the disk, and at who may read and write its directory."
        }
    }
}
