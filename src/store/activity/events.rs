//! Single decisions, newest first.

use super::outcome;
use crate::activity::Event;
use crate::store::Store;
use crate::store::error::StoreError;

/// An event with its number in the store.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredEvent {
    /// The number; a later event has a greater one.
    pub id: i64,
    /// The event. Of which use it is the first is not read.
    pub event: Event,
}

/// Which events are wanted: those that have every value that is given, exactly.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// The user.
    pub user: Option<String>,
    /// The application.
    pub client_id: Option<String>,
    /// The client's address.
    pub address: Option<String>,
    /// The reason's code.
    pub reason: Option<String>,
    /// The id of the request.
    pub request_id: Option<String>,
}

impl EventFilter {
    /// Whether the event is wanted, by the same rule as the store's.
    #[must_use]
    pub fn admits(&self, event: &Event) -> bool {
        let fits =
            |wanted: &Option<String>, is: &str| wanted.as_ref().is_none_or(|wanted| wanted == is);
        fits(&self.user, &event.user)
            && fits(&self.client_id, &event.client_id)
            && fits(&self.address, &event.address)
            && fits(&self.reason, &event.reason)
            && fits(&self.request_id, &event.request_id)
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    at: i64,
    outcome: String,
    method: String,
    reason: String,
    credential: String,
    provider: String,
    username: String,
    client_id: String,
    address: String,
    user_agent: String,
    http_method: String,
    path: String,
    request_id: String,
}

impl Store {
    /// At most `limit` events, newest first; those before the one with the number `before`, or the last ones.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn activity_events(
        &self,
        filter: &EventFilter,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(
            "select id, at, outcome, method, reason, credential, provider, username, client_id, address,
                user_agent, http_method, path, request_id
             from activity_events
             where id < $1 and ($2 is null or username = $2) and ($3 is null or client_id = $3)
                and ($4 is null or address = $4) and ($5 is null or reason = $5)
                and ($6 is null or request_id = $6)
             order by id desc limit $7",
        )
        .bind(before.unwrap_or(i64::MAX))
        .bind(&filter.user)
        .bind(&filter.client_id)
        .bind(&filter.address)
        .bind(&filter.reason)
        .bind(&filter.request_id)
        .bind(limit)
        .fetch_all(&self.pool().await?)
        .await?;
        Ok(rows.into_iter().map(Row::read).collect())
    }
}

impl Row {
    fn read(self) -> StoredEvent {
        StoredEvent {
            id: self.id,
            event: Event {
                at: self.at,
                outcome: outcome(&self.outcome),
                method: self.method.into(),
                reason: self.reason.into(),
                credential: self.credential.into(),
                provider: self.provider,
                user: self.username,
                client_id: self.client_id,
                address: self.address,
                user_agent: self.user_agent,
                http_method: self.http_method,
                path: self.path,
                request_id: self.request_id,
                first_use: None,
            },
        }
    }
}
