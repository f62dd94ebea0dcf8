//! "Activity": what the gate decided. A plot over time, who calls, and the latest events, live.

mod asked;
mod callers;
mod event_row;
mod export;
mod live;
mod page;
mod plot;
mod range;
#[cfg(test)]
mod samples;
mod series;
mod words;

use axum::Router;
use axum::extract::{Query, State};
use axum::routing::get;

pub use live::Readers;
pub use page::ActivityPage;

use self::asked::Asked;
use self::event_row::EventRow;
use self::page::{Content, Events};
use self::range::Span;
use self::series::Counts;
use super::Console;
use super::error::Error;
use super::page::Moment;
use super::session::Administrator;
use crate::store::{Caller, CallerFilter};

const PATH: &str = "/activity";
/// Events on one page.
const EVENTS: u32 = 50;
/// Callers that are read at most, those with the most calls first.
const CALLERS: u32 = 20_000;

pub fn routes() -> Router<Console> {
    Router::new()
        .route(PATH, get(show))
        .route("/activity/live", get(live::live))
        .route("/activity/events.csv", get(export::events_csv))
        .route("/activity/events.jsonl", get(export::events_json_lines))
        .route("/activity/callers.csv", get(export::callers_csv))
}

async fn show(
    administrator: Administrator,
    State(console): State<Console>,
    Query(asked): Query<Asked>,
) -> Result<ActivityPage, Error> {
    let range = asked.range;
    let span = range.span(Moment::now().0);
    let counted = console
        .store
        .activity_series(range.resolution(), span.from, span.to())
        .await?;
    let content = Content {
        counts: Counts::of(span, &counted),
        callers: read_callers(&console, &span).await?,
        events: read_events(&console, &asked).await?,
        drops: console.activity.totals().drops,
        retention_days: retention_days(&console),
    };
    Ok(ActivityPage::new(
        administrator.frame().await?,
        asked,
        content,
    ))
}

fn retention_days(console: &Console) -> u32 {
    let snapshot = console.gate.snapshot();
    snapshot.stored.settings.global.activity_retention_days
}

/// Who has called since the span began. They are counted by the hour.
async fn read_callers(console: &Console, span: &Span) -> Result<Vec<Caller>, Error> {
    let all = CallerFilter::default();
    let callers = console
        .store
        .activity_callers(&all, span.whole_hours(), span.to(), CALLERS);
    Ok(callers.await?)
}

async fn read_events(console: &Console, asked: &Asked) -> Result<Events, Error> {
    // One more than is shown: it says whether there are older ones.
    let filter = asked.filter();
    let page = console
        .store
        .activity_events(&filter, asked.before, EVENTS + 1);
    let mut page = page.await?;
    let has_older = page.len() > EVENTS as usize;
    page.truncate(EVENTS as usize);
    let older = page.last().filter(|_| has_older).map(|last| last.id);
    let rows = page.iter().map(|one| EventRow::of(&one.event, asked));
    Ok(Events {
        rows: rows.collect(),
        older,
    })
}
