//! The story that the program is made for, walked in Chromium: from the set-up link to the 401.

use bearergate_testkit::http::send;
use reqwest::StatusCode;

use crate::support::console;
use crate::support::gate::Gate;
use crate::support::oidc::{ALICE, oidc};
use crate::support::proxies::Product;
use crate::support::proxies::nginx::Nginx;
use crate::support::site::Site;

const CONTENT: &str = "/rest/api/content";

#[tokio::test]
async fn the_story_with_javascript() {
    story(true).await;
}

#[tokio::test]
async fn the_story_without_javascript() {
    story(false).await;
}

async fn story(javascript: bool) {
    let oidc = oidc().await;
    let site = Site::around(Gate::first_start().await, Nginx::start).await;
    let token = oidc.access_token(&ALICE).await;
    let status = async |request| send(request).await.status;
    // A new gate is open: Confluence alone decides.
    assert_eq!(status(site.get(CONTENT)).await, StatusCode::OK);

    let administrator = console::set_up(&site.gate, javascript).await;
    administrator
        .switch_on("Enable REST API Authentication")
        .await;
    assert_eq!(status(site.get(CONTENT)).await, StatusCode::UNAUTHORIZED);
    let good = || site.get(CONTENT).bearer_auth(&token);
    assert_eq!(send(good()).await.reason(), "unknown_issuer");

    console::enter_azure_b2c(&administrator, oidc, "givenName").await;
    let browser = &administrator.browser;
    // Read from the discovery document at save.
    browser.says(&oidc.issuer).await;
    browser.picture("provider-saved").await;
    assert_eq!(status(good()).await, StatusCode::OK);
    let basic = || site.get(CONTENT).basic_auth("alice", Some("secret"));
    assert_eq!(status(basic()).await, StatusCode::OK);

    administrator
        .switch_on("Disable Basic Authentication")
        .await;
    browser.picture("global-settings").await;
    site.confluence.take();
    assert_eq!(status(good()).await, StatusCode::OK);
    let received = site.confluence.take_one();
    assert_eq!(received.header("X-Auth-Username"), Some(ALICE.given_name));
    assert_eq!(send(basic()).await.reason(), "basic_disabled");
    assert_eq!(send(site.get(CONTENT)).await.reason(), "missing_credential");
    let broken = site.get(CONTENT).bearer_auth(format!("{token}x"));
    assert_eq!(status(broken).await, StatusCode::UNAUTHORIZED);
    assert!(site.confluence.take().is_empty());

    administrator.sign_out().await;
    browser.picture("sign-in").await;
    administrator.sign_in().await;
    assert_eq!(browser.url().await.path(), "/global-settings");
    assert!(browser.is_ticked("Disable Basic Authentication").await);
}

#[tokio::test]
async fn the_test_page_tells_a_token_s_story_and_corrects_the_attribute() {
    let oidc = oidc().await;
    let site = Site::around(Gate::first_start().await, Nginx::start).await;
    let token = oidc.access_token(&ALICE).await;
    let administrator = console::set_up(&site.gate, true).await;
    let browser = &administrator.browser;
    console::enter_azure_b2c(&administrator, oidc, "jobTitle").await;
    administrator
        .switch_on("Enable REST API Authentication")
        .await;
    let good = || site.get(CONTENT).bearer_auth(&token);
    assert_eq!(send(good()).await.reason(), "missing_username");

    browser.follow("Test").await;
    browser.fill("Access token", &token).await;
    browser.press("Test this token").await;
    browser.says("missing_username").await;
    browser.picture("test-page").await;
    browser.press("Use as username attribute: oid").await;
    browser.says("In force since").await;

    assert_eq!(send(good()).await.status, StatusCode::OK);
    let received = site.confluence.take_one();
    let username = received.header("X-Auth-Username").expect("a user");
    assert_eq!(username.len(), "00000000-0000-0000-0000-000000000000".len());
    assert!(!site.gate.log().contains(&token), "the token is in the log");
}

#[tokio::test]
async fn a_credential_of_confluence_is_entered_replaced_and_removed() {
    let oidc = oidc().await;
    let site = Site::around(Gate::first_start().await, Nginx::start).await;
    let administrator = console::set_up(&site.gate, true).await;
    let browser = &administrator.browser;
    console::enter_azure_b2c(&administrator, oidc, "givenName").await;

    browser.follow("Confluence access").await;
    browser.says("No user is handed over to Confluence").await;
    browser.picture("confluence-access-none").await;
    for (serves, name) in [
        ("One user", ALICE.given_name),
        ("The members of a group", "automation"),
        ("Everyone else", ""),
    ] {
        browser.select("Serves", serves).await;
        browser.fill("Username or Group", name).await;
        browser.fill("Personal Access Token", "c2VjcmV0").await;
        browser.press("Add").await;
        browser.says("In force since").await;
    }
    browser.says("Shared identity").await;
    browser.picture("confluence-access").await;

    let alice = format!("User {}", ALICE.given_name);
    browser
        .follow(&format!("Replace the credential: {alice}"))
        .await;
    browser.fill("Personal Access Token", "a b").await;
    browser.press("Replace").await;
    browser.says("Nothing was saved").await;
    browser.picture("confluence-access-replace").await;
    browser.fill("Personal Access Token", "b3RoZXI").await;
    browser.press("Replace").await;
    browser.says("Saved: 1 setting changed").await;
    browser.follow(&format!("Remove {alice}")).await;
    browser.picture("confluence-access-remove").await;
    browser.press("Remove the credential").await;
    browser.says("removed").await;
}
