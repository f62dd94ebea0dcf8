//! The named choices of Global Settings that fill the public paths.

use serde_json::json;

use super::Site;
use super::browser::Browser;

const PAGE: &str = "/global-settings";
const GIT: &str = "Git over HTTP (Bitbucket)";
const COMPANION: &str = "Companion app";

/// The status of a call to a path, as Envoy would ask.
async fn status(browser: &Browser, path: &str) -> u16 {
    let path = format!("/validate/ext-authz{path}");
    browser.get(&path).await.status
}

#[tokio::test]
async fn none_is_ticked_until_somebody_ticks_it_and_then_its_paths_are_public() {
    let site = Site::start();
    let browser = site.signed_in().await;
    let mut form = browser.get(PAGE).await.form(PAGE);
    for label in [
        "Application links",
        COMPANION,
        "Mobile app",
        "User directory for Jira",
        "WebDAV",
        GIT,
        "Gadgets in other products",
    ] {
        assert_eq!(form.value(label), None, "{label}");
    }
    form.tick("Enable REST API Authentication");
    browser.submit(&form).await;
    assert_eq!(status(&browser, "/rest/token-auth/api/x").await, 401);

    let mut form = browser.get(PAGE).await.form(PAGE);
    form.tick(COMPANION).fill("Public paths", "/mine");
    let page = browser.follow(&browser.submit(&form).await).await;
    let news = page.texts("[role=status]").join(" ");
    assert!(news.contains("/rest/token-auth/api/"), "{news}");
    let amber = page.texts(".consequences dd.warn:not([hidden])").join(" ");
    assert!(
        amber.contains("where a public feature is ticked"),
        "{amber}"
    );
    assert_eq!(
        site.place.export()["global"]["public_paths"],
        json!([
            "/mine",
            "/rest/token-auth/api/",
            "/download/token-auth/attachments/",
            "/plugins/servlet/imgFilter"
        ])
    );
    assert_eq!(status(&browser, "/rest/token-auth/api/x").await, 200);
    assert_eq!(status(&browser, "/rest/api/x").await, 401);

    let mut form = browser.get(PAGE).await.form(PAGE);
    assert_eq!(form.value(COMPANION), Some("on"));
    assert_eq!(form.value(GIT), None);
    form.untick(COMPANION);
    browser.submit(&form).await;
    assert_eq!(
        site.place.export()["global"]["public_paths"],
        json!(["/mine"])
    );
    assert_eq!(status(&browser, "/rest/token-auth/api/x").await, 401);
}

#[tokio::test]
async fn a_choice_outlives_a_fault_and_paths_typed_by_hand_tick_it() {
    let site = Site::start();
    let browser = site.signed_in().await;
    let mut form = browser.get(PAGE).await.form(PAGE);
    form.tick(GIT).fill("Clock skew", "soon");
    let refused = browser.submit(&form).await;
    assert_eq!(refused.status, 422);
    let mut form = refused.form(PAGE);
    assert_eq!(form.value(GIT), Some("on"));
    form.untick(GIT)
        .fill("Clock skew", "60")
        .fill("Public paths", "/scm\r\n/rest/capabilities");
    browser.submit(&form).await;
    let form = browser.get(PAGE).await.form(PAGE);
    assert_eq!(form.value(GIT), Some("on"));
    assert_eq!(
        form.value("Application links"),
        None,
        "one of its two paths"
    );
}
