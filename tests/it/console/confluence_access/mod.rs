//! "Confluence access": credentials are added, replaced and removed, and never shown.

mod asking;

use bearergate_testkit::Provider;
use serde_json::json;

use super::{Browser, Page, Site, traces};

const PATH: &str = "/confluence-access";
const TOKEN: &str = "MTpwYXQtb2YtYWxpY2U";

async fn add(browser: &Browser, kind: &str, name: &str, token: &str) -> Page {
    let mut form = browser.get(PATH).await.form(PATH);
    form.fill("Serves", kind)
        .fill("Username or Group", name)
        .fill("Personal Access Token", token);
    browser.submit(&form).await
}

async fn type_url(browser: &Browser, url: &str) -> Page {
    let mut form = browser
        .get("/global-settings")
        .await
        .form("/global-settings");
    form.fill("Confluence URL", url);
    browser.submit(&form).await
}

async fn set_url(browser: &Browser, url: &str) {
    assert_eq!(type_url(browser, url).await.status, 303);
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
        page.text().contains("credential: set → changed"),
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
            .contains("another character that no token has")
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
async fn the_page_says_when_a_credential_was_last_used() {
    let provider = Provider::start().await;
    let mut site = Site::start_with(&["--validation-listen", "127.0.0.1:0"]);
    let line = site.server.wait_for("listening on http://");
    let validation = line.rsplit('/').next().expect("an address").to_owned();
    site.set_providers(json!([provider.settings()])).await;
    let browser = site.signed_in().await;
    set_url(&browser, "http://wiki.internal").await;
    let added = add(&browser, "user", "alice", TOKEN).await;
    let page = browser.follow(&added).await;
    assert_eq!(page.title(), "1 credential hands users over to Confluence");
    assert!(
        !page.text().contains("has no validation listener"),
        "{}",
        page.text()
    );
    assert!(page.texts(".facts time").is_empty());
    let ask = async || {
        let request = reqwest::Client::new().get(format!("http://{validation}/validate"));
        let request = request.bearer_auth(provider.good_token());
        let answer = request.send().await.expect("an answer");
        answer.headers()["authorization"].clone()
    };
    // While the gate is off nobody is judged, so nobody is handed over.
    assert_ne!(ask().await, format!("Bearer {TOKEN}"));
    assert!(browser.get(PATH).await.texts(".facts time").is_empty());
    let mut form = browser
        .get("/global-settings")
        .await
        .form("/global-settings");
    form.tick("Enable REST API Authentication");
    browser.submit(&form).await;
    assert_eq!(ask().await, format!("Bearer {TOKEN}"));
    assert_eq!(browser.get(PATH).await.texts(".facts time").len(), 1);
    // A save of other settings forgets nothing.
    set_url(&browser, "http://wiki.internal/wiki").await;
    assert_eq!(browser.get(PATH).await.texts(".facts time").len(), 1);
    assert!(!traces(site).contains(TOKEN), "it was logged or stored");
}
