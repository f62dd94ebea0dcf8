//! Why the store can't be opened or used: each text is one line with the cause and, where there is one, the cure.

use std::path::{Path, PathBuf};

use crate::settings::UnsealError;

/// Why the store can't be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The directory or a file in it can't be made, read or written.
    #[error(
        "cannot use {path}: {source}; make it readable and writable for this user, or name another place with --data-dir"
    )]
    Unreadable {
        /// The directory or file.
        path: PathBuf,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// There is no database, and the command doesn't make one.
    #[error(
        "there is no database {0}; name its place with --data-dir, or make one with `bearergate serve` or `bearergate settings import`"
    )]
    Missing(PathBuf),
    /// There is no database, and the configuration says that there must be one.
    #[error(
        "there is no database {0}, and BEARERGATE_REQUIRE_STORE is true; mount or restore the data directory, or start once without that variable to begin anew"
    )]
    Required(PathBuf),
    /// A key without its database: the database was lost.
    #[error(
        "the key {key} stands there without its database {database}; restore the database, or remove the key to begin anew"
    )]
    KeyWithoutDatabase {
        /// The key file.
        key: PathBuf,
        /// Where its database should be.
        database: PathBuf,
    },
    /// A database without its key.
    #[error("the key {key} of the database {database} is missing; restore the key file")]
    KeyMissing {
        /// Where the key file should be.
        key: PathBuf,
        /// The database.
        database: PathBuf,
    },
    /// The key doesn't open what the database holds.
    #[error(
        "the key {key} does not fit the database {database}; restore the key file that belongs to it"
    )]
    KeyMismatch {
        /// The key file.
        key: PathBuf,
        /// The database.
        database: PathBuf,
    },
    /// The key file holds no key.
    #[error("{0} holds no key (32 bytes in base64); restore the key file")]
    KeyMalformed(PathBuf),
    /// No random key could be made.
    #[error("the operating system gives no random numbers for a new key: {0}")]
    Randomness(String),
    /// The file is no SQLite database or is damaged.
    #[error(
        "the database {path} is corrupt ({detail}) and was left untouched; restore it from a backup"
    )]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        detail: String,
    },
    /// The file belongs to another program.
    #[error(
        "{0} is not a database of bearergate and was left untouched; name another place with --data-dir or --database-url"
    )]
    Foreign(PathBuf),
    /// The database was used by a newer version.
    #[error(
        "the database {0} is newer than this program and was left untouched; use the version of bearergate that wrote it, or a later one"
    )]
    Newer(PathBuf),
    /// There is no room for what SQLite keeps beside the database.
    #[error("the disk of the database {0} is full; make room on it")]
    Full(PathBuf),
    /// SQLite failed otherwise.
    #[error("the database {path} cannot be opened: {source}")]
    Database {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        source: sqlx::Error,
    },
}

impl OpenError {
    pub(super) fn unreadable(path: &Path, source: std::io::Error) -> Self {
        Self::Unreadable {
            path: path.to_owned(),
            source,
        }
    }

    /// A failure of SQLite; those that are about the file's permissions, told by the primary result codes
    /// `SQLITE_READONLY` (8) and `SQLITE_CANTOPEN` (14), have a cure.
    pub(super) fn database(path: &Path, source: impl Into<sqlx::Error>) -> Self {
        let source = source.into();
        match sqlite_code(&source) {
            _ if is_full(&source) => Self::Full(path.to_owned()),
            Some(8 | 14) => {
                let message = source
                    .as_database_error()
                    .map(|error| error.message().to_owned());
                Self::unreadable(path, std::io::Error::other(message.unwrap_or_default()))
            }
            _ => Self::Database {
                path: path.to_owned(),
                source,
            },
        }
    }
}

/// SQLite's primary result code, where the error is one of its own.
pub(super) fn sqlite_code(error: &sqlx::Error) -> Option<i32> {
    Some(extended_code(error)? & 0xff)
}

/// Whether the disk has no room: `SQLITE_FULL`, or `SQLITE_IOERR_SHMSIZE` where a first connection finds none.
pub(super) fn is_full(error: &sqlx::Error) -> bool {
    matches!(extended_code(error), Some(13 | 4874))
}

fn extended_code(error: &sqlx::Error) -> Option<i32> {
    error.as_database_error()?.code()?.parse().ok()
}

/// Why the store can't answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database file was deleted or its directory unmounted.
    #[error("the database {0} is gone; nothing can be saved until it is back")]
    Gone(PathBuf),
    /// Another file has taken the database's place, and it can't be used.
    #[error("the database was replaced: {0}")]
    Replaced(Box<OpenError>),
    /// The key file does not open what the database holds, or can't be read.
    #[error(transparent)]
    Key(#[from] OpenError),
    /// What is stored as settings can't be read.
    #[error(transparent)]
    Settings(#[from] UnsealError),
    /// The rows of a username map are not those that were saved.
    #[error(
        "the username map of \"{0}\" is not the one that was saved; restore the database from a backup"
    )]
    UsernameMap(String),
    /// SQLite failed.
    #[error("the database failed: {0}. {words}", words = super::trouble::words(.0))]
    Database(#[from] sqlx::Error),
    /// What is stored can't be read, or can't be written as text.
    #[error("a stored value cannot be read: {0}")]
    Value(#[from] serde_json::Error),
}

/// Why the settings were not updated; nothing has changed.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError<E> {
    /// The change itself was refused.
    #[error("{0}")]
    Change(E),
    /// The store can't answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl<E> From<sqlx::Error> for UpdateError<E> {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}
