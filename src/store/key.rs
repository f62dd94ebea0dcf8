//! Which key opens what the database holds. The database knows its key by a known text that is sealed with it, so each
//! answer about the key belongs to a transaction.
//!
//! A rotation writes the new key beside the key file, seals everything anew in one transaction, and then puts the new
//! key in the key file's place. A kill at any moment leaves one of the two files that opens the database; where it is
//! the new one, whoever opens the store next finishes the rotation.

use std::sync::Arc;

use sqlx::SqliteConnection;

use super::error::{OpenError, StoreError};
use super::open::StoreConfig;
use super::{Store, files, key_file};
use crate::settings::SecretKey;

const CHECK_NAME: &str = "key_check";
const CHECK_TEXT: &[u8] = b"bearergate";

/// The known text as the database has it: `None` before a first start has finished.
pub(super) async fn check(connection: &mut SqliteConnection) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar("select sealed from key_check where id = 1")
        .fetch_optional(connection)
        .await
}

/// Makes the database know its key.
pub(super) async fn set_check(
    connection: &mut SqliteConnection,
    key: &SecretKey,
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into key_check (id, sealed) values (1, $1)
         on conflict (id) do update set sealed = excluded.sealed",
    )
    .bind(key.seal(CHECK_NAME, CHECK_TEXT))
    .execute(connection)
    .await
    .map(|_| ())
}

/// Whether the key is the one that the known text is sealed with.
pub(super) fn fits(key: &SecretKey, check: &str) -> bool {
    key.open(CHECK_NAME, check)
        .is_ok_and(|text| text == CHECK_TEXT)
}

/// The key that fits, and whether it stands in the key file or still beside it.
pub(super) struct Found {
    pub(super) key: SecretKey,
    is_next: bool,
}

/// Looks for the key that fits.
pub(super) fn find(config: &StoreConfig, check: &str) -> Result<Found, OpenError> {
    let path = config.key_path();
    let found = |key, is_next| Found { key, is_next };
    let in_place = key_file::read(&path);
    let in_place = match in_place {
        Ok(Some(key)) if fits(&key, check) => return Ok(found(key, false)),
        other => other,
    };
    // Of no interest unless it fits.
    if let Ok(Some(key)) = key_file::read(&key_file::next(&path))
        && fits(&key, check)
    {
        return Ok(found(key, true));
    }
    let (key, database) = (path, config.database.clone());
    Err(match in_place? {
        Some(_) => OpenError::KeyMismatch { key, database },
        None => OpenError::KeyMissing { key, database },
    })
}

/// The key that fits, put in the key file's place if it is not there yet. The caller holds the write lock, which a
/// rotation holds as well: so the new key of one that is under way is never taken for that of one that was killed.
pub(super) fn settle(config: &StoreConfig, check: &str) -> Result<SecretKey, OpenError> {
    let found = find(config, check)?;
    if found.is_next {
        let path = config.key_path();
        if path.exists() {
            files::keep(&path, &path, "rotation")
                .map_err(|error| OpenError::unreadable(&path, error))?;
        }
        key_file::take_next(&path)?;
    }
    Ok(found.key)
}

impl Store {
    /// The key that opens what the database holds as of the connection's transaction. When another process has rotated
    /// it, the key files are read again.
    pub(super) async fn key(
        &self,
        connection: &mut SqliteConnection,
    ) -> Result<Arc<SecretKey>, StoreError> {
        let known = self.inner.key.load_full();
        let config = &self.inner.config;
        let check = check(connection)
            .await?
            .ok_or_else(|| OpenError::Missing(config.database.clone()))?;
        if fits(&known, &check) {
            return Ok(known);
        }
        let key = Arc::new(find(config, &check)?.key);
        self.inner.key.store(Arc::clone(&key));
        tracing::warn!(path = %config.key_path().display(), "the secret key was rotated; using the new one");
        Ok(key)
    }
}
