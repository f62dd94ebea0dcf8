//! Looks at a database file before anything may change it.

use std::collections::HashMap;
use std::path::Path;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection};

use super::error::{OpenError, sqlite_code};
use super::open::MIGRATIONS;

/// What stands where the database should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// No file.
    Nothing,
    /// A file without any table, as a first start leaves it that was killed early.
    Empty,
    /// A database of ours, as new as the program or older.
    Ours,
}

/// Looks at the file through a read-only connection.
pub(super) async fn inspect(path: &Path) -> Result<Found, OpenError> {
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => {}
        Ok(_) => {
            return Err(OpenError::unreadable(
                path,
                std::io::Error::other("it is no file"),
            ));
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) => return Err(OpenError::unreadable(path, error)),
    }
    // Opening tells why a file can't be read; SQLite doesn't.
    std::fs::File::open(path).map_err(|error| OpenError::unreadable(path, error))?;

    let mut connection = connect(path).await?;
    let found = read(path, "pragma quick_check(1)", &mut connection).await;
    connection
        .close()
        .await
        .map_err(|error| OpenError::database(path, error))?;
    found
}

async fn connect(path: &Path) -> Result<SqliteConnection, OpenError> {
    let mut journal = path.as_os_str().to_owned();
    journal.push("-journal");
    // A rollback journal is left by a kill while the file was being made; only a connection that may write can
    // bring the file back to what it was.
    let interrupted = Path::new(&journal).exists();
    SqliteConnectOptions::new()
        .filename(path)
        .read_only(!interrupted)
        .create_if_missing(false)
        .connect()
        .await
        .map_err(|error| fault(path, error))
}

/// Looks at the file through an open connection; `check` is the pragma that looks for damage.
pub(super) async fn read(
    path: &Path,
    check: &'static str,
    connection: &mut SqliteConnection,
) -> Result<Found, OpenError> {
    let check: String = sqlx::query_scalar(check)
        .fetch_one(&mut *connection)
        .await
        .map_err(|error| fault(path, error))?;
    if check != "ok" {
        return Err(OpenError::Corrupt {
            path: path.to_owned(),
            detail: check.replace('\n', " "),
        });
    }
    let tables: Vec<String> = sqlx::query_scalar("select name from sqlite_schema")
        .fetch_all(&mut *connection)
        .await
        .map_err(|error| fault(path, error))?;
    if tables.is_empty() {
        return Ok(Found::Empty);
    }
    if !tables.iter().any(|name| name == "_sqlx_migrations") {
        return Err(OpenError::Foreign(path.to_owned()));
    }
    let applied: Vec<(i64, Vec<u8>)> =
        sqlx::query_as("select version, checksum from _sqlx_migrations order by version")
            .fetch_all(&mut *connection)
            .await
            .map_err(|error| fault(path, error))?;
    compare(path, &applied)
}

/// Our migrations are a prefix of a newer program's; a file that another program keeps with the same library has
/// other checksums.
fn compare(path: &Path, applied: &[(i64, Vec<u8>)]) -> Result<Found, OpenError> {
    let known: HashMap<i64, &[u8]> = MIGRATIONS
        .iter()
        .map(|migration| (migration.version, &*migration.checksum))
        .collect();
    let differs = |(version, checksum): &(i64, Vec<u8>)| {
        known.get(version).is_some_and(|own| own != checksum)
    };
    if applied.iter().any(differs) {
        return Err(OpenError::Foreign(path.to_owned()));
    }
    if applied
        .iter()
        .any(|(version, _)| !known.contains_key(version))
    {
        return Err(OpenError::Newer(path.to_owned()));
    }
    Ok(Found::Ours)
}

/// A file that SQLite can't make sense of, told from other failures by the primary result codes `SQLITE_CORRUPT`
/// (11) and `SQLITE_NOTADB` (26).
pub(super) fn fault(path: &Path, error: sqlx::Error) -> OpenError {
    match sqlite_code(&error) {
        Some(11 | 26) => OpenError::Corrupt {
            path: path.to_owned(),
            detail: detail(&error),
        },
        _ => OpenError::database(path, error),
    }
}

fn detail(error: &sqlx::Error) -> String {
    error
        .as_database_error()
        .map_or_else(|| error.to_string(), |error| error.message().to_owned())
}
