//! Bearer tokens: who passes, and as whom.

use bearergate_testkit::Provider;
use bearergate_testkit::http::send;
use bearergate_testkit::token::now;
use reqwest::StatusCode;
use serde_json::json;

use super::{CONTENT, with_alice};
use crate::support::oidc::{BOB, oidc};
use crate::support::proxies::Product;
use crate::support::raw;
use crate::support::site::{Site, azure_b2c, settings};

pub async fn a_good_token_passes_with_its_user_and_without_itself<P: Product>() {
    let (site, token) = with_alice::<P>().await;

    let answer = send(site.get("/rest/api/content?limit=1").bearer_auth(token)).await;

    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let received = site.confluence.take_one();
    assert_eq!(received.uri, "/rest/api/content?limit=1");
    assert_eq!(
        received.identity(),
        [Some("Alice"), Some("azure-b2c"), Some("oauth"), None]
    );
    assert_eq!(received.value("Authorization"), None);
    assert_eq!(received.value("X-Auth-Expected-User"), None);
}

pub async fn an_expired_token_is_refused<P: Product>() {
    let provider = Provider::start().await;
    let site = Site::behind::<P>(&settings(&[provider.settings()])).await;
    let good = send(site.get(CONTENT).bearer_auth(provider.good_token())).await;
    assert_eq!(good.status, StatusCode::OK, "{good:?}");
    site.confluence.take();

    let expired = provider.sign(provider.token().with("exp", now() - 3600));
    let answer = send(site.get(CONTENT).bearer_auth(expired)).await;

    assert_eq!(answer.refusal(), (401, "expired"));
    let challenge = answer.header("www-authenticate");
    assert!(
        challenge.contains(r#"error="invalid_token""#),
        "{challenge}"
    );
    assert!(site.confluence.take().is_empty());
}

pub async fn a_bad_token_is_refused<P: Product>() {
    let (site, token) = with_alice::<P>().await;
    let (signed, _) = token.rsplit_once('.').expect("three parts");

    for (bad, reason) in [
        (format!("{signed}.AAAA"), "invalid_signature"),
        ("opaque".to_owned(), "unknown_token"),
    ] {
        let answer = send(site.get(CONTENT).bearer_auth(bad)).await;
        assert_eq!(answer.refusal(), (401, reason));
        let challenge = answer.header("www-authenticate");
        assert!(
            challenge.contains(r#"error="invalid_token""#),
            "{challenge}"
        );
    }
    assert!(site.confluence.take().is_empty());
}

pub async fn a_token_of_15_kb_with_200_groups_passes<P: Product>() {
    let oidc = oidc().await;
    let mut provider = azure_b2c(oidc);
    provider["groups_attribute"] = json!("groups");
    let site = Site::behind::<P>(&settings(&[provider])).await;
    let token = oidc.access_token(&BOB).await;
    assert!(token.len() > 15_000, "the token has {} bytes", token.len());

    let answer = send(site.get(CONTENT).bearer_auth(token)).await;

    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let received = site.confluence.take_one();
    assert_eq!(received.value("X-Auth-Username"), Some(BOB.given_name));
    let groups = received.value("X-Auth-Groups").expect("he has groups");
    assert!((4_000..=8_192).contains(&groups.len()), "{}", groups.len());
    for group in groups.split(',') {
        let number = group.strip_prefix("confluence-space-administrators-of-department-");
        assert!(number.is_some_and(|number| number.len() == 4), "{group}");
    }
}

pub async fn two_authorization_headers_are_none<P: Product>() {
    let (site, token) = with_alice::<P>().await;
    let good = format!("Authorization: Bearer {token}");
    let basic = "Authorization: Basic YWxpY2U6c2VjcmV0";

    for headers in [[good.as_str(), basic], [basic, &good], [&good, &good]] {
        let status = raw::status(site.proxy.address, "GET", CONTENT, &headers).await;
        // Some proxies refuse a repeated header themselves.
        assert!([400, 401].contains(&status), "{status}");
    }
    assert!(site.confluence.take().is_empty());
}
