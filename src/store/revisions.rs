//! The settings: each save adds a revision of the whole document, the newest is in force. A change of a username
//! map is a revision as well.

use std::collections::BTreeMap;

use sqlx::SqliteConnection;

use super::error::{StoreError, UpdateError};
use super::{Store, now, username_maps};
use crate::settings::{MapDigest, SecretKey, Settings};

/// Who saves, and from where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// An administrator's name, or how else it is done.
    pub name: String,
    /// The client's address, or [`Author::CLI`]; empty where that is not known.
    pub from: String,
}

impl Author {
    /// From where a command saves.
    pub const CLI: &str = "cli";

    /// A command on this machine.
    #[must_use]
    pub fn command(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            from: Self::CLI.to_owned(),
        }
    }
}

/// One saved revision of the settings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StoredSettings {
    /// Counts the database files that this process has used: a restored backup may hold a lower revision and is
    /// newer all the same. Newer is what has the greater `(generation, revision)`.
    pub generation: u64,
    /// Counts the saves of this database; 0 when nothing has been saved yet.
    pub revision: i64,
    /// The settings.
    pub settings: Settings,
    /// When they were saved, in Unix seconds.
    pub saved_at: i64,
    /// Who saved them: an administrator's name, or how else it was done.
    pub saved_by: String,
    /// From where: the client's address, or [`Author::CLI`]; empty where that is not known.
    pub saved_from: String,
    /// The newest revision that changed the settings; those after it changed username maps alone.
    pub document_revision: i64,
    /// The digest of each username map that belongs to the revision, by the provider's id.
    pub username_maps: BTreeMap<String, MapDigest>,
}

/// A row of the table.
#[derive(sqlx::FromRow)]
pub(super) struct Row {
    revision: i64,
    document: String,
    saved_at: i64,
    saved_by: String,
    saved_from: String,
    document_revision: i64,
    username_maps: String,
}

impl Store {
    /// The settings in force; the defaults, as revision 0, when nothing has been saved yet.
    ///
    /// # Errors
    /// When the database fails, or holds what can't be read.
    pub async fn settings(&self) -> Result<StoredSettings, StoreError> {
        let database = self.database().await?;
        let mut transaction = database.pool.begin().await?;
        self.newest(&mut transaction, database.generation).await
    }

    /// The settings as a revision saved them; `None` where the store has no such revision. Revision 0 is the defaults.
    ///
    /// # Errors
    /// When the database fails, or holds what can't be read.
    pub async fn settings_at(&self, revision: i64) -> Result<Option<StoredSettings>, StoreError> {
        let database = self.database().await?;
        let generation = database.generation;
        if revision == 0 {
            return Ok(Some(StoredSettings {
                generation,
                ..StoredSettings::default()
            }));
        }
        let mut transaction = database.pool.begin().await?;
        let key = self.key(&mut transaction).await?;
        let row: Option<Row> = sqlx::query_as(
            "select revision, document, saved_at, saved_by, saved_from, document_revision, username_maps
             from settings_revisions where revision = $1",
        )
        .bind(revision)
        .fetch_optional(&mut *transaction)
        .await?;
        row.map(|row| row.read(&key, generation)).transpose()
    }

    /// The revision in force; 0 when nothing has been saved yet.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn latest_revision(&self) -> Result<i64, StoreError> {
        let pool = self.pool().await?;
        latest_revision(&mut *pool.acquire().await?).await
    }

    /// Changes the settings, in one transaction: `change` gets the newest ones, and what it returns is saved as
    /// the next revision by `author`. The new revision is durable when this returns. The username map of a
    /// provider that is gone goes with it; the rows of all others are neither read nor written.
    ///
    /// # Errors
    /// What `change` returns, or a failure of the database; nothing has changed then.
    pub async fn update_settings<E>(
        &self,
        author: &Author,
        change: impl FnOnce(&StoredSettings) -> Result<Settings, E> + Send,
    ) -> Result<StoredSettings, UpdateError<E>> {
        let (database, mut transaction) = self.begin_on().await?;
        let current = self.newest(&mut transaction, database.generation).await?;
        let settings = change(&current).map_err(UpdateError::Change)?;
        let (username_maps, gone): (BTreeMap<_, _>, BTreeMap<_, _>) = current
            .username_maps
            .into_iter()
            .partition(|(provider, _)| settings.provider(provider).is_some());
        let revision = current.revision + 1;
        let updated = StoredSettings {
            generation: database.generation,
            revision,
            settings,
            saved_at: now(),
            saved_by: author.name.clone(),
            saved_from: author.from.clone(),
            document_revision: revision,
            username_maps,
        };
        self.insert(&mut transaction, &updated).await?;
        for provider in gone.keys() {
            username_maps::remove_rows(&mut transaction, revision, provider).await?;
        }
        self.commit(transaction).await?;
        Ok(updated)
    }

    /// Adds a revision, in a transaction that may write.
    pub(super) async fn insert(
        &self,
        connection: &mut SqliteConnection,
        stored: &StoredSettings,
    ) -> Result<(), StoreError> {
        let key = self.key(connection).await?;
        let document = stored.settings.seal(&key);
        // A revision that can't be read again would stop every server that starts or follows.
        Settings::unseal(&document, &key)?;
        let inserted = sqlx::query(
            "insert into settings_revisions
                (revision, document, saved_at, saved_by, saved_from, document_revision, username_maps)
             values ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(stored.revision)
        .bind(document)
        .bind(stored.saved_at)
        .bind(&stored.saved_by)
        .bind(&stored.saved_from)
        .bind(stored.document_revision)
        .bind(serde_json::to_string(&stored.username_maps)?)
        .execute(connection)
        .await;
        // A file that can't be written lets a transaction begin, and refuses what is first written in it.
        inserted.inspect_err(|error| self.note_write_failure(error))?;
        Ok(())
    }

    /// The newest revision, read in a transaction: the key belongs to what that sees.
    pub(super) async fn newest(
        &self,
        connection: &mut SqliteConnection,
        generation: u64,
    ) -> Result<StoredSettings, StoreError> {
        let key = self.key(connection).await?;
        let row: Option<Row> = sqlx::query_as(
            "select revision, document, saved_at, saved_by, saved_from, document_revision, username_maps
             from settings_revisions order by revision desc limit 1",
        )
        .fetch_optional(connection)
        .await?;
        match row {
            Some(row) => row.read(&key, generation),
            None => Ok(StoredSettings {
                generation,
                ..StoredSettings::default()
            }),
        }
    }
}

impl Row {
    pub(super) fn read(
        self,
        key: &SecretKey,
        generation: u64,
    ) -> Result<StoredSettings, StoreError> {
        Ok(StoredSettings {
            generation,
            revision: self.revision,
            settings: Settings::unseal(&self.document, key)?,
            saved_at: self.saved_at,
            saved_by: self.saved_by,
            saved_from: self.saved_from,
            document_revision: self.document_revision,
            username_maps: serde_json::from_str(&self.username_maps)?,
        })
    }
}

/// The newest revision, asked over a connection that the caller keeps.
pub(super) async fn latest_revision(connection: &mut SqliteConnection) -> Result<i64, StoreError> {
    let revision = sqlx::query_scalar("select coalesce(max(revision), 0) from settings_revisions")
        .fetch_one(connection)
        .await?;
    Ok(revision)
}
