//! Keycloak's keys when they change, and when nobody is there to ask for them.

use std::time::Duration;

use bearergate_testkit::http::Answer;
use reqwest::StatusCode;
use serde_json::json;

use crate::gate::Gate;
use crate::keycloak;
use crate::realm::{ALICE, BOB, Realm};

#[tokio::test]
async fn a_new_key_is_found_and_a_removed_one_forgotten() {
    let keycloak = keycloak::running().await;
    let realm = Realm::new(&keycloak, "rotation").await;
    let mut settings = realm.settings();
    let gate = Gate::with(&[settings.clone()]);
    let old = realm.access_token(ALICE).await;
    assert_eq!(gate.ask(&old).await.user(), "alice");

    realm.add_signing_key("RS256", 200).await;
    let new = realm.access_token(ALICE).await;
    assert_ne!(key_of(&old), key_of(&new));
    assert_eq!(gate.ask(&new).await.user(), "alice");
    assert_eq!(gate.ask(&old).await.user(), "alice");

    realm.remove_first_key().await;
    // A save fetches the keys anew.
    settings["display_name"] = json!("Keycloak with a new key");
    gate.import(&[settings]);
    let soon = Duration::from_secs(10);
    let is_refused = |answer: &Answer| answer.status != StatusCode::OK;
    let answer = gate.ask_until(&old, soon, is_refused).await;
    assert_eq!(answer.refusal(), (401, "unknown_key"));
    assert_eq!(gate.ask(&new).await.user(), "alice");
}

#[tokio::test]
async fn an_algorithm_that_is_not_in_the_list_is_refused_with_its_key() {
    let keycloak = keycloak::running().await;
    let realm = Realm::new(&keycloak, "pss").await;
    realm.sign_tokens_with("PS256").await;
    let token = realm.access_token(ALICE).await;
    let mut settings = realm.settings();

    let answer = Gate::with(&[settings.clone()]).ask(&token).await;
    assert_eq!(answer.refusal(), (401, "unsupported_algorithm"));

    settings["algorithms"] = json!(["PS256"]);
    let answer = Gate::with(&[settings]).ask(&token).await;
    assert_eq!(answer.user(), "alice");
}

#[tokio::test]
async fn an_outage_of_keycloak_keeps_those_in_whose_key_is_known() {
    let mut keycloak = keycloak::alone().await;
    let realm = Realm::wiki(&keycloak).await;
    let before = Gate::with(&[realm.settings()]);
    let alice = realm.access_token(ALICE).await;
    let bob = realm.access_token(BOB).await;
    assert_eq!(before.ask(&alice).await.user(), "alice");

    keycloak.stop();
    // A token that the gate has not seen yet, signed by a key that it knows.
    assert_eq!(before.ask(&bob).await.user(), "bob");
    let during = Gate::with(&[realm.settings()]);
    let answer = during.ask(&alice).await;
    assert_eq!(answer.refusal(), (503, "provider_unavailable"));
    assert!(!answer.header("retry-after").is_empty());

    keycloak.start_again().await;
    let later = realm.access_token(ALICE).await;
    assert_eq!(before.ask(&later).await.user(), "alice");
    // A failed fetch is retried within 30 s.
    let retried = Duration::from_secs(40);
    let passes = |answer: &Answer| answer.status == StatusCode::OK;
    let answer = during.ask_until(&later, retried, passes).await;
    assert_eq!(answer.user(), "alice");
}

fn key_of(token: &str) -> &str {
    token.split('.').next().expect("a header")
}
