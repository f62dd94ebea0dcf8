//! The sources of all providers, kept over the revisions of the settings.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::fetch::Fetcher;
use super::source::{Source, SourceConfig};
use crate::settings::Provider;

/// Finds or starts the source of a provider. A source lives as long as somebody holds it: the
/// snapshot in force, or a form that looks at a provider before it is saved.
#[derive(Debug)]
pub struct Sources {
    fetcher: Fetcher,
    known: Mutex<Vec<Weak<Source>>>,
    epoch: Epoch,
}

/// Passes with whatever is learned of a provider, or forgotten: what was concluded before may not hold after.
#[derive(Clone, Debug, Default)]
pub(super) struct Epoch(Arc<AtomicU64>);

impl Epoch {
    /// Another epoch begins. What was learned must be in place already.
    pub(super) fn pass(&self) {
        self.0.fetch_add(1, Ordering::Release);
    }
}

impl Sources {
    /// No sources yet.
    #[must_use]
    pub fn new(fetcher: Fetcher) -> Self {
        Self {
            fetcher,
            known: Mutex::default(),
            epoch: Epoch::default(),
        }
    }

    /// The number of the epoch; a conclusion belongs to the one that was read before its premises.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.epoch.0.load(Ordering::Acquire)
    }

    /// The source for what `provider` names, started if there is none. A save that changes nothing
    /// about where documents come from keeps the keys in memory; one that does starts anew, so that
    /// keys of one provider never serve another.
    pub fn of(&self, provider: &Provider) -> Arc<Source> {
        let config = SourceConfig::of(provider);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|source| source.strong_count() > 0);
        let alive = known.iter().filter_map(Weak::upgrade);
        if let Some(source) = alive.into_iter().find(|source| *source.config() == config) {
            return source;
        }
        let source = Arc::new(Source::start(
            config,
            self.fetcher.clone(),
            self.epoch.clone(),
        ));
        known.push(Arc::downgrade(&source));
        source
    }
}
