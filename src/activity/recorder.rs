//! Takes records from many threads at once, and makes none of them wait.

use std::hash::RandomState;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, TryLockError};

use super::record::Record;
use super::shard::{Shard, Taken};
use super::{caps, locked};

/// The shards.
#[derive(Debug)]
pub(super) struct Recorder {
    shards: Box<[Mutex<Shard>]>,
    hashes: RandomState,
    missed: AtomicU64,
}

impl Recorder {
    /// One shard more than threads: one that records finds a free one also while another is collected.
    pub(super) fn new(threads: usize) -> Self {
        let shards = threads.saturating_add(1).min(caps::SHARDS);
        Self {
            shards: (0..shards).map(|_| Mutex::default()).collect(),
            hashes: RandomState::new(),
            missed: AtomicU64::new(0),
        }
    }

    pub(super) fn record(&self, record: &Record<'_>) {
        let (before, from_own) = self.shards.split_at(own_place() % self.shards.len());
        for shard in from_own.iter().chain(before) {
            let mut shard = match shard.try_lock() {
                Ok(shard) => shard,
                Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
                Err(TryLockError::WouldBlock) => continue,
            };
            return shard.record(record, &self.hashes);
        }
        self.missed.fetch_add(1, Ordering::Relaxed);
    }

    /// What was recorded since the last time. Holds one shard at a time, and only to exchange it.
    pub(super) fn take(&self) -> impl Iterator<Item = Taken> {
        self.shards.iter().map(|shard| locked(shard).take())
    }

    /// Decisions that found no free shard.
    pub(super) fn missed(&self) -> u64 {
        self.missed.load(Ordering::Relaxed)
    }
}

/// A number for the calling thread, so that each begins with another shard.
fn own_place() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static PLACE: usize = NEXT.fetch_add(1, Ordering::Relaxed);
    }
    PLACE.with(|place| *place)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::activity::Outcome;

    #[test]
    fn nobody_waits_for_a_shard() {
        let recorder = Recorder::new(1);
        let record = Record {
            at: 0,
            outcome: Outcome::Refused,
            method: "",
            reason: "expired",
            credential: "bearer",
            provider: "",
            user: "",
            vouched: None,
            exception: "",
            client: None,
            user_agent: b"",
            http_method: b"GET",
            target: None,
            request_id: "",
            duration: Duration::ZERO,
        };
        let held: Vec<_> = recorder.shards.iter().map(locked).collect();
        recorder.record(&record);
        assert_eq!(recorder.missed(), 1);
        drop(held);
        for place in 0..recorder.shards.len() {
            let held = locked(&recorder.shards[place]);
            recorder.record(&record);
            drop(held);
        }
        let events: usize = recorder.take().map(|taken| taken.events.len()).sum();
        assert_eq!((events, recorder.missed()), (recorder.shards.len(), 1));
    }
}
