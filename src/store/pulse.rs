//! What the task that follows the store found last, so that nobody else has to ask the store how it is.

use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;

use super::Store;

/// Without a look at the store that has ended for this long, it counts as not answering.
const PATIENCE: Duration = Duration::from_secs(5);

/// How the store can be followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Following {
    /// The newest settings are in force.
    UpToDate,
    /// The store answers, but what is newest in it can't be read; older settings are in force.
    Behind,
    /// The store does not answer.
    Lost,
}

/// The last look at the store.
#[derive(Debug)]
pub(super) struct Pulse(ArcSwap<(Following, Instant)>);

impl Pulse {
    pub(super) fn note(&self, following: Following) {
        self.0.store(Self::now(following));
    }

    fn now(following: Following) -> Arc<(Following, Instant)> {
        Arc::new((following, Instant::now()))
    }

    fn at(&self, now: Instant) -> Following {
        let (following, at) = **self.0.load();
        if now.saturating_duration_since(at) > PATIENCE {
            Following::Lost
        } else {
            following
        }
    }
}

impl Default for Pulse {
    /// A store that was just opened has answered.
    fn default() -> Self {
        Self(ArcSwap::new(Self::now(Following::UpToDate)))
    }
}

impl Store {
    /// How the store can be followed, as [`Store::follow`] found out last. Asks nobody.
    #[must_use]
    pub fn following(&self) -> Following {
        self.inner.pulse.at(Instant::now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_that_does_not_end_is_no_answer() {
        let pulse = Pulse::default();
        let now = Instant::now();
        assert_eq!(pulse.at(now), Following::UpToDate);
        pulse.note(Following::Behind);
        assert_eq!(pulse.at(now + PATIENCE / 2), Following::Behind);
        assert_eq!(pulse.at(now + PATIENCE * 2), Following::Lost);
    }
}
