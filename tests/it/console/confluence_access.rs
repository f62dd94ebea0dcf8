//! "Confluence access": credentials are added, tested, replaced and removed, and never shown.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use bearergate_testkit::Provider;
use serde_json::json;
use tokio::net::TcpListener;

use super::{Browser, Page, Site, traces};

const PATH: &str = "/confluence-access";
const TOKEN: &str = "MTpwYXQtb2YtYWxpY2U";

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

async fn add(browser: &Browser, kind: &str, name: &str, token: &str) -> Page {
    let mut form = browser.get(PATH).await.form(PATH);
    form.fill("Serves", kind)
        .fill("Username or Group", name)
        .fill("Personal Access Token", token);
    browser.submit(&form).await
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

async fn set_url(browser: &Browser, url: &str) {
    let mut form = browser
        .get("/global-settings")
        .await
        .form("/global-settings");
    form.fill("Confluence URL", url);
    assert_eq!(browser.submit(&form).await.status, 303);
}

#[tokio::test]
async fn a_credential_is_added_replaced_and_removed_and_never_shown() {
    let provider = Provider::start().await;
    let site = Site::with_provider(&provider.settings()).await;
    let browser = site.signed_in().await;
    let empty = browser.get(PATH).await;
    assert_eq!(empty.title(), "No user is handed over to Confluence");
    assert!(
        empty.text().contains("has no validation listener"),
        "{}",
        empty.text()
    );

    let added = add(&browser, "user", "alice", &format!(" Bearer {TOKEN} ")).await;
    let page = browser.follow(&added).await;
    assert!(
        page.text()
            .contains("added, for the user \"alice\" of azure-b2c"),
        "{}",
        page.text()
    );
    let added = add(&browser, "everyone", "", "c2hhcmVk").await;
    let page = browser.follow(&added).await;
    assert_eq!(
        page.title(),
        "2 credentials, which this server does not hand over"
    );
    assert_eq!(
        page.texts(".card .head h2"),
        ["User alice", "Everyone else"]
    );
    assert_eq!(page.texts(".card .head .pill"), ["Shared identity"]);
    assert!(page.text().contains("Not since this server was started"));
    let export = site.place.export();
    assert_eq!(
        export["upstream_credentials"],
        json!([
            {"id": "alice", "match": {"provider": "azure-b2c", "username": "alice"}, "authorization": null},
            {"id": "everyone", "match": {"everyone": true}, "authorization": null},
        ])
    );

    let replace = format!("{PATH}/alice/replace");
    let mut form = browser.get(&replace).await.form(&replace);
    form.fill("Personal Access Token", "YW5vdGhlcg");
    let replaced = browser.submit(&form).await;
    let page = browser.follow(&replaced).await;
    assert!(
        page.text().contains("credential: set → replaced"),
        "{}",
        page.text()
    );
    // It was opened on a revision that is no longer the newest.
    let stale = browser.submit(&form).await;
    let page = browser.follow(&stale).await;
    assert!(
        page.text().contains("Nothing was changed"),
        "{}",
        page.text()
    );

    let remove = format!("{PATH}/alice/remove");
    let question = browser.get(&remove).await;
    assert_eq!(
        question.title(),
        "Remove the credential for the user \"alice\" of azure-b2c?"
    );
    let removed = browser.submit(&question.form(&remove)).await;
    let page = browser.follow(&removed).await;
    assert_eq!(page.texts(".card .head h2"), ["Everyone else"]);
    for gone in [&remove, &replace] {
        assert_eq!(browser.get(gone).await.status, 404);
    }
    let traces = traces(site);
    for secret in [TOKEN, "c2hhcmVk", "YW5vdGhlcg"] {
        assert!(!traces.contains(secret), "{secret} was logged or stored");
    }
}

#[tokio::test]
async fn what_is_wrong_stands_beside_its_field_and_the_token_is_not_repeated() {
    let provider = Provider::start().await;
    let site = Site::with_provider(&provider.settings()).await;
    let browser = site.signed_in().await;
    let page = add(&browser, "user", "", TOKEN).await;
    assert_eq!(page.status, 422);
    assert!(page.message("Username or Group").contains("is empty"));
    assert!(
        page.message("Personal Access Token")
            .contains("enter it once more")
    );
    assert!(!page.html.contains(TOKEN));
    let page = add(&browser, "group", "<b>wiki</b>", "not a token").await;
    assert_eq!(page.status, 422);
    assert_eq!(page.form_value("Username or Group"), "<b>wiki</b>");
    assert!(
        page.message("Personal Access Token")
            .contains("visible ASCII")
    );
    let page = add(&browser, "group", "wiki", "").await;
    assert!(
        page.message("Personal Access Token")
            .contains("Has to be entered")
    );
    assert_eq!(add(&browser, "group", "wiki", TOKEN).await.status, 303);
    let page = add(&browser, "group", "wiki", "b3RoZXI").await;
    assert!(page.message("Username or Group").contains("already serves"));

    let replace = format!("{PATH}/group-wiki/replace");
    let form = browser.get(&replace).await.form(&replace);
    let page = browser.submit(&form).await;
    assert_eq!(page.status, 422);
    assert!(
        page.message("Personal Access Token")
            .contains("Has to be entered")
    );
}

#[tokio::test]
async fn a_provider_with_a_credential_stays_until_the_credential_goes() {
    let provider = Provider::start().await;
    let site = Site::with_provider(&provider.settings()).await;
    let browser = site.signed_in().await;
    add(&browser, "user", "alice", TOKEN).await;
    let delete = "/oauth/azure-b2c/delete";
    let form = browser.get(delete).await.form(delete);
    let answer = browser.submit(&form).await;
    let page = browser.follow(&answer).await;
    assert!(
        page.text().contains(
            "the upstream credential for the user \"alice\" of azure-b2c has to be removed"
        ),
        "{}",
        page.text()
    );
    assert_eq!(site.place.export()["providers"][0]["id"], "azure-b2c");
}

#[tokio::test]
async fn test_shows_whom_confluence_sees() {
    let provider = Provider::start().await;
    let confluence = Confluence::start().await;
    let site = Site::with_provider(&provider.settings()).await;
    let browser = site.signed_in().await;
    for (kind, name, token) in [
        ("user", "Alice", TOKEN),
        ("user", "carol", "bob"),
        ("user", "dave", "expired"),
        ("group", "g", "wrong"),
        ("everyone", "", "bob"),
    ] {
        assert_eq!(add(&browser, kind, name, token).await.status, 303, "{name}");
    }
    let page = browser.get(PATH).await;
    assert!(
        page.text().contains("Needs the Confluence URL"),
        "{}",
        page.text()
    );
    set_url(&browser, &format!("{}/", confluence.url)).await;
    assert!(
        confluence.received().is_empty(),
        "saving an address sends nothing"
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
    // The port of discard: nobody listens.
    set_url(&browser, "http://127.0.0.1:9").await;
    let told = test(&browser, "alice").await;
    assert!(told.contains("Confluence can't be asked"), "{told}");

    let traces = traces(site);
    assert!(!traces.contains(TOKEN), "it was logged or stored");
}

#[tokio::test]
async fn a_credential_goes_to_no_other_address_than_the_one_that_was_shown() {
    let provider = Provider::start().await;
    let (shown, other) = (Confluence::start().await, Confluence::start().await);
    let site = Site::with_provider(&provider.settings()).await;
    let browser = site.signed_in().await;
    add(&browser, "user", "alice", TOKEN).await;
    set_url(&browser, &shown.url).await;
    let form = browser
        .get(PATH)
        .await
        .form("/confluence-access/alice/test");
    set_url(&browser, &other.url).await;
    let answer = browser.submit(&form).await;
    let page = browser.follow(&answer).await;
    assert!(page.text().contains("Nothing was sent"), "{}", page.text());
    assert!(shown.received().is_empty() && other.received().is_empty());
}

#[tokio::test]
async fn the_page_says_when_a_credential_was_last_used() {
    let provider = Provider::start().await;
    let mut site = Site::start_with(&["--validation-listen", "127.0.0.1:0"]);
    let line = site.server.wait_for("listening on http://");
    let validation = line.rsplit('/').next().expect("an address").to_owned();
    site.set_providers(json!([provider.settings()])).await;
    let browser = site.signed_in().await;
    let added = add(&browser, "user", "alice", TOKEN).await;
    let page = browser.follow(&added).await;
    assert_eq!(page.title(), "1 credential hands users over to Confluence");
    assert!(
        !page.text().contains("has no validation listener"),
        "{}",
        page.text()
    );
    assert!(page.texts(".facts time").is_empty());
    let answer = reqwest::Client::new()
        .get(format!("http://{validation}/validate"))
        .bearer_auth(provider.good_token())
        .send()
        .await
        .expect("an answer");
    let handed_over = answer.headers()["authorization"].clone();
    // The switch is off here, so nobody is judged: the client's own token comes back.
    assert_ne!(handed_over, format!("Bearer {TOKEN}"));
    let mut form = browser
        .get("/global-settings")
        .await
        .form("/global-settings");
    form.tick("Enable REST API Authentication");
    browser.submit(&form).await;
    let answer = reqwest::Client::new()
        .get(format!("http://{validation}/validate"))
        .bearer_auth(provider.good_token())
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.headers()["authorization"], format!("Bearer {TOKEN}"));
    assert_eq!(browser.get(PATH).await.texts(".facts time").len(), 1);
    assert!(!traces(site).contains(TOKEN), "it was logged or stored");
}
