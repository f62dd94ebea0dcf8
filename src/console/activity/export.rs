//! Events as CSV and as JSON lines, read from the store a page at a time; callers as CSV.

use axum::body::{Body, Bytes};
use axum::extract::{Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use csv::{QuoteStyle, Terminator, WriterBuilder};
use futures_util::stream;
use serde_json::{Map, Value};

use super::asked::Asked;
use super::read_callers;
use crate::activity::Event;
use crate::console::Console;
use crate::console::error::Error;
use crate::console::page::Moment;
use crate::console::session::Administrator;
use crate::store::{Caller, EventFilter, Store};

/// Events that are read at once.
const PAGE: u32 = 1_000;

const EVENT_COLUMNS: [&str; 13] = [
    "time",
    "outcome",
    "reason",
    "method",
    "credential",
    "provider",
    "user",
    "client_id",
    "address",
    "http_method",
    "path",
    "user_agent",
    "request_id",
];

const CALLER_COLUMNS: [&str; 10] = [
    "credential",
    "provider",
    "user",
    "client_id",
    "are_others",
    "allowed",
    "would_be_refused",
    "refused",
    "networks",
    "last_time",
];

pub async fn events_csv(
    _: Administrator,
    State(console): State<Console>,
    Query(asked): Query<Asked>,
) -> Response {
    let head = csv([EVENT_COLUMNS.map(str::to_owned)]);
    let page = |events: &[Event]| csv(events.iter().map(event_fields));
    let body = pages(console.store, asked.filter(), head, page);
    file("text/csv; charset=utf-8", "bearergate-events.csv", body)
}

pub async fn events_json_lines(
    _: Administrator,
    State(console): State<Console>,
    Query(asked): Query<Asked>,
) -> Response {
    let body = pages(console.store, asked.filter(), Vec::new(), json_lines);
    file(
        "application/jsonl; charset=utf-8",
        "bearergate-events.jsonl",
        body,
    )
}

pub async fn callers_csv(
    _: Administrator,
    State(console): State<Console>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let span = asked.range.span(Moment::now().0);
    let mut callers = read_callers(&console, &span).await?;
    callers.retain(|caller| asked.credential.is_empty() || caller.credential == asked.credential);
    let rows = callers.iter().map(caller_fields);
    let head = CALLER_COLUMNS.map(str::to_owned);
    let body = csv(std::iter::once(head).chain(rows));
    Ok(file(
        "text/csv; charset=utf-8",
        "bearergate-callers.csv",
        Body::from(body),
    ))
}

fn file(kind: &'static str, name: &str, body: Body) -> Response {
    let headers = [
        (CONTENT_TYPE, kind.to_owned()),
        (
            CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
    ];
    (headers, body).into_response()
}

/// What is still to be read.
enum Rest {
    /// The events before this one; without it all.
    Before(Option<i64>),
    /// Nothing.
    End,
}

/// A body that is written while the store is read, newest events first.
fn pages(
    store: Store,
    filter: EventFilter,
    head: Vec<u8>,
    write: impl Fn(&[Event]) -> Vec<u8> + Clone + Send + 'static,
) -> Body {
    let begin = (Some(head), Rest::Before(None));
    let chunks = stream::try_unfold(begin, move |(head, rest)| {
        let (store, filter, write) = (store.clone(), filter.clone(), write.clone());
        async move {
            if let Some(head) = head {
                return Ok(Some((Bytes::from(head), (None, rest))));
            }
            let Rest::Before(before) = rest else {
                return Ok(None);
            };
            let page = store.activity_events(&filter, before, PAGE).await?;
            let rest = match page.last() {
                Some(last) if page.len() == PAGE as usize => Rest::Before(Some(last.id)),
                _ => Rest::End,
            };
            let events: Vec<_> = page.into_iter().map(|one| one.event).collect();
            Ok::<_, crate::store::StoreError>(Some((Bytes::from(write(&events)), (None, rest))))
        }
    });
    Body::from_stream(chunks)
}

fn event_fields(event: &Event) -> [String; 13] {
    [
        Moment(event.at).machine(),
        event.outcome.as_str().to_owned(),
        event.reason.to_string(),
        event.method.to_string(),
        event.credential.to_string(),
        event.provider.clone(),
        event.user.clone(),
        event.client_id.clone(),
        event.address.clone(),
        event.http_method.clone(),
        event.path.clone(),
        event.user_agent.clone(),
        event.request_id.clone(),
    ]
}

fn caller_fields(caller: &Caller) -> [String; 10] {
    [
        caller.credential.clone(),
        caller.provider.clone(),
        caller.user.clone(),
        caller.client_id.clone(),
        caller.is_coarse.to_string(),
        caller.allowed.to_string(),
        caller.observed.to_string(),
        caller.refused.to_string(),
        caller.networks.to_string(),
        Moment(caller.last_at).machine(),
    ]
}

fn json_lines(events: &[Event]) -> Vec<u8> {
    let mut lines = Vec::new();
    for event in events {
        let names = EVENT_COLUMNS.map(str::to_owned).into_iter();
        let members = names.zip(event_fields(event).map(Value::String));
        let line = Value::Object(members.collect::<Map<_, _>>());
        lines.extend_from_slice(line.to_string().as_bytes());
        lines.push(b'\n');
    }
    lines
}

/// Each field quoted: a spreadsheet that splits at semicolons then finds none.
fn csv<const N: usize>(rows: impl IntoIterator<Item = [String; N]>) -> Vec<u8> {
    let mut writer = WriterBuilder::new()
        .quote_style(QuoteStyle::Always)
        .terminator(Terminator::CRLF)
        .from_writer(Vec::new());
    for row in rows {
        let row = row.map(defused);
        writer
            .write_record(row)
            .expect("memory takes every record of so many fields");
    }
    writer.into_inner().expect("memory takes every byte")
}

/// With an apostrophe where a spreadsheet would see a formula: users, paths and user agents are a stranger's words.
fn defused(field: String) -> String {
    const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    if field.starts_with(FORMULA) {
        format!("'{field}")
    } else {
        field
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::activity::{Batch, Outcome};
    use crate::console::activity::samples;
    use crate::store::{MissingStore, StoreConfig};

    #[test]
    fn no_cell_is_a_formula() {
        for formula in [
            "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠1",
        ] {
            assert_eq!(defused(formula.to_owned()), format!("'{formula}"));
        }
        for plain in ["", "alice", "a=1", "'=1", "/rest/api", "192.0.2.1"] {
            assert_eq!(defused(plain.to_owned()), plain);
        }
    }

    #[tokio::test]
    async fn every_page_of_the_store_is_exported_once() {
        let directory = tempfile::TempDir::new().expect("a temporary directory");
        let config = StoreConfig {
            data_dir: directory.path().to_owned(),
            database: directory.path().join("bearergate.db"),
            key_file: None,
            missing: MissingStore::Create,
        };
        let store = Store::open(&config).await.expect("a store");
        let count = 2 * PAGE + 1;
        let event = |number: u32| Event {
            request_id: number.to_string(),
            ..Event::clone(&samples::event(Outcome::Refused))
        };
        let batch = Batch {
            events: (0..count).map(event).map(Arc::new).collect(),
            ..Batch::default()
        };
        store.add_activity(&batch).await.expect("it is saved");
        let body = pages(store, EventFilter::default(), Vec::new(), json_lines);
        let body = axum::body::to_bytes(body, usize::MAX)
            .await
            .expect("a body");
        let ids = body
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty());
        let ids: Vec<String> = ids
            .map(|line| {
                serde_json::from_slice::<Value>(line).expect("JSON")["request_id"].to_string()
            })
            .collect();
        let expected: Vec<_> = (0..count)
            .rev()
            .map(|number| format!("\"{number}\""))
            .collect();
        assert_eq!(ids, expected);
    }

    #[test]
    fn what_would_end_a_cell_stays_inside() {
        let rows = [["=\"a\"".to_owned(), "b,c;d\r\n".to_owned()]];
        assert_eq!(csv(rows), b"\"'=\"\"a\"\"\",\"b,c;d\r\n\"\r\n");
    }
}
