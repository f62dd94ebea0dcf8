//! Limits on the calls that decisions make to one provider, so that a flood of tokens or a dead
//! provider slows nobody else.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, SemaphorePermit};

const CALLS_AT_ONCE: usize = 32;
const FAILURES_TO_OPEN: u32 = 5;
/// After this long without an answer, giving up counts as a failure.
const SLOW: Duration = Duration::from_secs(1);
const PROBE_INTERVAL: Duration = Duration::from_secs(5);

/// The limits of one provider.
#[derive(Debug)]
pub(super) struct Limits {
    places: Semaphore,
    circuit: Mutex<Circuit>,
}

#[derive(Debug, Default)]
struct Circuit {
    failures: u32,
    probed_at: Option<Instant>,
}

/// Leave to make one call.
pub(super) struct Leave<'a> {
    limits: &'a Limits,
    begun: Instant,
    is_ended: bool,
    _place: SemaphorePermit<'a>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            places: Semaphore::new(CALLS_AT_ONCE),
            circuit: Mutex::default(),
        }
    }
}

impl Limits {
    /// Leave for one call, unless too many are under way or the provider is out of order.
    pub(super) fn leave(&self) -> Option<Leave<'_>> {
        let place = self.places.try_acquire().ok()?;
        self.circuit().admits(Instant::now()).then_some(Leave {
            limits: self,
            begun: Instant::now(),
            is_ended: false,
            _place: place,
        })
    }

    fn circuit(&self) -> std::sync::MutexGuard<'_, Circuit> {
        self.circuit.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Leave<'_> {
    /// Notes whether the provider answered.
    pub(super) fn end(mut self, answered: bool) {
        self.is_ended = true;
        self.limits.circuit().note(answered, Instant::now());
    }
}

impl Drop for Leave<'_> {
    /// A caller who goes away says nothing about the provider, unless it has let him wait.
    fn drop(&mut self) {
        if !self.is_ended && self.begun.elapsed() >= SLOW {
            self.limits.circuit().note(false, Instant::now());
        }
    }
}

impl Circuit {
    fn note(&mut self, answered: bool, now: Instant) {
        self.failures = if answered {
            0
        } else {
            self.failures.saturating_add(1)
        };
        if self.failures == FAILURES_TO_OPEN {
            self.probed_at = Some(now);
        }
    }

    fn admits(&mut self, now: Instant) -> bool {
        if self.failures < FAILURES_TO_OPEN {
            return true;
        }
        let due = self
            .probed_at
            .is_none_or(|at| now.duration_since(at) >= PROBE_INTERVAL);
        if due {
            self.probed_at = Some(now);
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circuit_opens_after_five_failures_and_probes_every_five_seconds() {
        let mut circuit = Circuit::default();
        let start = Instant::now();
        for _ in 0..FAILURES_TO_OPEN {
            assert!(circuit.admits(start));
            circuit.note(false, start);
        }
        assert!(!circuit.admits(start + Duration::from_secs(4)));
        assert!(
            circuit.admits(start + Duration::from_secs(5)),
            "the first probe"
        );
        assert!(!circuit.admits(start + Duration::from_secs(9)));
        assert!(circuit.admits(start + Duration::from_secs(10)));
        circuit.note(true, start);
        assert!(circuit.admits(start + Duration::from_secs(11)));
    }

    #[test]
    fn only_32_calls_are_under_way() {
        let limits = Limits::default();
        let leaves: Vec<_> = std::iter::from_fn(|| limits.leave()).take(100).collect();
        assert_eq!(leaves.len(), CALLS_AT_ONCE);
        drop(leaves);
        assert!(
            limits.leave().is_some(),
            "whoever goes away at once counts as no failure"
        );
    }
}
