//! What a scrape is told: all that was recorded since the process began.

use std::collections::BTreeMap;

use super::histogram::Histogram;
use super::{Label, Outcome};

/// All that was recorded since the process began.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Totals {
    /// Decisions; how many keys there are is bounded by the reasons, methods and providers.
    pub decisions: BTreeMap<DecisionKey, u64>,
    /// How long they took.
    pub durations: Histogram,
    /// Events that wait for the store.
    pub waiting_events: usize,
    /// Rows of counts that wait for the store.
    pub waiting_rows: usize,
    /// What there was no room for.
    pub drops: Drops,
}

/// What decisions are told apart by in metrics.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DecisionKey {
    /// What became of them.
    pub outcome: Outcome,
    /// The reason's code; empty where they passed.
    pub reason: Label,
    /// The value of `X-Auth-Method`; empty where they were refused.
    pub method: Label,
    /// The id of the provider that judged; empty where none did.
    pub provider: String,
}

/// What there was no room for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Drops {
    /// Events that are not kept; their decisions are counted.
    pub events: u64,
    /// Decisions that are counted in a coarse row.
    pub coarse: u64,
    /// Decisions that are in [`Totals::decisions`], but not in the store.
    pub unsaved: u64,
    /// Decisions that are not counted at all.
    pub missed: u64,
}

impl Drops {
    pub(super) fn add(&mut self, other: Self) {
        self.events += other.events;
        self.coarse += other.coarse;
        self.unsaved += other.unsaved;
        self.missed += other.missed;
    }
}
