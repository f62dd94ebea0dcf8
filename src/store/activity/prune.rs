//! Deletes what is too old or too much, a little at a time: nobody who wants to write waits long.

use sqlx::SqliteConnection;

use super::Resolution;
use crate::activity::caps::{MINUTES_KEPT, STORED_EVENTS};
use crate::store::Store;
use crate::store::error::StoreError;

/// Rows of a table that a step deletes at most, but for counts of one minute or hour.
const STEP: i64 = 500;

/// Whether there is more to delete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pruning {
    /// There is: ask again.
    Goes,
    /// There is not.
    IsDone,
}

impl Store {
    /// One step of deleting what is older than `kept` seconds at the moment `now` (Unix seconds), minutes' rows
    /// that plots do not show any more, and the oldest events beyond their cap.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn prune_activity(&self, now: i64, kept: i64) -> Result<Pruning, StoreError> {
        let mut transaction = self.begin().await?;
        let minutes = prune_counts(
            &mut transaction,
            Resolution::Minutes,
            now - MINUTES_KEPT.min(kept),
        )
        .await?;
        let hours = prune_counts(&mut transaction, Resolution::Hours, now - kept).await?;
        let usage = sqlx::query(
            "delete from activity_usage where (hour, digest) in
                (select hour, digest from activity_usage where hour < $1 order by hour, digest limit $2)",
        )
        .bind(now - kept)
        .bind(STEP)
        .execute(&mut *transaction)
        .await?;
        // The oldest events have the lowest numbers, but for those of a server that was late.
        let events = sqlx::query(
            "delete from activity_events where id in
                (select id from activity_events order by id limit $3)
             and (at < $1 or id <= (select max(id) from activity_events) - $2)",
        )
        .bind(now - kept)
        .bind(STORED_EVENTS)
        .bind(STEP)
        .execute(&mut *transaction)
        .await?;
        let deleted = [
            usage.rows_affected(),
            events.rows_affected(),
            minutes,
            hours,
        ];
        if deleted == [0; 4] {
            return Ok(Pruning::IsDone);
        }
        self.commit(transaction).await?;
        Ok(Pruning::Goes)
    }
}

/// Deletes counts of what began before `before`; how many.
async fn prune_counts(
    connection: &mut SqliteConnection,
    resolution: Resolution,
    before: i64,
) -> sqlx::Result<u64> {
    let result = sqlx::query(
        "delete from activity_counts where span = $1 and began_at < $2 and began_at <=
            (select max(began_at) from
                (select began_at from activity_counts where span = $1 order by began_at limit $3)
                as oldest)",
    )
    .bind(resolution.seconds())
    .bind(before)
    .bind(STEP)
    .execute(connection)
    .await?;
    Ok(result.rows_affected())
}
