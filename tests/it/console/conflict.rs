//! Two administrators at once.

use bearergate_testkit::provider::{APPLICATION, POLICY, Provider};

use super::Site;

#[tokio::test]
async fn a_save_over_a_newer_one_is_refused_with_both_versions_and_can_be_repeated() {
    let site = Site::start();
    let (first, second) = (site.signed_in().await, site.signed_in().await);
    let mut theirs = first.get("/global-settings").await.form("/global-settings");
    let mut mine = second
        .get("/global-settings")
        .await
        .form("/global-settings");
    theirs.tick("Allow anonymous requests");
    assert_eq!(first.submit(&theirs).await.status, 303);

    mine.tick("Disable Basic Authentication")
        .fill("Clock skew", "30");
    let conflict = second.submit(&mine).await;
    assert_eq!(conflict.status, 409);
    let text = conflict.text();
    for part in [
        "Saved by admin",
        "Anonymous requests refused allowed",
        "Basic authentication allowed disabled",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let global = site.place.export()["global"].clone();
    assert_eq!(global["basic_authentication_disabled"], false);
    assert_eq!(global["allow_anonymous"], true);

    let again = conflict.form("/global-settings");
    let page = second.follow(&second.submit(&again).await).await;
    assert!(
        page.text().contains("Saved: 3 settings changed"),
        "{}",
        page.text()
    );
    let global = site.place.export()["global"].clone();
    assert_eq!(global["basic_authentication_disabled"], true);
    assert_eq!(global["clock_skew_seconds"], 30);
    assert_eq!(global["allow_anonymous"], false);
}

#[tokio::test]
async fn an_import_counts_as_somebody_elses_save() {
    let site = Site::start();
    let browser = site.signed_in().await;
    let mut form = browser
        .get("/global-settings")
        .await
        .form("/global-settings");
    let mut document = site.place.export();
    document["global"]["clock_skew_seconds"] = 10.into();
    site.place.import(&document);
    form.tick("Disable Basic Authentication");
    let conflict = browser.submit(&form).await;
    assert_eq!(conflict.status, 409);
    assert!(
        conflict.text().contains("Clock skew"),
        "{}",
        conflict.text()
    );
}

#[tokio::test]
async fn a_new_provider_is_not_lost_either_but_for_its_secret() {
    let provider = Provider::start().await;
    let site = Site::start();
    let browser = site.signed_in().await;
    let mut form = browser.get("/oauth/new").await.form("/oauth/new");
    form.fill("Tenant Name", "contoso")
        .fill("Policy (User Flow)", POLICY)
        .fill("Application (Client) ID", APPLICATION)
        .fill("Client Secret", "the-client's-secret")
        .fill("Username Attribute", "oid")
        .fill("Discovery URL", &provider.discovery_url());
    let mut document = site.place.export();
    document["global"]["clock_skew_seconds"] = 10.into();
    site.place.import(&document);

    let conflict = browser.submit(&form).await;
    assert_eq!(conflict.status, 409);
    assert!(!conflict.html.contains("the-client's-secret"));
    assert!(
        conflict.text().contains("isn't repeated here"),
        "{}",
        conflict.text()
    );
    let saved = browser.submit(&conflict.form("/oauth/new")).await;
    assert_eq!(saved.location(), "/oauth/azure-b2c", "{}", saved.text());
    let stored = site.place.export();
    assert_eq!(stored["providers"][0]["username_attribute"], "oid");
    assert_eq!(stored["global"]["clock_skew_seconds"], 10);
}
