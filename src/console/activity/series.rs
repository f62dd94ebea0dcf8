//! What the plot tells apart, counted for each part of the time that is shown.

use std::collections::BTreeMap;

use super::range::Span;
use crate::activity::Outcome;
use crate::store::Counted;

/// The patterns of the reasons that are told apart; the rest is drawn as one.
const REASONS: [&str; 5] = ["reason-1", "reason-2", "reason-3", "reason-4", "reason-5"];

/// What calls have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// They passed.
    Allowed,
    /// They would have been refused, and passed since the gate only observes.
    Observed,
    /// They were refused for the reason with this code, one of the most frequent.
    Refused(String),
    /// They were refused for another reason.
    RefusedOtherwise,
}

/// Calls of one kind.
#[derive(Debug)]
pub struct Series {
    /// The kind.
    pub kind: Kind,
    /// The name of the pattern that it is drawn with.
    pub pattern: &'static str,
    /// How many there were in each part.
    pub calls: Vec<u64>,
}

impl Series {
    /// How many there were.
    pub fn total(&self) -> u64 {
        self.calls.iter().sum()
    }
}

/// All calls of a time, by kind and part. A kind without calls is left out.
#[derive(Debug)]
pub struct Counts {
    /// The time.
    pub span: Span,
    /// The kinds, as they are stacked: from the bottom up.
    pub series: Vec<Series>,
    /// Calls that were or would have been refused, by the reason's code.
    pub reasons: Vec<ReasonCount>,
}

/// How often a reason was given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReasonCount {
    /// The code.
    pub reason: String,
    /// Calls that were refused.
    pub refused: u64,
    /// Calls that would have been.
    pub observed: u64,
}

impl Counts {
    /// Adds up what the store has counted.
    pub fn of(span: Span, counted: &[Counted]) -> Self {
        let mut allowed = vec![0; span.parts];
        let mut observed = vec![0; span.parts];
        let mut refused: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
        let mut reasons: BTreeMap<&str, ReasonCount> = BTreeMap::new();
        for one in counted {
            let Some(part) = span.part(one.at) else {
                continue;
            };
            if one.outcome == Outcome::Allowed {
                allowed[part] += one.calls;
                continue;
            }
            let reason = reasons.entry(&one.reason).or_insert_with(|| ReasonCount {
                reason: one.reason.clone(),
                ..ReasonCount::default()
            });
            if one.outcome == Outcome::Observed {
                observed[part] += one.calls;
                reason.observed += one.calls;
            } else {
                let calls = refused.entry(&one.reason);
                calls.or_insert_with(|| vec![0; span.parts])[part] += one.calls;
                reason.refused += one.calls;
            }
        }
        let mut series = vec![
            Series {
                kind: Kind::Allowed,
                pattern: "allowed",
                calls: allowed,
            },
            Series {
                kind: Kind::Observed,
                pattern: "observed",
                calls: observed,
            },
        ];
        series.extend(by_frequency(refused, span.parts));
        series.retain(|one| one.total() > 0);
        let mut reasons: Vec<_> = reasons.into_values().collect();
        reasons.sort_by_key(|one| std::cmp::Reverse(one.refused + one.observed));
        Self {
            span,
            series,
            reasons,
        }
    }

    /// Calls that passed.
    pub fn allowed(&self) -> u64 {
        self.sum(|kind| *kind == Kind::Allowed)
    }

    /// Calls that passed since the gate only observes.
    pub fn observed(&self) -> u64 {
        self.sum(|kind| *kind == Kind::Observed)
    }

    /// Calls that were refused.
    pub fn refused(&self) -> u64 {
        self.sum(|kind| matches!(kind, Kind::Refused(_) | Kind::RefusedOtherwise))
    }

    fn sum(&self, is_meant: impl Fn(&Kind) -> bool) -> u64 {
        let meant = self.series.iter().filter(|one| is_meant(&one.kind));
        meant.map(Series::total).sum()
    }

    /// The most calls that one part has.
    pub fn highest(&self) -> u64 {
        let heights = (0..self.span.parts).map(|part| self.height(part));
        heights.max().unwrap_or_default()
    }

    /// All calls of one part.
    pub fn height(&self, part: usize) -> u64 {
        self.series.iter().map(|one| one.calls[part]).sum()
    }
}

/// The most frequent reason first, and the rare ones as one.
fn by_frequency(refused: BTreeMap<&str, Vec<u64>>, parts: usize) -> Vec<Series> {
    let mut sorted: Vec<_> = refused.into_iter().collect();
    sorted.sort_by_key(|(_, calls)| std::cmp::Reverse(calls.iter().sum::<u64>()));
    let rare = sorted.split_off(sorted.len().min(REASONS.len()));
    let mut otherwise = vec![0; parts];
    for (_, calls) in rare {
        for (sum, calls) in otherwise.iter_mut().zip(calls) {
            *sum += calls;
        }
    }
    let frequent = sorted.into_iter().zip(REASONS);
    let frequent = frequent.map(|((reason, calls), pattern)| Series {
        kind: Kind::Refused(reason.to_owned()),
        pattern,
        calls,
    });
    let otherwise = Series {
        kind: Kind::RefusedOtherwise,
        pattern: "reason-other",
        calls: otherwise,
    };
    frequent.chain([otherwise]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::activity::range::Range;

    fn counted(at: i64, outcome: Outcome, reason: &str, calls: u64) -> Counted {
        Counted {
            at,
            outcome,
            reason: reason.to_owned(),
            method: String::new(),
            credential: "bearer".to_owned(),
            calls,
        }
    }

    #[test]
    fn calls_are_added_up_by_kind_and_part() {
        let span = Range::Hour.span(1_790_000_000);
        let counts = Counts::of(
            span,
            &[
                counted(span.from, Outcome::Allowed, "", 3),
                counted(span.from, Outcome::Allowed, "", 4),
                counted(span.from, Outcome::Observed, "expired", 2),
                counted(span.from + 60, Outcome::Refused, "expired", 5),
                counted(span.from - 1, Outcome::Refused, "expired", 90),
            ],
        );
        assert_eq!(
            (counts.allowed(), counts.observed(), counts.refused()),
            (7, 2, 5)
        );
        assert_eq!((counts.height(0), counts.height(1)), (9, 5));
        assert_eq!(counts.highest(), 9);
        let expired = ReasonCount {
            reason: "expired".to_owned(),
            refused: 5,
            observed: 2,
        };
        assert_eq!(counts.reasons, [expired]);
    }

    #[test]
    fn rare_reasons_are_drawn_as_one() {
        let span = Range::Hour.span(1_790_000_000);
        let reasons = ["a", "b", "c", "d", "e", "f", "g"];
        let counted: Vec<_> = (1..)
            .zip(reasons)
            .map(|(calls, reason)| counted(span.from, Outcome::Refused, reason, calls))
            .collect();
        let counts = Counts::of(span, &counted);
        let kinds: Vec<_> = counts
            .series
            .iter()
            .map(|one| (one.kind.clone(), one.total()))
            .collect();
        let refused = |reason: &str, calls| (Kind::Refused(reason.to_owned()), calls);
        assert_eq!(
            kinds,
            [
                refused("g", 7),
                refused("f", 6),
                refused("e", 5),
                refused("d", 4),
                refused("c", 3),
                (Kind::RefusedOtherwise, 3)
            ]
        );
    }
}
