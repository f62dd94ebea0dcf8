//! How often a provider was asked about tokens, and what came of it.

use std::sync::atomic::{AtomicU64, Ordering};

/// What is asked about a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallKind {
    /// The userinfo endpoint.
    Userinfo,
    /// The introspection endpoint.
    Introspection,
}

impl CallKind {
    /// The name in metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Userinfo => "userinfo",
            Self::Introspection => "introspection",
        }
    }
}

/// How a call about a token ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallEnd {
    /// The provider accepts the token.
    Accepted,
    /// The provider does not accept the token.
    Refused,
    /// There was no answer that can be used.
    Failed,
    /// Nobody waited for the answer any more.
    Abandoned,
    /// It was not made: too many were under way, or the last ones failed.
    NotMade,
}

impl CallEnd {
    /// Every end.
    pub const ALL: [Self; 5] = [
        Self::Accepted,
        Self::Refused,
        Self::Failed,
        Self::Abandoned,
        Self::NotMade,
    ];

    /// The name in metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Abandoned => "abandoned",
            Self::NotMade => "not_made",
        }
    }
}

/// Counts of one provider since its documents' place was last changed.
#[derive(Debug, Default)]
pub struct InquiryCounts {
    calls: [[AtomicU64; CallEnd::ALL.len()]; 2],
    hits: AtomicU64,
    misses: AtomicU64,
}

/// A call that is under way; it counts when it is dropped.
pub(super) struct Tally<'a> {
    counts: &'a InquiryCounts,
    kind: CallKind,
    /// How it ends.
    pub(super) end: CallEnd,
}

impl InquiryCounts {
    /// A call that begins; until it is told how it ends, it is one that nobody waits for.
    pub(super) const fn call(&self, kind: CallKind) -> Tally<'_> {
        Tally {
            counts: self,
            kind,
            end: CallEnd::Abandoned,
        }
    }

    /// Notes whether an answer was given without a call of one's own.
    pub(super) fn note_cache(&self, hit: bool) {
        let count = if hit { &self.hits } else { &self.misses };
        count.fetch_add(1, Ordering::Relaxed);
    }

    /// How many calls of this kind ended so.
    #[must_use]
    pub fn calls(&self, kind: CallKind, end: CallEnd) -> u64 {
        self.calls[kind as usize][end as usize].load(Ordering::Relaxed)
    }

    /// How many answers came from memory, or from a call that somebody else had begun.
    #[must_use]
    pub fn hits(&self) -> u64 {
        self.hits.load(Ordering::Relaxed)
    }

    /// How many questions nothing in memory could answer.
    #[must_use]
    pub fn misses(&self) -> u64 {
        self.misses.load(Ordering::Relaxed)
    }
}

impl Drop for Tally<'_> {
    fn drop(&mut self) {
        self.counts.calls[self.kind as usize][self.end as usize].fetch_add(1, Ordering::Relaxed);
    }
}
