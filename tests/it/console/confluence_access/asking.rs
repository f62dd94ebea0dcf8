//! "Test": Confluence itself is asked whom it sees by a stored credential.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use bearergate_testkit::Provider;
use serde_json::json;
use tokio::net::TcpListener;

use super::{Browser, PATH, Site, TOKEN, add, set_url, traces, type_url};

/// A Confluence below `/wiki` that knows one token, and keeps what was sent to it.
struct Confluence {
    url: String,
    received: Arc<Mutex<Vec<String>>>,
}

impl Confluence {
    async fn start() -> Self {
        let received = Arc::default();
        let app = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&received));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self {
            url: format!("http://{address}/wiki"),
            received,
        }
    }

    fn received(&self) -> Vec<String> {
        std::mem::take(&mut *self.received.lock().expect("no panic"))
    }
}

async fn answer(
    State(received): State<Arc<Mutex<Vec<String>>>>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let credential = headers.get(header::AUTHORIZATION);
    let credential = credential.map_or("", |value| value.to_str().expect("ASCII"));
    let line = format!("{uri} {credential}");
    received.lock().expect("no panic").push(line);
    if uri.path() != "/wiki/rest/api/user/current" {
        return (
            StatusCode::FOUND,
            [(header::LOCATION, "/wiki/login.action")],
        )
            .into_response();
    }
    let user = match credential.strip_prefix("Bearer ") {
        Some(TOKEN) => json!({ "type": "known", "username": "alice", "displayName": "Alice L." }),
        Some("bob") => json!({ "type": "known", "username": "bob", "displayName": "<b>Bob</b>" }),
        Some("expired") => json!({ "type": "anonymous", "displayName": "Anonymous" }),
        _ => return StatusCode::UNAUTHORIZED.into_response(),
    };
    axum::Json(user).into_response()
}

async fn test(browser: &Browser, id: &str) -> String {
    let action = format!("{PATH}/{id}/test");
    let form = browser.get(PATH).await.form(&action);
    let answer = browser.submit(&form).await;
    browser
        .follow(&answer)
        .await
        .texts("[role=status]")
        .join(" ")
}

#[tokio::test]
async fn test_shows_whom_confluence_sees() {
    let provider = Provider::start().await;
    let confluence = Confluence::start().await;
    let site = Site::with_provider(&provider.settings()).await;
    let browser = site.signed_in().await;
    let page = browser.get(PATH).await;
    assert!(
        page.text().contains("Needs the Confluence URL"),
        "{}",
        page.text()
    );
    set_url(&browser, &format!("{}/", confluence.url)).await;
    for (kind, name, token) in [
        ("user", "Alice", TOKEN),
        ("user", "carol", "bob"),
        ("user", "dave", "expired"),
        ("group", "g", "wrong"),
        ("everyone", "", "bob"),
    ] {
        assert_eq!(add(&browser, kind, name, token).await.status, 303, "{name}");
    }
    assert!(
        confluence.received().is_empty(),
        "saving an address sends nothing, nor does saving a credential"
    );
    for (id, expected) in [
        ("alice", "Confluence sees \"alice\" (Alice L.)"),
        (
            "carol",
            "Confluence sees \"bob\" (<b>Bob</b>), but the credential serves the user \"carol\"",
        ),
        ("dave", "Confluence sees nobody (anonymous)"),
        ("group-g", "Confluence refuses the credential (401)"),
        ("everyone", "Everybody whom it serves acts as that user"),
    ] {
        let told = test(&browser, id).await;
        assert!(told.contains(expected), "{id}: {told}");
    }
    let sent = confluence.received();
    assert_eq!(sent.len(), 5, "{sent:?}");
    assert_eq!(
        sent[0],
        format!("/wiki/rest/api/user/current Bearer {TOKEN}")
    );

    // Without the context path Confluence redirects, which nobody follows.
    set_url(&browser, confluence.url.trim_end_matches("/wiki")).await;
    let told = test(&browser, "alice").await;
    assert!(told.contains("redirect (302)"), "{told}");
    assert_eq!(confluence.received().len(), 1);
    let traces = traces(site);
    assert!(!traces.contains(TOKEN), "it was logged or stored");
}

#[tokio::test]
async fn test_says_when_confluence_does_not_answer() {
    let provider = Provider::start().await;
    let site = Site::with_provider(&provider.settings()).await;
    let browser = site.signed_in().await;
    // The port of discard: nobody listens.
    set_url(&browser, "http://127.0.0.1:9").await;
    add(&browser, "user", "alice", TOKEN).await;
    let told = test(&browser, "alice").await;
    assert!(told.contains("Confluence can't be asked"), "{told}");
}

#[tokio::test]
async fn a_credential_goes_to_no_other_address_than_the_one_that_was_shown() {
    let provider = Provider::start().await;
    let confluence = Confluence::start().await;
    let site = Site::with_provider(&provider.settings()).await;
    let browser = site.signed_in().await;
    set_url(&browser, &confluence.url).await;
    add(&browser, "user", "alice", TOKEN).await;
    let form = browser
        .get(PATH)
        .await
        .form("/confluence-access/alice/test");
    set_url(&browser, &format!("{}/other", confluence.url)).await;
    let answer = browser.submit(&form).await;
    let page = browser.follow(&answer).await;
    assert!(page.text().contains("Nothing was sent"), "{}", page.text());
    assert!(confluence.received().is_empty());
}

#[tokio::test]
async fn stored_credentials_are_led_to_no_other_host() {
    let provider = Provider::start().await;
    let (theirs, foreign) = (Confluence::start().await, Confluence::start().await);
    let site = Site::with_provider(&provider.settings()).await;
    let browser = site.signed_in().await;
    set_url(&browser, &theirs.url).await;
    add(&browser, "user", "alice", TOKEN).await;
    let refused = async || {
        let page = type_url(&browser, &foreign.url).await;
        assert_eq!(page.status, 422);
        let message = page.message("Confluence URL");
        assert!(message.contains("Remove them there"), "{message}");
        assert_eq!(page.form_value("Confluence URL"), foreign.url);
    };
    refused().await;
    let mut document = site.place.export();
    document["global"]["confluence_url"] = foreign.url.as_str().into();
    let import = ["settings", "import", "-"];
    let ended = site.place.run(import, &document.to_string());
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    let fault = "/upstream_credentials/0/authorization: has to be entered again";
    assert!(ended.stderr.contains(fault), "{}", ended.stderr);
    // Nor by way of no URL at all.
    set_url(&browser, "").await;
    refused().await;

    let remove = "/confluence-access/alice/remove";
    let form = browser.get(remove).await.form(remove);
    browser.submit(&form).await;
    set_url(&browser, &foreign.url).await;
    add(&browser, "user", "alice", TOKEN).await;
    let told = test(&browser, "alice").await;
    assert!(told.contains("Confluence sees \"alice\""), "{told}");
    assert!(theirs.received().is_empty());
    assert_eq!(foreign.received().len(), 1, "what was entered for it");
}

#[tokio::test]
async fn the_way_back_brings_a_credential_with_its_own_address() {
    let provider = Provider::start().await;
    let (old, new) = (Confluence::start().await, Confluence::start().await);
    let site = Site::with_provider(&provider.settings()).await;
    let browser = site.signed_in().await;
    set_url(&browser, &old.url).await;
    add(&browser, "user", "alice", TOKEN).await;
    let remove = "/confluence-access/alice/remove";
    let question = browser.get(remove).await.form(remove);
    let with_both = question.pairs.iter().find(|(name, _)| name == "revision");
    let with_both = with_both.expect("the form names its revision").1.clone();
    browser.submit(&question).await;
    set_url(&browser, &new.url).await;
    add(&browser, "user", "alice", "bob").await;

    let restore = format!("/changes/{with_both}/restore");
    let form = browser.get(&restore).await.form(&restore);
    assert_eq!(browser.submit(&form).await.status, 303);
    test(&browser, "alice").await;
    let sent = format!("/wiki/rest/api/user/current Bearer {TOKEN}");
    assert_eq!(old.received(), [sent]);
    assert!(new.received().is_empty());
}
