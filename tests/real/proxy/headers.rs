//! What Confluence receives, whatever the client sends.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bearergate_testkit::http::send;
use reqwest::StatusCode;
use reqwest::header::AUTHORIZATION;
use serde_json::json;

use crate::support::confluence::Received;
use crate::support::gate::Gate;
use crate::support::oidc::{ALICE, BOB, oidc};
use crate::support::site::{Site, azure_b2c, settings};

/// Headers by which a client may try to be somebody else.
const FORGED: [(&str, &str); 9] = [
    ("X-Auth-Username", "admin"),
    ("X-Auth-Provider", "forged"),
    ("X-Auth-Method", "forged"),
    ("X-Auth-Groups", "confluence-administrators"),
    ("X_Auth_Username", "admin"),
    ("X.Auth.Username", "admin"),
    ("X-Original-URI", "/"),
    ("X-Original-Method", "OPTIONS"),
    ("X-Forwarded-Uri", "/"),
];

fn identity(received: &Received) -> [Option<&str>; 4] {
    [
        received.header("X-Auth-Username"),
        received.header("X-Auth-Provider"),
        received.header("X-Auth-Method"),
        received.header("X-Auth-Groups"),
    ]
}

/// No header that could be taken for an identity header, however it is spelt.
fn assert_no_alias(received: &Received) {
    let aliases = received.headers.keys().filter(|name| {
        let name = name.as_str();
        name.contains("auth") && name.contains(['_', '.'])
    });
    assert_eq!(aliases.count(), 0, "{received:?}");
}

#[tokio::test]
async fn confluence_gets_the_user_and_not_the_token() {
    let oidc = oidc().await;
    let site = Site::start(&settings(&[azure_b2c(oidc)])).await;
    let token = oidc.access_token(&ALICE).await;

    let answer = send(site.get("/rest/api/content?limit=1").bearer_auth(token)).await;

    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let received = site.confluence.take_one();
    assert_eq!(received.uri, "/rest/api/content?limit=1");
    assert_eq!(
        identity(&received),
        [Some("Alice"), Some("azure-b2c"), Some("oauth"), None]
    );
    assert_eq!(received.header("Authorization"), None);
}

#[tokio::test]
async fn forged_identity_headers_are_overwritten() {
    let oidc = oidc().await;
    let site = Site::start(&settings(&[azure_b2c(oidc)])).await;
    let mut request = site.get("/rest/api/content");
    for (name, value) in FORGED {
        request = request.header(name, value);
    }

    let answer = send(request.bearer_auth(oidc.access_token(&ALICE).await)).await;

    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let received = site.confluence.take_one();
    assert_eq!(
        identity(&received),
        [Some("Alice"), Some("azure-b2c"), Some("oauth"), None]
    );
    assert_no_alias(&received);
}

#[tokio::test]
async fn forged_identity_headers_open_nothing() {
    let site = Site::start(&settings(&[])).await;
    for (name, value) in FORGED {
        let answer = send(site.get("/rest/api/content").header(name, value)).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{name}");
        assert_eq!(answer.reason(), "missing_credential", "{name}");
    }
    assert!(site.confluence.take().is_empty());
}

#[tokio::test]
async fn forged_identity_headers_vanish_where_nothing_is_judged() {
    let gate = Gate::with_settings(&settings(&[])).await;
    let unjudged = "location /static/ { auth_request off; proxy_pass http://confluence; }";
    let site = Site::around(gate, unjudged).await;

    for (path, method) in [("/static/logo.png", None), ("/pages/1", Some("public"))] {
        let mut request = site.get(path);
        for (name, value) in FORGED {
            request = request.header(name, value);
        }
        assert_eq!(send(request).await.status, StatusCode::OK, "{path}");
        let received = site.confluence.take_one();
        assert_eq!(identity(&received), [None, None, method, None], "{path}");
        assert_no_alias(&received);
    }
}

#[tokio::test]
async fn a_connection_header_removes_no_identity_header() {
    let oidc = oidc().await;
    let site = Site::start(&settings(&[azure_b2c(oidc)])).await;
    let token = oidc.access_token(&ALICE).await;

    let request = site.get("/rest/api/content").bearer_auth(token);
    let answer = send(request.header("Connection", "close, X-Auth-Username, Authorization")).await;

    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let received = site.confluence.take_one();
    assert_eq!(received.header("X-Auth-Username"), Some("Alice"));
    assert_eq!(received.header("Authorization"), None);
}

#[tokio::test]
async fn a_forged_client_address_is_not_believed() {
    let oidc = oidc().await;
    let mut provider = azure_b2c(oidc);
    provider["allowed_networks"] = json!(["192.0.2.0/24"]);
    let site = Site::start(&settings(&[provider])).await;
    let token = oidc.access_token(&ALICE).await;

    let request = site.get("/rest/api/content").bearer_auth(token);
    let answer = send(request.header("X-Forwarded-For", "192.0.2.7")).await;

    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{answer:?}");
    assert_eq!(answer.reason(), "network_not_allowed");
    assert!(site.confluence.take().is_empty());
}

#[tokio::test]
async fn no_upgrade_but_websocket_reaches_confluence() {
    let site = Site::start(&settings(&[])).await;
    for (upgrade, passed) in [("h2c", None), ("WebSocket", Some("websocket"))] {
        let request = site.get("/synchrony").header("Upgrade", upgrade);
        let answer = send(request.header("Connection", "Upgrade")).await;
        assert_eq!(answer.status, StatusCode::OK, "{upgrade}");
        let received = site.confluence.take_one();
        assert_eq!(received.header("Upgrade"), passed, "{upgrade}");
    }
}

#[tokio::test]
async fn a_token_of_15_kb_with_200_groups_passes() {
    let oidc = oidc().await;
    let mut provider = azure_b2c(oidc);
    provider["groups_attribute"] = json!("groups");
    let site = Site::start(&settings(&[provider])).await;
    let token = oidc.access_token(&BOB).await;
    assert!(token.len() > 15_000, "the token has {} bytes", token.len());

    let answer = send(site.get("/rest/api/content").bearer_auth(token)).await;

    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let received = site.confluence.take_one();
    assert_eq!(received.header("X-Auth-Username"), Some(BOB.given_name));
    let groups = received.header("X-Auth-Groups").expect("he has groups");
    assert!((4_000..=8_192).contains(&groups.len()), "{}", groups.len());
    for group in groups.split(',') {
        let number = group.strip_prefix("confluence-space-administrators-of-department-");
        assert!(number.is_some_and(|number| number.len() == 4), "{group}");
    }
}

#[tokio::test]
async fn a_credential_that_confluence_checks_passes_byte_for_byte() {
    let mut open = settings(&[]);
    open["global"]["basic_authentication_disabled"] = json!(false);
    let site = Site::start(&open).await;
    let password = "a long password, ".repeat(240);
    let basic = format!("bAsIc {}", STANDARD.encode(format!("alice:{password}")));
    assert!(basic.len() > 5_000);

    let answer = send(site.get("/rest/api/content").header(AUTHORIZATION, &basic)).await;

    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let received = site.confluence.take_one();
    assert_eq!(received.header("Authorization"), Some(basic.as_str()));
    assert_eq!(identity(&received), [None, None, Some("basic"), None]);
    assert!(!site.gate.log().contains(&basic["bAsIc ".len()..]));
}
