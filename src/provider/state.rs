//! What is known of a provider, and how fetching it went.

use super::Discovery;
use super::fetch::FetchError;
use crate::decision::keys::KeySet;

/// What is known of a provider; replaced as a whole by each fetch.
#[derive(Clone, Debug, Default)]
pub struct SourceState {
    /// How many fetches have ended; 0 before the first.
    pub generation: u64,
    /// The last discovery document that could be read.
    pub discovery: Option<Discovery>,
    /// The keys of the last good fetch.
    pub keys: KeySet,
    /// How the fetches of the keys went.
    pub key_fetches: KeyFetches,
    /// When the documents were last fetched whole, in Unix seconds.
    pub fetched_at: Option<i64>,
    /// What went wrong in the last fetch.
    pub fault: Option<SourceFault>,
    /// When the next fetch is due, in Unix seconds.
    pub next_refresh: i64,
    pub(super) failures: u32,
}

impl SourceState {
    /// Whether its documents may say something else than the former ones: a fetch that failed changes nothing.
    pub(super) fn says_other_than(&self, former: &Self) -> bool {
        self.key_fetches.good != former.key_fetches.good || self.discovery != former.discovery
    }
}

/// How the fetches of a provider's keys went, since the place of its documents was last changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeyFetches {
    /// How many brought keys.
    pub good: u64,
    /// How many did not, also because nobody said where the keys are.
    pub failed: u64,
    /// When the last good one ended, in Unix seconds.
    pub last_good: Option<i64>,
}

impl KeyFetches {
    pub(super) const fn note_good(&mut self, now: i64) {
        self.good += 1;
        self.last_good = Some(now);
    }
}

/// A failed fetch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFault {
    /// What was fetched: "discovery document" or "key set".
    pub what: &'static str,
    /// From where.
    pub url: String,
    /// Why it failed.
    pub error: FetchError,
    /// When, in Unix seconds.
    pub at: i64,
}
