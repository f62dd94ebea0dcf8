//! What else Confluence gets with a call, and the client with its answer.

use bearergate_testkit::http::send;
use reqwest::StatusCode;
use reqwest::header::COOKIE;

use super::{CONTENT, with_alice};
use crate::support::proxies::Product;

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
