//! How long decisions took, in fixed buckets.

use std::time::Duration;

/// The upper bounds of the buckets, in microseconds; a last bucket has none.
const BOUNDS_MICROS: [u64; 15] = [
    25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 50_000, 100_000, 500_000, 1_000_000,
    5_000_000, 10_000_000,
];

/// Counts of durations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    counts: [u64; BOUNDS_MICROS.len() + 1],
    sum: Duration,
}

impl Histogram {
    pub(super) fn note(&mut self, duration: Duration) {
        let bucket =
            BOUNDS_MICROS.partition_point(|&bound| Duration::from_micros(bound) < duration);
        self.counts[bucket] += 1;
        self.sum = self.sum.saturating_add(duration);
    }

    pub(super) fn add(&mut self, other: &Self) {
        for (count, more) in self.counts.iter_mut().zip(other.counts) {
            *count += more;
        }
        self.sum = self.sum.saturating_add(other.sum);
    }

    /// Each bucket's upper bound with how many took no longer, as Prometheus wants them; all are in
    /// [`Histogram::count`].
    pub fn cumulative(&self) -> impl Iterator<Item = (Duration, u64)> {
        let up_to = self.counts.iter().scan(0, |sum, count| {
            *sum += count;
            Some(*sum)
        });
        BOUNDS_MICROS
            .iter()
            .map(|&bound| Duration::from_micros(bound))
            .zip(up_to)
    }

    /// How many there were.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// How long they took together.
    #[must_use]
    pub const fn sum(&self) -> Duration {
        self.sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_counts_from_its_bucket_upwards() {
        let mut histogram = Histogram::default();
        for micros in [0, 25, 26, 20_000_000] {
            histogram.note(Duration::from_micros(micros));
        }
        let mut twice = histogram.clone();
        twice.add(&histogram);
        let first: Vec<_> = twice.cumulative().take(2).collect();
        let micros = Duration::from_micros;
        assert_eq!(first, [(micros(25), 4), (micros(50), 6)]);
        let last = twice.cumulative().last();
        assert_eq!(last, Some((Duration::from_secs(10), 6)));
        assert_eq!((twice.count(), twice.sum()), (8, micros(40_000_102)));
    }
}
