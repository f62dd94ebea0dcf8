//! What held when: around a change both the old and the new value may.

use std::ops::Range;
use std::time::{Duration, Instant};

/// Ended longer ago, a value is forgotten: no request takes so long.
const KEPT: Duration = Duration::from_mins(2);

/// The values of one thing, each with the time in which an answer may rest on it.
pub struct History<T>(Vec<Held<T>>);

struct Held<T> {
    value: T,
    from: Instant,
    until: Option<Instant>,
}

impl<T: Clone + PartialEq> History<T> {
    /// Of a thing that has this value now.
    pub fn new(value: T) -> Self {
        let from = Instant::now();
        Self(vec![Held {
            value,
            from,
            until: None,
        }])
    }

    /// From now on an answer may rest on this value too.
    pub fn begin(&mut self, value: T) {
        let now = Instant::now();
        let is_recent = |held: &Held<T>| held.until.is_none_or(|until| until + KEPT > now);
        self.0.retain(is_recent);
        self.0.push(Held {
            value,
            from: now,
            until: None,
        });
    }

    /// After `last`, no answer may rest on another value than this; what ends before that, ends as it was said.
    pub fn settle(&mut self, value: &T, last: Instant) {
        for held in self.0.iter_mut().filter(|held| held.value != *value) {
            held.until = Some(held.until.map_or(last, |until| until.min(last)));
        }
    }

    /// Whether no other value has begun after this.
    pub fn is_latest(&self, value: &T) -> bool {
        self.0.last().is_some_and(|held| held.value == *value)
    }

    /// Whether an answer to a request of this time may rest on a value that fits.
    pub fn allows(&self, during: &Range<Instant>, fits: impl Fn(&T) -> bool) -> bool {
        self.0.iter().any(|held| {
            held.from <= during.end
                && held.until.is_none_or(|until| until >= during.start)
                && fits(&held.value)
        })
    }
}
