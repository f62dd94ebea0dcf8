//! A new secret key: everything that is sealed is sealed anew, in one transaction.

use std::sync::Arc;

use sqlx::SqliteConnection;

use super::error::{OpenError, StoreError};
use super::{Store, key, key_file};
use crate::settings::{SecretKey, Settings};

/// What a rotation has done.
#[derive(Debug)]
pub struct Rotation {
    /// How many revisions hold secrets that are sealed with the new key now.
    pub revisions: usize,
    /// The revisions that could not be read before either; they were left as they are.
    pub unreadable: Vec<i64>,
}

impl Store {
    /// Makes a new key, seals the secrets of every revision with it, and puts it in the key file's place. The former
    /// key is kept beside it, since older backups need it.
    ///
    /// # Errors
    /// When the key file can't be replaced, the newest revision can't be read, or the database fails. Whatever
    /// happens, the key that fits stands in the key file or beside it, and the next one who opens the store takes it.
    pub async fn rotate_key(&self) -> Result<Rotation, StoreError> {
        let config = &self.inner.config;
        let path = config.key_path();
        let mut transaction = self.begin().await?;
        let former = settle(self, &mut transaction).await?;
        let new = key_file::write_next(&path)?;
        let rotation = reseal_all(&mut transaction, &former, &new).await?;
        key::set_check(&mut transaction, &new).await?;
        self.commit(transaction).await?;

        let mut transaction = self.begin().await?;
        let new = settle(self, &mut transaction).await?;
        self.commit(transaction).await?;
        self.inner.key.store(Arc::new(new));
        Ok(rotation)
    }
}

async fn settle(store: &Store, connection: &mut SqliteConnection) -> Result<SecretKey, StoreError> {
    let config = &store.inner.config;
    let check = key::check(connection)
        .await?
        .ok_or_else(|| OpenError::Missing(config.database.clone()))?;
    Ok(key::settle(config, &check)?)
}

async fn reseal_all(
    connection: &mut SqliteConnection,
    from: &SecretKey,
    to: &SecretKey,
) -> Result<Rotation, StoreError> {
    let revisions: Vec<i64> =
        sqlx::query_scalar("select revision from settings_revisions order by revision")
            .fetch_all(&mut *connection)
            .await?;
    let mut rotation = Rotation {
        revisions: 0,
        unreadable: Vec::new(),
    };
    for revision in &revisions {
        let document: String =
            sqlx::query_scalar("select document from settings_revisions where revision = $1")
                .bind(revision)
                .fetch_one(&mut *connection)
                .await?;
        match Settings::reseal(&document, from, to) {
            Ok(resealed) if resealed == document => {}
            Ok(resealed) => {
                sqlx::query("update settings_revisions set document = $2 where revision = $1")
                    .bind(revision)
                    .bind(resealed)
                    .execute(&mut *connection)
                    .await?;
                rotation.revisions += 1;
            }
            Err(error) if Some(revision) == revisions.last() => return Err(error.into()),
            Err(_) => rotation.unreadable.push(*revision),
        }
    }
    Ok(rotation)
}
