//! Limits on the calls that decisions make to one provider, so that a flood of tokens or a dead
//! provider slows nobody else.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, SemaphorePermit};

const CALLS_AT_ONCE: usize = 32;
const FAILURES_TO_OPEN: u32 = 5;
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
            _place: place,
        })
    }

    fn circuit(&self) -> std::sync::MutexGuard<'_, Circuit> {
        self.circuit.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Leave<'_> {
    /// Notes whether the provider answered.
    pub(super) fn end(self, answered: bool) {
        let mut circuit = self.limits.circuit();
        circuit.failures = if answered {
            0
        } else {
            circuit.failures.saturating_add(1)
        };
    }
}

impl Circuit {
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
        let mut circuit = Circuit {
            failures: FAILURES_TO_OPEN,
            probed_at: None,
        };
        let start = Instant::now();
        assert!(circuit.admits(start), "the first probe");
        assert!(!circuit.admits(start + Duration::from_secs(4)));
        assert!(circuit.admits(start + Duration::from_secs(5)));
        circuit.failures = FAILURES_TO_OPEN - 1;
        assert!(circuit.admits(start + Duration::from_secs(6)));
    }

    #[test]
    fn an_answer_closes_the_circuit_and_only_32_calls_are_under_way() {
        let limits = Limits::default();
        for _ in 0..FAILURES_TO_OPEN {
            limits.leave().expect("leave").end(false);
        }
        let probe = limits.leave().expect("the probe");
        assert!(limits.leave().is_none());
        probe.end(true);
        let leaves: Vec<_> = std::iter::from_fn(|| limits.leave()).take(100).collect();
        assert_eq!(leaves.len(), CALLS_AT_ONCE);
    }
}
