//! Opens the database and its key, in an order in which a kill at any moment leaves a state that the next start
//! accepts: the tables, then the key file, then the sealed text by which key and database know each other.

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{SqliteConnection, SqlitePool};

use super::error::OpenError;
use super::inspect::{Found, inspect};
use super::key_file;
use crate::settings::SecretKey;

pub(super) static MIGRATIONS: Migrator = sqlx::migrate!();

const KEY_CHECK_NAME: &str = "key_check";
const KEY_CHECK_TEXT: &[u8] = b"bearergate";

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
    fn key_path(&self) -> PathBuf {
        self.key_file
            .clone()
            .unwrap_or_else(|| self.data_dir.join("secret.key"))
    }
}

/// Opens, makes or refuses the store as `config` says.
pub(super) async fn open(config: &StoreConfig) -> Result<(SqlitePool, SecretKey), OpenError> {
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
    let pool = connect(&config.database).await?;
    migrate(&config.database, &pool).await?;
    let key = key(config, &pool).await?;
    Ok((pool, key))
}

/// Opens a file that has taken the place of the one that was opened with `key`; never makes one.
pub(super) async fn reopen(config: &StoreConfig, key: &SecretKey) -> Result<SqlitePool, OpenError> {
    if inspect(&config.database).await? != Found::Ours {
        return Err(OpenError::Missing(config.database.clone()));
    }
    let pool = connect(&config.database).await?;
    migrate(&config.database, &pool).await?;
    let mut connection = pool
        .acquire()
        .await
        .map_err(|error| OpenError::database(&config.database, error))?;
    match key_check(config, &mut connection).await? {
        Some(sealed) => fits(config, key, &sealed)?,
        None => return Err(OpenError::Missing(config.database.clone())),
    }
    Ok(pool)
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

/// The directories and an empty database file, readable by their owner alone: SQLite itself would let everybody
/// read.
fn create_files(config: &StoreConfig) -> Result<(), OpenError> {
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

async fn connect(path: &Path) -> Result<SqlitePool, OpenError> {
    SqlitePoolOptions::new()
        .max_connections(4)
        .acquire_timeout(Duration::from_secs(10))
        .connect_with(options(path))
        .await
        .map_err(|error| OpenError::database(path, error))
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
    let check = key_check(config, &mut transaction).await?;
    let key = match (key_file::read(&path)?, &check) {
        (Some(key), Some(sealed)) => {
            fits(config, &key, sealed)?;
            return Ok(key);
        }
        (None, Some(_)) => {
            return Err(OpenError::KeyMissing {
                key: path,
                database: config.database.clone(),
            });
        }
        (Some(key), None) => key,
        (None, None) => key_file::create(&path)?,
    };
    sqlx::query("insert into key_check (id, sealed) values (1, $1)")
        .bind(key.seal(KEY_CHECK_NAME, KEY_CHECK_TEXT))
        .execute(&mut *transaction)
        .await
        .map_err(failed)?;
    transaction.commit().await.map_err(failed)?;
    Ok(key)
}

async fn key_check(
    config: &StoreConfig,
    connection: &mut SqliteConnection,
) -> Result<Option<String>, OpenError> {
    sqlx::query_scalar("select sealed from key_check where id = 1")
        .fetch_optional(connection)
        .await
        .map_err(|error| OpenError::database(&config.database, error))
}

fn fits(config: &StoreConfig, key: &SecretKey, sealed: &str) -> Result<(), OpenError> {
    match key.open(KEY_CHECK_NAME, sealed) {
        Ok(text) if text == KEY_CHECK_TEXT => Ok(()),
        _ => Err(OpenError::KeyMismatch {
            key: config.key_path(),
            database: config.database.clone(),
        }),
    }
}
