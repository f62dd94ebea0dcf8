//! Who called, with what, and how often.

use super::{counted, outcome};
use crate::activity::{Digest, KnownUsage, Outcome, Usage, UsageClass, UsageKey};
use crate::store::Store;
use crate::store::error::StoreError;

/// So many rows are read at once.
const PAGE: u32 = 1_000;

/// A user or application with one kind of credential. Both are empty where nobody is named; user is
/// [`crate::activity::OTHER`] in the row of those for whom there was no room (`is_coarse`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The kind of credential.
    pub credential: String,
    /// The provider that judged.
    pub provider: String,
    /// The user.
    pub user: String,
    /// The application.
    pub client_id: String,
    /// Whether these are many callers, for whom there was no room.
    pub is_coarse: bool,
    /// Calls that passed.
    pub allowed: u64,
    /// Calls that passed since the gate only observes.
    pub observed: u64,
    /// Calls that were refused.
    pub refused: u64,
    /// From how many networks.
    pub networks: u64,
    /// When the last one was, in Unix seconds.
    pub last_at: i64,
}

/// Which callers are wanted: those that have every value that is given, exactly.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallerFilter {
    /// The kind of credential.
    pub credential: Option<String>,
    /// The user.
    pub user: Option<String>,
    /// The application.
    pub client_id: Option<String>,
    /// The client's network, as a row has it: `192.0.2.0/24`, `2001:db8::/64`.
    pub network: Option<String>,
    /// The reason's code.
    pub reason: Option<String>,
}

/// How a Basic exception was used.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct ExceptionUse {
    /// The exception's id.
    pub exception: String,
    /// Calls that it let through.
    pub calls: i64,
    /// When the last one was, in Unix seconds.
    pub last_at: i64,
}

#[derive(sqlx::FromRow)]
struct CallerRow {
    credential: String,
    provider: String,
    username: String,
    client_id: String,
    coarse: i64,
    allowed: i64,
    observed: i64,
    refused: i64,
    networks: i64,
    last_at: i64,
}

#[derive(sqlx::FromRow)]
struct UsageRow {
    hour: i64,
    digest: String,
    outcome: String,
    method: String,
    reason: String,
    credential: String,
    provider: String,
    username: String,
    vouched: i64,
    client_id: String,
    issuer: String,
    audience: String,
    scopes: String,
    network: String,
    path_prefix: String,
    exception: String,
    calls: i64,
    last_at: i64,
}

impl Store {
    /// At most `limit` callers of the hours from `from` on and before `to`, in Unix seconds; those with the most
    /// calls first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn activity_callers(
        &self,
        filter: &CallerFilter,
        from: i64,
        to: i64,
        limit: u32,
    ) -> Result<Vec<Caller>, StoreError> {
        let rows: Vec<CallerRow> = sqlx::query_as(
            "select credential, provider, username, client_id,
                case when network = 'other' then 1 else 0 end as coarse,
                cast(sum(case when outcome = 'allowed' then calls else 0 end) as bigint) as allowed,
                cast(sum(case when outcome = 'observed' then calls else 0 end) as bigint) as observed,
                cast(sum(case when outcome = 'refused' then calls else 0 end) as bigint) as refused,
                count(distinct network) as networks, max(last_at) as last_at
             from activity_usage
             where hour >= $1 and hour < $2 and ($3 is null or credential = $3)
                and ($4 is null or username = $4) and ($5 is null or client_id = $5)
                and ($6 is null or network = $6) and ($7 is null or reason = $7)
             group by credential, provider, username, client_id,
                case when network = 'other' then 1 else 0 end
             order by sum(calls) desc, credential, provider, username, client_id limit $8",
        )
        .bind(from)
        .bind(to)
        .bind(&filter.credential)
        .bind(&filter.user)
        .bind(&filter.client_id)
        .bind(&filter.network)
        .bind(&filter.reason)
        .bind(limit)
        .fetch_all(&self.pool().await?)
        .await?;
        Ok(rows.into_iter().map(CallerRow::read).collect())
    }

    /// Shows every row of the hours from `from` on, in Unix seconds, one after the other: there may be more than
    /// memory should hold. A key has a row for each hour.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn visit_usage(
        &self,
        from: i64,
        mut visit: impl FnMut(Usage) + Send,
    ) -> Result<(), StoreError> {
        let pool = self.pool().await?;
        let mut last = (from, String::new());
        loop {
            let rows: Vec<UsageRow> = sqlx::query_as(
                "select hour, digest, outcome, method, reason, credential, provider, username, vouched,
                    client_id, issuer, audience, scopes, network, path_prefix, exception, calls, last_at
                 from activity_usage where (hour, digest) > ($1, $2) order by hour, digest limit $3",
            )
            .bind(last.0)
            .bind(&last.1)
            .bind(PAGE)
            .fetch_all(&pool)
            .await?;
            let Some(end) = rows.last() else {
                return Ok(());
            };
            last = (end.hour, end.digest.clone());
            rows.into_iter().map(UsageRow::read).for_each(&mut visit);
        }
    }

    /// How each exception was used in what is kept.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn exception_uses(&self) -> Result<Vec<ExceptionUse>, StoreError> {
        let uses = sqlx::query_as(
            "select exception, cast(sum(calls) as bigint) as calls, max(last_at) as last_at
             from activity_usage where exception <> '' group by exception order by exception",
        )
        .fetch_all(&self.pool().await?)
        .await?;
        Ok(uses)
    }

    /// The rows of the hours from `from` on, in Unix seconds, that are not coarse: they count against the day's
    /// caps of a server that starts.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn known_usage(&self, from: i64) -> Result<Vec<KnownUsage>, StoreError> {
        let rows: Vec<(i64, String, bool, String)> = sqlx::query_as(
            "select hour, digest, vouched = 1, username from activity_usage
             where hour >= $1 and network <> 'other'",
        )
        .bind(from)
        .fetch_all(&self.pool().await?)
        .await?;
        let known = |(hour, digest, is_vouched, user): (_, String, _, String)| {
            let digest: Digest = digest.parse().ok()?;
            Some(KnownUsage {
                hour,
                digest,
                class: UsageClass::with(is_vouched, &user),
            })
        };
        Ok(rows.into_iter().filter_map(known).collect())
    }
}

impl CallerRow {
    fn read(self) -> Caller {
        Caller {
            credential: self.credential,
            provider: self.provider,
            user: self.username,
            client_id: self.client_id,
            is_coarse: self.coarse == 1,
            allowed: counted(self.allowed),
            observed: counted(self.observed),
            refused: counted(self.refused),
            networks: counted(self.networks),
            last_at: self.last_at,
        }
    }
}

impl UsageRow {
    fn read(self) -> Usage {
        let outcome: Outcome = outcome(&self.outcome);
        Usage {
            hour: self.hour,
            key: UsageKey {
                outcome,
                method: self.method.into(),
                reason: self.reason.into(),
                credential: self.credential.into(),
                provider: self.provider,
                user: self.username,
                is_vouched: self.vouched == 1,
                client_id: self.client_id,
                issuer: self.issuer,
                audience: self.audience,
                scopes: self.scopes,
                network: self.network,
                path_prefix: self.path_prefix,
                exception: self.exception,
            },
            calls: counted(self.calls),
            last_at: self.last_at,
        }
    }
}
