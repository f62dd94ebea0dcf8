//! Headers by which a client may try to be somebody else, or to steer the decision.

use bearergate_testkit::http::send;
use reqwest::{RequestBuilder, StatusCode};
use serde_json::json;

use super::{CONTENT, with_alice};
use crate::support::confluence::Received;
use crate::support::oidc::{ALICE, oidc};
use crate::support::proxies::Product;
use crate::support::raw;
use crate::support::site::{Site, azure_b2c, settings};

const FORGED: [(&str, &str); 13] = [
    ("X-Auth-Username", "admin"),
    ("X-Auth-Provider", "forged"),
    ("X-Auth-Method", "forged"),
    ("X-Auth-Groups", "confluence-administrators"),
    ("X-Auth-Expected-User", "admin"),
    ("X-Auth-Reason", "forged"),
    ("X_Auth_Username", "admin"),
    ("X.Auth.Username", "admin"),
    ("X-Auth_Username", "admin"),
    ("X_Auth-Username", "admin"),
    ("X-Original-URI", "/"),
    ("X-Original-Method", "OPTIONS"),
    ("X-Forwarded-Uri", "/"),
];

fn forged(request: RequestBuilder) -> RequestBuilder {
    FORGED.iter().fold(request, |request, (name, value)| {
        request.header(*name, *value)
    })
}

/// No header that could be taken for an identity header, however it is spelt, but the four of ours.
fn assert_nothing_forged(received: &Received) {
    for (name, value) in &received.headers {
        let name = name.as_str();
        let known = ["username", "provider", "method", "groups"]
            .iter()
            .any(|end| name.strip_prefix("x-auth-") == Some(end));
        let alike = name.replace(['_', '.'], "-").starts_with("x-auth-");
        assert!(known || !alike, "{name} in {received:?}");
        assert!(!known || !["admin", "forged"].contains(&value.to_str().expect("ASCII")));
    }
}

pub async fn forged_identity_headers_are_overwritten<P: Product>() {
    let (site, token) = with_alice::<P>().await;

    let answer = send(forged(site.get(CONTENT)).bearer_auth(token)).await;

    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let received = site.confluence.take_one();
    assert_eq!(
        received.identity(),
        [Some("Alice"), Some("azure-b2c"), Some("oauth"), None]
    );
    assert_nothing_forged(&received);
}

pub async fn forged_identity_headers_open_nothing<P: Product>() {
    let site = Site::behind::<P>(&settings(&[])).await;
    for (name, value) in FORGED {
        let answer = send(site.get(CONTENT).header(name, value)).await;
        assert_eq!(answer.refusal(), (401, "missing_credential"), "{name}");
    }
    assert!(site.confluence.take().is_empty());
}

pub async fn forged_identity_headers_vanish_from_public_paths<P: Product>() {
    let site = Site::behind::<P>(&settings(&[])).await;

    let answer = send(forged(site.get("/pages/1"))).await;

    assert_eq!(answer.status, StatusCode::OK);
    let received = site.confluence.take_one();
    assert_eq!(received.identity(), [None, None, Some("public"), None]);
    assert_nothing_forged(&received);
}

pub async fn a_connection_header_removes_no_identity_header<P: Product>() {
    let (site, token) = with_alice::<P>().await;
    let authorization = format!("Authorization: Bearer {token}");

    for named in ["Authorization", "X-Auth-Username", "X-Auth-Method"] {
        let connection = format!("Connection: close, {named}");
        let headers = [authorization.as_str(), connection.as_str()];
        let status = raw::status(site.proxy.address, "GET", CONTENT, &headers).await;
        // A proxy may take the header away before the gate is asked.
        assert!([200, 401].contains(&status), "{named}: {status}");
        for received in site.confluence.take() {
            assert_eq!(status, 200, "{named}");
            assert_eq!(received.value("X-Auth-Username"), Some("Alice"), "{named}");
            assert_eq!(received.value("Authorization"), None, "{named}");
        }
    }
}

pub async fn a_forged_client_address_is_not_believed<P: Product>() {
    let oidc = oidc().await;
    let mut provider = azure_b2c(oidc);
    provider["allowed_networks"] = json!(["192.0.2.0/24"]);
    let site = Site::behind::<P>(&settings(&[provider])).await;
    let token = oidc.access_token(&ALICE).await;

    let request = site.get(CONTENT).bearer_auth(token);
    let answer = send(request.header("X-Forwarded-For", "192.0.2.7")).await;

    assert_eq!(answer.refusal(), (403, "network_not_allowed"));
    assert!(site.confluence.take().is_empty());
}
