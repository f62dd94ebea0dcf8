//! What can't be answered is said in one form.

use bearergate_testkit::http::send;
use serde_json::json;

use super::{
    CHECK, OPENAPI, PROVIDERS, SETTINGS, Site, good, pointers, problem, provider, settings,
};

#[tokio::test]
async fn an_unknown_path_is_404_and_another_method_405() {
    let site = Site::start();
    for path in [
        "/api",
        "/api/",
        "/api/v1",
        "/api/v1/",
        "/api/v1/settings/",
        "/api/v2/settings",
        "/api/v1/providers/a/b",
    ] {
        problem(&site.ask("GET", path).await, 404);
    }
    for (path, allowed) in [
        (SETTINGS, "GET,HEAD,PUT"),
        (PROVIDERS, "GET,HEAD"),
        ("/api/v1/providers/first", "GET,HEAD,PUT,DELETE"),
        (CHECK, "POST"),
        (OPENAPI, "GET,HEAD"),
    ] {
        for method in ["PATCH", "OPTIONS", "PROPFIND"] {
            let refused = site.ask(method, path).await;
            problem(&refused, 405);
            assert_eq!(refused.header("allow"), allowed, "{path}");
        }
    }
}

#[tokio::test]
async fn what_is_no_json_document_is_not_read() {
    let site = Site::start();
    let before = site.place.export();
    let put = |path: &str| site.request("PUT", path).bearer_auth(&site.admin);
    let json = "application/json";
    for path in [SETTINGS, "/api/v1/providers/first"] {
        for text in [
            "",
            "{",
            "{}x",
            r#"{"a":1,"a":2}"#,
            "NaN",
            "\u{feff}{}",
            "'x'",
        ] {
            let request = put(path).header("content-type", json).body(text);
            problem(&send(request).await, 400);
        }
        let request = put(path).header("content-type", json);
        problem(&send(request.body(vec![b'"', 0xff, b'"'])).await, 400);
        for wrong in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "json",
            "",
        ] {
            let request = put(path).header("content-type", wrong).body("{}");
            problem(&send(request).await, 415);
        }
        problem(&send(put(path).body("{}")).await, 415);
        for query in [
            "dry_run=yes",
            "dry_run",
            "dryrun=true",
            "dry_run=true&dry_run=true",
        ] {
            let request = put(&format!("{path}?{query}")).json(&settings());
            problem(&send(request).await, 400);
        }
    }
    let request = put(SETTINGS).header("content-type", "Application/JSON; charset=utf-8");
    good(&send(request.body(before.to_string())).await);
    assert_eq!(site.place.export(), before);
}

#[tokio::test]
async fn sixteen_megabytes_are_read_and_no_more() {
    let site = Site::start();
    let padded = |bytes: usize| {
        let document = settings().to_string();
        format!("{document}{}", " ".repeat(bytes - document.len()))
    };
    let put = async |text: String| {
        let request = site.request("PUT", SETTINGS).bearer_auth(&site.admin);
        let request = request.header("content-type", "application/json");
        send(request.body(text)).await
    };
    good(&put(padded(16 * 1024 * 1024)).await);
    problem(&put(padded(16 * 1024 * 1024 + 1)).await, 413);
}

#[tokio::test]
async fn a_question_is_one_megabyte_at_most() {
    let site = Site::start();
    let ask = async |bytes: usize| {
        let request = site.request("POST", CHECK).bearer_auth(&site.viewer);
        let request = request.header("content-type", "application/json");
        send(request.body(format!("{{}}{}", " ".repeat(bytes - 2)))).await
    };
    good(&ask(1024 * 1024).await);
    problem(&ask(1024 * 1024 + 1).await, 413);
}

#[tokio::test]
async fn every_fault_is_told_with_its_pointer_into_what_was_sent() {
    let site = Site::start();
    let before = site.place.export();
    let mut document = settings();
    document["unknown"] = json!(1);
    document["global"]["clock_skew_seconds"] = json!(-1);
    document["providers"][1]["issuers"] = json!([7]);
    let answer = site.send("PUT", SETTINGS, &document, &[]).await;
    let mut found = pointers(&answer);
    found.sort();
    let expected = [
        "/global/clock_skew_seconds",
        "/providers/1/issuers/0",
        "/unknown",
    ];
    assert_eq!(found, expected);

    let mut second = provider("second");
    second["issuers"] = json!([7]);
    second["a/b~c"] = json!(1);
    let answer = site
        .send("PUT", "/api/v1/providers/second", &second, &[])
        .await;
    let mut found = pointers(&answer);
    found.sort();
    assert_eq!(found, ["/a~1b~0c", "/issuers/0"]);
    let put = async |path: &str, document| pointers(&site.send("PUT", path, &document, &[]).await);
    assert_eq!(
        put("/api/v1/providers/other", provider("second")).await,
        ["/id"]
    );
    assert_eq!(put("/api/v1/providers/second", json!([])).await, [""]);
    assert_eq!(put("/api/v1/providers/New", provider("New")).await, ["/id"]);
    assert_eq!(put(SETTINGS, json!(null)).await, [""]);

    // Of what is wrong elsewhere, the whole provider is the cause.
    let mut twin = provider("second");
    twin["issuers"] = json!(["https://first.example.com"]);
    twin["enabled"] = json!(true);
    good(
        &site
            .send("PUT", "/api/v1/providers/second", &twin, &[])
            .await,
    );
    let mut first = provider("first");
    first["enabled"] = json!(true);
    let answer = site
        .send("PUT", "/api/v1/providers/first", &first, &[])
        .await;
    assert_eq!(pointers(&answer), [""]);
    assert!(answer.body.contains("/providers/1/audiences"), "{answer:?}");
    good(&site.send("PUT", SETTINGS, &before, &[]).await);
}

#[tokio::test]
async fn a_store_that_is_gone_is_503() {
    let site = Site::start();
    let aside = site.place.path("aside.db");
    std::fs::rename(site.place.database(), aside).unwrap();
    let answer = site.ask("GET", SETTINGS).await;
    problem(&answer, 503);
    assert_eq!(answer.header("retry-after"), "5");
    assert!(!answer.body.contains("bearergate.db"), "{answer:?}");
}
