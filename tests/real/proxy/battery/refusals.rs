//! How a refusal reaches the client, and what happens when nobody can decide.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bearergate_testkit::http::send;
use reqwest::StatusCode;
use reqwest::header::AUTHORIZATION;
use serde_json::json;

use super::{CONTENT, with_alice};
use crate::support::oidc::{ALICE, oidc};
use crate::support::proxies::Product;
use crate::support::raw;
use crate::support::site::{Site, azure_b2c, settings};

pub async fn without_a_credential_the_client_is_challenged<P: Product>() {
    let site = Site::behind::<P>(&settings(&[])).await;

    let answer = send(site.get(CONTENT)).await;

    assert_eq!(answer.refusal(), (401, "missing_credential"));
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(answer.header("cache-control"), "no-store");
    let challenge = answer.header("www-authenticate");
    assert!(challenge.starts_with("Bearer realm="), "{challenge}");
    assert!(!challenge.contains("error"), "{challenge}");
    assert!(site.confluence.take().is_empty());
}

pub async fn disabled_basic_is_refused_and_not_offered<P: Product>() {
    let site = Site::behind::<P>(&settings(&[])).await;

    let answer = send(site.get(CONTENT).basic_auth("alice", Some("secret"))).await;

    assert_eq!(answer.refusal(), (401, "basic_disabled"));
    let challenge = answer.header("www-authenticate").to_ascii_lowercase();
    assert!(!challenge.contains("basic"), "{challenge}");
    assert!(site.confluence.take().is_empty());
}

pub async fn enabled_basic_passes_byte_for_byte<P: Product>() {
    let mut open = settings(&[]);
    open["global"]["basic_authentication_disabled"] = json!(false);
    let site = Site::behind::<P>(&open).await;
    let password = "a long password, ".repeat(240);
    let basic = format!("bAsIc {}", STANDARD.encode(format!("alice:{password}")));
    assert!(basic.len() > 5_000);

    let answer = send(site.get(CONTENT).header(AUTHORIZATION, &basic)).await;

    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let received = site.confluence.take_one();
    assert_eq!(received.value("Authorization"), Some(basic.as_str()));
    assert_eq!(received.identity(), [None, None, Some("basic"), None]);
    assert!(!site.gate.log().contains(&basic["bAsIc ".len()..]));
}

pub async fn a_missing_scope_is_forbidden_with_its_challenge<P: Product>() {
    let oidc = oidc().await;
    let mut provider = azure_b2c(oidc);
    provider["required_scopes"] = json!(["demo.write"]);
    let site = Site::behind::<P>(&settings(&[provider])).await;
    let token = oidc.access_token(&ALICE).await;

    let answer = send(site.get(CONTENT).bearer_auth(token)).await;

    assert_eq!(answer.refusal(), (403, "insufficient_scope"));
    let challenge = answer.header("www-authenticate");
    let error = r#"error="insufficient_scope""#;
    assert!(challenge.contains(error), "{challenge}");
    assert!(site.confluence.take().is_empty());
}

pub async fn two_credentials_are_none<P: Product>() {
    let (site, token) = with_alice::<P>().await;
    let good = format!("Authorization: Bearer {token}");
    let both = format!("{good}, Basic YWxpY2U6c2VjcmV0");

    for (target, header) in [
        (CONTENT, both.as_str()),
        ("/rest/api/content?access_token=x", &good),
        ("/rest/api/content?os_username=alice", &good),
    ] {
        let status = raw::status(site.proxy.address, "GET", target, &[header]).await;
        assert_eq!(status, 401, "{target}");
    }
    assert!(site.confluence.take().is_empty());
}

pub async fn a_provider_that_cannot_be_asked_is_a_503_with_retry_after<P: Product>() {
    let oidc = oidc().await;
    let mut provider = azure_b2c(oidc);
    // Nobody listens there, so there are no keys; the issuer is known.
    provider["discovery_url"] = json!(null);
    provider["issuers"] = json!([oidc.issuer]);
    provider["jwks_uri"] = json!("http://127.0.0.1:1/keys");
    let site = Site::behind::<P>(&settings(&[provider])).await;
    let token = oidc.access_token(&ALICE).await;

    let answer = send(site.get(CONTENT).bearer_auth(token)).await;

    assert_eq!(answer.refusal(), (503, "provider_unavailable"));
    let retry_after = answer.header("retry-after");
    assert!(retry_after.parse::<u32>().is_ok(), "{retry_after}");
    assert!(site.confluence.take().is_empty());
}

pub async fn without_the_gate_nothing_passes<P: Product>() {
    let Site {
        proxy,
        confluence,
        gate,
        relay: _relay,
        ..
    } = Site::behind::<P>(&settings(&[])).await;
    let before = raw::status(proxy.address, "GET", "/pages/1", &[]).await;
    assert_eq!(before, 200);
    assert_eq!(confluence.take().len(), 1);
    drop(gate);

    for target in ["/pages/1", CONTENT] {
        let status = raw::status(proxy.address, "GET", target, &[]).await;
        assert_eq!(status, P::UNREACHABLE, "{target}");
    }
    assert!(confluence.take().is_empty());
}
