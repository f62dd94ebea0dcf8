//! What else Confluence gets with a call, and the client with its answer.

use bearergate_testkit::http::send;
use reqwest::StatusCode;
use reqwest::header::COOKIE;

use serde_json::{Value, json};

use super::{CONTENT, with_alice};
use crate::support::confluence::access_token_of;
use crate::support::oidc::{ALICE, BOB, Person, oidc};
use crate::support::proxies::Product;
use crate::support::site::{Site, azure_b2c, settings};

const SESSION: &str = "JSESSIONID=0123; seraph.confluence=4567; seraph.rememberme.cookie=89ab";

fn has_session(cookies: Option<&str>) -> bool {
    cookies.is_some_and(|cookies| cookies.contains("JSESSIONID") || cookies.contains("seraph"))
}

pub async fn a_call_with_a_token_has_no_session_and_no_xsrf_check<P: Product>() {
    let (site, token) = with_alice::<P>().await;

    let request = site.get(CONTENT).header(COOKIE, SESSION);
    let answer = send(request.bearer_auth(token)).await;

    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert_eq!(answer.headers.get("set-cookie"), None);
    let received = site.confluence.take_one();
    assert!(!has_session(received.value("Cookie")), "{received:?}");
    assert_eq!(received.value("X-Atlassian-Token"), Some("no-check"));
}

pub async fn a_call_with_a_session_keeps_it<P: Product>() {
    let (site, _) = with_alice::<P>().await;

    for path in [CONTENT, "/pages/1"] {
        let answer = send(site.get(path).header(COOKIE, SESSION)).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        assert!(answer.header("set-cookie").starts_with("JSESSIONID="));
        let received = site.confluence.take_one();
        assert_eq!(received.value("Cookie"), Some(SESSION), "{path}");
        assert_eq!(received.value("X-Atlassian-Token"), None, "{path}");
    }
}

/// A site where Alice has a credential of her own, and everybody else one in common.
pub async fn with_credentials<P: Product>(person: &Person) -> (Site, String) {
    let oidc = oidc().await;
    let credential = |user| Value::from(format!("Bearer {}", access_token_of(user)));
    let mut settings = settings(&[azure_b2c(oidc)]);
    settings["upstream_credentials"] = json!([
        {"id": "alice", "match": {"username": "alice"}, "authorization": credential("alice")},
        {"id": "rest", "match": {"everyone": true}, "authorization": credential("robot")},
    ]);
    let site = Site::behind::<P>(&settings).await;
    (site, oidc.access_token(person).await)
}

pub async fn confluence_gets_the_credential_in_place_of_the_token<P: Product>() {
    for (person, user) in [(&ALICE, "alice"), (&BOB, "robot")] {
        let (site, token) = with_credentials::<P>(person).await;

        let answer = send(site.get(CONTENT).bearer_auth(token)).await;

        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        assert_eq!(answer.headers.get("authorization"), None);
        assert_eq!(answer.header("x-ausername"), user);
        let received = site.confluence.take_one();
        let credential = format!("Bearer {}", access_token_of(user));
        assert_eq!(received.value("Authorization"), Some(credential.as_str()));
        assert_eq!(received.value("X-Auth-Username"), Some(person.given_name));
        assert_eq!(received.value("X-Auth-Expected-User"), None);
    }
}
