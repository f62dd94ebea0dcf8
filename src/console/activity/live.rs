//! `/activity/live`: the events of this process as server-sent events, for as long as their reader may see them.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Query, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::Interval;
use uuid::Uuid;

use super::asked::Asked;
use super::event_row::EventRow;
use crate::activity::Numbered;
use crate::console::Console;
use crate::console::page::Moment;
use crate::console::session::Administrator;

/// So many may follow at once: each holds a connection.
const READERS: usize = 50;
/// A comment is sent so often: proxies close connections that are silent.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// When a browser tries again after the connection was lost.
const RETRY: Duration = Duration::from_secs(2);
/// A new reader is told of so many seconds: what the store has not been told yet is among them. The page leaves out
/// what it shows already.
const REPLAY: i64 = 30;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// Who follows the events of this process.
#[derive(Clone, Debug)]
pub struct Readers {
    places: Arc<Semaphore>,
    /// Tells this process's events from those of another one, which counts from 1 as well.
    process: Uuid,
}

impl Default for Readers {
    fn default() -> Self {
        Self {
            places: Arc::new(Semaphore::new(READERS)),
            process: Uuid::now_v7(),
        }
    }
}

impl Readers {
    fn id(&self, number: u64) -> String {
        format!("{}.{number}", self.process.simple())
    }

    /// The number in an id of this process.
    fn number(&self, id: &str) -> Option<u64> {
        let (process, number) = id.split_once('.')?;
        let is_ours = process.parse() == Ok(self.process);
        number.parse().ok().filter(|_| is_ours)
    }
}

pub async fn live(
    _: Administrator,
    State(console): State<Console>,
    Query(asked): Query<Asked>,
    request: Request,
) -> Response {
    let Ok(place) = Arc::clone(&console.readers.places).try_acquire_owned() else {
        return StatusCode::TOO_MANY_REQUESTS.into_response();
    };
    let (parts, _) = request.into_parts();
    let reader = Reader::new(console, asked, parts, place);
    let headers = [
        (header::CACHE_CONTROL, "no-store, no-transform"),
        (X_ACCEL_BUFFERING, "no"),
    ];
    let events = stream::unfold(reader, Reader::next);
    let mut response = Sse::new(events).into_response();
    for (name, value) in headers {
        let value = header::HeaderValue::from_static(value);
        response.headers_mut().insert(name, value);
    }
    response
}

/// Somebody who follows.
struct Reader {
    console: Console,
    asked: Asked,
    /// The request that began it: its session is looked at again and again.
    parts: Parts,
    newest: watch::Receiver<u64>,
    /// The last event that was looked at.
    seen: u64,
    waiting: VecDeque<Event>,
    heartbeat: Interval,
    _place: OwnedSemaphorePermit,
}

impl Reader {
    fn new(console: Console, asked: Asked, parts: Parts, place: OwnedSemaphorePermit) -> Self {
        let latest = console.activity.latest();
        let newest = latest.subscribe();
        let known = last_event_id(&parts.headers).or(asked.after.as_deref());
        let known = known.and_then(|id| console.readers.number(id));
        let missed = match known {
            Some(number) => latest.after(number),
            None => recent(latest.after(0)),
        };
        let seen = *newest.borrow();
        let mut reader = Self {
            seen,
            newest,
            waiting: VecDeque::from([Event::default().retry(RETRY).comment("live")]),
            heartbeat: tokio::time::interval(HEARTBEAT),
            console,
            asked,
            parts,
            _place: place,
        };
        reader.take_up(missed);
        reader
    }

    /// The next thing to send, and whoever waits for the one after it.
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        loop {
            if self.console.stop.is_cancelled() {
                return None;
            }
            if let Some(event) = self.waiting.pop_front() {
                return Some((Ok(event), self));
            }
            tokio::select! {
                () = self.console.stop.cancelled() => return None,
                changed = self.newest.changed() => {
                    changed.ok()?;
                    let news = self.console.activity.latest().after(self.seen);
                    self.take_up(news);
                }
                _ = self.heartbeat.tick() => {
                    self.waiting.push_back(Event::default().comment("still here"));
                }
            }
            // Before anything is sent: the session may have ended, or the administrator may be one no longer.
            if !self.waiting.is_empty() && !self.may_see().await {
                return None;
            }
        }
    }

    fn take_up(&mut self, news: Vec<Numbered>) {
        let filter = self.asked.filter();
        for Numbered { number, event } in news {
            self.seen = self.seen.max(number);
            if !filter.admits(&event) {
                continue;
            }
            let row = EventRow::of(&event, &self.asked);
            let sent = Event::default().id(self.console.readers.id(number));
            match sent.json_data(&row) {
                Ok(sent) => self.waiting.push_back(sent),
                Err(error) => tracing::error!(%error, "an event cannot be written as JSON"),
            }
        }
    }

    async fn may_see(&mut self) -> bool {
        match Administrator::is_still_signed_in(&self.console, &mut self.parts).await {
            Ok(is_signed_in) => is_signed_in,
            Err(error) => {
                tracing::warn!(%error, "cannot tell whether a live reader is still signed in");
                false
            }
        }
    }
}

fn last_event_id(headers: &HeaderMap) -> Option<&str> {
    headers.get(LAST_EVENT_ID)?.to_str().ok()
}

fn recent(events: Vec<Numbered>) -> Vec<Numbered> {
    let since = Moment::now().0 - REPLAY;
    let recent = events.into_iter().filter(|one| one.event.at >= since);
    recent.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_counts_in_its_own_process_alone() {
        let (one, other) = (Readers::default(), Readers::default());
        assert_eq!(one.number(&one.id(7)), Some(7));
        assert_eq!(other.number(&one.id(7)), None);
        for broken in ["", "7", ".7", "x.7"] {
            assert_eq!(one.number(broken), None, "{broken}");
        }
    }
}
