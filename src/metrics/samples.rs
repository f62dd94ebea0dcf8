//! What the gate decided, by what settings, and what became of the record of it.

use std::fmt;

use super::encode::{Encoder, NONE};
use crate::activity::Totals;
use crate::gate::{Misconfigurations, Unknown};
use crate::settings::{Mode, Settings};
use crate::store::{Following, StoredSettings};

/// Decisions, and the queue of their record.
pub(super) fn decisions(
    encoder: &mut Encoder<'_, '_>,
    totals: &Totals,
    settings: &Settings,
) -> fmt::Result {
    let in_force = |provider: &str| provider.is_empty() || settings.provider(provider).is_some();
    let decisions = totals.decisions.iter();
    let decisions = decisions.filter(|(key, _)| in_force(&key.provider));
    encoder.counter(
        "bearergate_decisions",
        "Decisions by what became of the request; reason is empty where it passed, provider where none judged.",
        decisions.map(|(key, &count)| {
            let labels = [
                ("outcome", key.outcome.as_str()),
                ("reason", &*key.reason),
                ("method", &*key.method),
                ("provider", key.provider.as_str()),
            ];
            (labels, count)
        }),
    )?;
    encoder.histogram(
        "bearergate_decision_duration_seconds",
        "How long decisions took, questions to providers included.",
        &totals.durations,
    )?;
    activity(encoder, totals)
}

fn activity(encoder: &mut Encoder<'_, '_>, totals: &Totals) -> fmt::Result {
    encoder.gauge(
        "bearergate_activity_events_queued",
        "Single events of the activity that wait for the store.",
        [(NONE, number(totals.waiting_events))],
    )?;
    encoder.gauge(
        "bearergate_activity_rows_queued",
        "Counts of the activity that wait for the store.",
        [(NONE, number(totals.waiting_rows))],
    )?;
    let drops = totals.drops;
    encoder.counter(
        "bearergate_activity_events_dropped",
        "Single events of the activity that there was no room for; their decisions are counted.",
        [(NONE, drops.events)],
    )?;
    encoder.counter(
        "bearergate_activity_decisions_dropped",
        "Decisions that the activity lacks: coarse ones are counted without their caller, unsaved ones are not in the store, missed ones are counted nowhere.",
        [
            ([("kind", "coarse")], drops.coarse),
            ([("kind", "unsaved")], drops.unsaved),
            ([("kind", "missed")], drops.missed),
        ],
    )
}

/// Requests that did not say what they are about.
pub(super) fn misconfigurations(
    encoder: &mut Encoder<'_, '_>,
    misconfigurations: &Misconfigurations,
) -> fmt::Result {
    encoder.counter(
        "bearergate_misconfigured_requests",
        "Requests judged as a protected call because the proxy did not say, or may not say, what they are about.",
        Unknown::ALL.map(|what| ([("what", what.name())], misconfigurations.seen(what))),
    )
}

/// The settings in force.
pub(super) fn settings(encoder: &mut Encoder<'_, '_>, stored: &StoredSettings) -> fmt::Result {
    let global = &stored.settings.global;
    encoder.gauge(
        "bearergate_settings_revision",
        "The revision of the settings in force.",
        [(NONE, stored.revision)],
    )?;
    encoder.gauge(
        "bearergate_rest_api_authentication_enabled",
        "1 while the gate is on.",
        [(NONE, u64::from(global.rest_api_authentication_enabled))],
    )?;
    encoder.gauge(
        "bearergate_basic_authentication_disabled",
        "1 while Basic is disabled.",
        [(NONE, u64::from(global.basic_authentication_disabled))],
    )?;
    let everything = global.mode == Mode::Observe;
    let basic = global.basic_authentication_disabled && global.basic_observed && !everything;
    encoder.gauge(
        "bearergate_observing",
        "1 while what would be refused passes and is recorded.",
        [
            ([("what", "everything")], u64::from(everything)),
            ([("what", "basic")], u64::from(basic)),
        ],
    )
}

/// The store, as the task that follows it found it last.
pub(super) fn store(encoder: &mut Encoder<'_, '_>, following: Following) -> fmt::Result {
    encoder.gauge(
        "bearergate_store_up",
        "1 while the store answers.",
        [(NONE, u64::from(following != Following::Lost))],
    )?;
    encoder.gauge(
        "bearergate_settings_up_to_date",
        "1 while the newest settings of the store are in force.",
        [(NONE, u64::from(following == Following::UpToDate))],
    )
}

fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
