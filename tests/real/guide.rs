//! The published set-up guide, step by step, with the userinfo endpoint as the judge of tokens.

use bearergate_testkit::http::send;
use reqwest::{Client, StatusCode};
use serde_json::Value;

use crate::support::console;
use crate::support::gate::Gate;
use crate::support::oidc::{ALICE, oidc};
use crate::support::proxies::Product;
use crate::support::proxies::nginx::Nginx;
use crate::support::site::Site;

const CONTENT: &str = "/rest/api/content/";

#[tokio::test]
async fn the_published_guide_works_with_userinfo_validation() {
    let oidc = oidc().await;
    let site = Site::around(Gate::first_start().await, Nginx::start).await;
    let administrator = console::set_up(&site.gate, true).await;
    let browser = &administrator.browser;

    // Fetch a token by the code flow, and see with it which attribute holds the username.
    let tokens = oidc
        .sign_in(&oidc.user_client, "openid profile", &ALICE)
        .await;
    let token = tokens.access_token;
    let request = Client::new()
        .get(&oidc.userinfo_endpoint)
        .bearer_auth(&token);
    let userinfo = send(request).await.body;
    let userinfo: Value = serde_json::from_str(&userinfo).expect("JSON");
    assert_eq!(userinfo["givenName"], ALICE.given_name);

    // Select the provider and enter the attribute.
    administrator.new_provider("Custom OAuth 2.0").await;
    browser
        .fill("Userinfo Endpoint", &oidc.userinfo_endpoint)
        .await;
    browser
        .fill("Application (Client) ID", &oidc.user_client)
        .await;
    // An opaque token names no audience, so every application of this provider is let in, aloud.
    browser.fill("Audiences", "*").await;
    browser.fill("Username Attribute", "givenName").await;
    let userinfo_method = "Ask the userinfo endpoint";
    browser.select("Token Validation", userinfo_method).await;
    browser.press("Save").await;
    browser.says("In force since").await;

    // Enable REST API authentication, and disable Basic.
    administrator
        .switch_on("Enable REST API Authentication")
        .await;
    administrator
        .switch_on("Disable Basic Authentication")
        .await;

    // Call the REST API.
    let with_token = send(site.get(CONTENT).bearer_auth(&token)).await;
    assert_eq!(with_token.status, StatusCode::OK, "{with_token:?}");
    let received = site.confluence.take_one();
    assert_eq!(received.header("X-Auth-Username"), Some(ALICE.given_name));
    for (request, reason) in [
        (site.get(CONTENT), "missing_credential"),
        (
            site.get(CONTENT).bearer_auth(format!("{token}x")),
            "inactive",
        ),
        (
            site.get(CONTENT).basic_auth("alice", Some("secret")),
            "basic_disabled",
        ),
    ] {
        let answer = send(request).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert_eq!(answer.reason(), reason);
    }
    assert!(site.confluence.take().is_empty());
}
