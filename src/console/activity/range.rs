//! The times that the page can show, and the bars that each is divided into.

use serde::Deserialize;

use crate::store::Resolution;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The times that the page can show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Range {
    /// By minute.
    #[default]
    Hour,
    /// By half hour.
    Day,
    /// Thirty days, by day.
    Month,
}

/// A time in equal parts, in Unix seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// When the first part begins.
    pub from: i64,
    /// How long each is.
    pub step: i64,
    /// How many there are.
    pub parts: usize,
}

impl Range {
    /// Every range.
    pub const ALL: [Self; 3] = [Self::Hour, Self::Day, Self::Month];

    /// The value of the query parameter.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Month => "month",
        }
    }

    /// The text of the link.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Hour => "Last hour",
            Self::Day => "Last day",
            Self::Month => "Last month",
        }
    }

    /// The end of a sentence.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Hour => "in the last hour",
            Self::Day => "in the last day",
            Self::Month => "in the last 30 days",
        }
    }

    /// What the plot's upright axis counts.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Hour => "Calls per minute",
            Self::Day => "Calls per half hour",
            Self::Month => "Calls per day (UTC)",
        }
    }

    /// How a moment on the plot's level axis is written; `static/times.js` knows these.
    pub const fn tick(self) -> &'static str {
        match self {
            Self::Hour | Self::Day => "time",
            Self::Month => "day",
        }
    }

    /// Which counts of the store the parts are added up from.
    pub const fn resolution(self) -> Resolution {
        match self {
            Self::Hour | Self::Day => Resolution::Minutes,
            Self::Month => Resolution::Hours,
        }
    }

    /// The parts, of which the last one has begun at the moment `now`.
    pub const fn span(self, now: i64) -> Span {
        let (step, parts, before) = match self {
            Self::Hour => (MINUTE, 60, 59 * MINUTE),
            Self::Day => (30 * MINUTE, 48, 47 * 30 * MINUTE),
            Self::Month => (DAY, 30, 29 * DAY),
        };
        let last = now - now.rem_euclid(step);
        Span {
            from: last - before,
            step,
            parts,
        }
    }
}

impl Span {
    /// When the last part ends.
    pub fn to(&self) -> i64 {
        self.begin(self.parts)
    }

    /// When the part with this number begins; they are counted from 0.
    pub fn begin(&self, part: usize) -> i64 {
        let part = i64::try_from(part).unwrap_or(i64::MAX);
        self.from.saturating_add(part.saturating_mul(self.step))
    }

    /// The part that a moment lies in.
    pub fn part(&self, at: i64) -> Option<usize> {
        let part = usize::try_from((at - self.from).div_euclid(self.step)).ok()?;
        (part < self.parts).then_some(part)
    }

    /// When the hour began that the first part lies in: who called is known by the hour.
    pub const fn whole_hours(&self) -> i64 {
        self.from - self.from.rem_euclid(HOUR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_part_is_the_one_that_goes_on() {
        let now = 1_790_000_000;
        for range in Range::ALL {
            let span = range.span(now);
            assert_eq!(span.part(now), Some(span.parts - 1), "{range:?}");
            assert_eq!(span.part(span.from), Some(0));
            assert_eq!(span.part(span.from - 1), None);
            assert_eq!(span.part(span.to()), None);
            assert_eq!(span.from % span.step, 0);
            assert!(span.to() > now && span.to() - now <= span.step);
            assert!(span.whole_hours() <= span.from && span.whole_hours() % HOUR == 0);
        }
    }
}
