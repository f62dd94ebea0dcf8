//! The live events: they arrive, are filtered, resume, and end with the session and with the process.

use std::time::{Duration, Instant};

use bearergate_testkit::program::PATIENCE;
use reqwest::{Method, Response};
use serde_json::Value;

use super::{ALICE, be_refused, strict_site};
use crate::console::administrators;
use crate::console::browser::Browser;

/// A stream of server-sent events, read as far as a test needs.
struct Stream {
    response: Response,
    read: String,
}

/// An event: its id and its data.
type Sent = (String, Value);

impl Stream {
    async fn open(browser: &Browser, path: &str, last: Option<&str>) -> Self {
        let mut request = browser.request(Method::GET, path);
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = request.send().await.expect("an answer");
        let mut stream = Self {
            response,
            read: String::new(),
        };
        assert_eq!(stream.response.status(), 200);
        let first = stream.block().await.expect("a first block");
        assert!(first.contains("retry: 2000"), "{first}");
        stream
    }

    /// The next block of lines; `None` at the end.
    async fn block(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.read.find("\n\n") {
                let rest = self.read.split_off(end + 2);
                return Some(std::mem::replace(&mut self.read, rest));
            }
            let chunk = tokio::time::timeout(PATIENCE, self.response.chunk()).await;
            let chunk = chunk
                .expect("something is sent in time")
                .expect("no failure")?;
            self.read
                .push_str(std::str::from_utf8(&chunk).expect("UTF-8"));
        }
    }

    /// The next event; `None` at the end.
    async fn event(&mut self) -> Option<Sent> {
        loop {
            let block = self.block().await?;
            let line = |name: &str| block.lines().find_map(|line| line.strip_prefix(name));
            let Some(data) = line("data: ") else {
                continue;
            };
            let id = line("id: ").expect("an id").to_owned();
            return Some((id, serde_json::from_str(data).expect("JSON")));
        }
    }
}

#[tokio::test]
async fn a_refusal_arrives_within_three_seconds() {
    let site = strict_site();
    let browser = site.signed_in().await;
    let mut stream = Stream::open(&browser, "/activity/live", None).await;
    let header = |name: &str| {
        stream.response.headers()[name]
            .to_str()
            .expect("a text")
            .to_owned()
    };
    assert_eq!(header("content-type"), "text/event-stream");
    assert_eq!(header("cache-control"), "no-store, no-transform");
    assert_eq!(header("x-accel-buffering"), "no");
    assert!(!stream.response.headers().contains_key("content-encoding"));

    let begin = Instant::now();
    be_refused(&site, &[ALICE, ("x-request-id", "one")]).await;
    let (_, event) = stream.event().await.expect("an event");
    assert!(
        begin.elapsed() < Duration::from_secs(3),
        "{:?}",
        begin.elapsed()
    );
    for (name, value) in [
        ("outcome", "Refused"),
        ("reason", "basic_disabled"),
        ("user", "alice"),
        ("credential", "Basic"),
        ("request_id", "one"),
        ("address", "127.0.0.1"),
        ("user_link", "/activity?range=hour&user=alice#events"),
    ] {
        assert_eq!(event[name], value, "{event}");
    }
    assert!(!event.to_string().contains("secret"));
}

#[tokio::test]
async fn filters_hold_for_live_events_too() {
    let site = strict_site();
    let browser = site.signed_in().await;
    let path = "/activity/live?reason=missing_credential";
    let mut stream = Stream::open(&browser, path, None).await;
    be_refused(&site, &[ALICE, ("x-request-id", "one")]).await;
    be_refused(&site, &[("x-request-id", "two")]).await;
    let (_, event) = stream.event().await.expect("an event");
    assert_eq!(event["request_id"], "two");
}

#[tokio::test]
async fn a_reader_goes_on_after_the_last_event() {
    let site = strict_site();
    let browser = site.signed_in().await;
    let mut stream = Stream::open(&browser, "/activity/live", None).await;
    be_refused(&site, &[("x-request-id", "one")]).await;
    let (id, _) = stream.event().await.expect("an event");
    be_refused(&site, &[("x-request-id", "two")]).await;
    stream.event().await.expect("an event");
    drop(stream);
    // By the browser's own header, and as a page asks that had been hidden.
    let after = format!("/activity/live?after={id}");
    for (path, last) in [("/activity/live", Some(&*id)), (&*after, None)] {
        let mut stream = Stream::open(&browser, path, last).await;
        let (_, event) = stream.event().await.expect("an event");
        assert_eq!(event["request_id"], "two", "{path}");
    }
    // An id of another process counts for nothing: the latest are told again.
    let mut stream = Stream::open(&browser, "/activity/live", Some("other.7")).await;
    let (_, event) = stream.event().await.expect("an event");
    assert_eq!(event["request_id"], "one");
}

#[tokio::test]
async fn the_stream_ends_with_the_session() {
    let site = strict_site();
    let browser = site.signed_in().await;
    let mut stream = Stream::open(&browser, "/activity/live", None).await;
    assert_eq!(browser.post("/logout", &[]).await.status, 303);
    be_refused(&site, &[ALICE]).await;
    assert_eq!(stream.event().await, None);
}

#[tokio::test]
async fn the_stream_ends_when_its_reader_is_disabled() {
    let site = strict_site();
    let browser = site.signed_in().await;
    administrators::add(&browser, "bob", "viewer").await;
    let bob = site.signed_in_as("bob").await;
    let mut stream = Stream::open(&bob, "/activity/live", None).await;
    let page = administrators::page_of(&browser, "bob").await;
    let form = browser.get(&page).await.form(&format!("{page}/disable"));
    assert_eq!(browser.submit(&form).await.status, 303);
    be_refused(&site, &[ALICE]).await;
    assert_eq!(stream.event().await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stream_ends_when_the_process_is_told_to_stop() {
    let mut site = strict_site();
    let browser = site.signed_in().await;
    let mut stream = Stream::open(&browser, "/activity/live", None).await;
    site.server.signal("TERM");
    assert_eq!(stream.event().await, None);
    let (code, took) = tokio::task::block_in_place(|| site.server.wait());
    assert_eq!(code, Some(0));
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[tokio::test]
async fn no_more_than_fifty_follow_at_once() {
    let site = strict_site();
    let browser = site.signed_in().await;
    let mut streams = Vec::new();
    for _ in 0..50 {
        streams.push(Stream::open(&browser, "/activity/live", None).await);
    }
    assert_eq!(browser.get("/activity/live").await.status, 429);
    // The place of one who has left is free again as soon as the server notices.
    streams.pop();
    let deadline = Instant::now() + PATIENCE;
    loop {
        let request = browser.request(Method::GET, "/activity/live");
        if request.send().await.expect("an answer").status() == 200 {
            break;
        }
        assert!(Instant::now() < deadline, "no place is free");
    }
}
