//! Counts over time, for plots.

use super::{counted, outcome};
use crate::activity::Outcome;
use crate::store::Store;
use crate::store::error::StoreError;

/// How fine a plot is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// By minute, over the last two days.
    Minutes,
    /// By hour, over all days that are kept.
    Hours,
}

impl Resolution {
    /// The length of what is counted together, in seconds.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        match self {
            Self::Minutes => 60,
            Self::Hours => 60 * 60,
        }
    }
}

/// Decisions of a minute or an hour that a plot does not tell apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// When the minute or hour began, in Unix seconds.
    pub at: i64,
    /// What became of them.
    pub outcome: Outcome,
    /// The reason's code; empty where they passed.
    pub reason: String,
    /// The value of `X-Auth-Method`; empty where they were refused.
    pub method: String,
    /// The kind of credential.
    pub credential: String,
    /// How many there were.
    pub calls: u64,
}

impl Store {
    /// Counts of what began from `from` on and before `to`, in Unix seconds, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn activity_series(
        &self,
        resolution: Resolution,
        from: i64,
        to: i64,
    ) -> Result<Vec<Counted>, StoreError> {
        let rows: Vec<(i64, String, String, String, String, i64)> = sqlx::query_as(
            "select began_at, outcome, reason, method, credential, cast(sum(calls) as bigint)
             from activity_counts where span = $1 and began_at >= $2 and began_at < $3
             group by began_at, outcome, reason, method, credential
             order by began_at, outcome, reason, method, credential",
        )
        .bind(resolution.seconds())
        .bind(from)
        .bind(to)
        .fetch_all(&self.pool().await?)
        .await?;
        let count =
            |(at, name, reason, method, credential, calls): (_, String, _, _, _, _)| Counted {
                at,
                outcome: outcome(&name),
                reason,
                method,
                credential,
                calls: counted(calls),
            };
        Ok(rows.into_iter().map(count).collect())
    }
}
