//! What the page shows of decisions that the store knows.

use std::collections::HashSet;

use super::{ALICE, ask, be_refused, pass, strict_site};
use crate::console::Site;
use crate::console::browser::Page;

fn requests(page: &Page) -> Vec<String> {
    page.texts("tbody [data-field=request_id]")
}

#[tokio::test]
async fn before_the_first_decision_the_page_leads_to_connect() {
    let site = Site::start();
    let browser = site.signed_in().await;
    let page = browser.get("/activity").await;
    assert_eq!(page.title(), "The gate has decided nothing yet");
    let links = page.links("main .steps a");
    assert_eq!(links, ["/connect", "/activity?range=hour"]);
    assert!(
        page.links(".tabs a[aria-current]")
            .contains(&"/activity".to_owned())
    );
}

#[tokio::test]
async fn without_a_session_nothing_is_shown() {
    let site = Site::start();
    for path in [
        "/activity",
        "/activity/live",
        "/activity/events.csv",
        "/activity/events.jsonl",
        "/activity/callers.csv",
    ] {
        let answer = site.browser().get(path).await;
        assert_eq!(answer.status, 303, "{path}");
        assert!(answer.location().starts_with("/login?next="), "{path}");
    }
}

#[tokio::test]
async fn the_page_says_how_many_were_refused_why_and_who() {
    let mut site = strict_site();
    pass(&site).await;
    be_refused(&site, &[ALICE]).await;
    be_refused(&site, &[ALICE]).await;
    be_refused(&site, &[]).await;
    site.restart();
    let browser = site.signed_in().await;
    for (range, words) in [
        ("hour", "in the last hour"),
        ("day", "in the last day"),
        ("month", "in the last 30 days"),
    ] {
        let page = browser.get(&format!("/activity?range={range}")).await;
        assert_eq!(page.title(), format!("1 call allowed, 3 refused {words}"));
        let bars = page.texts("svg.bars title");
        let ends = |end: &str| bars.iter().filter(|bar| bar.ends_with(end)).count();
        assert!(ends(": basic_disabled") > 0, "{bars:?}");
        assert!(ends(" 1 refused: missing_credential") > 0, "{bars:?}");
        assert!(ends(" 1 allowed") > 0, "{bars:?}");
        let legend = page.texts(".legend li").join(" | ");
        assert!(
            legend.contains("| basic_disabled User name and password"),
            "{legend}"
        );
        let numbers = page.texts("details table tbody tr").join(" | ");
        assert!(numbers.contains("basic_disabled"), "{numbers}");
        assert!(numbers.contains("missing_credential 1"), "{numbers}");
    }
    let page = browser.get("/activity").await;
    let kinds = page.texts("nav[aria-label='Kind of credential'] a");
    assert_eq!(
        kinds,
        [
            "All: 3 callers",
            "No credential: 1 caller",
            "Basic: 1 caller",
            "Browser session: 1 caller"
        ]
    );
    let page = browser.get("/activity?credential=basic").await;
    let callers = page.texts("section[aria-labelledby=callers] tbody tr");
    assert_eq!(callers.len(), 1, "{callers:?}");
    assert!(
        callers[0].starts_with("alice from 1 network Basic 0 0 2"),
        "{callers:?}"
    );
    let links = page.links("section[aria-labelledby=callers] tbody a");
    assert_eq!(
        links,
        ["/activity?range=hour&credential=basic&user=alice#events"]
    );
}

#[tokio::test]
async fn events_are_filtered_by_what_is_asked_for() {
    let mut site = strict_site();
    let from = |address| ("x-forwarded-for", address);
    let id = |id| ("x-request-id", id);
    be_refused(&site, &[ALICE, from("192.0.2.7"), id("one")]).await;
    be_refused(&site, &[from("192.0.2.7"), id("two")]).await;
    be_refused(&site, &[from("192.0.2.8"), id("three")]).await;
    site.restart();
    let browser = site.signed_in().await;
    for (query, expected) in [
        ("", &["three", "two", "one"][..]),
        ("?user=alice", &["one"]),
        ("?user=alice&address=192.0.2.8", &[]),
        ("?address=192.0.2.7", &["two", "one"]),
        ("?reason=missing_credential", &["three", "two"]),
        ("?request_id=+two+", &["two"]),
        ("?client=unknown", &[]),
        ("?user=%22%3E%3Cscript%3E", &[]),
    ] {
        let page = browser.get(&format!("/activity{query}")).await;
        assert_eq!(requests(&page), expected, "{query}");
        let says_so = !page.texts("[data-no-events]:not([hidden])").is_empty();
        assert_eq!(says_so, expected.is_empty(), "{query}");
    }
    let mut form = browser
        .get("/activity?range=day")
        .await
        .get_form("/activity#events");
    form.fill("User", "alice").fill("Reason", "basic_disabled");
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(&form.pairs)
        .finish();
    let page = browser.get(&format!("/activity?{query}")).await;
    assert_eq!(requests(&page), ["one"]);
    assert_eq!(page.form_value("User"), "alice");
    assert!(page.title().ends_with("in the last day"));
    assert_eq!(browser.get("/activity?range=century").await.status, 400);
}

#[tokio::test]
async fn older_events_are_on_the_next_page() {
    let mut site = strict_site();
    // More of one reason in one second might not be kept one by one.
    for number in 0..30 {
        be_refused(&site, &[("x-request-id", &format!("bare-{number}"))]).await;
        be_refused(
            &site,
            &[ALICE, ("x-request-id", &format!("basic-{number}"))],
        )
        .await;
    }
    site.restart();
    let browser = site.signed_in().await;
    let newest = browser.get("/activity").await;
    let shown = requests(&newest);
    assert_eq!(shown.len(), 50);
    let older = newest.links("a[rel=next]").remove(0);
    let older = browser.get(&older).await;
    let all: HashSet<_> = shown.into_iter().chain(requests(&older)).collect();
    assert_eq!((requests(&older).len(), all.len()), (10, 60));
    assert!(older.links("a[rel=next]").is_empty());
    assert!(
        older.texts("[data-live]").is_empty(),
        "only the newest are live"
    );
}

#[tokio::test]
async fn what_would_be_refused_is_told_apart() {
    let mut site = strict_site();
    let mut document = site.place.export();
    document["global"]["mode"] = "observe".into();
    site.place.import(&document);
    site.restart();
    assert_eq!(ask(&site, &[ALICE]).await, 200);
    site.restart();
    let page = site.signed_in().await.get("/activity").await;
    assert_eq!(
        page.title(),
        "0 calls allowed, 1 would be refused in the last hour"
    );
    let legend = page.texts(".legend li");
    assert_eq!(legend.len(), 1);
    assert!(legend[0].contains("basic_disabled 1"), "{legend:?}");
    assert_eq!(page.texts("tbody .pill"), ["Would be refused"]);
}
