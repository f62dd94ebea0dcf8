//! Puts a copy in the database's place while servers may run on it.
//!
//! SQLite finds a database's write-ahead log by the name of its file, and so would take the former one's for that of
//! the copy. Hence the copy keeps a name of its own, with a log of its own, and the database's name becomes a symbolic
//! link to it, in one step. The former database's write lock is held meanwhile: what is saved before is in the file that
//! is kept, and whoever has waited looks whether its file is still the database.

use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection};
use tempfile::NamedTempFile;

use super::backup::CopyError;
use super::contents::{self, Contents};
use super::error::{OpenError, StoreError, sqlite_code};
use super::open::{self, StoreConfig};
use super::{FileId, files, inspect};

/// What stands in the name of a restored file, after the database's name.
const RESTORED: &str = ".restored-";

/// How often the write lock is taken anew because somebody has saved just before.
const TRIES: u32 = 50;

/// A checked copy that waits in the database's directory.
#[derive(Debug)]
pub struct Restore {
    config: StoreConfig,
    copy: NamedTempFile,
    contents: Contents,
}

impl Restore {
    /// Checks a backup, and copies it beside the database. The backup itself is not touched.
    ///
    /// # Errors
    /// When the backup is damaged, not ours, newer than the program, or the key does not open it; or when the
    /// database's directory can't be written.
    pub async fn prepare(config: &StoreConfig, backup: &Path) -> Result<Self, CopyError> {
        if length(&files::with_suffix(backup, "-wal")) > 0 {
            return Err(CopyError::InUse(backup.to_owned()));
        }
        let contents = contents::read(&config.with_database(backup)).await?;
        refuse_another_programs(config).await?;
        open::create_directories(config)?;
        let database = &config.database;
        let copy = copy(backup, database).map_err(|error| CopyError::file(database, error))?;
        let mut connection = open::options(copy.path())
            .connect()
            .await
            .map_err(StoreError::from)?;
        // Whoever has signed out since must not be signed in again.
        sqlx::query("delete from web_sessions")
            .execute(&mut connection)
            .await
            .map_err(StoreError::from)?;
        connection.close().await.map_err(StoreError::from)?;
        Ok(Self {
            config: config.clone(),
            copy,
            contents,
        })
    }

    /// What the copy holds.
    #[must_use]
    pub fn contents(&self) -> &Contents {
        &self.contents
    }

    /// The database that it takes the place of, where there is one.
    #[must_use]
    pub fn replaces(&self) -> Option<&Path> {
        let database = &self.config.database;
        database.exists().then_some(database)
    }

    /// Puts the copy in the database's place. The former database is kept beside it, under the name that is returned.
    ///
    /// # Errors
    /// When the former database is written to without a pause, or a file can't be put in its place; the former
    /// database is in use then as before.
    pub async fn finish(self) -> Result<Option<PathBuf>, CopyError> {
        let database = &self.config.database;
        let failed = |error| CopyError::file(database, error);
        self.copy.as_file().sync_all().map_err(failed)?;
        if !database.exists() {
            set_aside(database, None).map_err(failed)?;
            // A link whose file was lost.
            if database.is_symlink() {
                fs::remove_file(database).map_err(failed)?;
            }
            let placed = self.copy.persist_noclobber(database);
            placed.map_err(|error| failed(error.error))?;
            files::sync_directory(database).map_err(failed)?;
            return Ok(None);
        }
        let quiet = quieten(database).await?;
        let former = fs::canonicalize(database).map_err(failed)?;
        let kept = files::keep(&former, database, "restore").map_err(failed)?;
        let (_, copy) = self.copy.keep().map_err(|error| failed(error.error))?;
        link(database, &copy).map_err(failed)?;
        if let Some(connection) = quiet {
            connection.close().await.map_err(StoreError::from)?;
        }
        tidy(&former, database, &kept).map_err(failed)?;
        Ok(Some(kept))
    }
}

/// Makes the database's name lead to the copy, in one step.
fn link(database: &Path, copy: &Path) -> io::Result<()> {
    let target = copy.file_name().unwrap_or_default();
    let link = tempfile::Builder::new()
        .prefix(".bearergate-")
        .make_in(files::directory(database), |path| symlink(target, path))?;
    link.persist(database)?;
    files::sync_directory(database)
}

/// Takes away what is left beside the former database, and the name that an earlier restore gave it: it has another now.
fn tidy(former: &Path, database: &Path, kept: &Path) -> io::Result<()> {
    set_aside(former, Some(kept))?;
    if let (Some(former_name), Some(name)) = (former.file_name(), database.file_name())
        && former_name.as_bytes().starts_with(
            files::with_suffix(name.as_ref(), RESTORED)
                .as_os_str()
                .as_bytes(),
        )
    {
        fs::remove_file(former)?;
    }
    Ok(())
}

/// A database of another program is nothing to be replaced; one that is damaged or newer is what backups are for.
async fn refuse_another_programs(config: &StoreConfig) -> Result<(), CopyError> {
    match inspect::inspect(&config.database).await {
        Err(error @ (OpenError::Foreign(_) | OpenError::Unreadable { .. })) => Err(error.into()),
        _ => Ok(()),
    }
}

fn copy(backup: &Path, database: &Path) -> io::Result<NamedTempFile> {
    let directory = files::directory(database);
    let name = database.file_name().unwrap_or_default();
    let name = files::with_suffix(name.as_ref(), &format!("{RESTORED}{}-", files::stamp()?));
    let mut copy = tempfile::Builder::new()
        .prefix(&name)
        .tempfile_in(std::path::absolute(directory)?)?;
    io::copy(&mut fs::File::open(backup)?, copy.as_file_mut())?;
    let former = fs::metadata(database).or_else(|_| fs::metadata(directory))?;
    files::take_owner(copy.path(), &former)?;
    Ok(copy)
}

/// Takes the write lock of the database while its log is empty; `None` where it is damaged: then it is left as it is,
/// and nobody can save.
async fn quieten(database: &Path) -> Result<Option<SqliteConnection>, CopyError> {
    if let Err(OpenError::Corrupt { .. }) = inspect::inspect(database).await {
        return Ok(None);
    }
    for _ in 0..TRIES {
        let file = FileId::of(database).ok();
        let mut connection = match lock(database).await {
            Ok(connection) => connection,
            Err(error) => match sqlite_code(&error) {
                // SQLITE_BUSY, after a wait of some seconds
                Some(5) => break,
                _ => return Err(StoreError::from(error).into()),
            },
        };
        let log = fs::canonicalize(database).map(|path| files::with_suffix(&path, "-wal"));
        if log.is_ok_and(|log| length(&log) == 0) && FileId::of(database).ok() == file {
            return Ok(Some(connection));
        }
        // Somebody has saved between the two statements, or was faster with a restore.
        let rolled_back = sqlx::query("rollback").execute(&mut connection).await;
        rolled_back.map_err(StoreError::from)?;
        connection.close().await.map_err(StoreError::from)?;
    }
    Err(CopyError::Busy(database.to_owned()))
}

async fn lock(database: &Path) -> sqlx::Result<SqliteConnection> {
    let mut connection = open::options(database).connect().await?;
    for statement in ["pragma wal_checkpoint(truncate)", "begin immediate"] {
        sqlx::query(statement).execute(&mut connection).await?;
    }
    Ok(connection)
}

/// Takes away what SQLite keeps beside a database; logs that are not empty stay with the file that they belong to.
fn set_aside(database: &Path, kept: Option<&Path>) -> io::Result<()> {
    for suffix in ["-wal", "-journal", "-shm"] {
        let path = files::with_suffix(database, suffix);
        let result = match kept {
            Some(kept) if suffix != "-shm" && length(&path) > 0 => {
                fs::rename(&path, files::with_suffix(kept, suffix))
            }
            _ => fs::remove_file(&path),
        };
        match result {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// How long a file is; 0 where there is none.
fn length(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |metadata| metadata.len())
}
