//! Apache, which asks `/introspect`: what it keeps of the battery is the part about tokens, with
//! answers of its own.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bearergate_testkit::Provider;
use bearergate_testkit::http::{Answer, send};
use bearergate_testkit::token::now;
use reqwest::header::COOKIE;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::gate::Gate;
use crate::support::oidc::{ALICE, BOB, oidc};
use crate::support::proxies::apache;
use crate::support::raw;
use crate::support::site::{Site, azure_b2c, settings};

use super::battery::CONTENT;

async fn site(settings: &Value) -> Site {
    let (gate, key) = Gate::with_key(settings, "introspect").await;
    Site::around(gate, async |between| apache::start(between, &key).await).await
}

async fn with_alice() -> (Site, String) {
    let oidc = oidc().await;
    let site = site(&settings(&[azure_b2c(oidc)])).await;
    (site, oidc.access_token(&ALICE).await)
}

/// A 401 with a challenge for Bearer alone and a JSON body.
fn assert_challenged(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{answer:?}");
    let challenge = answer.header("www-authenticate");
    assert!(challenge.starts_with("Bearer realm="), "{challenge}");
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(answer.header("cache-control"), "no-store");
    let body: Value = serde_json::from_str(&answer.body).expect("a problem document");
    assert_eq!(body["status"], 401);
}

#[tokio::test]
async fn a_good_token_passes_with_its_user_and_without_itself() {
    let (site, token) = with_alice().await;

    let request = site
        .get("/rest/api/a%2Fb;c=d?limit=%zz")
        .bearer_auth(&token);
    let answer = send(request.header(COOKIE, "JSESSIONID=stale")).await;

    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert_eq!(answer.headers.get("set-cookie"), None);
    let received = site.confluence.take_one();
    assert_eq!(received.uri, "/rest/api/a%2Fb;c=d?limit=%zz");
    assert_eq!(received.header("X-Auth-Username"), Some("Alice"));
    assert_eq!(received.header("Authorization"), None);
    assert_eq!(received.header("Cookie"), None);
    assert_eq!(received.header("X-Atlassian-Token"), Some("no-check"));
    assert!(!site.gate.log().contains(&token), "the token is in the log");
}

#[tokio::test]
async fn without_a_good_token_nothing_passes() {
    let (site, token) = with_alice().await;
    let (signed, _) = token.rsplit_once('.').expect("three parts");
    let in_basic = STANDARD.encode(format!("{token}:{token}"));

    for path in [CONTENT, "/pages/1", "/rest/..;/pages/1"] {
        assert_challenged(&send(site.get(path)).await);
        for authorization in [
            format!("Bearer {signed}.AAAA"),
            "Bearer opaque".to_owned(),
            "Bearer".to_owned(),
            format!("Basic {in_basic}"),
        ] {
            let request = site.get(path).header("Authorization", &authorization);
            assert_challenged(&send(request).await);
        }
    }
    let in_the_url = site.get(&format!("{CONTENT}?access_token={token}"));
    assert_challenged(&send(in_the_url).await);
    assert!(site.confluence.take().is_empty());
}

#[tokio::test]
async fn an_expired_token_is_refused() {
    let provider = Provider::start().await;
    let site = site(&settings(&[provider.settings()])).await;
    let good = send(site.get(CONTENT).bearer_auth(provider.good_token())).await;
    assert_eq!(good.status, StatusCode::OK, "{good:?}");
    site.confluence.take();

    let expired = provider.sign(provider.token().with("exp", now() - 3600));
    let answer = send(site.get(CONTENT).bearer_auth(expired)).await;

    assert_challenged(&answer);
    let challenge = answer.header("www-authenticate");
    let error = r#"error="invalid_token""#;
    assert!(challenge.contains(error), "{challenge}");
    assert!(site.confluence.take().is_empty());
}

#[tokio::test]
async fn a_token_of_15_kb_with_200_groups_passes() {
    let oidc = oidc().await;
    let mut provider = azure_b2c(oidc);
    provider["groups_attribute"] = json!("groups");
    let site = site(&settings(&[provider])).await;
    let token = oidc.access_token(&BOB).await;
    assert!(token.len() > 15_000, "the token has {} bytes", token.len());

    let answer = send(site.get(CONTENT).bearer_auth(token)).await;

    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let received = site.confluence.take_one();
    assert_eq!(received.header("X-Auth-Username"), Some(BOB.given_name));
}

#[tokio::test]
async fn two_authorization_headers_are_none() {
    let (site, token) = with_alice().await;
    let good = format!("Authorization: Bearer {token}");
    let basic = "Authorization: Basic YWxpY2U6c2VjcmV0";

    for headers in [[good.as_str(), basic], [basic, &good], [&good, &good]] {
        let status = raw::status(site.proxy.address, "GET", CONTENT, &headers).await;
        assert!([400, 401].contains(&status), "{status}");
    }
    assert!(site.confluence.take().is_empty());
}

#[tokio::test]
async fn forged_identity_headers_are_overwritten() {
    let (site, token) = with_alice().await;
    let good = format!("Authorization: Bearer {token}");
    let mut headers = vec![
        good.as_str(),
        "X-Auth-Username: admin",
        "X-Auth-Provider: admin",
        "X-Auth-Method: admin",
        "X-Auth-Groups: admin",
        "X-Auth-Expected-User: admin",
        "X_Auth_Username: admin",
        "X.Auth.Username: admin",
        "X-Auth_Username: admin",
        "X_Auth-Username: admin",
        "Connection: close, X-Auth-Username, X-Atlassian-Token",
    ];

    let status = raw::status(site.proxy.address, "GET", CONTENT, &headers).await;
    assert_eq!(status, 200);
    let received = site.confluence.take_one();
    assert_eq!(received.header("X-Auth-Username"), Some("Alice"));
    assert_eq!(received.header("X-Atlassian-Token"), Some("no-check"));
    let values = received.headers.values();
    assert_eq!(values.filter(|value| *value == "admin").count(), 0);

    headers.remove(0);
    let status = raw::status(site.proxy.address, "GET", CONTENT, &headers).await;
    assert_eq!(status, 401);
    assert!(site.confluence.take().is_empty());
}

#[tokio::test]
async fn without_the_gate_nothing_passes() {
    let (site, token) = with_alice().await;
    let Site {
        proxy,
        confluence,
        gate,
        relay: _relay,
        ..
    } = site;
    drop(gate);

    let good = format!("Authorization: Bearer {token}");
    let status = raw::status(proxy.address, "GET", CONTENT, &[&good]).await;

    assert_eq!(status, 401);
    assert!(confluence.take().is_empty());
}

#[tokio::test]
async fn trace_does_not_show_what_is_added_to_a_call() {
    let (site, token) = with_alice().await;
    let trace = site.request(Method::TRACE, CONTENT).bearer_auth(&token);

    let answer = send(trace).await;

    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{answer:?}");
    let body = answer.body.to_lowercase();
    for added in ["x-auth-username", "x-atlassian-token"] {
        assert!(!body.contains(added), "{answer:?}");
    }
    assert!(site.confluence.take().is_empty());
}
