//! The page: what its template gets.

use askama::Template;
use askama_web::WebTemplate;

use super::asked::Asked;
use super::callers::Callers;
use super::event_row::EventRow;
use super::plot::Plot;
use super::range::Range;
use super::series::{Counts, Kind, ReasonCount, Series};
use super::words;
use crate::activity::Drops;
use crate::console::field::{Choice, Control, Field};
use crate::console::page::{Frame, Moment, Tab};
use crate::console::username_map::grouped;
use crate::decision::Reason;
use crate::store::Caller;

/// What is shown.
#[derive(Debug)]
pub struct Content {
    pub counts: Counts,
    pub callers: Vec<Caller>,
    pub events: Events,
    pub drops: Drops,
    pub retention_days: u32,
}

/// Single events, newest first.
#[derive(Debug, Default)]
pub struct Events {
    pub rows: Vec<EventRow>,
    /// Before which one the older ones begin, where there are any.
    pub older: Option<i64>,
}

/// What the gate decided.
#[derive(Debug, Template, WebTemplate)]
#[template(path = "pages/activity/index.html")]
pub struct ActivityPage {
    frame: Frame,
    asked: Asked,
    /// Whether nothing has ever been decided.
    is_empty: bool,
    counts: Counts,
    plot: Plot,
    /// What is shown, in one sentence: for those who can't see the plot.
    summary: String,
    legend: Vec<LegendRow>,
    callers: Callers,
    callers_since: Moment,
    filter_fields: Vec<Field>,
    events: Events,
    /// An empty row, which live events are filled into.
    pattern: EventRow,
    losses: Vec<String>,
    retention_days: u32,
}

/// What a pattern of the plot stands for.
#[derive(Debug)]
struct LegendRow {
    pattern: &'static str,
    label: String,
    /// The sentence behind the label.
    says: &'static str,
    calls: String,
    /// Where the single events are.
    link: String,
    /// The reasons that are drawn as one.
    parts: Vec<LegendPart>,
}

/// One of several reasons that are drawn as one.
#[derive(Debug)]
struct LegendPart {
    reason: String,
    calls: String,
    link: String,
}

impl ActivityPage {
    pub fn new(frame: Frame, asked: Asked, content: Content) -> Self {
        let Content {
            counts,
            callers,
            events,
            drops,
            retention_days,
        } = content;
        let is_empty = counts.series.is_empty()
            && callers.is_empty()
            && events.rows.is_empty()
            && !asked.is_filtered();
        let title = if is_empty {
            "The gate has decided nothing yet".to_owned()
        } else {
            title(&counts, asked.range)
        };
        Self {
            is_empty,
            plot: Plot::of(asked.range, &counts),
            summary: format!("{}: {title}", asked.range.unit()),
            legend: legend(&counts, &asked),
            callers: Callers::of(&callers, &asked),
            callers_since: Moment(counts.span.whole_hours()),
            filter_fields: filter_fields(&asked),
            losses: losses(drops),
            frame: Frame {
                title,
                tab: Some(Tab::Activity),
                ..frame
            },
            pattern: EventRow::default(),
            asked,
            counts,
            events,
            retention_days,
        }
    }

    /// The ranges, each with its link and whether it is shown.
    fn ranges(&self) -> impl Iterator<Item = (Range, String, bool)> {
        Range::ALL.into_iter().map(|range| {
            let asked = Asked {
                range,
                ..self.asked.newest()
            };
            (range, asked.link(), range == self.asked.range)
        })
    }

    /// Where the events are that come before those on the page.
    fn older(&self) -> Option<String> {
        let before = Some(self.events.older?);
        let asked = Asked {
            before,
            ..self.asked.newest()
        };
        Some(format!("{}#events", asked.link()))
    }

    /// The parts of the time that have calls, newest first, for the table behind the plot.
    fn parts(&self) -> impl Iterator<Item = PartRow> {
        let parts = (0..self.counts.span.parts).rev();
        parts
            .filter(|part| self.counts.height(*part) > 0)
            .map(|part| PartRow::of(&self.counts, part))
    }
}

/// A part of the time in numbers.
#[derive(Debug)]
struct PartRow {
    begin: Moment,
    allowed: String,
    observed: String,
    refused: String,
    /// The reasons and how often each was given.
    reasons: String,
}

impl PartRow {
    fn of(counts: &Counts, part: usize) -> Self {
        let (mut allowed, mut observed, mut refused) = (0, 0, 0);
        let mut reasons = Vec::new();
        for series in &counts.series {
            let calls = series.calls[part];
            match &series.kind {
                Kind::Allowed => allowed += calls,
                Kind::Observed => observed += calls,
                Kind::Refused(_) | Kind::RefusedOtherwise if calls == 0 => {}
                Kind::Refused(reason) => {
                    refused += calls;
                    reasons.push(format!("{reason} {}", grouped(calls)));
                }
                Kind::RefusedOtherwise => {
                    refused += calls;
                    reasons.push(format!("other reasons {}", grouped(calls)));
                }
            }
        }
        Self {
            begin: Moment(counts.span.begin(part)),
            allowed: grouped(allowed),
            observed: grouped(observed),
            refused: grouped(refused),
            reasons: reasons.join(", "),
        }
    }
}

/// What the administrator came for.
fn title(counts: &Counts, range: Range) -> String {
    let (allowed, observed, refused) = (counts.allowed(), counts.observed(), counts.refused());
    let words = range.words();
    if allowed + observed + refused == 0 {
        return format!("No calls {words}");
    }
    let calls = if allowed == 1 { "call" } else { "calls" };
    let mut said = vec![format!("{} {calls} allowed", grouped(allowed))];
    if observed > 0 {
        said.push(format!("{} would be refused", grouped(observed)));
    }
    if refused > 0 || observed == 0 {
        said.push(format!("{} refused", grouped(refused)));
    }
    format!("{} {words}", said.join(", "))
}

fn legend(counts: &Counts, asked: &Asked) -> Vec<LegendRow> {
    let row = |series: &Series| {
        let (label, says) = match &series.kind {
            Kind::Allowed => ("Allowed", ""),
            Kind::Observed => ("Would be refused", "They passed: the gate only observes."),
            Kind::Refused(reason) => (reason.as_str(), words::reason(reason)),
            Kind::RefusedOtherwise => ("Refused for other reasons", ""),
        };
        LegendRow {
            pattern: series.pattern,
            label: label.to_owned(),
            says,
            calls: grouped(series.total()),
            link: match &series.kind {
                Kind::Refused(reason) => events_of(reason, asked),
                _ => String::new(),
            },
            parts: parts(&series.kind, counts, asked),
        }
    };
    // As the bars are stacked, the topmost first.
    counts.series.iter().rev().map(row).collect()
}

fn parts(kind: &Kind, counts: &Counts, asked: &Asked) -> Vec<LegendPart> {
    let has_own = |reason: &str| {
        let mut kinds = counts.series.iter().map(|series| &series.kind);
        kinds.any(|kind| matches!(kind, Kind::Refused(drawn) if drawn == reason))
    };
    let calls = |one: &ReasonCount| match kind {
        Kind::Observed => one.observed,
        Kind::RefusedOtherwise if !has_own(&one.reason) => one.refused,
        _ => 0,
    };
    let reasons = counts.reasons.iter().map(|one| (one, calls(one)));
    let reasons = reasons.filter(|(_, calls)| *calls > 0);
    reasons
        .map(|(one, calls)| LegendPart {
            reason: one.reason.clone(),
            calls: grouped(calls),
            link: events_of(&one.reason, asked),
        })
        .collect()
}

fn events_of(reason: &str, asked: &Asked) -> String {
    let asked = Asked {
        reason: reason.to_owned(),
        ..asked.unfiltered()
    };
    format!("{}#events", asked.link())
}

fn filter_fields(asked: &Asked) -> Vec<Field> {
    let text = |name, label, value: &str| Field::text(name, label, value, "off");
    let choice = |value: &str, label: &str| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        is_selected: value == asked.reason.trim(),
    };
    let codes = Reason::ALL.iter().map(|reason| reason.code());
    let known: Vec<_> = codes.collect();
    let mut choices = vec![choice("", "Any")];
    if !known.contains(&asked.reason.trim()) && !asked.reason.trim().is_empty() {
        choices.push(choice(asked.reason.trim(), asked.reason.trim()));
    }
    choices.extend(known.into_iter().map(|code| choice(code, code)));
    vec![
        text("user", "User", &asked.user),
        text("client", "Application (client ID)", &asked.client),
        text("address", "Address", &asked.address),
        Field::new("reason", "Reason", Control::Select { choices }),
        text("request_id", "Request ID", &asked.request_id),
    ]
}

/// What there was no room for, each as a sentence.
fn losses(drops: Drops) -> Vec<String> {
    let told = [
        (
            drops.events,
            "events were not kept one by one; their calls are counted",
        ),
        (drops.coarse, "calls are counted without their caller"),
        (drops.unsaved + drops.missed, "calls are not counted here"),
    ];
    let told = told.into_iter().filter(|(count, _)| *count > 0);
    told.map(|(count, what)| format!("{} {what}", grouped(count)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activity::Outcome;
    use crate::store::Counted;

    fn titled(allowed: u64, observed: u64, refused: u64) -> String {
        let span = Range::Hour.span(1_790_000_000);
        let counted = [
            (Outcome::Allowed, allowed),
            (Outcome::Observed, observed),
            (Outcome::Refused, refused),
        ]
        .map(|(outcome, calls)| Counted {
            at: span.from,
            outcome,
            reason: "expired".to_owned(),
            method: String::new(),
            credential: String::new(),
            calls,
        });
        title(&Counts::of(span, &counted), Range::Hour)
    }

    #[test]
    fn the_title_is_the_answer() {
        assert_eq!(
            titled(1_204, 0, 31),
            "1,204 calls allowed, 31 refused in the last hour"
        );
        assert_eq!(
            titled(1, 0, 0),
            "1 call allowed, 0 refused in the last hour"
        );
        assert_eq!(
            titled(5, 1_000, 0),
            "5 calls allowed, 1,000 would be refused in the last hour"
        );
        assert_eq!(
            titled(5, 3, 2),
            "5 calls allowed, 3 would be refused, 2 refused in the last hour"
        );
        assert_eq!(titled(0, 0, 0), "No calls in the last hour");
    }

    #[test]
    fn losses_are_told_where_there_are_any() {
        assert!(losses(Drops::default()).is_empty());
        let drops = Drops {
            events: 1_000,
            unsaved: 2,
            missed: 3,
            ..Drops::default()
        };
        let told = losses(drops);
        assert_eq!(told.len(), 2);
        assert!(told[0].starts_with("1,000 events"));
        assert!(told[1].starts_with("5 calls"));
    }
}
