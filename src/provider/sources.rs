//! The sources of all providers, kept over the revisions of the settings.

use std::sync::{Arc, Mutex, PoisonError};

use super::fetch::Fetcher;
use super::source::{Source, SourceConfig};
use crate::settings::Provider;

/// Finds or starts the source of a provider.
#[derive(Debug)]
pub struct Sources {
    fetcher: Fetcher,
    known: Mutex<Vec<Arc<Source>>>,
}

impl Sources {
    /// No sources yet.
    #[must_use]
    pub fn new(fetcher: Fetcher) -> Self {
        Self {
            fetcher,
            known: Mutex::default(),
        }
    }

    /// The source for what `provider` names, started if there is none. A save that changes nothing
    /// about where documents come from keeps the keys in memory; one that does starts anew, so that
    /// keys of one provider never serve another.
    pub fn of(&self, provider: &Provider) -> Arc<Source> {
        let config = SourceConfig::of(provider);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(source) = known.iter().find(|source| *source.config() == config) {
            return Arc::clone(source);
        }
        let source = Arc::new(Source::start(config, self.fetcher.clone()));
        known.push(Arc::clone(&source));
        source
    }

    /// Ends the sources that `used` does not hold.
    pub fn keep_only(&self, used: &[Arc<Source>]) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|source| used.iter().any(|used| Arc::ptr_eq(source, used)));
    }
}
