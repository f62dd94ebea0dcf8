//! Figures, their medians over the rounds, and the table.

use std::fmt;

use super::load::Outcome;
use super::scenario::Scenario;
use super::target::{Target, Targets};

const COLUMNS: [&str; 5] = [
    "CPU, µs a request",
    "requests/s",
    "p50, µs",
    "p99, µs",
    "memory, MiB",
];

/// One measurement of one server, or the medians of several; in the order of [`COLUMNS`].
#[derive(Clone, Copy, Debug)]
pub struct Figures([f64; COLUMNS.len()]);

impl Figures {
    pub fn new(outcome: &Outcome, cpu_seconds: f64, resident_mib: f64) -> Self {
        let requests = f64::from(outcome.requests);
        Self([
            cpu_seconds * 1e6 / requests,
            outcome.rate(),
            outcome.p50,
            outcome.p99,
            resident_mib,
        ])
    }

    fn medians(rounds: &[Self]) -> Self {
        Self(std::array::from_fn(|column| {
            median(rounds.iter().map(|one| one.0[column]).collect())
        }))
    }
}

/// The middle of some values, or the mean of both.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let (below, above) = (values.len().saturating_sub(1) / 2, values.len() / 2);
    f64::midpoint(values[below], values[above])
}

/// All measurements. Displayed as Markdown.
#[derive(Default)]
pub struct Table {
    rows: Vec<Row>,
}

struct Row {
    scenario: Scenario,
    bare: Vec<Figures>,
    gate: Vec<Figures>,
}

impl Table {
    /// Adds a round of a scenario.
    pub fn add(&mut self, scenario: Scenario, bare: Figures, gate: Figures) {
        let found = self.rows.iter_mut().find(|row| row.scenario == scenario);
        if let Some(row) = found {
            row.bare.push(bare);
            row.gate.push(gate);
        } else {
            self.rows.push(Row {
                scenario,
                bare: vec![bare],
                gate: vec![gate],
            });
        }
    }
}

impl Table {
    /// The targets of the scenarios, where a verification of a signature takes so many microseconds.
    pub fn targets(&self, verification: f64) -> Targets {
        let mut targets = Targets::default();
        for row in &self.rows {
            let Some((limit, verifications)) = row.scenario.target() else {
                continue;
            };
            let bare = Figures::medians(&row.bare).0;
            let gate = Figures::medians(&row.gate).0;
            targets.add(Target {
                what: row.scenario.name(),
                limit,
                measured: gate[0] / (bare[0] + verifications * verification),
                unit: if verifications > 0.0 {
                    "× (bare + a verification)"
                } else {
                    "× bare"
                },
            });
            if row.scenario == Scenario::InTurn {
                targets.add(Target {
                    what: "memory after 20,000 tokens",
                    limit: 64.0,
                    measured: gate[4],
                    unit: "MiB",
                });
            }
        }
        targets
    }
}

impl fmt::Display for Table {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "| scenario | server | {} |", COLUMNS.join(" | "))?;
        writeln!(out, "|---|---|{}", "---:|".repeat(COLUMNS.len()))?;
        for row in &self.rows {
            let bare = Figures::medians(&row.bare).0;
            let gate = Figures::medians(&row.gate).0;
            write!(out, "| {} | bare |", row.scenario.name())?;
            for value in bare {
                write!(out, " {} |", short(value))?;
            }
            write!(out, "\n| | bearergate |")?;
            for (value, bare) in gate.into_iter().zip(bare) {
                write!(out, " {} (× {:.2}) |", short(value), value / bare)?;
            }
            writeln!(out)?;
        }
        Ok(())
    }
}

/// A decimal for what is small, whole for what is not.
fn short(value: f64) -> String {
    let decimals = usize::from(value < 100.0);
    format!("{value:.decimals$}")
}
