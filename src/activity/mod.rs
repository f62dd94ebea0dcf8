//! What the gate remembers of its decisions: counts, and single events. No SQL, no HTTP.
//!
//! A decision is told as a [`Record`]. Recording it takes no lock that somebody waits for and does no I/O: it
//! counts in a shard. One task collects the shards each second, and hands the store a [`Batch`] each 10 seconds.
//! A crash loses what was counted since.
//!
//! Whatever clients send, memory and store stay bounded: values are cut, rows and events are capped
//! ([`caps`]), and what goes beyond is counted in a coarse row ([`UsageKey::is_coarse`]) or as a drop.
//! No credential, cookie or query is kept.

pub mod caps;
mod collected;
mod event;
mod histogram;
mod kept_text;
mod latest;
mod path;
mod record;
mod recorder;
mod shard;
mod totals;
mod usage;

pub use event::{Event, FirstUse};
pub use histogram::Histogram;
pub use latest::{Latest, Numbered};
pub use record::{Outcome, Record, Vouched};
pub use totals::{DecisionKey, Drops, Totals};
pub use usage::{Digest, KnownUsage, MinuteKey, OTHER, Usage, UsageClass, UsageKey};

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use collected::Collected;
use recorder::Recorder;

/// A name from a fixed set: `basic`, `expired`. Owned only where it was read from the store.
pub type Label = std::borrow::Cow<'static, str>;

/// What the gate remembers of its decisions in this process.
#[derive(Debug)]
pub struct Activity {
    recorder: Recorder,
    collected: Mutex<Collected>,
    latest: Latest,
}

/// What the store is told at once. Counts add to what it holds.
#[derive(Debug, Default, PartialEq)]
pub struct Batch {
    /// Calls by minute.
    pub minutes: HashMap<MinuteKey, u64>,
    /// Calls by hour and everything that tells callers apart.
    pub usage: HashMap<(i64, Digest), Usage>,
    /// Single events, oldest first.
    pub events: Vec<Arc<Event>>,
}

impl Batch {
    /// Whether there is nothing to save.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.minutes.is_empty() && self.usage.is_empty() && self.events.is_empty()
    }
}

impl Activity {
    /// Remembers what so many threads record.
    #[must_use]
    pub fn new(threads: usize) -> Self {
        Self {
            recorder: Recorder::new(threads),
            collected: Mutex::default(),
            latest: Latest::default(),
        }
    }

    /// Records one decision. Waits for nothing.
    pub fn record(&self, record: &Record<'_>) {
        self.recorder.record(record);
    }

    /// Takes up what was recorded since the last time, and wakes whoever follows the latest events.
    pub fn collect(&self) {
        let mut collected = self.collected();
        let mut events = Vec::new();
        for taken in self.recorder.take() {
            events.extend(collected.take_up(taken));
        }
        events.sort_by_key(|(moment, _)| *moment);
        let events: Vec<_> = events.into_iter().map(|(_, event)| event).collect();
        collected.keep(&events);
        collected.note_missed(self.recorder.missed());
        self.latest.push(&events);
    }

    /// What the store holds of today already: its rows count against today's caps.
    pub fn resume(&self, today: impl IntoIterator<Item = KnownUsage>) {
        self.collected().resume(today);
    }

    /// What the store has not been told yet.
    #[must_use]
    pub fn take_unsaved(&self) -> Batch {
        self.collect();
        self.collected().take_unsaved()
    }

    /// Keeps a batch that the store did not take, for the next time.
    pub fn put_back(&self, batch: Batch) {
        self.collected().put_back(batch);
    }

    /// All that was recorded since the process began.
    #[must_use]
    pub fn totals(&self) -> Totals {
        self.collect();
        self.collected().totals()
    }

    /// The latest events of this process.
    #[must_use]
    pub fn latest(&self) -> &Latest {
        &self.latest
    }

    fn collected(&self) -> MutexGuard<'_, Collected> {
        locked(&self.collected)
    }
}

/// What is behind these locks is counts, which a panic leaves usable.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
