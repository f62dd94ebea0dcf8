//! The Test page.

use bearergate_testkit::provider::{APPLICATION, Provider};
use serde_json::json;

use super::{Site, test};

#[tokio::test]
async fn a_good_tokens_story_names_every_check_and_marks_the_claims() {
    let provider = Provider::start().await;
    let mut site = Site::with_provider(&provider.settings()).await;
    let browser = site.signed_in().await;
    let token = provider.good_token();
    let page = test(&browser, &format!("Bearer {token}\r\n")).await;
    assert_eq!(page.title(), "This token passes, as Alice");
    let checks = page.texts(".checks li strong");
    assert!(checks.len() >= 6, "{checks:?}");
    assert!(page.texts(".checks li.failed").is_empty());
    assert!(
        page.text().contains("REST API authentication is off"),
        "{}",
        page.text()
    );
    let rows = page.texts("tbody tr");
    let row = |claim: &str| {
        rows.iter()
            .find(|row| row.starts_with(claim))
            .expect(claim)
            .as_str()
    };
    assert!(row("oid").contains("Stable"));
    assert!(row("emails[0]").contains("May be reassigned"));
    assert!(row("given_name").contains("Not protected") && row("given_name").contains("In use"));
    assert!(row("exp").contains("UTC"));

    assert_eq!(
        browser
            .get("/test")
            .await
            .form("/test")
            .value("Access token"),
        Some("")
    );
    site.server.signal("TERM");
    site.server.wait();
    let log = site.server.whole_log();
    assert!(
        token.split('.').all(|part| !log.contains(part)),
        "the token is not logged"
    );
}

#[tokio::test]
async fn an_audience_that_every_application_has_is_explained_and_not_offered() {
    let provider = Provider::start().await;
    let mut settings = provider.settings();
    settings["preset"] = json!("keycloak");
    settings["parameters"] = json!({ "base_url": "https://login.example.com", "realm": "wiki" });
    settings["audiences"] = json!(["confluence"]);
    let site = Site::with_provider(&settings).await;
    let browser = site.signed_in().await;
    let token = provider.token().with("typ", "Bearer").with("sid", "s");
    let token = provider.sign(token.with("aud", json!(["account", "another-api"])));
    let page = test(&browser, &token).await;
    assert_eq!(page.title(), "This token is refused: 401 wrong_audience");
    assert!(page.text().contains("mapper"), "{}", page.text());
    assert_eq!(page.texts(".actions code"), ["another-api"]);
}

#[tokio::test]
async fn an_attribute_and_an_audience_are_taken_over_in_one_click() {
    let provider = Provider::start().await;
    let site = Site::with_provider(&provider.settings()).await;
    let browser = site.signed_in().await;
    let token = provider.sign(provider.token().with("aud", "another-api"));
    let page = test(&browser, &token).await;
    assert_eq!(page.title(), "This token is refused: 401 wrong_audience");
    let failed = page.texts(".checks li.failed");
    assert_eq!(failed.len(), 1);
    assert!(failed[0].contains("another-api"), "{failed:?}");
    let offer = page.texts("button[name=accept_audience]");
    assert_eq!(offer, ["Accept this audience"]);

    let mut form = page.form("/test");
    form.press("accept_audience", "another-api");
    let page = browser.submit(&form).await;
    assert_eq!(
        page.title(),
        "This token passes, as Alice",
        "{}",
        page.text()
    );
    assert_eq!(
        site.place.export()["providers"][0]["audiences"],
        json!([APPLICATION, "another-api"])
    );

    let mut form = page.form("/test");
    form.press("use_attribute", "oid");
    let page = browser.submit(&form).await;
    assert!(
        page.title().starts_with("This token passes, as 0b1f3c1e"),
        "{}",
        page.title()
    );
    assert!(
        page.texts("[role=status]")
            .join(" ")
            .contains("givenName → oid"),
        "{}",
        page.text()
    );
    assert_eq!(
        site.place.export()["providers"][0]["username_attribute"],
        "oid"
    );
}

#[tokio::test]
async fn a_click_on_old_settings_changes_nothing() {
    let provider = Provider::start().await;
    let site = Site::with_provider(&provider.settings()).await;
    let browser = site.signed_in().await;
    let page = test(&browser, &provider.good_token()).await;
    let mut form = page.form("/test");
    let mut document = site.place.export();
    document["global"]["clock_skew_seconds"] = 5.into();
    site.place.import(&document);
    form.press("use_attribute", "oid");
    let page = browser.submit(&form).await;
    assert_eq!(page.status, 409);
    assert!(
        page.text().contains("saved other settings in the meantime"),
        "{}",
        page.text()
    );
    assert_eq!(
        site.place.export()["providers"][0]["username_attribute"],
        "givenName"
    );
}

#[tokio::test]
async fn what_is_no_token_gets_its_story_too_and_nothing_becomes_markup() {
    let provider = Provider::start().await;
    let site = Site::with_provider(&provider.settings()).await;
    let browser = site.signed_in().await;
    let hostile = "</textarea><script>alert(1)</script>";
    let page = test(&browser, hostile).await;
    assert!(page.title().contains("refused"), "{}", page.title());
    assert!(!page.html.contains("<script>alert"));
    let claim = provider.sign(
        provider
            .token()
            .with("given_name", hostile)
            .with(hostile, hostile),
    );
    let page = test(&browser, &claim).await;
    assert!(!page.html.contains("<script>alert"));
    assert!(page.text().contains(hostile), "shown as text");
    let empty = test(&browser, "  ").await;
    assert_eq!(
        (empty.status, empty.title()),
        (200, "Test a token".to_owned())
    );
}
