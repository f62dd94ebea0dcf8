//! The plot: stacked bars over time, as numbers that an SVG takes. Colours and patterns are the stylesheet's.

use super::range::Range;
use super::series::{Counts, Kind};
use crate::console::page::Moment;
use crate::console::username_map::grouped;

/// The width of the drawing, in its own units; it is stretched to the page.
const WIDTH: u64 = 6_000;
/// The height of the drawing; ten units are a pixel.
const HEIGHT: u64 = 2_000;
/// What is there at all is drawn so high at least, or one refusal among thousands would not be seen.
const LEAST: u64 = 30;
/// So many intervals have their times written below them.
const TICKS: usize = 4;

/// A plot, ready to be written down.
#[derive(Debug)]
pub struct Plot {
    /// What is drawn, from left to right and from the bottom up.
    pub bars: Vec<Bar>,
    /// The numbers beside the upright axis, from the top down.
    pub scale: [String; 3],
    /// What the upright axis counts.
    pub unit: &'static str,
    /// The moments below the level axis, at equal distances.
    pub ticks: Vec<Tick>,
    /// How these are written.
    pub tick: &'static str,
}

/// A moment below the level axis.
#[derive(Debug)]
pub struct Tick {
    pub moment: Moment,
    /// As it is written where no script writes it in the reader's zone.
    pub text: String,
}

/// Calls of one kind in one part of the time.
#[derive(Debug, PartialEq, Eq)]
pub struct Bar {
    /// Names the pattern.
    pub pattern: &'static str,
    /// From the left.
    pub x: u64,
    /// From the top.
    pub y: u64,
    pub width: u64,
    pub height: u64,
    /// When, what and how many.
    pub title: String,
}

impl Plot {
    /// The plot of these counts.
    pub fn of(range: Range, counts: &Counts) -> Self {
        let top = round_up(counts.highest());
        let span = &counts.span;
        let bars = (0..span.parts).flat_map(|part| stack(counts, part, top));
        Self {
            bars: bars.collect(),
            scale: [top, top / 2, 0].map(grouped),
            unit: range.unit(),
            ticks: (0..=TICKS)
                .map(|tick| Tick::at(range, span.begin(tick * (span.parts - 1) / TICKS)))
                .collect(),
            tick: range.tick(),
        }
    }
}

impl Tick {
    fn at(range: Range, at: i64) -> Self {
        let moment = Moment(at);
        let text = match range {
            Range::Hour | Range::Day => moment.utc_time(),
            Range::Month => moment.utc_day(),
        };
        Self { moment, text }
    }
}

/// The bars of one part, one upon the other.
fn stack(counts: &Counts, part: usize, top: u64) -> Vec<Bar> {
    let parts = counts.span.parts as u64;
    let at = |part: u64| part * WIDTH / parts;
    let (left, right) = (at(part as u64), at(part as u64 + 1));
    let moment = Moment(counts.span.begin(part)).utc_minute();
    let mut y = HEIGHT;
    let mut bars = Vec::new();
    for (series, height) in counts.series.iter().zip(heights(counts, part, top)) {
        if height == 0 {
            continue;
        }
        y -= height;
        bars.push(Bar {
            pattern: series.pattern,
            x: left,
            y,
            width: (right - left) * 4 / 5,
            height,
            title: format!(
                "{moment}: {} {}",
                grouped(series.calls[part]),
                words(&series.kind)
            ),
        });
    }
    bars
}

/// How high each kind is drawn. What the least height adds is taken from what was allowed, or else from the highest.
fn heights(counts: &Counts, part: usize, top: u64) -> Vec<u64> {
    let exact = |calls: u64| {
        let height = u128::from(calls) * u128::from(HEIGHT) / u128::from(top);
        u64::try_from(height).unwrap_or(HEIGHT)
    };
    let mut heights: Vec<_> = counts
        .series
        .iter()
        .map(|series| match series.calls[part] {
            0 => 0,
            calls => exact(calls).max(LEAST),
        })
        .collect();
    let excess = heights
        .iter()
        .sum::<u64>()
        .saturating_sub(exact(counts.height(part)).max(LEAST));
    if let Some(highest) = heights.iter_mut().max() {
        *highest = highest.saturating_sub(excess).max(LEAST.min(*highest));
    }
    heights
}

/// The next number that its half is a whole number of, and that is easy to read.
fn round_up(highest: u64) -> u64 {
    let powers = std::iter::successors(Some(1_u64), |power| power.checked_mul(10));
    let round =
        powers.flat_map(|power| [2, 4, 6, 8, 10].map(|factor| power.saturating_mul(factor)));
    let mut fitting = round.filter(|round| *round >= highest);
    fitting.next().unwrap_or(u64::MAX)
}

/// What became of the calls of a kind.
pub fn words(kind: &Kind) -> String {
    match kind {
        Kind::Allowed => "allowed".to_owned(),
        Kind::Observed => "would be refused".to_owned(),
        Kind::Refused(reason) => format!("refused: {reason}"),
        Kind::RefusedOtherwise => "refused for other reasons".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activity::Outcome;
    use crate::store::Counted;

    fn counts(all: &[(usize, Outcome, &str, u64)]) -> Counts {
        let span = Range::Hour.span(1_790_000_000);
        let counted: Vec<_> = all
            .iter()
            .map(|&(part, outcome, reason, calls)| Counted {
                at: span.begin(part),
                outcome,
                reason: reason.to_owned(),
                method: String::new(),
                credential: String::new(),
                calls,
            })
            .collect();
        Counts::of(span, &counted)
    }

    #[test]
    fn bars_are_stacked_without_gaps_and_stay_inside() {
        let counts = counts(&[
            (0, Outcome::Allowed, "", 100_000),
            (0, Outcome::Refused, "expired", 1),
            (0, Outcome::Observed, "basic_disabled", 3),
            (7, Outcome::Refused, "expired", 1),
            (59, Outcome::Allowed, "", u64::MAX / 4),
        ]);
        let plot = Plot::of(Range::Hour, &counts);
        let first: Vec<_> = plot.bars.iter().filter(|bar| bar.x == 0).collect();
        assert_eq!(
            first.iter().map(|bar| bar.pattern).collect::<Vec<_>>(),
            ["allowed", "observed", "reason-1"]
        );
        let mut bottom = HEIGHT;
        for bar in first {
            assert_eq!(bar.y + bar.height, bottom);
            assert!(bar.height >= LEAST);
            bottom = bar.y;
        }
        for bar in &plot.bars {
            assert!(bar.y <= HEIGHT && bar.x + bar.width <= WIDTH, "{bar:?}");
        }
    }

    #[test]
    fn one_refusal_among_thousands_is_seen_and_the_stack_does_not_outgrow_its_part() {
        let counts = counts(&[
            (0, Outcome::Allowed, "", 10_000),
            (0, Outcome::Refused, "expired", 1),
        ]);
        let plot = Plot::of(Range::Hour, &counts);
        assert_eq!(plot.scale[0], "20,000");
        assert_eq!(plot.bars[1].height, LEAST);
        assert_eq!(plot.bars[0].height + plot.bars[1].height, HEIGHT / 2);
        assert_eq!(
            plot.bars[1].title.split_once(": ").expect("a moment").1,
            "1 refused: expired"
        );
    }

    #[test]
    fn the_upright_axis_ends_at_a_round_number_with_a_whole_half() {
        for (highest, top) in [
            (0, 2),
            (1, 2),
            (2, 2),
            (3, 4),
            (5, 6),
            (7, 8),
            (4_700, 6_000),
        ] {
            assert_eq!(round_up(highest), top);
        }
        assert!(round_up(u64::MAX) >= u64::MAX - 1);
    }

    #[test]
    fn moments_stand_from_the_first_part_to_the_last() {
        for range in Range::ALL {
            let span = range.span(1_790_000_000);
            let plot = Plot::of(range, &Counts::of(span, &[]));
            assert_eq!(plot.ticks[0].moment, Moment(span.from));
            assert_eq!(plot.ticks[TICKS].moment, Moment(span.begin(span.parts - 1)));
            assert!(plot.bars.is_empty());
        }
    }
}
