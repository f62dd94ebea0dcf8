//! Opens the database and its key, in an order in which a kill at any moment leaves a state that the next start
//! accepts: the tables, then the key file, then the sealed text by which key and database know each other.

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection as _, SqliteConnection, SqlitePool};

use super::error::OpenError;
use super::inspect::{Found, inspect};
use super::{FileId, key, key_file};
use crate::settings::SecretKey;

pub(super) static MIGRATIONS: Migrator = sqlx::migrate!();

/// How long a write waits for those of other connections and processes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Where the store is, and what to do where it isn't.
#[derive(Clone, Debug)]
pub struct StoreConfig {
    /// Holds the key file, and the database unless that has a place of its own.
    pub data_dir: PathBuf,
    /// The SQLite file.
    pub database: PathBuf,
    /// The key file, where it isn't `secret.key` in the data directory. One that is provisioned before the
    /// database exists is then no sign of a lost database.
    pub key_file: Option<PathBuf>,
    /// What to do without a database.
    pub missing: MissingStore,
}

/// What to do without a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissingStore {
    /// Make one.
    Create,
    /// Refuse: the command reads what is there.
    Refuse,
    /// Refuse: the configuration says that there must be one.
    Required,
}

impl StoreConfig {
    /// The key file itself, not a link to it: what takes its place must stand beside it.
    #[must_use]
    pub fn key_path(&self) -> PathBuf {
        let path = self
            .key_file
            .clone()
            .unwrap_or_else(|| self.data_dir.join("secret.key"));
        std::fs::canonicalize(&path).unwrap_or(path)
    }
}

/// Opens, makes or refuses the store as `config` says.
pub(super) async fn open(
    config: &StoreConfig,
) -> Result<(SqlitePool, SecretKey, FileId), OpenError> {
    // Asked first: a process that makes the store at this moment writes its key after its tables, and must not
    // look like a key without a database.
    let key_was_there = config.key_file.is_none()
        && config
            .key_path()
            .try_exists()
            .map_err(|e| OpenError::unreadable(&config.data_dir, e))?;
    if inspect(&config.database).await? != Found::Ours {
        may_create(config, key_was_there)?;
        create_files(config)?;
    }
    // Asked before any connection is made: where the file is replaced in between, the difference will be noticed.
    let file = FileId::of(&config.database)
        .map_err(|error| OpenError::unreadable(&config.database, error))?;
    let pool = connect(&config.database).await?;
    migrate(&config.database, &pool).await?;
    let key = key(config, &pool).await?;
    Ok((pool, key, file))
}

/// Opens a file that has taken the place of another one, whose key was `known`; never makes one.
pub(super) async fn reopen(
    config: &StoreConfig,
    known: Arc<SecretKey>,
) -> Result<(SqlitePool, Arc<SecretKey>), OpenError> {
    let missing = || OpenError::Missing(config.database.clone());
    if inspect(&config.database).await? != Found::Ours {
        return Err(missing());
    }
    let pool = connect(&config.database).await?;
    migrate(&config.database, &pool).await?;
    let failed = |error| OpenError::database(&config.database, error);
    let mut connection = pool.acquire().await.map_err(failed)?;
    let check = key::check(&mut connection).await.map_err(failed)?;
    let check = check.ok_or_else(missing)?;
    let key = if key::fits(&known, &check) {
        known
    } else {
        Arc::new(key::find(config, &check)?.key)
    };
    Ok((pool, key))
}

fn may_create(config: &StoreConfig, key_was_there: bool) -> Result<(), OpenError> {
    let database = config.database.clone();
    if key_was_there {
        return Err(OpenError::KeyWithoutDatabase {
            key: config.key_path(),
            database,
        });
    }
    match config.missing {
        MissingStore::Create => Ok(()),
        MissingStore::Refuse => Err(OpenError::Missing(database)),
        MissingStore::Required => Err(OpenError::Required(database)),
    }
}

/// The directories, readable by their owner alone.
pub(super) fn create_directories(config: &StoreConfig) -> Result<(), OpenError> {
    for directory in [Some(config.data_dir.as_path()), config.database.parent()] {
        let Some(directory) = directory.filter(|path| !path.as_os_str().is_empty()) else {
            continue;
        };
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(directory)
            .map_err(|error| OpenError::unreadable(directory, error))?;
    }
    Ok(())
}

/// The directories and an empty database file, readable by its owner alone: SQLite itself would let everybody read.
fn create_files(config: &StoreConfig) -> Result<(), OpenError> {
    create_directories(config)?;
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&config.database);
    match file {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            Err(OpenError::unreadable(&config.database, error))
        }
        _ => Ok(()),
    }
}

/// How connections are made, those of the pool and the one that follows other processes.
pub(super) fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        // An acknowledged save survives a power cut.
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY_TIMEOUT)
}

pub(super) async fn connect(path: &Path) -> Result<SqlitePool, OpenError> {
    SqlitePoolOptions::new()
        .max_connections(4)
        .acquire_timeout(Duration::from_secs(10))
        .before_acquire(|connection, _| Box::pin(is_usable(connection)))
        .connect_with(options(path))
        .await
        .map_err(|error| OpenError::database(path, error))
}

/// Whether a connection of the pool may be used once more, and without what it remembers of the file.
async fn is_usable(connection: &mut SqliteConnection) -> sqlx::Result<bool> {
    // SQLite ends a transaction by itself when the disk is full. Then the rollback finds none, and the connection
    // counts as inside a transaction for ever: it would refuse every later one.
    if connection.is_in_transaction() {
        return Ok(false);
    }
    forget_pages(connection).await?;
    Ok(true)
}

/// Lets go of the pages that were read: a file that somebody has cut off or written over where it stands is noticed
/// only by whoever reads it, and a save into it would be lost.
pub(super) async fn forget_pages(connection: &mut SqliteConnection) -> sqlx::Result<()> {
    let forgotten = sqlx::query("pragma shrink_memory").execute(connection);
    forgotten.await.map(|_| ())
}

/// All migrations or none, and by one process at a time.
async fn migrate(path: &Path, pool: &SqlitePool) -> Result<(), OpenError> {
    let failed = |error| OpenError::database(path, error);
    let mut transaction = pool.begin_with("begin immediate").await.map_err(failed)?;
    MIGRATIONS
        .run_direct(None, &mut *transaction, false)
        .await
        .map_err(|error| OpenError::database(path, error))?;
    transaction.commit().await.map_err(failed)
}

/// The key that belongs to this database; made together with the database.
async fn key(config: &StoreConfig, pool: &SqlitePool) -> Result<SecretKey, OpenError> {
    let failed = |error| OpenError::database(&config.database, error);
    let path = config.key_path();
    let mut transaction = pool.begin_with("begin immediate").await.map_err(failed)?;
    if let Some(check) = key::check(&mut transaction).await.map_err(failed)? {
        return key::settle(config, &check);
    }
    let key = match key_file::read(&path)? {
        Some(key) => key,
        None => key_file::create(&path)?,
    };
    key::set_check(&mut transaction, &key)
        .await
        .map_err(failed)?;
    transaction.commit().await.map_err(failed)?;
    Ok(key)
}
