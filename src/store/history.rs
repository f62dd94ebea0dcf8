//! The history: who saved which revision, and what it changed in the username maps.

use sqlx::{FromRow as _, Row as _, SqliteConnection};

use super::error::StoreError;
use super::revisions::Row;
use super::{Store, StoredSettings};

/// One revision as the history has it. One that can't be read harms no other.
#[derive(Debug)]
pub struct Entry {
    /// Its number.
    pub revision: i64,
    /// When it was saved, in Unix seconds.
    pub saved_at: i64,
    /// Who saved it.
    pub saved_by: String,
    /// From where; empty where that is not known.
    pub saved_from: String,
    /// Its settings.
    pub stored: Result<StoredSettings, StoreError>,
    /// What it changed in username maps.
    pub map_changes: Vec<MapChanges>,
}

/// How many rows of a provider's username map a revision changed.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct MapChanges {
    /// The revision that changed them.
    pub revision: i64,
    /// The provider's id.
    pub provider: String,
    /// Rows that were not there before.
    pub added: i64,
    /// Rows that got another username.
    pub changed: i64,
    /// Rows that are gone.
    pub removed: i64,
}

impl Store {
    /// At most `limit` revisions, newest first: those up to `newest`, or the last ones.
    ///
    /// # Errors
    /// When the database fails; a revision that can't be read is no failure.
    pub async fn history(&self, newest: Option<i64>, limit: u32) -> Result<Vec<Entry>, StoreError> {
        let database = self.database().await?;
        let mut transaction = database.pool.begin().await?;
        let key = self.key(&mut transaction).await?;
        let rows = sqlx::query(
            "select revision, document, saved_at, saved_by, saved_from, document_revision, username_maps
             from settings_revisions where revision <= $1 order by revision desc limit $2",
        )
        .bind(newest.unwrap_or(i64::MAX))
        .bind(limit)
        .fetch_all(&mut *transaction)
        .await?;
        let mut entries = Vec::with_capacity(rows.len());
        for row in rows {
            // Column by column: a damaged value must not hide the others.
            entries.push(Entry {
                revision: row.try_get("revision")?,
                saved_at: row.try_get("saved_at").unwrap_or_default(),
                saved_by: row.try_get("saved_by").unwrap_or_default(),
                saved_from: row.try_get("saved_from").unwrap_or_default(),
                stored: Row::from_row(&row)
                    .map_err(StoreError::from)
                    .and_then(|row| row.read(&key, database.generation)),
                map_changes: Vec::new(),
            });
        }
        add_map_changes(&mut transaction, &mut entries).await?;
        Ok(entries)
    }
}

async fn add_map_changes(
    connection: &mut SqliteConnection,
    entries: &mut [Entry],
) -> Result<(), StoreError> {
    let ([newest, ..], [.., oldest]) = (&*entries, &*entries) else {
        return Ok(());
    };
    let changes: Vec<MapChanges> = sqlx::query_as(
        "select revision, provider,
            sum(case when old is null then 1 else 0 end) as added,
            sum(case when old is not null and new is not null then 1 else 0 end) as changed,
            sum(case when new is null then 1 else 0 end) as removed
         from username_map_changes where revision between $1 and $2
         group by revision, provider order by revision, provider",
    )
    .bind(oldest.revision)
    .bind(newest.revision)
    .fetch_all(connection)
    .await?;
    for change in changes {
        let entry = entries
            .iter_mut()
            .find(|entry| entry.revision == change.revision);
        if let Some(entry) = entry {
            entry.map_changes.push(change);
        }
    }
    Ok(())
}
