//! What each minute showed, and whether it stays as it is.

use std::fmt;
use std::time::Duration;

use super::super::table::median;

/// What one minute showed.
pub struct Minute {
    pub requests: usize,
    pub wrong: usize,
    pub resident_mib: f64,
    pub descriptors: usize,
    /// Microseconds, of what waits for no provider.
    pub p50: f64,
    pub p99: f64,
}

/// The part of these times below which `percent` of them lie, in microseconds; zero of none.
pub fn percentile(times: &mut [Duration], percent: usize) -> f64 {
    times.sort_unstable();
    let place = (times.len() * percent / 100).min(times.len().saturating_sub(1));
    times
        .get(place)
        .map_or(0.0, |time| time.as_secs_f64() * 1e6)
}

impl fmt::Display for Minute {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "{} | {} | {:.1} | {} | {:.0} | {:.0} |",
            self.requests, self.wrong, self.resident_mib, self.descriptors, self.p50, self.p99
        )
    }
}

/// The figures that must not grow: by how much the last third's median may lie above the first third's.
const FIGURES: [Figure; 4] = [
    Figure {
        name: "memory, MiB",
        of: |minute| minute.resident_mib,
        times: 1.1,
        plus: 8.0,
    },
    Figure {
        name: "open descriptors",
        of: |minute| f64::from(u32::try_from(minute.descriptors).unwrap_or(u32::MAX)),
        times: 1.1,
        plus: 8.0,
    },
    Figure {
        name: "p50, µs",
        of: |minute| minute.p50,
        times: 1.5,
        plus: 500.0,
    },
    Figure {
        name: "p99, µs",
        of: |minute| minute.p99,
        times: 1.5,
        plus: 2000.0,
    },
];

struct Figure {
    name: &'static str,
    of: fn(&Minute) -> f64,
    times: f64,
    plus: f64,
}

/// What the minutes say together. Displayed as Markdown.
pub struct Verdict {
    requests: usize,
    wrong: usize,
    compared: Vec<Compared>,
}

/// A figure's median in the first and in the last third of the minutes.
struct Compared {
    name: &'static str,
    first: f64,
    last: f64,
    is_flat: bool,
}

impl Verdict {
    /// Of one minute or more.
    pub fn of(minutes: &[Minute]) -> Self {
        let third = (minutes.len() / 3).max(1);
        let compare = |figure: &Figure| {
            let middle = |part: &[Minute]| median(part.iter().map(figure.of).collect());
            let first = middle(&minutes[..third]);
            let last = middle(&minutes[minutes.len() - third..]);
            Compared {
                name: figure.name,
                first,
                last,
                is_flat: last <= first * figure.times + figure.plus,
            }
        };
        Self {
            requests: minutes.iter().map(|minute| minute.requests).sum(),
            wrong: minutes.iter().map(|minute| minute.wrong).sum(),
            compared: FIGURES.iter().map(compare).collect(),
        }
    }

    /// Whether no answer was wrong and no figure grew.
    pub fn is_good(&self) -> bool {
        self.wrong == 0 && self.compared.iter().all(|figure| figure.is_flat)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            requests, wrong, ..
        } = self;
        writeln!(out, "{requests} requests, {wrong} wrong answers.\n")?;
        writeln!(out, "| median | first third | last third | verdict |")?;
        writeln!(out, "|---|---:|---:|---|")?;
        for Compared {
            name,
            first,
            last,
            is_flat,
        } in &self.compared
        {
            let word = if *is_flat { "flat" } else { "**grew**" };
            writeln!(out, "| {name} | {first:.1} | {last:.1} | {word} |")?;
        }
        Ok(())
    }
}
