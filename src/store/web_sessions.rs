//! Sessions of browsers, for `tower-sessions`. A session's id is a credential: only its hash is kept.

use std::fmt;

use async_trait::async_trait;
use time::OffsetDateTime;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{self, ExpiredDeletion, SessionStore};

use super::error::StoreError;
use super::{Store, now, sha256};

/// The sessions of one store.
#[derive(Clone)]
pub struct WebSessions(Store);

impl WebSessions {
    /// The sessions of `store`.
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self(store)
    }

    async fn insert(&self, record: &Record) -> Result<bool, StoreError> {
        let mut transaction = self.0.begin().await?;
        let result = sqlx::query(
            "insert into web_sessions (id_hash, data, expires_at) values ($1, $2, $3)
             on conflict (id_hash) do nothing",
        )
        .bind(sha256(&record.id.to_string()))
        .bind(serde_json::to_string(&record.data)?)
        .bind(record.expiry_date.unix_timestamp())
        .execute(&mut *transaction)
        .await?;
        self.0.commit(transaction).await?;
        Ok(result.rows_affected() == 1)
    }

    /// Updates a session that exists: one that was deleted meanwhile (signed out in another tab) stays deleted.
    async fn update(&self, record: &Record) -> Result<(), StoreError> {
        let mut transaction = self.0.begin().await?;
        sqlx::query("update web_sessions set data = $2, expires_at = $3 where id_hash = $1")
            .bind(sha256(&record.id.to_string()))
            .bind(serde_json::to_string(&record.data)?)
            .bind(record.expiry_date.unix_timestamp())
            .execute(&mut *transaction)
            .await?;
        self.0.commit(transaction).await?;
        Ok(())
    }

    async fn find(&self, id: Id) -> Result<Option<Record>, StoreError> {
        let row: Option<(String, i64)> = sqlx::query_as(
            "select data, expires_at from web_sessions where id_hash = $1 and expires_at > $2",
        )
        .bind(sha256(&id.to_string()))
        .bind(now())
        .fetch_optional(&self.0.pool().await?)
        .await?;
        let Some((data, expires_at)) = row else {
            return Ok(None);
        };
        let data = serde_json::from_str(&data)?;
        let expiry_date =
            OffsetDateTime::from_unix_timestamp(expires_at).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        Ok(Some(Record {
            id,
            data,
            expiry_date,
        }))
    }

    async fn remove(&self, id: Id) -> Result<(), StoreError> {
        let mut transaction = self.0.begin().await?;
        sqlx::query("delete from web_sessions where id_hash = $1")
            .bind(sha256(&id.to_string()))
            .execute(&mut *transaction)
            .await?;
        self.0.commit(transaction).await?;
        Ok(())
    }

    async fn remove_expired(&self) -> Result<(), StoreError> {
        let mut transaction = self.0.begin().await?;
        sqlx::query("delete from web_sessions where expires_at <= $1")
            .bind(now())
            .execute(&mut *transaction)
            .await?;
        self.0.commit(transaction).await?;
        Ok(())
    }
}

impl fmt::Debug for WebSessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebSessions")
    }
}

#[async_trait]
impl SessionStore for WebSessions {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        while !self.insert(record).await? {
            record.id = Id::default();
        }
        Ok(())
    }

    /// A session that exists is good without this: it holds when it was used last, and news for the next page. While
    /// the store can't be written, its pages are shown all the same. A sign-in makes a new one, which has to be stored.
    async fn save(&self, record: &Record) -> session_store::Result<()> {
        if let Err(error) = self.update(record).await {
            tracing::warn!(%error, "cannot write a web session; it is used as it was");
        }
        Ok(())
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        Ok(self.find(*id).await?)
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        Ok(self.remove(*id).await?)
    }
}

#[async_trait]
impl ExpiredDeletion for WebSessions {
    async fn delete_expired(&self) -> session_store::Result<()> {
        Ok(self.remove_expired().await?)
    }
}

impl From<StoreError> for session_store::Error {
    fn from(error: StoreError) -> Self {
        Self::Backend(error.to_string())
    }
}
