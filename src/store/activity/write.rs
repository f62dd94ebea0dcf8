//! Adds a batch to what the store holds.

use std::sync::Arc;

use sqlx::SqliteConnection;

use super::{Resolution, stored};
use crate::activity::{Batch, Digest, Event, MinuteKey, Usage};
use crate::store::Store;
use crate::store::error::StoreError;

impl Store {
    /// Adds a batch of decisions, in one transaction.
    ///
    /// # Errors
    /// When the database fails; nothing of the batch is saved then.
    pub async fn add_activity(&self, batch: &Batch) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        for (key, calls) in &batch.minutes {
            add_counts(&mut transaction, key, *calls).await?;
        }
        for ((_, digest), usage) in &batch.usage {
            add_usage(&mut transaction, *digest, usage).await?;
        }
        add_events(&mut transaction, &batch.events).await?;
        self.commit(transaction).await
    }
}

/// To its minute, and to its hour.
async fn add_counts(
    connection: &mut SqliteConnection,
    key: &MinuteKey,
    calls: u64,
) -> sqlx::Result<()> {
    for span in [Resolution::Minutes, Resolution::Hours].map(Resolution::seconds) {
        sqlx::query(
            "insert into activity_counts
                (span, began_at, outcome, method, reason, credential, provider, calls)
             values ($1, $2, $3, $4, $5, $6, $7, $8)
             on conflict (span, began_at, outcome, method, reason, credential, provider)
             do update set calls = activity_counts.calls + excluded.calls",
        )
        .bind(span)
        .bind(key.minute - key.minute.rem_euclid(span))
        .bind(key.outcome.as_str())
        .bind(&*key.method)
        .bind(&*key.reason)
        .bind(&*key.credential)
        .bind(&key.provider)
        .bind(stored(calls))
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

async fn add_usage(
    connection: &mut SqliteConnection,
    digest: Digest,
    usage: &Usage,
) -> sqlx::Result<()> {
    let key = &usage.key;
    sqlx::query(
        "insert into activity_usage
            (hour, digest, outcome, method, reason, credential, provider, username, vouched, client_id,
             issuer, audience, scopes, network, path_prefix, exception, calls, last_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
         on conflict (hour, digest) do update set
            calls = activity_usage.calls + excluded.calls,
            last_at = case when activity_usage.last_at > excluded.last_at
                then activity_usage.last_at else excluded.last_at end",
    )
    .bind(usage.hour)
    .bind(digest.to_string())
    .bind(key.outcome.as_str())
    .bind(&*key.method)
    .bind(&*key.reason)
    .bind(&*key.credential)
    .bind(&key.provider)
    .bind(&key.user)
    .bind(i64::from(key.is_vouched))
    .bind(&key.client_id)
    .bind(&key.issuer)
    .bind(&key.audience)
    .bind(&key.scopes)
    .bind(&key.network)
    .bind(&key.path_prefix)
    .bind(&key.exception)
    .bind(stored(usage.calls))
    .bind(usage.last_at)
    .execute(connection)
    .await?;
    Ok(())
}

/// A first use that another server was faster to tell, or this one before its last start, is left out.
async fn add_events(connection: &mut SqliteConnection, events: &[Arc<Event>]) -> sqlx::Result<()> {
    if events.is_empty() {
        return Ok(());
    }
    let mut id: i64 = sqlx::query_scalar("select coalesce(max(id), 0) from activity_events")
        .fetch_one(&mut *connection)
        .await?;
    for event in events {
        let result = sqlx::query(
            "insert into activity_events
                (id, at, outcome, method, reason, credential, provider, username, client_id, address,
                 user_agent, http_method, path, request_id, first_use)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
             on conflict (first_use) do nothing",
        )
        .bind(id + 1)
        .bind(event.at)
        .bind(event.outcome.as_str())
        .bind(&*event.method)
        .bind(&*event.reason)
        .bind(&*event.credential)
        .bind(&event.provider)
        .bind(&event.user)
        .bind(&event.client_id)
        .bind(&event.address)
        .bind(&event.user_agent)
        .bind(&event.http_method)
        .bind(&event.path)
        .bind(&event.request_id)
        .bind(event.first_use.map(|one| one.digest.to_string()))
        .execute(&mut *connection)
        .await?;
        id += i64::from(result.rows_affected() == 1);
    }
    Ok(())
}
