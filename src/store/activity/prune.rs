//! Deletes what is too old or too much, a little at a time: nobody who wants to write waits long.

use crate::activity::caps::{MINUTES_KEPT, STORED_EVENTS};
use crate::store::Store;
use crate::store::error::StoreError;

/// Rows of a table that a step deletes at most, but for those of one minute.
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
        let minutes = sqlx::query(
            "delete from activity_minutes where minute < $1 and minute <=
                (select max(minute) from
                    (select minute from activity_minutes order by minute limit $2) as oldest)",
        )
        .bind(now - MINUTES_KEPT.min(kept))
        .bind(STEP)
        .execute(&mut *transaction)
        .await?;
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
        let deleted = [minutes, usage, events].map(|result| result.rows_affected());
        if deleted == [0; 3] {
            return Ok(Pruning::IsDone);
        }
        self.commit(transaction).await?;
        Ok(Pruning::Goes)
    }
}
