//! Keycloak's tokens, judged by its keys.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::gate::Gate;
use crate::keycloak;
use crate::realm::{ALICE, BOB, Realm};

fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).expect("a JWT");
    let payload = URL_SAFE_NO_PAD.decode(payload).expect("base64url");
    serde_json::from_slice(&payload).expect("JSON")
}

#[tokio::test]
async fn a_token_of_the_code_flow_opens_the_gate_with_the_realm_roles_as_groups() {
    let keycloak = keycloak::running().await;
    let realm = Realm::wiki(&keycloak).await;
    let gate = Gate::with(&[realm.settings()]);

    let answer = gate.ask(&realm.access_token(ALICE).await).await;

    assert_eq!(answer.user(), "alice");
    assert_eq!(answer.header("x-auth-provider"), "keycloak");
    assert_eq!(answer.header("x-auth-method"), "oauth");
    // The token is of no use to Confluence.
    assert_eq!(answer.header("authorization"), "");
    let mut groups: Vec<_> = answer.header("x-auth-groups").split(',').collect();
    groups.sort_unstable();
    let everybody = ["default-roles-wiki", "offline_access", "uma_authorization"];
    let [first, second, third] = everybody;
    assert_eq!(groups, [first, "editors", second, "staff", third]);
}

#[tokio::test]
async fn realm_roles_decide_who_may_enter() {
    let keycloak = keycloak::running().await;
    let realm = Realm::wiki(&keycloak).await;
    let mut settings = realm.settings();
    settings["allowed_groups"] = json!(["editors"]);
    let gate = Gate::with(&[settings]);

    let alice = gate.ask(&realm.access_token(ALICE).await).await;
    let bob = gate.ask(&realm.access_token(BOB).await).await;

    assert_eq!(alice.user(), "alice");
    assert_eq!(bob.refusal(), (403, "group_not_allowed"));
}

#[tokio::test]
async fn a_token_for_keycloak_s_own_account_pages_is_for_another_audience() {
    let keycloak = keycloak::running().await;
    let realm = Realm::wiki(&keycloak).await;
    let gate = Gate::with(&[realm.settings()]);
    let token = realm.sign_in("other-app", ALICE).await.access_token;
    assert_eq!(claims(&token)["aud"], "account");

    let answer = gate.ask(&token).await;

    assert_eq!(answer.refusal(), (401, "wrong_audience"));
}

#[tokio::test]
async fn an_id_token_is_no_access_token_even_for_the_right_audience() {
    let keycloak = keycloak::running().await;
    let realm = Realm::wiki(&keycloak).await;
    let tokens = realm.sign_in("confluence", ALICE).await;
    let token = tokens.id_token.expect("openid was asked for");
    assert_eq!(claims(&token)["aud"], "confluence");

    for settings in [realm.settings(), as_custom_oidc(&realm)] {
        let answer = Gate::with(&[settings]).ask(&token).await;
        assert_eq!(answer.refusal(), (401, "wrong_token_type"));
    }
}

#[tokio::test]
async fn a_refresh_token_is_no_access_token() {
    let keycloak = keycloak::running().await;
    let realm = Realm::wiki(&keycloak).await;
    let gate = Gate::with(&[realm.settings()]);
    let tokens = realm.sign_in("wiki-app", ALICE).await;

    let answer = gate.ask(&tokens.refresh_token.expect("a session")).await;

    // Keycloak signs it for itself alone, with a secret.
    assert_eq!(answer.refusal(), (401, "unsupported_algorithm"));
}

#[tokio::test]
async fn only_the_authorized_clients_are_let_in() {
    let keycloak = keycloak::running().await;
    let realm = Realm::wiki(&keycloak).await;
    let mut settings = realm.settings();
    settings["authorized_clients"] = json!(["wiki-app"]);
    settings["service_accounts"] = json!({"reports": "svc-reports"});
    let gate = Gate::with(&[settings]);

    let app = gate.ask(&realm.access_token(ALICE).await).await;
    let reports = gate.ask(&realm.client_credentials("reports").await).await;

    assert_eq!(app.user(), "alice");
    assert_eq!(reports.refusal(), (401, "wrong_client"));
}

#[tokio::test]
async fn an_application_is_no_user_unless_a_service_account_stands_for_it() {
    let keycloak = keycloak::running().await;
    let realm = Realm::wiki(&keycloak).await;
    let token = realm.client_credentials("reports").await;
    let mut settings = realm.settings();

    let answer = Gate::with(&[settings.clone()]).ask(&token).await;
    assert_eq!(answer.refusal(), (401, "no_user"));

    settings["service_accounts"] = json!({"reports": "svc-reports"});
    let answer = Gate::with(&[settings]).ask(&token).await;
    assert_eq!(answer.user(), "svc-reports");
}

#[tokio::test]
async fn an_application_whose_token_says_little_is_no_user_either() {
    let keycloak = keycloak::running().await;
    let realm = Realm::wiki(&keycloak).await;
    let token = realm.client_credentials("terse-reports").await;
    let claims = claims(&token);
    for mark in ["preferred_username", "clientHost", "client_id"] {
        assert_eq!(claims[mark], Value::Null, "{claims}");
    }
    let mut settings = realm.settings();
    settings["username_attribute"] = json!("sub");

    let answer = Gate::with(&[settings]).ask(&token).await;

    assert_eq!(answer.refusal(), (401, "no_user"));
}

#[tokio::test]
async fn each_realm_of_a_server_is_an_issuer_of_its_own() {
    let keycloak = keycloak::running().await;
    let wiki = Realm::wiki(&keycloak).await;
    let partners = Realm::new(&keycloak, "partners").await;
    let token = partners.access_token(ALICE).await;

    let answer = Gate::with(&[wiki.settings()]).ask(&token).await;
    assert_eq!(answer.refusal(), (401, "unknown_issuer"));

    let mut second = partners.settings();
    second["id"] = json!("partners");
    let gate = Gate::with(&[wiki.settings(), second]);
    for (token, provider) in [
        (token, "partners"),
        (wiki.access_token(ALICE).await, "keycloak"),
    ] {
        let answer = gate.ask(&token).await;
        assert_eq!(answer.user(), "alice");
        assert_eq!(answer.header("x-auth-provider"), provider);
    }
}

#[tokio::test]
async fn it_works_as_a_custom_provider_too() {
    let keycloak = keycloak::running().await;
    let realm = Realm::wiki(&keycloak).await;
    let gate = Gate::with(&[as_custom_oidc(&realm)]);

    let answer = gate.ask(&realm.access_token(ALICE).await).await;

    assert_eq!(answer.user(), "alice");
}

fn as_custom_oidc(realm: &Realm) -> Value {
    json!({
        "id": "keycloak",
        "preset": "custom-oidc",
        "discovery_url": format!("{}/.well-known/openid-configuration", realm.issuer),
        "audiences": ["confluence"],
        "username_attribute": "preferred_username",
    })
}
