//! The two switches and the rest of the gate.

use super::Site;

const ENABLE: &str = "Enable REST API Authentication";
const DISABLE_BASIC: &str = "Disable Basic Authentication";

#[tokio::test]
async fn a_save_says_what_changed_and_is_in_force_for_the_next_request() {
    let site = Site::start();
    let browser = site.signed_in().await;
    assert_eq!(
        browser.get("/validate").await.status,
        200,
        "the gate is off"
    );

    let mut form = browser
        .get("/global-settings")
        .await
        .form("/global-settings");
    form.tick(ENABLE).tick(DISABLE_BASIC);
    let saved = browser.submit(&form).await;
    assert_eq!(browser.get("/validate").await.status, 401);
    let basic = browser
        .request(reqwest::Method::GET, "/validate")
        .basic_auth("a", Some("b"));
    assert_eq!(
        browser.send(basic).await.header("x-auth-reason"),
        "basic_disabled"
    );

    let page = browser.follow(&saved).await;
    assert_eq!(page.title(), "REST API authentication is on");
    let news = page.texts("[role=status]").join(" ");
    for text in [
        "Basic authentication: allowed → disabled",
        "REST API authentication: off → on",
        "In force since",
    ] {
        assert!(news.contains(text), "{news}");
    }
    assert!(
        browser
            .get("/global-settings")
            .await
            .texts("[role=status]")
            .is_empty(),
        "told once"
    );
    let document = site.place.export();
    assert_eq!(document["global"]["basic_authentication_disabled"], true);
}

#[tokio::test]
async fn nothing_changed_is_said_and_makes_no_revision() {
    let site = Site::start();
    let browser = site.signed_in().await;
    let form = browser
        .get("/global-settings")
        .await
        .form("/global-settings");
    let page = browser.follow(&browser.submit(&form).await).await;
    assert!(
        page.texts("[role=status]")
            .join("")
            .contains("Nothing changed")
    );
    let again = page.form("/global-settings");
    let revision = |form: &super::browser::Form| {
        form.pairs
            .iter()
            .find(|(name, _)| name == "revision")
            .cloned()
    };
    assert_eq!(revision(&again), revision(&form));
}

#[tokio::test]
async fn a_fault_stands_beside_its_field_and_nothing_typed_is_lost() {
    let site = Site::start();
    let browser = site.signed_in().await;
    let mut form = browser
        .get("/global-settings")
        .await
        .form("/global-settings");
    let hostile = "\"><script>alert(1)</script>";
    form.tick(ENABLE)
        .fill("Protected paths", &format!("/rest/\r\n{hostile}"))
        .fill("Clock skew", "soon")
        .fill("Public paths", "/status");
    let page = browser.submit(&form).await;
    assert_eq!(page.status, 422);
    assert!(
        page.message("Protected paths").contains("Line 2"),
        "{}",
        page.text()
    );
    assert!(!page.message("Clock skew").is_empty());
    assert_eq!(page.message("Public paths"), "");
    let typed = page.form("/global-settings");
    assert_eq!(typed.value("Clock skew"), Some("soon"));
    assert_eq!(typed.value("Public paths"), Some("/status"));
    assert_eq!(
        typed.value("Protected paths"),
        Some(&*format!("/rest/\r\n{hostile}"))
    );
    assert_eq!(typed.value(ENABLE), Some("on"));
    assert!(!page.html.contains("<script>alert"), "escaped");
    let focused = page.texts("[autofocus][aria-invalid=true]");
    assert_eq!(focused.len(), 1, "the caret is on the first one");
    assert_eq!(
        site.place.export()["global"]["rest_api_authentication_enabled"],
        false
    );
}

#[tokio::test]
async fn the_panel_says_in_red_that_everybody_would_be_locked_out() {
    let site = Site::start();
    let browser = site.signed_in().await;
    let mut form = browser
        .get("/global-settings")
        .await
        .form("/global-settings");
    form.tick(ENABLE).tick(DISABLE_BASIC);
    let page = browser.follow(&browser.submit(&form).await).await;
    let red = page.texts(".consequences dd.bad:not([hidden])").join(" ");
    assert!(
        red.contains("no enabled provider exists: scripts are locked out"),
        "{red}"
    );
}
