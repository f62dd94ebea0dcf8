//! The task that takes what the gate has decided to the store. No decision waits for it.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::serve::until_tick;
use crate::activity::{Activity, Drops};
use crate::app::App;
use crate::provider::unix_now;
use crate::store::{Pruning, Store, StoreError};

/// How often shards are emptied and live readers told.
const COLLECTING: Duration = Duration::from_secs(1);

/// How often the store is told: a crash loses no more than was decided meanwhile.
const SAVING: Duration = Duration::from_secs(10);

/// How often what is too old is deleted.
const PRUNING: Duration = Duration::from_mins(1);

const DAY: i64 = 24 * 60 * 60;

/// The memory of decisions, which takes today's rows of the store into account.
pub(super) async fn begin(store: &Store) -> Arc<Activity> {
    let threads = tokio::runtime::Handle::current().metrics().num_workers();
    let activity = Activity::new(threads);
    let now = unix_now();
    match store.known_usage(now - now.rem_euclid(DAY)).await {
        Ok(today) => activity.resume(today),
        Err(error) => tracing::warn!(%error, "cannot read today's activity; its caps begin anew"),
    }
    Arc::new(activity)
}

/// Collects, saves and prunes until `stop`. What is recorded later is for [`save_last`].
pub(super) async fn keep(app: Arc<App>, stop: CancellationToken) {
    tokio::join!(
        collect(&app.activity, &stop),
        save_regularly(&app, &stop),
        prune_regularly(&app, &stop),
    );
}

async fn collect(activity: &Activity, stop: &CancellationToken) {
    let mut ticks = tokio::time::interval(COLLECTING);
    while until_tick(&mut ticks, stop).await {
        activity.collect();
    }
}

async fn save_regularly(app: &App, stop: &CancellationToken) {
    let mut ticks = tokio::time::interval(SAVING);
    while until_tick(&mut ticks, stop).await {
        save(app).await;
    }
}

/// Saves what has been recorded up to the end, if the store takes it in time.
pub(super) async fn save_last(app: &App, in_time: Duration) {
    if tokio::time::timeout(in_time, save(app)).await.is_err() {
        tracing::warn!("the last decisions are not saved in the activity");
    }
}

async fn save(app: &App) {
    let batch = app.activity.take_unsaved();
    if batch.is_empty() {
        return;
    }
    if let Err(error) = app.store.add_activity(&batch).await {
        let (rows, events) = (batch.usage.len(), batch.events.len());
        app.activity.put_back(batch);
        tracing::warn!(%error, rows, events, "cannot save the activity; trying again");
    }
}

async fn prune_regularly(app: &App, stop: &CancellationToken) {
    let mut ticks = tokio::time::interval(PRUNING);
    let mut told = Drops::default();
    while until_tick(&mut ticks, stop).await {
        let drops = app.activity.totals().drops;
        if drops != told {
            tell(drops);
            told = drops;
        }
        if let Err(error) = prune(app, stop).await {
            tracing::warn!(%error, "cannot delete old activity");
        }
    }
}

async fn prune(app: &App, stop: &CancellationToken) -> Result<(), StoreError> {
    let days = app
        .gate
        .snapshot()
        .stored
        .settings
        .global
        .activity_retention_days;
    while !stop.is_cancelled() {
        let pruning = app
            .store
            .prune_activity(unix_now(), i64::from(days) * DAY)
            .await?;
        if pruning == Pruning::IsDone {
            break;
        }
    }
    Ok(())
}

fn tell(drops: Drops) {
    let Drops {
        events,
        coarse,
        unsaved,
        missed,
    } = drops;
    tracing::warn!(
        events,
        coarse,
        unsaved,
        missed,
        "there was no room for all activity since the start: events that are not kept, decisions counted without \
         their caller, not saved, not counted"
    );
}
