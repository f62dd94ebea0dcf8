//! What nginx's configuration does beyond the battery.

use bearergate_testkit::http::send;
use reqwest::StatusCode;

use crate::support::gate::Gate;
use crate::support::proxies::nginx::Nginx;
use crate::support::site::{Site, settings};

#[tokio::test]
async fn forged_identity_headers_vanish_where_nothing_is_judged() {
    let gate = Gate::with_settings(&settings(&[])).await;
    let unjudged = "location /static/ { auth_request off; proxy_pass http://confluence; }";
    let start = async |between| Nginx::with_locations(between, unjudged).await;
    let site = Site::around(gate, start).await;

    let request = site
        .get("/static/logo.png")
        .header("X-Auth-Username", "admin")
        .header("X_Auth_Username", "admin")
        .header("X.Auth.Username", "admin");
    assert_eq!(send(request).await.status, StatusCode::OK);

    let received = site.confluence.take_one();
    let alike = |name: &str| name.starts_with('x') && name.contains("auth");
    assert!(
        !received.headers.keys().any(|name| alike(name.as_str())),
        "{received:?}"
    );
}

#[tokio::test]
async fn the_gate_is_asked_about_the_request_as_it_was_sent() {
    let site = Site::behind::<Nginx>(&settings(&[])).await;

    let request = site
        .post("/rest/api/content?a=%2F")
        .header("X-Forwarded-For", "192.0.2.7")
        .header("X-Request-Id", "chosen by the client")
        .body("{}");
    let answer = send(request).await;

    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    let sent = site.relay.take_requests();
    let lines: Vec<&str> = sent.split("\r\n").collect();
    assert_eq!(lines[0], "HEAD /validate/auth-request HTTP/1.1");
    for line in [
        "X-Original-Method: POST",
        "X-Original-URI: /rest/api/content?a=%2F",
        "X-Forwarded-For: 127.0.0.1",
    ] {
        assert!(lines.contains(&line), "{sent}");
    }
    for absent in [
        "Accept:",
        "Connection:",
        "Content-Length:",
        "192.0.2.7",
        "chosen",
    ] {
        assert!(!sent.contains(absent), "{absent} in {sent}");
    }
}
