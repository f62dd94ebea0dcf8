//! Keycloak's tokens, judged by Keycloak: its userinfo and its introspection endpoint.

use std::time::Duration;

use bearergate_testkit::http::Answer;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::gate::Gate;
use crate::keycloak;
use crate::realm::{ALICE, GATE_SECRET, Realm};

/// How long the gate may reuse an answer, in seconds.
const CACHE: u32 = 1;
/// What a slow machine may need beside that.
const SLOWNESS: Duration = Duration::from_secs(5);

fn by_userinfo(realm: &Realm) -> Value {
    let mut settings = realm.settings();
    settings["token_validation"] = json!("userinfo");
    settings
}

fn by_introspection(realm: &Realm) -> Value {
    let mut settings = realm.settings();
    settings["token_validation"] = json!("introspection");
    settings["client_id"] = json!("confluence");
    settings["client_secret"] = json!(GATE_SECRET);
    settings["cache_seconds"] = json!(CACHE);
    settings
}

#[tokio::test]
async fn userinfo_knows_a_token_with_the_scope_openid_alone() {
    let keycloak = keycloak::running().await;
    let realm = Realm::wiki(&keycloak).await;
    let gate = Gate::with(&[by_userinfo(&realm)]);

    let with = realm.access_token(ALICE).await;
    assert_eq!(gate.ask(&with).await.user(), "alice");

    let without = realm.sign_in_for("wiki-app", "profile", ALICE).await;
    let answer = gate.ask(&without.access_token).await;
    assert_eq!(answer.refusal(), (401, "inactive"));
}

#[tokio::test]
async fn userinfo_is_not_asked_about_a_token_for_somebody_else() {
    let keycloak = keycloak::running().await;
    let realm = Realm::wiki(&keycloak).await;
    let gate = Gate::with(&[by_userinfo(&realm)]);
    let token = realm.sign_in("other-app", ALICE).await.access_token;

    let answer = gate.ask(&token).await;

    assert_eq!(answer.refusal(), (401, "wrong_audience"));
}

#[tokio::test]
async fn introspection_gives_the_user_and_the_realm_roles() {
    let keycloak = keycloak::running().await;
    let realm = Realm::wiki(&keycloak).await;
    let mut settings = by_introspection(&realm);
    settings["allowed_groups"] = json!(["editors"]);
    let gate = Gate::with(&[settings]);

    let answer = gate.ask(&realm.access_token(ALICE).await).await;

    assert_eq!(answer.user(), "alice");
    let groups: Vec<_> = answer.header("x-auth-groups").split(',').collect();
    assert!(groups.contains(&"staff"), "{groups:?}");
}

#[tokio::test]
async fn introspection_says_no_to_a_token_for_somebody_else() {
    let keycloak = keycloak::running().await;
    let realm = Realm::wiki(&keycloak).await;
    let gate = Gate::with(&[by_introspection(&realm)]);
    let token = realm.sign_in("other-app", ALICE).await.access_token;

    let answer = gate.ask(&token).await;

    // Keycloak tells a client about tokens of which it is an audience, and no others.
    assert_eq!(answer.refusal(), (401, "inactive"));
}

#[tokio::test]
async fn introspection_finds_the_user_of_a_lightweight_token() {
    let keycloak = keycloak::running().await;
    let realm = Realm::wiki(&keycloak).await;
    let token = realm.sign_in("light-app", ALICE).await.access_token;

    let by_keys = Gate::with(&[realm.settings()]).ask(&token).await;
    assert_eq!(by_keys.refusal(), (401, "missing_username"));

    let asked = Gate::with(&[by_introspection(&realm)]).ask(&token).await;
    assert_eq!(asked.user(), "alice");
}

#[tokio::test]
async fn an_application_is_no_user_whoever_is_asked() {
    let keycloak = keycloak::running().await;
    let realm = Realm::wiki(&keycloak).await;
    let token = realm.client_credentials("reports").await;

    let answer = Gate::with(&[by_introspection(&realm)]).ask(&token).await;

    assert_eq!(answer.refusal(), (401, "no_user"));
}

#[tokio::test]
async fn a_session_that_has_ended_closes_the_gate_within_the_cache_time() {
    let keycloak = keycloak::running().await;
    let realm = Realm::wiki(&keycloak).await;
    let gate = Gate::with(&[by_introspection(&realm)]);
    let tokens = realm.sign_in("wiki-app", ALICE).await;
    assert_eq!(gate.ask(&tokens.access_token).await.user(), "alice");

    realm.sign_out("wiki-app", &tokens).await;

    let kept = Duration::from_secs(CACHE.into());
    let is_refused = |answer: &Answer| answer.status != StatusCode::OK;
    let answer = gate
        .ask_until(&tokens.access_token, kept + SLOWNESS, is_refused)
        .await;
    assert_eq!(answer.refusal(), (401, "inactive"));
}

#[tokio::test]
async fn a_wrong_client_secret_is_no_verdict_on_the_token() {
    let keycloak = keycloak::running().await;
    let realm = Realm::wiki(&keycloak).await;
    let mut settings = by_introspection(&realm);
    settings["client_secret"] = json!("not the secret");
    let gate = Gate::with(&[settings]);

    let answer = gate.ask(&realm.access_token(ALICE).await).await;

    assert_eq!(answer.refusal(), (503, "provider_unavailable"));
}
