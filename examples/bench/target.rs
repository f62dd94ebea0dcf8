//! The targets, each with what was measured against it.

use std::fmt;

/// One figure that must not be above its limit.
pub struct Target {
    pub what: &'static str,
    pub limit: f64,
    pub measured: f64,
    /// What the figure is: a ratio, or a unit.
    pub unit: &'static str,
}

/// All targets. Displayed as Markdown.
#[derive(Default)]
pub struct Targets(Vec<Target>);

impl Targets {
    pub fn add(&mut self, target: Target) {
        self.0.push(target);
    }
}

impl fmt::Display for Targets {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "| what | target, at most | measured | verdict |")?;
        writeln!(out, "|---|---:|---:|---|")?;
        for target in &self.0 {
            let Target {
                what,
                limit,
                measured,
                unit,
            } = target;
            let verdict = if measured <= limit {
                "met"
            } else {
                "**missed**"
            };
            writeln!(
                out,
                "| {what} | {limit} {unit} | {measured:.2} {unit} | {verdict} |"
            )?;
        }
        Ok(())
    }
}
