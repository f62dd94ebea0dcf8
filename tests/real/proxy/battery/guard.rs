//! The anonymous guard: a call that the gate let in as somebody is no success as nobody.

use bearergate_testkit::Provider;
use bearergate_testkit::http::{Answer, send};
use reqwest::header::COOKIE;
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::handover::with_credentials;
use super::{CONTENT, with_alice};
use crate::support::confluence::{Sees, access_token_of};
use crate::support::oidc::ALICE;
use crate::support::proxies::Product;
use crate::support::raw;
use crate::support::site::{Site, settings};

fn assert_guarded(answer: &Answer, reason: &str) {
    assert_eq!(answer.refusal(), (502, reason));
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let title = "Confluence did not accept the credential";
    assert!(answer.body.contains(title), "{answer:?}");
    assert!(!answer.body.contains("Welcome"), "{answer:?}");
}

pub async fn nobody_is_no_success<P: Product>() {
    let (site, token) = with_alice::<P>().await;
    for path in [CONTENT, "/confluence/rest/api/content", "/REST/api/content"] {
        for sees in [
            Sees::Nothing,
            Sees::User("anonymous"),
            Sees::User("Anonymous"),
        ] {
            site.confluence.sees(sees);
            let answer = send(site.get(path).bearer_auth(&token)).await;
            assert_guarded(&answer, "confluence_saw_nobody");
        }
    }
}

/// Each leads Confluence to its REST API, or would if Confluence had that context path.
const DISGUISED: [&str; 10] = [
    "/rest",
    "/rest?a=b",
    "//rest/api/content",
    "/;x/rest/api/content",
    "/rest;x=y/api/content",
    "/a/b/../../rest/api/content",
    "/pages/%2e%2e/rest/api/content",
    "/%72est/api/content",
    "/s/abc/_/rest/api/content",
    "/two/segments/rest/api/content",
];

pub async fn no_spelling_of_the_path_avoids_the_guard<P: Product>() {
    let (site, token) = with_alice::<P>().await;
    site.confluence.sees(Sees::User("anonymous"));
    let bearer = format!("Authorization: Bearer {token}");

    for target in DISGUISED {
        let status = raw::status(site.proxy.address, "GET", target, &[&bearer]).await;
        // A proxy itself refuses what it can't read; then Confluence gets nothing.
        let reached = site.confluence.take().len();
        assert!(
            matches!((status, reached), (502, 1) | (400, 0)),
            "{target}: {status}, {reached} at Confluence"
        );
    }
}

pub async fn an_answer_without_a_body_is_no_success_either<P: Product>() {
    let (site, token) = with_alice::<P>().await;
    site.confluence.sees(Sees::Nothing);

    let head = site.request(Method::HEAD, CONTENT).bearer_auth(&token);
    let answer = send(head).await;
    assert_eq!(answer.status, StatusCode::BAD_GATEWAY, "{answer:?}");
    assert_eq!(answer.header("x-auth-reason"), "confluence_saw_nobody");

    site.confluence.answers(StatusCode::NO_CONTENT);
    let delete = site.request(Method::DELETE, CONTENT).bearer_auth(token);
    assert_guarded(&send(delete).await, "confluence_saw_nobody");
}

pub async fn a_user_is_a_success<P: Product>() {
    let (site, token) = with_alice::<P>().await;
    for sees in [Sees::Caller, Sees::User("another")] {
        // No user is expected where no credential of one was sent.
        site.confluence.sees(sees);
        let answer = send(site.get(CONTENT).bearer_auth(&token)).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        assert!(answer.body.contains("Welcome"), "{answer:?}");
    }
}

pub async fn only_calls_that_the_gate_let_in_are_guarded<P: Product>() {
    let (site, token) = with_alice::<P>().await;
    site.confluence.sees(Sees::User("anonymous"));

    // A stale session is Confluence's business, a page is no call of the API.
    let session = site.get(CONTENT).header(COOKIE, "JSESSIONID=stale");
    assert_eq!(send(session).await.status, StatusCode::OK);
    let page = site.get("/pages/1?x=/rest/").bearer_auth(token);
    assert_eq!(send(page).await.status, StatusCode::OK);
}

pub async fn what_confluence_refuses_itself_stays_as_it_is<P: Product>() {
    let (site, token) = with_alice::<P>().await;
    site.confluence.sees(Sees::User("anonymous"));
    site.confluence.answers(StatusCode::NOT_FOUND);

    let answer = send(site.get(CONTENT).bearer_auth(token)).await;

    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert!(answer.body.contains("Welcome"), "{answer:?}");
}

pub async fn another_user_is_no_success<P: Product>() {
    let provider = Provider::start().await;
    let user = "Alice+wiki (x)@Example.com";
    let credential = format!("Bearer {}", access_token_of("alice"));
    let mut settings = settings(&[provider.settings()]);
    settings["upstream_credentials"] =
        json!([{"id": "alice", "match": {"username": user}, "authorization": credential}]);
    let site = Site::behind::<P>(&settings).await;
    let token = provider.sign(provider.token().with("given_name", user));

    for (seen, passed) in [
        // As Confluence writes it, which encodes more than the gate does.
        ("alice%2Bwiki+%28x%29%40example.com", true),
        ("alice%2Bwiki+%28x%29%40example.co", false),
        ("alice+wiki+%28x%29%40example.com", false),
        ("robot", false),
    ] {
        site.confluence.sees(Sees::User(seen));
        let answer = send(site.get(CONTENT).bearer_auth(&token)).await;
        if passed {
            assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        } else {
            assert_guarded(&answer, "confluence_saw_another_user");
        }
    }
}

pub async fn a_withdrawn_credential_is_no_success<P: Product>() {
    let (site, token) = with_credentials::<P>(&ALICE).await;
    site.confluence.sees(Sees::User("anonymous"));

    let answer = send(site.get(CONTENT).bearer_auth(token)).await;

    assert_guarded(&answer, "confluence_saw_nobody");
}
