//! A save that refuses what passes today says whom it hits, and asks once more.

use super::Site;
use super::browser::{Browser, Page};

const ENABLE: &str = "Enable REST API Authentication";
const DISABLE_BASIC: &str = "Disable Basic Authentication";
const SAVE_ANYWAY: &str = "Save, and refuse these calls";

/// A site that lets everything pass, and has seen three calls of `svc-jenkins` with Basic and two without a
/// credential.
async fn with_calls() -> Site {
    let mut site = Site::start();
    let browser = site.browser();
    for _ in 0..3 {
        let call = browser
            .request(reqwest::Method::GET, "/validate/auth-request")
            .header("x-original-method", "GET")
            .header("x-original-uri", "/rest/api/content?a=b")
            .basic_auth("svc-jenkins", Some("s3cret-of-jenkins"));
        assert_eq!(browser.send(call).await.status, 200);
    }
    for _ in 0..2 {
        assert_eq!(browser.get("/validate").await.status, 200);
    }
    site.restart();
    site
}

async fn settings_form(browser: &Browser) -> super::browser::Form {
    let page = browser.get("/global-settings").await;
    page.form("/global-settings")
}

/// The rows of those who are refused.
fn rows(page: &Page) -> Vec<String> {
    page.texts("main tbody tr")
}

#[tokio::test]
async fn who_is_hit_is_said_and_a_second_click_saves() {
    let site = with_calls().await;
    let browser = site.signed_in().await;
    let mut form = settings_form(&browser).await;
    form.tick(ENABLE).tick(DISABLE_BASIC);
    let asked = browser.submit(&form).await;
    assert_eq!(asked.status, 422, "{}", asked.text());
    assert_eq!(asked.title(), "This refuses 5 calls of the last 7 days");
    let rows = rows(&asked);
    assert!(
        rows[0].starts_with("svc-jenkins Basic 127.0.0.0/24"),
        "{rows:?}"
    );
    assert!(rows[0].contains("basic_disabled 3"), "{rows:?}");
    assert!(rows[1].contains("missing_credential 2"), "{rows:?}");
    assert!(!asked.text().contains("s3cret-of-jenkins"));
    assert_eq!(
        site.place.export()["global"]["basic_authentication_disabled"],
        false
    );

    let mut second = asked.form("/global-settings");
    second.press("confirmed", &confirmation(&asked));
    let saved = browser.submit(&second).await;
    assert_eq!(saved.status, 303, "{}", saved.text());
    assert_eq!(
        site.place.export()["global"]["basic_authentication_disabled"],
        true
    );
}

#[tokio::test]
async fn the_second_click_is_good_for_what_was_shown_alone() {
    let site = with_calls().await;
    let browser = site.signed_in().await;
    let mut form = settings_form(&browser).await;
    form.tick(ENABLE);
    let asked = browser.submit(&form).await;
    assert_eq!(asked.title(), "This refuses 2 calls of the last 7 days");
    // The answer to that question is none to another one.
    let mut other = asked.form("/global-settings");
    other
        .press("confirmed", &confirmation(&asked))
        .set("basic_authentication_disabled", "on");
    let asked = browser.submit(&other).await;
    assert_eq!(asked.title(), "This refuses 5 calls of the last 7 days");
}

#[tokio::test]
async fn the_way_back_to_the_form_keeps_what_was_typed() {
    let site = with_calls().await;
    let browser = site.signed_in().await;
    let mut form = settings_form(&browser).await;
    form.tick(ENABLE).fill("Clock skew", "17");
    let mut back = browser.submit(&form).await.form("/global-settings");
    back.press("revise", "on");
    let again = browser.submit(&back).await;
    assert_eq!(again.status, 200);
    assert_eq!(again.form_value("Clock skew"), "17");
    assert_eq!(site.place.export()["global"]["clock_skew_seconds"], 60);
}

#[tokio::test]
async fn a_change_that_hits_nobody_is_saved_at_once() {
    let site = with_calls().await;
    let browser = site.signed_in().await;
    for (label, value) in [("Clock skew", "17"), ("Public paths", "/rest/api/user/")] {
        let mut form = settings_form(&browser).await;
        form.fill(label, value);
        assert_eq!(browser.submit(&form).await.status, 303, "{label}");
    }
    // With everybody let in as anonymous, the gate hits nobody here.
    let mut form = settings_form(&browser).await;
    form.tick(ENABLE).tick("Allow anonymous requests");
    assert_eq!(browser.submit(&form).await.status, 303);
}

/// What the button stands for.
fn confirmation(page: &Page) -> String {
    let values = page.button_values(SAVE_ANYWAY);
    assert_eq!(values.len(), 1, "{}", page.text());
    values[0].clone()
}

#[tokio::test]
async fn a_dry_run_on_the_command_line_says_it_too() {
    let site = with_calls().await;
    let mut document = site.place.export();
    document["global"]["rest_api_authentication_enabled"] = true.into();
    document["global"]["basic_authentication_disabled"] = true.into();
    let arguments = ["settings", "import", "--dry-run", "-"];
    let ended = site.place.run(arguments, &document.to_string());
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let said = ended.stdout + &ended.stderr;
    for line in [
        "of the calls of the last 7 days, 5 would be refused",
        "svc-jenkins from 127.0.0.0/24 with basic: basic_disabled, calls: 3",
        "nobody who is named from 127.0.0.0/24 with none: missing_credential, calls: 2",
    ] {
        assert!(said.lines().any(|one| one == line), "{line} in {said}");
    }
    assert_eq!(
        site.place.export()["global"]["basic_authentication_disabled"],
        false
    );
}
