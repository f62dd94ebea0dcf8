//! What goes over the wire between nginx and the gate.

use bearergate_testkit::http::send;
use reqwest::StatusCode;

use crate::support::oidc::{ALICE, oidc};
use crate::support::raw;
use crate::support::site::{Site, azure_b2c, settings};

#[tokio::test]
async fn one_connection_serves_many_decisions() {
    let oidc = oidc().await;
    let site = Site::start(&settings(&[azure_b2c(oidc)])).await;
    let token = oidc.access_token(&ALICE).await;

    for _ in 0..20 {
        let passed = send(site.get("/rest/api/content").bearer_auth(&token)).await;
        assert_eq!(passed.status, StatusCode::OK);
        let refused = send(site.get("/rest/api/content")).await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    }

    assert_eq!(site.relay.connections(), 1);
}

#[tokio::test]
async fn the_gate_is_asked_about_the_request_as_it_was_sent() {
    let site = Site::start(&settings(&[])).await;

    let request = site
        .post("/rest/api/content?a=%2F")
        .header("X-Forwarded-For", "192.0.2.7");
    let answer = send(
        request
            .header("X-Request-Id", "chosen by the client")
            .body("{}"),
    )
    .await;

    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    let sent = site.relay.take_requests();
    let lines: Vec<&str> = sent.split("\r\n").collect();
    assert_eq!(lines[0], "HEAD /validate/auth-request HTTP/1.1");
    assert!(lines.contains(&"X-Original-Method: POST"), "{sent}");
    assert!(
        lines.contains(&"X-Original-URI: /rest/api/content?a=%2F"),
        "{sent}"
    );
    assert!(lines.contains(&"X-Forwarded-For: 127.0.0.1"), "{sent}");
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

#[tokio::test]
async fn bodies_go_to_confluence_alone() {
    let oidc = oidc().await;
    let site = Site::start(&settings(&[azure_b2c(oidc)])).await;
    let token = oidc.access_token(&ALICE).await;
    let body = "an attachment. ".repeat(100_000);
    let authorization = format!("Authorization: Bearer {token}");
    let length = format!("Content-Length: {}", body.len());
    let chunk = format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());

    for (framing, framed) in [
        (length.as_str(), &body),
        ("Transfer-Encoding: chunked", &chunk),
    ] {
        let headers = [authorization.as_str(), framing];
        let target = "/rest/api/content/1/child/attachment";
        let status = raw::send(site.nginx.address, "POST", target, &headers, framed).await;
        assert_eq!(status, 200, "{framing}");
        let received = site.confluence.take_one();
        assert_eq!(received.method, "POST");
        assert_eq!(received.body, body.as_bytes());
        let sent = site.relay.take_requests();
        assert!(!sent.contains("attachment. "), "{sent}");
        assert!(!sent.contains("Transfer-Encoding"), "{sent}");
        assert!(!sent.contains("Content-Length"), "{sent}");
    }
}
