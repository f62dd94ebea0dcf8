//! Watches for the next validation request, which the console's Connect page begins. While there is
//! none, a validation request pays one relaxed load for them.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::sighting::Sighting;

/// How long a watch lasts.
pub const WATCH_LIFE: Duration = Duration::from_mins(2);
/// Watches at once; a further one ends the oldest.
const AT_ONCE: usize = 4;

/// The watches that are open.
#[derive(Debug, Default)]
pub struct Watches {
    count: AtomicUsize,
    open: Mutex<Vec<Arc<Watch>>>,
}

/// A watch: it keeps the first request that it sees, until one comes that was made for it.
#[derive(Debug)]
pub struct Watch {
    mark: String,
    ends: Instant,
    is_ended: AtomicBool,
    seen: Mutex<Option<Sighting>>,
}

impl Watches {
    /// Begins a watch; `mark` tells the requests that are made for it.
    pub fn begin(&self, mark: String) -> Arc<Watch> {
        let watch = Arc::new(Watch {
            mark,
            ends: Instant::now() + WATCH_LIFE,
            is_ended: AtomicBool::new(false),
            seen: Mutex::default(),
        });
        let mut open = locked(&self.open);
        open.retain(|watch| watch.is_open());
        if open.len() >= AT_ONCE {
            open.remove(0).is_ended.store(true, Ordering::Relaxed);
        }
        open.push(Arc::clone(&watch));
        self.count.store(open.len(), Ordering::Relaxed);
        watch
    }

    /// Whether anybody watches.
    pub(super) fn is_any_open(&self) -> bool {
        self.count.load(Ordering::Relaxed) > 0
    }

    pub(super) fn show(&self, sighting: &Sighting) {
        let mut open = locked(&self.open);
        open.retain(|watch| {
            if watch.is_open() {
                watch.see(sighting);
            }
            watch.is_open()
        });
        self.count.store(open.len(), Ordering::Relaxed);
    }
}

impl Watch {
    /// What tells the requests that are made for this watch.
    #[must_use]
    pub fn mark(&self) -> &str {
        &self.mark
    }

    /// What it has seen.
    #[must_use]
    pub fn seen(&self) -> Option<Sighting> {
        locked(&self.seen).clone()
    }

    /// How long it goes on; zero when it has seen what was made for it, has given way, or its time is over.
    #[must_use]
    pub fn remaining(&self) -> Duration {
        let is_done = locked(&self.seen)
            .as_ref()
            .is_some_and(|seen| seen.is_marked);
        if is_done || self.is_ended.load(Ordering::Relaxed) {
            return Duration::ZERO;
        }
        self.ends.saturating_duration_since(Instant::now())
    }

    fn is_open(&self) -> bool {
        !self.remaining().is_zero()
    }

    fn see(&self, sighting: &Sighting) {
        let is_marked = sighting.bears(&self.mark);
        let mut seen = locked(&self.seen);
        if seen.is_none() || is_marked {
            *seen = Some(Sighting {
                is_marked,
                ..sighting.clone()
            });
        }
    }
}

/// What is behind these locks is never half changed.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_further_watch_ends_the_oldest() {
        let watches = Watches::default();
        assert!(!watches.is_any_open());
        let all: Vec<_> = (0..=AT_ONCE)
            .map(|number| watches.begin(number.to_string()))
            .collect();
        assert!(!all[0].is_open());
        assert!(all[1..].iter().all(|watch| watch.is_open()));
        assert!(watches.is_any_open());
        assert_eq!(locked(&watches.open).len(), AT_ONCE);
    }
}
