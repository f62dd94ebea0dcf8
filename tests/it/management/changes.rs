//! Changes: the same rules and the same history as the console's, and nobody's work is lost.

use bearergate_testkit::http::{Answer, send};
use bearergate_testkit::program::PATIENCE;
use futures::future::join_all;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{PROVIDERS, SECRET, SETTINGS, Site, body, decent, good, problem, provider, settings};

const FIRST: &str = "/api/v1/providers/first";

#[tokio::test]
async fn a_document_is_saved_and_in_force_for_the_next_request() {
    let mut site = Site::start();
    let mut document = site.place.export();
    document["global"]["rest_api_authentication_enabled"] = json!(false);
    let answer = site.send("PUT", SETTINGS, &document, &[]).await;
    assert_eq!(good(&answer), document);
    let validated = send(site.request("GET", "/validate")).await;
    assert_eq!(validated.header("x-auth-method"), "disabled");
    assert_eq!(site.place.export(), document);
    assert_eq!(
        site.ask("GET", SETTINGS).await.header("etag"),
        answer.header("etag")
    );
    let line = site.until_log("new settings in force revision=2");
    assert!(line.contains("api:deploy"), "{line}");
    let id = answer.header("x-request-id");
    site.until_log(&format!(
        "request.id=\"{id}\" caller=\"deploy\" method=PUT route=\"/api/v1/settings\" status=200"
    ));

    // The same once more is no revision.
    let again = site.send("PUT", SETTINGS, &document, &[]).await;
    assert_eq!(good(&again), document);
    assert_eq!(again.header("etag"), answer.header("etag"));
}

#[tokio::test]
async fn a_provider_is_replaced_in_its_place_added_last_and_removed() {
    let site = Site::start();
    let ids = async || -> Vec<String> {
        let providers = good(&site.ask("GET", PROVIDERS).await);
        let providers = providers.as_array().expect("a list").iter();
        providers
            .map(|one| one["id"].as_str().unwrap().to_owned())
            .collect()
    };
    let mut changed = provider("first");
    changed["display_name"] = json!("Changed");
    let answer = site.send("PUT", FIRST, &changed, &[]).await;
    assert_eq!(good(&answer)["display_name"], "Changed");
    assert_eq!(ids().await, ["first", "second"]);
    let added = site
        .send("PUT", "/api/v1/providers/third", &provider("third"), &[])
        .await;
    decent(&added);
    assert_eq!(added.status, StatusCode::CREATED, "{added:?}");
    assert_eq!(body(&added), site.place.export()["providers"][2]);
    assert_eq!(
        added.header("etag"),
        site.ask("GET", SETTINGS).await.header("etag")
    );
    let removed = site.ask("DELETE", FIRST).await;
    decent(&removed);
    assert_eq!((removed.status.as_u16(), removed.body.as_str()), (204, ""));
    assert_eq!(ids().await, ["second", "third"]);
    problem(&site.ask("DELETE", FIRST).await, 404);
}

#[tokio::test]
async fn a_secret_is_kept_replaced_and_removed_as_by_an_import() {
    let mut site = Site::start();
    let changes = async |secret: &Value| -> Vec<(String, String)> {
        let mut document = provider("first");
        document["client_secret"] = secret.clone();
        let path = format!("{FIRST}?dry_run=true");
        let told = good(&site.send("PUT", &path, &document, &[]).await);
        let changes = told["changes"].as_array().expect("a list").iter();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        changes
            .map(|one| (text(&one["what"]), text(&one["new"])))
            .collect()
    };
    let secret = || "first: Client secret".to_owned();
    assert_eq!(changes(&Value::Null).await, []);
    assert_eq!(changes(&json!(SECRET)).await, []);
    assert_eq!(
        changes(&json!("another")).await,
        [(secret(), "changed".to_owned())]
    );
    assert_eq!(
        changes(&json!("")).await,
        [(secret(), "not set".to_owned())]
    );
    site.server.signal("TERM");
    site.server.wait();
    let log = site.server.whole_log();
    assert!(!log.contains(SECRET) && !log.contains(&site.admin), "{log}");
}

#[tokio::test]
async fn a_condition_that_does_not_hold_changes_nothing() {
    let site = Site::start();
    let before = site.place.export();
    let tag = site.ask("GET", SETTINGS).await.header("etag").to_owned();
    let mut wanted = provider("first");
    wanted["display_name"] = json!("Wanted");
    let weak = format!("W/{tag}");
    for condition in ["\"0-old\"", weak.as_str(), tag.trim_matches('"'), ""] {
        let headers = [("if-match", condition)];
        problem(&site.send("PUT", FIRST, &wanted, &headers).await, 412);
        problem(
            &site.send("PUT", SETTINGS, &settings(), &headers).await,
            412,
        );
        let path = format!("{SETTINGS}?dry_run=true");
        problem(&site.send("PUT", &path, &settings(), &headers).await, 412);
        let request = site.request("DELETE", FIRST).bearer_auth(&site.admin);
        problem(&send(request.header("if-match", condition)).await, 412);
        // Whether it would hold is asked before whether the document is valid, and after whether it is one.
        problem(&site.send("PUT", FIRST, &json!({}), &headers).await, 412);
        let request = site.request("PUT", FIRST).bearer_auth(&site.admin);
        let request = request.header("content-type", "application/json");
        problem(
            &send(request.header("if-match", condition).body("{")).await,
            400,
        );
    }
    // What is not there is not what anybody means.
    let third = provider("third");
    let anything = [("if-match", "*")];
    for headers in [anything, [("if-match", tag.as_str())]] {
        problem(
            &site
                .send("PUT", "/api/v1/providers/third", &third, &headers)
                .await,
            412,
        );
    }
    assert_eq!(site.place.export(), before);

    let list = format!("\"0-old\", {tag}");
    good(
        &site
            .send("PUT", FIRST, &wanted, &[("if-match", &list)])
            .await,
    );
    good(&site.send("PUT", FIRST, &provider("first"), &anything).await);
    good(&site.send("PUT", FIRST, &wanted, &[]).await);
    problem(
        &site
            .send("PUT", FIRST, &wanted, &[("if-match", &tag)])
            .await,
        412,
    );
}

#[tokio::test]
async fn of_several_who_save_at_once_exactly_one_wins() {
    let site = Site::start();
    let other = site.place.serve();
    for round in 0..5 {
        let tag = site.ask("GET", SETTINGS).await.header("etag").to_owned();
        let attempts = (0..8).map(|number| {
            let mut document = settings();
            document["global"]["clock_skew_seconds"] = json!(100 + round * 10 + number);
            let servers = [&site.server.address, &other.address];
            let url = format!("http://{}{SETTINGS}", servers[number % 2]);
            let request = site.client.put(url).bearer_auth(&site.admin);
            send(request.header("if-match", &tag).json(&document))
        });
        let answers: Vec<Answer> = join_all(attempts).await;
        let (won, lost): (Vec<_>, Vec<_>) = answers
            .iter()
            .partition(|answer| answer.status == StatusCode::OK);
        assert_eq!(won.len(), 1, "{answers:?}");
        for answer in lost {
            problem(answer, 412);
        }
        let stored = site.place.export();
        assert_eq!(good(won[0]), stored);
    }
}

#[tokio::test]
async fn the_history_names_the_key_and_the_client() {
    let mut site = Site::start();
    let request = site.request("PUT", FIRST).bearer_auth(&site.admin);
    let request = request.header("x-forwarded-for", "203.0.113.9");
    let mut document = provider("first");
    document["display_name"] = json!("Renamed");
    good(&send(request.json(&document)).await);
    site.until_log("new settings in force revision=2");
    site.server.signal("TERM");
    let (code, elapsed) = site.server.wait();
    assert_eq!(code, Some(0));
    assert!(elapsed < PATIENCE);
    let store = site.store().await;
    let stored = store.settings().await.expect("settings");
    store.close().await;
    assert_eq!(
        (stored.saved_by.as_str(), stored.saved_from.as_str()),
        ("api:deploy", "203.0.113.9")
    );
}
