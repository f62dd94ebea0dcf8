//! What the gate decided: written in batches, read for plots and tables, pruned in small steps.

mod events;
mod prune;
mod series;
mod usage;
mod write;

pub use events::{EventFilter, StoredEvent};
pub use prune::Pruning;
pub use series::{Counted, Resolution};
pub use usage::{Caller, CallerFilter, ExceptionUse};

use crate::activity::Outcome;

/// The outcome that a row names; one that this program does not know counts as refused.
fn outcome(name: &str) -> Outcome {
    Outcome::named(name).unwrap_or(Outcome::Refused)
}

/// A count as the database has it.
fn stored(calls: u64) -> i64 {
    i64::try_from(calls).unwrap_or(i64::MAX)
}

/// A count as the database had it.
fn counted(calls: i64) -> u64 {
    u64::try_from(calls).unwrap_or_default()
}
