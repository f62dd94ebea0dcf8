//! Every line of SQL: one SQLite database, opened, migrated and kept with the key that seals its secrets.
//!
//! Several processes may use one store. Writes begin with `begin immediate`, since SQLite fails a transaction at
//! once that reads first and wants to write when another one has written meanwhile. The SQL keeps to what SQLite
//! and PostgreSQL share.

mod activity;
mod administrators;
mod api_keys;
mod backup;
mod contents;
mod error;
mod files;
mod follow;
mod history;
mod inspect;
mod key;
mod key_file;
mod open;
mod pulse;
mod restore;
mod revisions;
mod rotation;
mod setup_links;
mod sign_ins;
mod trouble;
mod username_maps;
mod web_sessions;

pub use activity::{
    Caller, CallerFilter, Counted, EventFilter, ExceptionUse, Pruning, Resolution, StoredEvent,
};
pub use administrators::{
    Administrator, ChangeError, FirstAdministratorError, InsertError, Role, Username,
};
pub use api_keys::CreateKeyError;
pub use backup::CopyError;
pub use contents::Contents;
pub use error::{OpenError, StoreError, UpdateError};
pub use history::{Entry, MapChanges};
pub use open::{MissingStore, StoreConfig};
pub use pulse::Following;
pub use restore::Restore;
pub use revisions::{Author, StoredSettings};
pub use rotation::Rotation;
pub use sign_ins::{OpenSession, SignIn};
pub use username_maps::MapConflict;
pub use web_sessions::WebSessions;

use std::fmt;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use arc_swap::ArcSwap;
use sqlx::{Sqlite, SqlitePool, Transaction};
use tokio::sync::Mutex;

use crate::settings::{SecretKey, UsernameMaps};

/// The store: cheap to clone, all clones share one pool of connections.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    config: StoreConfig,
    /// What the database is sealed with, as far as this process knows: another one may rotate it.
    key: ArcSwap<SecretKey>,
    database: ArcSwap<Database>,
    reopening: Mutex<()>,
    /// The username maps that were read or saved last, so that they need not be read again.
    username_maps: ArcSwap<UsernameMaps>,
    pulse: pulse::Pulse,
}

/// The database file that is in use: another file may take its place while the program runs.
struct Database {
    pool: SqlitePool,
    file: FileId,
    /// How many files have been in use before this one.
    generation: u64,
}

/// Which file stands at a path, whatever its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FileId {
    device: u64,
    inode: u64,
}

impl FileId {
    fn of(path: &Path) -> std::io::Result<Self> {
        let metadata = std::fs::metadata(path)?;
        Ok(Self {
            device: metadata.dev(),
            inode: metadata.ino(),
        })
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("database", &self.inner.config.database)
            .finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the store, makes it where it does not exist yet and may be made, and brings it up to date.
    ///
    /// # Errors
    /// One line that names the cause and the cure. A database that is corrupt, newer than the program or not ours
    /// is left untouched.
    pub async fn open(config: &StoreConfig) -> Result<Self, OpenError> {
        let (pool, key, file) = open::open(config).await?;
        let database = Database {
            pool,
            file,
            generation: 0,
        };
        Ok(Self {
            inner: Arc::new(Inner {
                config: config.clone(),
                key: ArcSwap::from_pointee(key),
                database: ArcSwap::from_pointee(database),
                reopening: Mutex::new(()),
                username_maps: ArcSwap::default(),
                pulse: pulse::Pulse::default(),
            }),
        })
    }

    /// Waits until no connection is in use, and closes them all.
    pub async fn close(&self) {
        self.inner.database.load_full().pool.close().await;
    }

    /// The database, provided that its file still stands where it was opened. A file that has taken its place is
    /// opened; without any file nothing is answered, since a write into a deleted file would be lost.
    async fn database(&self) -> Result<Arc<Database>, StoreError> {
        let path = &self.inner.config.database;
        let current = self.inner.database.load_full();
        match FileId::of(path) {
            Ok(file) if file == current.file => Ok(current),
            Ok(_) => self.reopen().await,
            Err(_) => Err(StoreError::Gone(path.clone())),
        }
    }

    async fn reopen(&self) -> Result<Arc<Database>, StoreError> {
        let path = &self.inner.config.database;
        let _reopening = self.inner.reopening.lock().await;
        let current = self.inner.database.load_full();
        let file = FileId::of(path).map_err(|_| StoreError::Gone(path.clone()))?;
        if file == current.file {
            return Ok(current);
        }
        let (pool, key) = open::reopen(&self.inner.config, self.inner.key.load_full())
            .await
            .map_err(|error| StoreError::Replaced(Box::new(error)))?;
        self.inner.key.store(key);
        let generation = current.generation + 1;
        let database = Arc::new(Database {
            pool,
            file,
            generation,
        });
        self.inner.database.store(Arc::clone(&database));
        tracing::warn!(path = %path.display(), "the database file was replaced; using the new one");
        // Closing waits for connections in use, which nobody here has to wait for.
        tokio::spawn(async move { current.pool.close().await });
        Ok(database)
    }

    /// Lets go of every connection to the file and opens it anew: one that was opened while the file could not be
    /// written never writes, and what SQLite shares among the connections of a process neither.
    async fn connect_anew(&self) {
        let _reopening = self.inner.reopening.lock().await;
        let current = self.inner.database.load_full();
        current.pool.close().await;
        match open::connect(&self.inner.config.database).await {
            Ok(pool) => {
                let (file, generation) = (current.file, current.generation);
                self.inner.database.store(Arc::new(Database {
                    pool,
                    file,
                    generation,
                }));
            }
            Err(error) => tracing::debug!(%error, "the database can't be opened anew yet"),
        }
    }

    async fn pool(&self) -> Result<SqlitePool, StoreError> {
        Ok(self.database().await?.pool.clone())
    }

    async fn begin(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        Ok(self.begin_on().await?.1)
    }

    /// A transaction that may write, and the database that it is of.
    async fn begin_on(&self) -> Result<(Arc<Database>, Transaction<'static, Sqlite>), StoreError> {
        loop {
            let database = self.database().await?;
            let begun = database.pool.begin_with("begin immediate").await;
            let transaction = begun.inspect_err(|error| self.note_write_failure(error))?;
            // A restore puts another file in the database's place while it holds the write lock: whoever has waited
            // for that lock holds one of a file that is not in use any more.
            if FileId::of(&self.inner.config.database).is_ok_and(|file| file == database.file) {
                return Ok((database, transaction));
            }
        }
    }

    /// Commits, and empties the write-ahead log: a log that stays behind when another file takes the database's
    /// place would be replayed into that one, and a copy of the database file alone is a whole backup.
    async fn commit(&self, transaction: Transaction<'static, Sqlite>) -> Result<(), StoreError> {
        let committed = transaction.commit().await;
        committed.inspect_err(|error| self.note_write_failure(error))?;
        self.inner.pulse.note_write(None);
        let pool = self.inner.database.load_full().pool.clone();
        let emptied = sqlx::query("pragma wal_checkpoint(truncate)")
            .execute(&pool)
            .await;
        if let Err(error) = emptied {
            tracing::debug!(%error, "the write-ahead log is emptied later");
        }
        Ok(())
    }
}

impl Store {
    /// Notes why a transaction that should write did not.
    fn note_write_failure(&self, error: &sqlx::Error) {
        if let Some(words) = trouble::keeps_from_writing(error) {
            self.inner.pulse.note_write(Some(words));
        }
    }
}

/// Now, in Unix seconds.
fn now() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// What is stored in place of a secret that is only ever compared: 32 random bytes need no slow hash.
fn sha256(secret: &str) -> String {
    use base64::Engine as _;
    use sha2::Digest as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(sha2::Sha256::digest(secret))
}

#[cfg(test)]
mod tests;
