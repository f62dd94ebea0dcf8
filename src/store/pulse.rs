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

/// The last look at the store, and the last write.
#[derive(Debug)]
pub(super) struct Pulse {
    looked: ArcSwap<(Following, Instant)>,
    /// What keeps writes from being made.
    hindrance: ArcSwap<Option<&'static str>>,
}

impl Pulse {
    pub(super) fn note(&self, following: Following) {
        self.looked.store(Self::now(following));
    }

    /// Notes what keeps writes from being made, or that one was made.
    pub(super) fn note_write(&self, hindrance: Option<&'static str>) {
        if **self.hindrance.load() != hindrance {
            if let Some(words) = hindrance {
                tracing::error!("nothing can be saved: {words}");
            } else {
                tracing::info!("the store can be written again");
            }
            self.hindrance.store(Arc::new(hindrance));
        }
    }

    fn now(following: Following) -> Arc<(Following, Instant)> {
        Arc::new((following, Instant::now()))
    }

    fn at(&self, now: Instant) -> Following {
        let (following, at) = **self.looked.load();
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
        Self {
            looked: ArcSwap::new(Self::now(Following::UpToDate)),
            hindrance: ArcSwap::default(),
        }
    }
}

impl Store {
    /// How the store can be followed, as [`Store::follow`] found out last. Asks nobody.
    #[must_use]
    pub fn following(&self) -> Following {
        self.inner.pulse.at(Instant::now())
    }

    /// What keeps the store from being written, as the last write found out: the cause and the cure. Asks nobody.
    #[must_use]
    pub fn hindrance(&self) -> Option<&'static str> {
        **self.inner.pulse.hindrance.load()
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
