//! Keys of the management API: only their hashes are kept.

use sqlx::{FromRow as _, Row as _, SqliteConnection};

use super::error::StoreError;
use super::{Store, now};
use crate::api_key::{ApiKey, KeyName, Listing, NewKey, Role, hash};

/// Why there is no new key.
#[derive(Debug, thiserror::Error)]
pub enum CreateKeyError {
    /// A key that is not revoked has the name.
    #[error("there is a key of this name already")]
    NameTaken,
    /// The store can't answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    name: String,
    key_hash: String,
    prefix: String,
    role: String,
    created_at: i64,
    created_by: String,
    last_used_at: Option<i64>,
}

impl Store {
    /// Keeps a new key under a name that no other key has.
    ///
    /// # Errors
    /// When there is one, or when the database fails.
    pub async fn create_api_key(
        &self,
        name: &KeyName,
        role: Role,
        key: &NewKey,
        created_by: &str,
    ) -> Result<(), CreateKeyError> {
        let mut transaction = self.begin().await?;
        let result = sqlx::query(
            "insert into api_keys
                (id, name, name_key, key_hash, prefix, role, created_at, created_by)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(uuid::Uuid::now_v7().to_string())
        .bind(name.as_str())
        .bind(name.as_str().to_lowercase())
        .bind(hash(key.expose()))
        .bind(key.prefix())
        .bind(role.as_str())
        .bind(now())
        .bind(created_by)
        .execute(&mut *transaction)
        .await;
        match result {
            Ok(_) => Ok(self.commit(transaction).await?),
            Err(sqlx::Error::Database(error)) if error.is_unique_violation() => {
                Err(CreateKeyError::NameTaken)
            }
            Err(error) => Err(StoreError::from(error).into()),
        }
    }

    /// The keys that are not revoked.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn api_keys(&self) -> Result<Listing, StoreError> {
        let database = self.database().await?;
        // One query: the version must be that of the rows.
        let rows = sqlx::query(
            "select id, name, key_hash, prefix, role, created_at, created_by, last_used_at, revoked_at
             from api_keys order by name_key",
        )
        .fetch_all(&database.pool)
        .await?;
        let mut revoked = 0;
        let mut keys = Vec::new();
        for row in &rows {
            if row.try_get::<Option<i64>, _>("revoked_at")?.is_some() {
                revoked += 1;
            } else {
                keys.extend(Row::from_row(row)?.key());
            }
        }
        let changes = rows.len() + revoked;
        Ok(Listing {
            version: (
                database.generation,
                i64::try_from(changes).unwrap_or(i64::MAX),
            ),
            keys,
        })
    }

    /// Revokes the key of this name, for ever; whether there was one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn revoke_api_key(&self, name: &str) -> Result<bool, StoreError> {
        let statement =
            "update api_keys set revoked_at = $2 where name_key = $1 and revoked_at is null";
        self.revoke(statement, &name.to_lowercase()).await
    }

    /// Revokes the key with this id, for ever; whether there was one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn revoke_api_key_by_id(&self, id: &str) -> Result<bool, StoreError> {
        let statement = "update api_keys set revoked_at = $2 where id = $1 and revoked_at is null";
        self.revoke(statement, id).await
    }

    async fn revoke(&self, statement: &'static str, value: &str) -> Result<bool, StoreError> {
        let mut transaction = self.begin().await?;
        let result = sqlx::query(statement)
            .bind(value)
            .bind(now())
            .execute(&mut *transaction)
            .await?;
        self.commit(transaction).await?;
        Ok(result.rows_affected() == 1)
    }

    /// Keeps when keys were used last, by their ids; a later use that is known already stays.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_api_key_uses(&self, uses: &[(String, i64)]) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        for (id, last) in uses {
            sqlx::query(
                "update api_keys set last_used_at = $2
                 where id = $1 and (last_used_at is null or last_used_at < $2)",
            )
            .bind(id)
            .bind(last)
            .execute(&mut *transaction)
            .await?;
        }
        self.commit(transaction).await
    }
}

impl Row {
    /// None for a role that this program does not know: such a key opens nothing.
    fn key(self) -> Option<ApiKey> {
        let Some(role) = Role::named(&self.role) else {
            tracing::error!(api_key = self.name, "the API key has an unknown role");
            return None;
        };
        Some(ApiKey {
            id: self.id,
            name: self.name,
            hash: self.key_hash,
            prefix: self.prefix,
            role,
            created_at: self.created_at,
            created_by: self.created_by,
            last_used_at: self.last_used_at,
        })
    }
}

/// How many keys have been made and revoked.
pub(super) async fn latest_key_change(connection: &mut SqliteConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar("select count(*) + count(revoked_at) from api_keys")
        .fetch_one(connection)
        .await
}
