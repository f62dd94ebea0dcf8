//! A consistent copy of the database in one file, made while others use the store.

use std::io;
use std::path::{Path, PathBuf};

use sqlx::{ConnectOptions as _, Connection as _};
use tempfile::NamedTempFile;

use super::contents::{self, Contents};
use super::error::{OpenError, StoreError};
use super::files;
use super::inspect::{self, Found};
use super::open::{self, StoreConfig};

/// Why no copy was made, or why it was not put in the store's place.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// There is something under the name of the copy.
    #[error("{0} exists already and is left as it is; name another file")]
    Exists(PathBuf),
    /// A database that is in use: its newest saves stand in another file.
    #[error("{0} is a database in use, no backup; make one with `bearergate backup`")]
    InUse(PathBuf),
    /// The store is written to without a pause.
    #[error("the database {0} is busy; nothing was changed, try again")]
    Busy(PathBuf),
    /// A file can't be made, read or put in its place.
    #[error("cannot write {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// The store, or the copy of it, is not as it should be.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl CopyError {
    pub(super) fn file(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        Self::File { path, source }
    }
}

impl From<OpenError> for CopyError {
    fn from(error: OpenError) -> Self {
        Self::Store(error.into())
    }
}

impl StoreConfig {
    /// Copies the database into a new file, which is complete and checked when it gets its name. The store is neither
    /// changed nor brought up to date. The key is not in the copy.
    ///
    /// # Errors
    /// When the file exists, can't be written, or what was copied is no good store.
    pub async fn back_up(&self, file: &Path) -> Result<Contents, CopyError> {
        if file.symlink_metadata().is_ok() {
            return Err(CopyError::Exists(file.to_owned()));
        }
        if inspect::inspect(&self.database).await? != Found::Ours {
            return Err(OpenError::Missing(self.database.clone()).into());
        }
        let copy = temporary(file).map_err(|error| CopyError::file(file, error))?;
        self.vacuum_into(copy.path()).await?;
        let contents = contents::read(&self.with_database(copy.path())).await?;
        persist(copy, file).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => CopyError::Exists(file.to_owned()),
            _ => CopyError::file(file, error),
        })?;
        Ok(contents)
    }

    /// The same store with its database elsewhere.
    pub(super) fn with_database(&self, database: &Path) -> Self {
        Self {
            database: database.to_owned(),
            ..self.clone()
        }
    }

    /// One statement reads as of one moment, whoever writes meanwhile. It fills an empty file, which keeps its mode.
    async fn vacuum_into(&self, copy: &Path) -> Result<(), CopyError> {
        let failed = |error| inspect::fault(&self.database, error);
        let mut connection = open::options(&self.database)
            .connect()
            .await
            .map_err(failed)?;
        let name = copy.to_str().ok_or_else(|| {
            let why = "the name is not valid UTF-8";
            CopyError::file(copy, io::Error::new(io::ErrorKind::InvalidInput, why))
        })?;
        sqlx::query("vacuum into $1")
            .bind(name)
            .execute(&mut connection)
            .await
            .map_err(failed)?;
        Ok(connection.close().await.map_err(StoreError::from)?)
    }
}

/// A file beside it that only its owner can read, and that is gone again unless it gets the name.
fn temporary(file: &Path) -> io::Result<NamedTempFile> {
    tempfile::Builder::new()
        .prefix(".bearergate-")
        .tempfile_in(std::path::absolute(files::directory(file))?)
}

fn persist(copy: NamedTempFile, file: &Path) -> io::Result<()> {
    copy.as_file().sync_all()?;
    copy.persist_noclobber(file)?;
    files::sync_directory(file)
}
