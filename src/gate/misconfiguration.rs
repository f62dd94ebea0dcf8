//! Counts validation requests that do not say what they are about, and logs them now and then.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use super::original::{Family, Unknown};
use crate::peer::Peer;
use crate::provider::unix_now;

/// Between two log lines about one kind of misconfiguration, in seconds.
const LOG_INTERVAL: i64 = 60;

/// The counts, by what is wrong.
#[derive(Debug, Default)]
pub struct Misconfigurations([Count; Unknown::ALL.len()]);

#[derive(Debug, Default)]
struct Count {
    seen: AtomicU64,
    logged_at: AtomicI64,
}

impl Misconfigurations {
    /// How many requests were like that.
    #[must_use]
    pub fn seen(&self, unknown: Unknown) -> u64 {
        self.0[unknown as usize].seen.load(Ordering::Relaxed)
    }

    /// Counts one request; logs it unless the same was logged within the last minute.
    pub(super) fn note(&self, unknown: Unknown, family: Family, peer: &Peer) {
        let count = &self.0[unknown as usize];
        let seen = count.seen.fetch_add(1, Ordering::Relaxed) + 1;
        let now = unix_now();
        let last = count.logged_at.load(Ordering::Relaxed);
        let due = now - last >= LOG_INTERVAL
            && count
                .logged_at
                .compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok();
        if due {
            tracing::warn!(
                endpoint = family.name(),
                %peer,
                seen,
                "a request is judged as a protected call: {}",
                unknown.explanation()
            );
        }
    }
}
