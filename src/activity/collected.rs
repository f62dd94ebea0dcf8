//! What was collected: totals, and what the store has not been told yet.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Instant;

use super::event::{Event, FirstUse, day_of};
use super::shard::{Row, Taken};
use super::totals::{DecisionKey, Totals};
use super::usage::{Digest, KnownUsage, MinuteKey, Usage, UsageKey};
use super::{Batch, Label, caps};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;

/// What was collected.
#[derive(Debug, Default)]
pub(super) struct Collected {
    totals: Totals,
    unsaved: Batch,
    rows: DayRows,
    first_uses: DayFirstUses,
    refusals: HourRefusals,
}

/// The rows that have been begun today.
#[derive(Debug, Default)]
struct DayRows {
    day: i64,
    known: HashSet<(i64, Digest)>,
    used: [usize; 3],
}

/// The first uses that have been told today.
#[derive(Debug, Default)]
struct DayFirstUses {
    day: i64,
    known: HashSet<Digest>,
    used: [usize; 3],
}

/// The refusals of this hour that the store is told as events: a flood must not push older ones out.
#[derive(Debug, Default)]
struct HourRefusals {
    hour: i64,
    used: usize,
    used_of: HashMap<Label, usize>,
}

impl Collected {
    /// Counts what was taken; returns its events but for the first uses that are known.
    pub(super) fn take_up(&mut self, mut taken: Taken) -> Vec<(Instant, Arc<Event>)> {
        self.totals.durations.add(&taken.durations);
        self.totals.drops.add(taken.drops);
        for row in taken.rows() {
            self.add_to_totals(&row);
            self.add_to_minute(&row);
            self.add_to_usage(row);
        }
        let is_new = |(_, event): &(Instant, Event)| {
            event
                .first_use
                .is_none_or(|one| self.first_uses.admits(one))
        };
        let events = taken.events.into_iter();
        let new = events.filter(is_new);
        new.map(|(moment, event)| (moment, Arc::new(event)))
            .collect()
    }

    /// Keeps events for the store.
    pub(super) fn keep(&mut self, events: &[Arc<Event>]) {
        for event in events {
            if event.first_use.is_some() || self.refusals.admits(event) {
                self.keep_event(Arc::clone(event));
            } else {
                self.totals.drops.events += 1;
            }
        }
    }

    pub(super) fn note_missed(&mut self, missed: u64) {
        self.totals.drops.missed = missed;
    }

    pub(super) fn resume(&mut self, today: impl IntoIterator<Item = KnownUsage>) {
        for row in today {
            self.rows.note(&row);
        }
    }

    pub(super) fn take_unsaved(&mut self) -> Batch {
        std::mem::take(&mut self.unsaved)
    }

    /// Puts a batch before what has been collected since.
    pub(super) fn put_back(&mut self, batch: Batch) {
        let since = std::mem::replace(&mut self.unsaved, batch);
        for (key, calls) in since.minutes {
            self.count_minute(key, calls);
        }
        for (place, usage) in since.usage {
            self.count_usage(place, usage);
        }
        for event in since.events {
            self.keep_event(event);
        }
    }

    pub(super) fn totals(&self) -> Totals {
        Totals {
            waiting_events: self.unsaved.events.len(),
            waiting_rows: self.unsaved.usage.len() + self.unsaved.minutes.len(),
            ..self.totals.clone()
        }
    }

    fn add_to_totals(&mut self, row: &Row) {
        let key = DecisionKey {
            outcome: row.key.outcome,
            reason: row.key.reason.clone(),
            method: row.key.method.clone(),
            provider: row.key.provider.clone(),
        };
        *self.totals.decisions.entry(key).or_default() += row.calls;
    }

    fn add_to_minute(&mut self, row: &Row) {
        let key = MinuteKey {
            minute: beginning(row.last_at, MINUTE),
            outcome: row.key.outcome,
            method: row.key.method.clone(),
            reason: row.key.reason.clone(),
            credential: row.key.credential.clone(),
            provider: row.key.provider.clone(),
        };
        self.count_minute(key, row.calls);
    }

    fn add_to_usage(&mut self, row: Row) {
        let hour = beginning(row.last_at, HOUR);
        let digest = row.key.digest();
        let has_room = self.unsaved.usage.len() < caps::UNSAVED_ROWS
            || self.unsaved.usage.contains_key(&(hour, digest));
        let is_admitted =
            row.key.is_coarse() || { has_room && self.rows.admits(hour, digest, &row.key) };
        let (key, digest) = if is_admitted {
            (row.key, digest)
        } else {
            self.totals.drops.coarse += row.calls;
            let key = row.key.made_coarse();
            let digest = key.digest();
            (key, digest)
        };
        let usage = Usage {
            hour,
            key,
            calls: row.calls,
            last_at: row.last_at,
        };
        self.count_usage((hour, digest), usage);
    }

    fn count_minute(&mut self, key: MinuteKey, calls: u64) {
        let minutes = &mut self.unsaved.minutes;
        if minutes.len() < caps::UNSAVED_MINUTES || minutes.contains_key(&key) {
            *minutes.entry(key).or_default() += calls;
        }
    }

    fn count_usage(&mut self, place: (i64, Digest), usage: Usage) {
        let rows = &mut self.unsaved.usage;
        if let Some(row) = rows.get_mut(&place) {
            row.calls += usage.calls;
            row.last_at = row.last_at.max(usage.last_at);
        } else if rows.len() < caps::UNSAVED_ROWS_AT_ALL {
            rows.insert(place, usage);
        } else {
            self.totals.drops.unsaved += usage.calls;
        }
    }

    fn keep_event(&mut self, event: Arc<Event>) {
        if self.unsaved.events.len() < caps::UNSAVED_EVENTS {
            self.unsaved.events.push(event);
        } else {
            self.totals.drops.events += 1;
        }
    }
}

impl DayRows {
    fn admits(&mut self, hour: i64, digest: Digest, key: &UsageKey) -> bool {
        self.begin(day_of(hour));
        let class = key.class();
        let used = &mut self.used[class as usize];
        if self.known.contains(&(hour, digest)) {
            return true;
        }
        let is_admitted = *used < class.cap(&caps::DAY_ROWS);
        if is_admitted {
            *used += 1;
            self.known.insert((hour, digest));
        }
        is_admitted
    }

    fn note(&mut self, row: &KnownUsage) {
        self.begin(day_of(row.hour));
        if self.known.insert((row.hour, row.digest)) {
            self.used[row.class as usize] += 1;
        }
    }

    /// What is late for its day counts against the next one.
    fn begin(&mut self, day: i64) {
        if day > self.day {
            *self = Self {
                day,
                ..Self::default()
            };
        }
    }
}

impl DayFirstUses {
    fn admits(&mut self, one: FirstUse) -> bool {
        if one.day > self.day {
            *self = Self {
                day: one.day,
                ..Self::default()
            };
        }
        let used = &mut self.used[one.class as usize];
        let is_admitted = *used < one.class.cap(&caps::DAY_FIRST_USES);
        let is_new = is_admitted && self.known.insert(one.digest);
        *used += usize::from(is_new);
        is_new
    }
}

impl HourRefusals {
    fn admits(&mut self, event: &Event) -> bool {
        let hour = beginning(event.at, HOUR);
        if hour > self.hour {
            *self = Self {
                hour,
                ..Self::default()
            };
        }
        let used_of = self.used_of.entry(event.reason.clone()).or_default();
        let is_admitted =
            self.used < caps::HOUR_REFUSALS && *used_of < caps::HOUR_REFUSALS_OF_A_REASON;
        if is_admitted {
            self.used += 1;
            *used_of += 1;
        }
        is_admitted
    }
}

/// When the span of time began in which a moment is.
const fn beginning(at: i64, span: i64) -> i64 {
    at - at.rem_euclid(span)
}
