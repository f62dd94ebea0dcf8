//! What a scrape says of decisions, of settings and of the process.

use std::collections::BTreeMap;

use bearergate_testkit::Provider;
use bearergate_testkit::program::Server;
use serde_json::json;

use super::text::Scrape;
use crate::support::http::get;
use crate::support::new_place;
use crate::validation::scene::{Scene, document};

const BASIC: (&str, &str) = ("authorization", "Basic YWxpY2U6c2VjcmV0");

#[tokio::test]
async fn decisions_are_counted_by_outcome_reason_method_and_provider() {
    let scene = Scene::with(&json!({
        "basic_authentication_disabled": true, "basic_observed": true,
    }))
    .await;
    let good = scene.provider.good_token();
    for _ in 0..3 {
        scene.token(&good).await.passes("oauth");
    }
    let expired = scene.provider.sign(scene.provider.token().with("exp", 1));
    scene.token(&expired).await.refused(401, "expired");
    scene.validate(&[BASIC]).await.passes("observed");
    scene.target("/display/x", &[]).await.passes("public");

    let scrape = Scrape::of(&scene).await;
    for (count, outcome, reason, method, provider) in [
        (3, "allowed", "", "oauth", "azure-b2c"),
        (1, "allowed", "", "public", ""),
        (1, "refused", "expired", "", "azure-b2c"),
        (1, "observed", "basic_disabled", "observed", ""),
    ] {
        let labels = [
            ("outcome", outcome),
            ("reason", reason),
            ("method", method),
            ("provider", provider),
        ];
        assert_eq!(scrape.count("bearergate_decisions_total", &labels), count);
    }
    let bucket = |bound| {
        scrape.count(
            "bearergate_decision_duration_seconds_bucket",
            &[("le", bound)],
        )
    };
    assert_eq!(
        scrape.count("bearergate_decision_duration_seconds_count", &[]),
        6
    );
    assert_eq!((bucket("10"), bucket("+Inf")), (6, 6));
    assert!(bucket("2.5e-05") <= bucket("0.001"));
    assert!(scrape.number("bearergate_decision_duration_seconds_sum", &[]) > 0.0);
}

#[tokio::test]
async fn the_labels_of_a_provider_end_with_it() {
    let scene = Scene::strict().await;
    scene
        .token(&scene.provider.good_token())
        .await
        .passes("oauth");
    let of_provider = [("provider", "azure-b2c")];
    let scrape = Scrape::of(&scene).await;
    assert_eq!(scrape.count("bearergate_decisions_total", &of_provider), 1);
    scene.place.import(&document(&json!({}), &[]));
    let deadline = std::time::Instant::now() + bearergate_testkit::program::PATIENCE;
    loop {
        let scrape = Scrape::of(&scene).await;
        if scrape.count("bearergate_settings_revision", &[]) > 1 {
            let named = |sample: &super::text::Sample| sample.labels.contains_key("provider");
            let left: Vec<_> = scrape.0.iter().filter(|one| named(one)).collect();
            assert!(
                left.iter().all(|one| one.labels["provider"].is_empty()),
                "{left:?}"
            );
            break;
        }
        assert!(std::time::Instant::now() < deadline);
    }
}

#[tokio::test]
async fn settings_store_misconfigured_requests_and_the_process_are_told() {
    let scene = Scene::with(&json!({ "mode": "observe" })).await;
    // Without the original method and URI.
    scene.ask("GET", "/validate/auth-request", &[]).await;
    let scrape = Scrape::of(&scene).await;
    let what =
        |what: &str| scrape.count("bearergate_misconfigured_requests_total", &[("what", what)]);
    assert_eq!((what("missing"), what("repeated")), (1, 0));
    let observing = |what: &str| scrape.count("bearergate_observing", &[("what", what)]);
    assert_eq!((observing("everything"), observing("basic")), (1, 0));
    for (name, expected) in [
        ("bearergate_settings_revision", 1),
        ("bearergate_rest_api_authentication_enabled", 1),
        ("bearergate_basic_authentication_disabled", 0),
        ("bearergate_store_up", 1),
        ("bearergate_settings_up_to_date", 1),
        ("bearergate_activity_events_dropped_total", 0),
    ] {
        assert_eq!(scrape.count(name, &[]), expected, "{name}");
    }
    let version = [("version", env!("CARGO_PKG_VERSION"))];
    assert_eq!(scrape.count("bearergate_build_info", &version), 1);
    let began = scrape.number("process_start_time_seconds", &[]);
    let now = std::time::SystemTime::now();
    let now = now.duration_since(std::time::UNIX_EPOCH).unwrap();
    assert!((now.as_secs_f64() - began).abs() < 600.0, "{began}");
    assert!(scrape.number("process_resident_memory_bytes", &[]) > 1e6);
    assert!(scrape.number("process_open_fds", &[]) > 3.0);
    assert!(scrape.find("process_cpu_seconds_total", &[]).is_some());
}

#[tokio::test]
async fn each_metric_is_described_once_and_open_metrics_says_the_same() {
    let scene = Scene::strict().await;
    // Then the keys are there, and have an age.
    scene
        .token(&scene.provider.good_token())
        .await
        .passes("oauth");
    let plain = scene.ask("GET", "/metrics", &[]).await;
    plain.check_no_store("text/plain; version=0.0.4; charset=utf-8");
    let mut described = BTreeMap::<_, usize>::new();
    for line in plain
        .body
        .lines()
        .filter(|line| line.starts_with("# TYPE "))
    {
        *described
            .entry(line.split(' ').nth(2).unwrap())
            .or_default() += 1;
    }
    assert!(described.values().all(|&count| count == 1), "{described:?}");

    // As Prometheus asks.
    let accept =
        "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";
    let open = scene.ask("GET", "/metrics", &[("accept", accept)]).await;
    open.check_no_store("application/openmetrics-text; version=1.0.0; charset=utf-8");
    assert!(open.body.ends_with("# EOF\n"));
    // The two formats order and spell a histogram differently.
    let names = |body: &str| {
        let samples = Scrape::read(body).0.into_iter();
        let mut names: Vec<_> = samples.map(|one| (one.name, one.labels.len())).collect();
        names.sort();
        names
    };
    assert_eq!(names(&plain.body), names(&open.body));
}

impl crate::validation::scene::Answer {
    fn check_no_store(&self, content_type: &str) {
        assert_eq!(self.status, 200);
        assert_eq!(self.header("content-type"), content_type);
        assert_eq!(self.header("cache-control"), "no-store");
    }
}

#[tokio::test]
async fn nothing_of_a_request_gets_into_the_metrics() {
    let provider = Provider::start().await;
    let settings = document(&json!({}), &[provider.settings()]);
    let scene = Scene::on(provider, &settings, &[]);
    let headers = [
        ("authorization", "Basic bWFsbG9yeTpodW50ZXIy"),
        ("user-agent", "mallory/1"),
        ("x-forwarded-for", "203.0.113.66"),
        ("cookie", "JSESSIONID=mallory"),
        ("x-request-id", "mallory"),
    ];
    scene
        .target("/rest/mallory?os_password=hunter2", &headers)
        .await;
    scene
        .target("/rest/mallory", &[("authorization", "Bearer mallory")])
        .await;
    scene.ask("MALLORY", "/validate", &[]).await;
    let body = scene.ask("GET", "/metrics", &[]).await.body;
    for word in ["mallory", "MALLORY", "hunter2", "bWFs", "203.0.113.66"] {
        assert!(!body.contains(word), "{word}: {body}");
    }
}

#[test]
fn metrics_are_where_validation_is() {
    let place = new_place();
    let mut server = Server::start(&mut place.command([
        "--listen",
        "127.0.0.1:0",
        "--validation-listen",
        "127.0.0.1:0",
    ]));
    let line = server.wait_for("listening on http://");
    let validation = line.rsplit('/').next().unwrap();
    assert_eq!(get(&server.address, "/metrics").0, 404);
    let (status, answer) = get(validation, "/metrics");
    assert_eq!(status, 200);
    assert!(answer.contains("\nbearergate_build_info{"), "{answer}");
}
