//! An administrator who has never read a manual, from the empty console to the first 200.

use std::time::{Duration, Instant};

use bearergate_testkit::console::Administrator;

use crate::gate::Gate;
use crate::keycloak;
use crate::realm::{ALICE, Realm};

#[tokio::test]
async fn keycloak_is_set_up_in_less_than_three_minutes_without_a_manual() {
    let keycloak = keycloak::running().await;
    let realm = Realm::wiki(&keycloak).await;
    let gate = Gate::first_start();
    // What the administrator has: a client that works, and a token of it.
    let token = realm.access_token(ALICE).await;
    let begun = Instant::now();

    let administrator = Administrator::set_up(&gate.setup_link(), true).await;
    let browser = &administrator.browser;
    administrator
        .switch_on("Enable REST API Authentication")
        .await;
    assert_eq!(gate.ask(&token).await.refusal(), (401, "unknown_issuer"));

    administrator.new_provider("Keycloak").await;
    browser.fill("Keycloak URL", &realm.base).await;
    browser.fill("Realm", &realm.name).await;
    // What everybody tries first: the client's id, and the attribute that another program wanted.
    browser.fill("Audiences", "wiki-app").await;
    browser.fill("Username Attribute", "username").await;
    browser.press("Save").await;
    browser.says("In force since").await;
    // The console has found the realm.
    browser.says(&realm.issuer).await;
    assert_eq!(gate.ask(&token).await.refusal(), (401, "wrong_audience"));

    // The Test page says what is wrong, and mends it.
    browser.follow("Test").await;
    browser.fill("Access token", &token).await;
    browser.press("Test this token").await;
    browser.says("wrong_audience").await;
    browser
        .press_before("Accept this audience", "confluence")
        .await;
    browser.says("missing_username").await;
    browser
        .press("Use as username attribute: preferred_username")
        .await;
    browser.says("In force since").await;

    let answer = gate.ask(&token).await;
    assert_eq!(answer.user(), "alice");
    let took = begun.elapsed();
    assert!(took < Duration::from_mins(3), "{took:?}");
}
