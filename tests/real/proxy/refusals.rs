//! How a refusal reaches the client.

use bearergate_testkit::http::send;
use reqwest::StatusCode;
use serde_json::json;

use crate::support::oidc::{ALICE, oidc};
use crate::support::raw;
use crate::support::site::{Site, azure_b2c, settings};

const CONTENT: &str = "/rest/api/content";

#[tokio::test]
async fn without_a_credential_the_client_is_challenged() {
    let site = Site::start(&settings(&[])).await;

    let answer = send(site.get(CONTENT)).await;

    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.reason(), "missing_credential");
    assert_eq!(answer.headers["content-type"], "application/problem+json");
    assert_eq!(answer.headers["cache-control"], "no-store");
    let challenges: Vec<_> = answer.headers.get_all("www-authenticate").iter().collect();
    let [challenge] = challenges.as_slice() else {
        panic!("{challenges:?}");
    };
    let challenge = challenge.to_str().expect("ASCII");
    assert!(challenge.starts_with("Bearer realm="), "{challenge}");
    assert!(!challenge.contains("error"), "{challenge}");
    assert!(site.confluence.take().is_empty());
}

#[tokio::test]
async fn disabled_basic_is_refused_and_not_offered() {
    let site = Site::start(&settings(&[])).await;

    let answer = send(site.get(CONTENT).basic_auth("alice", Some("secret"))).await;

    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.reason(), "basic_disabled");
    let challenge = answer.headers["www-authenticate"].to_str().expect("ASCII");
    assert!(
        !challenge.to_ascii_lowercase().contains("basic"),
        "{challenge}"
    );
}

#[tokio::test]
async fn a_missing_scope_is_forbidden_with_its_challenge() {
    let oidc = oidc().await;
    let mut provider = azure_b2c(oidc);
    provider["required_scopes"] = json!(["demo.write"]);
    let site = Site::start(&settings(&[provider])).await;
    let token = oidc.access_token(&ALICE).await;

    let answer = send(site.get(CONTENT).bearer_auth(token)).await;

    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(answer.reason(), "insufficient_scope");
    let challenge = answer.headers["www-authenticate"].to_str().expect("ASCII");
    assert!(
        challenge.contains(r#"error="insufficient_scope""#),
        "{challenge}"
    );
}

#[tokio::test]
async fn two_credentials_are_none() {
    let oidc = oidc().await;
    let site = Site::start(&settings(&[azure_b2c(oidc)])).await;
    let good = format!("Authorization: Bearer {}", oidc.access_token(&ALICE).await);
    let basic = "Authorization: Basic YWxpY2U6c2VjcmV0";
    let both = format!("{good}, Basic YWxpY2U6c2VjcmV0");

    for headers in [[&good, basic], [basic, &good], [&good, &good]] {
        // nginx itself refuses a repeated header.
        let status = raw::status(site.nginx.address, "GET", CONTENT, &headers).await;
        assert_eq!(status, 400);
    }
    for (target, header) in [
        (CONTENT, both.as_str()),
        ("/rest/api/content?access_token=x", &good),
        ("/rest/api/content?os_username=alice", &good),
    ] {
        let status = raw::status(site.nginx.address, "GET", target, &[header]).await;
        assert_eq!(status, 401, "{target}");
    }
    assert!(site.confluence.take().is_empty());
}

#[tokio::test]
async fn a_provider_that_cannot_be_asked_is_a_503_with_retry_after() {
    let oidc = oidc().await;
    let mut provider = azure_b2c(oidc);
    // Nobody listens there, so there are no keys; the issuer is known.
    provider["discovery_url"] = json!(null);
    provider["issuers"] = json!([oidc.issuer]);
    provider["jwks_uri"] = json!("http://127.0.0.1:1/keys");
    let site = Site::start(&settings(&[provider])).await;
    let token = oidc.access_token(&ALICE).await;

    let answer = send(site.get(CONTENT).bearer_auth(token)).await;

    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{answer:?}");
    assert_eq!(answer.reason(), "provider_unavailable");
    let retry_after = answer.headers["retry-after"].to_str().expect("ASCII");
    assert!(retry_after.parse::<u32>().is_ok(), "{retry_after}");
    assert!(site.confluence.take().is_empty());
}

#[tokio::test]
async fn without_the_gate_nothing_passes() {
    let Site {
        nginx,
        confluence,
        gate,
        relay: _relay,
        ..
    } = Site::start(&settings(&[])).await;
    assert_eq!(
        raw::status(nginx.address, "GET", "/pages/1", &[]).await,
        200
    );
    assert_eq!(confluence.take().len(), 1);
    drop(gate);

    for target in ["/pages/1", CONTENT] {
        let status = raw::status(nginx.address, "GET", target, &[]).await;
        assert_eq!(status, 503, "{target}");
    }
    assert!(confluence.take().is_empty());
}
