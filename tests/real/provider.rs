//! Tokens that a certified provider really issued.

use bearergate_testkit::http::{Answer, send};
use reqwest::StatusCode;
use serde_json::json;

use crate::support::oidc::{ALICE, oidc};
use crate::support::site::{Site, azure_b2c, settings};

const CONTENT: &str = "/rest/api/content";

async fn with_token(site: &Site, token: &str) -> Answer {
    send(site.get(CONTENT).bearer_auth(token)).await
}

#[tokio::test]
async fn a_token_of_the_code_flow_with_pkce_opens_the_gate() {
    let oidc = oidc().await;
    let site = Site::start(&settings(&[azure_b2c(oidc)])).await;
    let token = oidc.access_token(&ALICE).await;

    let answer = with_token(&site, &token).await;

    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let received = site.confluence.take_one();
    assert_eq!(received.header("X-Auth-Username"), Some(ALICE.given_name));
    assert_eq!(received.header("X-Auth-Provider"), Some("azure-b2c"));
    assert_eq!(received.header("X-Auth-Method"), Some("oauth"));
    // The log is at its most talkative, and still does not say it.
    site.gate.logs("DEBUG").await;
    assert!(!site.gate.log().contains(&token), "the token is in the log");
}

#[tokio::test]
async fn an_array_of_one_email_is_a_username() {
    let oidc = oidc().await;
    let mut provider = azure_b2c(oidc);
    provider["username_attribute"] = json!("emails[0]");
    let site = Site::start(&settings(&[provider])).await;

    let answer = with_token(&site, &oidc.access_token(&ALICE).await).await;

    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let received = site.confluence.take_one();
    assert_eq!(
        received.header("X-Auth-Username"),
        Some("alice@example.com")
    );
}

#[tokio::test]
async fn a_token_of_client_credentials_names_no_user() {
    let oidc = oidc().await;
    let site = Site::start(&settings(&[azure_b2c(oidc)])).await;

    let answer = with_token(&site, &oidc.client_credentials().await).await;

    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.reason(), "no_user");
    assert!(site.confluence.take().is_empty());
}

#[tokio::test]
async fn an_application_is_no_user_by_its_object_id_either() {
    let oidc = oidc().await;
    let mut provider = azure_b2c(oidc);
    provider["username_attribute"] = json!("sub");
    let site = Site::start(&settings(&[provider])).await;

    let answer = with_token(&site, &oidc.client_credentials().await).await;

    assert_eq!(answer.reason(), "no_user");
}

#[tokio::test]
async fn a_service_account_stands_for_an_application() {
    let oidc = oidc().await;
    let mut provider = azure_b2c(oidc);
    provider["service_accounts"] = json!({&oidc.app_client: "svc-reports"});
    let site = Site::start(&settings(&[provider])).await;

    let answer = with_token(&site, &oidc.client_credentials().await).await;

    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let received = site.confluence.take_one();
    assert_eq!(received.header("X-Auth-Username"), Some("svc-reports"));
}

#[tokio::test]
async fn an_id_token_is_no_access_token() {
    let oidc = oidc().await;
    let site = Site::start(&settings(&[azure_b2c(oidc)])).await;
    // Under the API's own registration the ID token has the audience that is expected.
    let scope = format!("openid {}", oidc.api_scope);
    let tokens = oidc.sign_in(&oidc.api_id, &scope, &ALICE).await;

    let answer = with_token(&site, &tokens.id_token.expect("openid was asked for")).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.reason(), "wrong_token_type");

    let answer = with_token(&site, &tokens.access_token).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
}

#[tokio::test]
async fn a_token_for_another_api_is_refused() {
    let oidc = oidc().await;
    let mut provider = azure_b2c(oidc);
    provider["client_id"] = json!(oidc.user_client);
    let site = Site::start(&settings(&[provider])).await;

    let answer = with_token(&site, &oidc.access_token(&ALICE).await).await;

    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.reason(), "wrong_audience");
}

#[tokio::test]
async fn a_token_of_another_policy_is_refused() {
    let oidc = oidc().await;
    let mut provider = azure_b2c(oidc);
    provider["parameters"]["policy"] = json!("B2C_1_profile_edit");
    let site = Site::start(&settings(&[provider])).await;

    let answer = with_token(&site, &oidc.access_token(&ALICE).await).await;

    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.reason(), "wrong_policy");
}

#[tokio::test]
async fn an_issuer_that_differs_by_its_slash_is_another_issuer() {
    let oidc = oidc().await;
    let mut provider = azure_b2c(oidc);
    provider["issuers"] = json!([oidc.issuer.trim_end_matches('/')]);
    let site = Site::start(&settings(&[provider])).await;

    let answer = with_token(&site, &oidc.access_token(&ALICE).await).await;

    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.reason(), "unknown_issuer");
}

#[tokio::test]
async fn a_token_that_was_changed_is_refused() {
    let oidc = oidc().await;
    let site = Site::start(&settings(&[azure_b2c(oidc)])).await;
    let token = oidc.access_token(&ALICE).await;
    let (signed, signature) = token.rsplit_once('.').expect("a JWT");
    let other = if signature.starts_with('A') { 'B' } else { 'A' };
    let broken = format!("{signed}.{other}{}", &signature[1..]);

    let answer = with_token(&site, &broken).await;

    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.reason(), "invalid_signature");
    let challenge = answer.headers["www-authenticate"].to_str().expect("ASCII");
    assert!(challenge.starts_with("Bearer "), "{challenge}");
    assert!(
        challenge.contains(r#"error="invalid_token""#),
        "{challenge}"
    );
}

#[tokio::test]
async fn every_algorithm_that_is_listed_is_verified_and_no_other() {
    let oidc = oidc().await;
    for (algorithm, resource) in &oidc.signed_by {
        let token = oidc.client_credentials_for(resource).await;
        for (listed, expected) in [(true, None), (false, Some("unsupported_algorithm"))] {
            let other = if algorithm == "RS256" {
                "RS384"
            } else {
                "RS256"
            };
            let mut provider = azure_b2c(oidc);
            provider["algorithms"] = json!([if listed { algorithm } else { other }]);
            provider["service_accounts"] = json!({ oidc.app_client.as_str(): "svc-robot" });
            let site = Site::start(&settings(&[provider])).await;

            let answer = with_token(&site, &token).await;

            if let Some(reason) = expected {
                assert_eq!(answer.reason(), reason, "{algorithm}");
            } else {
                assert_eq!(answer.status, StatusCode::OK, "{algorithm} {answer:?}");
                let received = site.confluence.take_one();
                assert_eq!(received.header("X-Auth-Username"), Some("svc-robot"));
            }
        }
    }
}

#[tokio::test]
async fn an_opaque_token_is_introspected() {
    let oidc = oidc().await;
    // Without a scope of the API the access token is opaque.
    let tokens = oidc.sign_in(&oidc.user_client, "openid", &ALICE).await;
    let provider = |audience: &str| {
        json!({
            "id": "asked", "preset": "custom-oauth2", "token_validation": "introspection",
            "introspection_endpoint": oidc.introspection_endpoint,
            "client_id": oidc.app_client, "client_secret": oidc.app_secret,
            "audiences": [audience], "username_attribute": "sub",
        })
    };
    let site = Site::start(&settings(&[provider(&oidc.user_client)])).await;
    let answer = with_token(&site, &tokens.access_token).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let received = site.confluence.take_one();
    assert_eq!(received.header("X-Auth-Username"), Some(ALICE.oid));
    let unknown = format!("{}x", tokens.access_token);
    assert_eq!(with_token(&site, &unknown).await.reason(), "inactive");

    let site = Site::start(&settings(&[provider("another-client")])).await;
    let answer = with_token(&site, &tokens.access_token).await;
    assert_eq!(answer.reason(), "wrong_audience");
}
