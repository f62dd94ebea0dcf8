//! Username maps: their rows are kept as of the newest revision, each revision keeps what it changed.

use std::collections::BTreeMap;
use std::sync::Arc;

use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

use super::error::{StoreError, UpdateError};
use super::{Author, Store, StoredSettings, now};
use crate::settings::{MapDigest, MapUpdate, RowChange, UsernameMap, UsernameMaps};

/// How many changed rows one statement writes; SQLite lets it have 32,766 values.
const ROWS_A_STATEMENT: usize = 2_000;

/// Why a username map was not changed; nothing has changed then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MapConflict {
    /// The provider is gone.
    #[error("there is no such provider")]
    NoProvider,
    /// Without the map everybody could enter: anybody can have an account at the provider.
    #[error("the provider needs its map")]
    Needed,
    /// The map is not the one that the change was made for.
    #[error("the map was changed in the meantime")]
    Changed,
}

impl Store {
    /// The settings in force with the username maps that belong to them, read as of one moment. Maps that this
    /// process read or saved before are not read again.
    ///
    /// # Errors
    /// When the database fails, or holds what can't be read.
    pub async fn in_force(&self) -> Result<(StoredSettings, UsernameMaps), StoreError> {
        let database = self.database().await?;
        let mut transaction = database.pool.begin().await?;
        let stored = self.newest(&mut transaction, database.generation).await?;
        let known = self.inner.username_maps.load_full();
        let mut maps = UsernameMaps::default();
        for (provider, digest) in &stored.username_maps {
            let map = match known.of(provider).filter(|map| map.digest() == digest) {
                Some(map) => Arc::clone(map),
                None => Arc::new(read(&mut transaction, provider, digest).await?),
            };
            maps = maps.with(provider, map);
        }
        self.inner.username_maps.store(Arc::new(maps.clone()));
        Ok((stored, maps))
    }

    /// Changes a provider's username map, in one transaction, as the next revision, saved by `author`.
    ///
    /// # Errors
    /// When the update was made for another map than the one that is stored, or the database fails; nothing has
    /// changed then.
    pub async fn update_username_map(
        &self,
        author: &Author,
        provider: &str,
        update: &MapUpdate,
    ) -> Result<StoredSettings, UpdateError<MapConflict>> {
        let (database, mut transaction) = self.begin_on().await?;
        let mut stored = self.newest(&mut transaction, database.generation).await?;
        check(&stored, provider, update).map_err(UpdateError::Change)?;
        stored.revision += 1;
        stored.saved_at = now();
        stored.saved_by.clone_from(&author.name);
        stored.saved_from.clone_from(&author.from);
        let map = update.map();
        if map.is_empty() {
            stored.username_maps.remove(provider);
        } else {
            let digest = map.digest().clone();
            stored.username_maps.insert(provider.to_owned(), digest);
        }
        self.insert(&mut transaction, &stored).await?;
        insert_changes(
            &mut transaction,
            stored.revision,
            provider,
            update.changes(),
        )
        .await?;
        apply_changes(&mut transaction, stored.revision, provider).await?;
        self.commit(transaction).await?;
        self.inner.username_maps.rcu(|known| {
            let known = UsernameMaps::clone(known);
            known.with(provider, Arc::clone(map))
        });
        Ok(stored)
    }
}

fn check(stored: &StoredSettings, provider: &str, update: &MapUpdate) -> Result<(), MapConflict> {
    let Some(settings) = stored.settings.provider(provider) else {
        return Err(MapConflict::NoProvider);
    };
    if update.map().is_empty() && settings.needs_username_map() {
        return Err(MapConflict::Needed);
    }
    let fits = match stored.username_maps.get(provider) {
        Some(digest) => digest == update.base(),
        None => UsernameMap::default().digest() == update.base(),
    };
    fits.then_some(()).ok_or(MapConflict::Changed)
}

async fn read(
    connection: &mut SqliteConnection,
    provider: &str,
    digest: &MapDigest,
) -> Result<UsernameMap, StoreError> {
    let rows: Vec<(String, String)> =
        sqlx::query_as("select value, username from username_map_rows where provider = $1")
            .bind(provider)
            .fetch_all(connection)
            .await?;
    let build = move || UsernameMap::new(rows.into_iter().collect::<BTreeMap<_, _>>());
    // Off the threads that serve: a large map takes a while.
    let map = tokio::task::spawn_blocking(build).await.ok();
    map.filter(|map| map.digest() == digest)
        .ok_or_else(|| StoreError::UsernameMap(provider.to_owned()))
}

async fn insert_changes(
    connection: &mut SqliteConnection,
    revision: i64,
    provider: &str,
    changes: &[RowChange],
) -> sqlx::Result<()> {
    for some in changes.chunks(ROWS_A_STATEMENT) {
        let mut insert = QueryBuilder::<Sqlite>::new(
            "insert into username_map_changes (revision, provider, value, old, new) select ",
        );
        insert.push_bind(revision).push(", ").push_bind(provider);
        insert.push(", column1, column2, column3 from (");
        insert.push_values(some, |mut row, change| {
            row.push_bind(&change.value)
                .push_bind(&change.old)
                .push_bind(&change.new);
        });
        insert.push(") as changed");
        insert.build().execute(&mut *connection).await?;
    }
    Ok(())
}

/// Makes the rows follow what the revision changed.
async fn apply_changes(
    connection: &mut SqliteConnection,
    revision: i64,
    provider: &str,
) -> sqlx::Result<()> {
    let statements = [
        "delete from username_map_rows where provider = $2 and value in (
            select value from username_map_changes
            where revision = $1 and provider = $2 and new is null)",
        "insert into username_map_rows (provider, value, username)
         select provider, value, new from username_map_changes
         where revision = $1 and provider = $2 and new is not null
         on conflict (provider, value) do update set username = excluded.username",
    ];
    for statement in statements {
        sqlx::query(statement)
            .bind(revision)
            .bind(provider)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Removes the map of a provider that is gone, and keeps its rows as what the revision changed.
pub(super) async fn remove_rows(
    connection: &mut SqliteConnection,
    revision: i64,
    provider: &str,
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into username_map_changes (revision, provider, value, old)
         select $1, provider, value, username from username_map_rows where provider = $2",
    )
    .bind(revision)
    .bind(provider)
    .execute(&mut *connection)
    .await?;
    sqlx::query("delete from username_map_rows where provider = $1")
        .bind(provider)
        .execute(connection)
        .await
        .map(|_| ())
}
