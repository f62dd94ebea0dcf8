//! The form of an answer.

use reqwest::StatusCode;
use serde_json::json;

use super::scene::{Scene, changed, document};
use bearergate_testkit::Provider;

#[tokio::test]
async fn a_good_token_is_200_with_the_user_and_nothing_to_read() {
    let scene = Scene::strict().await;
    let answer = scene.token(&scene.provider.good_token()).await;
    answer.passes("oauth");
    assert_eq!(answer.header("x-auth-username"), "Alice");
    assert_eq!(answer.header("x-auth-provider"), "azure-b2c");
    assert_eq!(answer.header("x-auth-groups"), "");
    // A foreign token that was judged must not reach Confluence.
    assert_eq!(answer.header("authorization"), "");
    assert_eq!(answer.header("content-length"), "0");
    assert_eq!(answer.body, "");
}

#[tokio::test]
async fn whoever_accepts_json_gets_the_decision_as_json() {
    let scene = Scene::strict().await;
    let token = scene.provider.token();
    let expiry = token.claims["exp"].clone();
    let bearer = format!("Bearer {}", scene.provider.sign(token));
    for accept in ["application/json", "text/html, Application/JSON;q=0.5"] {
        let answer = scene
            .validate(&[("authorization", &bearer), ("accept", accept)])
            .await;
        answer.passes("oauth");
        let body: serde_json::Value = serde_json::from_str(&answer.body).expect("JSON");
        let expected = json!({
            "allowed": true, "username": "Alice", "provider": "azure-b2c", "method": "oauth",
            "groups": [], "expires_at": expiry,
        });
        assert_eq!(body, expected);
    }
    for accept in [
        "*/*",
        "text/html",
        "application/json;q=0",
        "application/jsonp",
    ] {
        let answer = scene
            .validate(&[("authorization", &bearer), ("accept", accept)])
            .await;
        assert_eq!(answer.body, "", "{accept}");
    }
}

#[tokio::test]
async fn the_challenge_offers_bearer_alone_and_repeats_nothing() {
    let scene = Scene::with(&json!({})).await;
    let answer = scene.validate(&[]).await;
    answer.refused(401, "missing_credential");
    assert_eq!(
        answer.header("www-authenticate"),
        "Bearer realm=\"REST API\""
    );
    let token = scene
        .provider
        .sign(scene.provider.token().with("aud", "<script>\"x"));
    let answer = scene.token(&token).await;
    answer.refused(401, "wrong_audience");
    let challenge = answer.header("www-authenticate");
    assert!(challenge.starts_with("Bearer realm=\"REST API\", error=\"invalid_token\""));
    assert!(!format!("{answer:?}").contains("<script>"), "{answer:?}");
}

#[tokio::test]
async fn a_missing_scope_is_403_and_named() {
    let provider = Provider::start().await;
    let settings = changed(
        provider.settings(),
        &json!({ "required_scopes": ["wiki.write", "a"] }),
    );
    let scene = Scene::on(provider, &document(&json!({}), &[settings]), &[]);
    let answer = scene.token(&scene.provider.good_token()).await;
    answer.refused(403, "insufficient_scope");
    assert_eq!(
        answer.header("www-authenticate"),
        "Bearer realm=\"REST API\", error=\"insufficient_scope\", scope=\"wiki.write a\""
    );
    let token = scene.provider.token().with("scp", "a wiki.write b");
    scene
        .token(&scene.provider.sign(token))
        .await
        .passes("oauth");
}

#[tokio::test]
async fn every_method_is_answered_like_get() {
    let scene = Scene::strict().await;
    let bearer = format!("Bearer {}", scene.provider.good_token());
    for method in [
        "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "TRACE", "FOO",
    ] {
        let answer = scene
            .ask(method, "/validate", &[("authorization", &bearer)])
            .await;
        answer.passes("oauth");
        let answer = scene.ask(method, "/validate", &[]).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{method}");
        answer.check_form();
        assert_eq!(answer.body.is_empty(), method == "HEAD", "{method}");
        let length: usize = answer.header("content-length").parse().expect("a number");
        assert!(length > 0, "{method}");
    }
}

#[tokio::test]
async fn names_are_percent_encoded_and_groups_stay_whole() {
    let provider = Provider::start().await;
    let members = json!({ "username_attribute": "name", "groups_attribute": "groups" });
    let settings = changed(provider.settings(), &members);
    let scene = Scene::on(provider, &document(&json!({}), &[settings]), &[]);
    let token = scene
        .provider
        .token()
        .with("name", "Özdemir 100%")
        .with("groups", json!(["a,b", "c d", "é"]));
    let answer = scene.token(&scene.provider.sign(token)).await;
    answer.passes("oauth");
    assert_eq!(answer.header("x-auth-username"), "%C3%96zdemir%20100%25");
    assert_eq!(answer.header("x-auth-groups"), "a%2Cb,c%20d,%C3%A9");

    let many: Vec<_> = (0..150).map(|number| format!("{number:060}")).collect();
    let token = scene.provider.token().with("groups", json!(many));
    let answer = scene.token(&scene.provider.sign(token)).await;
    answer.passes("oauth");
    let groups: Vec<_> = answer.header("x-auth-groups").split(',').collect();
    assert!(answer.header("x-auth-groups").len() <= 8192);
    assert_eq!(groups, many[..groups.len()]);
    assert!(groups.len() > 130, "as many as fit: {}", groups.len());
}

#[tokio::test]
async fn the_credential_that_confluence_checks_comes_back_byte_for_byte() {
    let scene =
        Scene::with(&json!({ "allow_atlassian_tokens": true, "public_paths": ["/open/"] })).await;
    let oauth1 = "OAuth oauth_consumer_key=\"k\",  oauth_signature_method=\"RSA-SHA1\", oauth_signature=\"s\"";
    for (target, value, method) in [
        ("/rest/api", "bAsIc  YTpi", "basic"),
        ("/rest/api", oauth1, "oauth1"),
        (
            "/rest/api",
            "Bearer MTIzNDU2Nzg5MDEyOqrwyJJZp2Vj",
            "atlassian-token",
        ),
        ("/open/x", "Whatever it is", "public"),
        ("/display/x", "Negotiate abc", "public"),
    ] {
        let answer = scene.target(target, &[("authorization", value)]).await;
        answer.passes(method);
        assert_eq!(answer.header("authorization"), value);
    }
    let twice = [
        ("authorization", "Basic YTpi"),
        ("authorization", "Basic YTpi"),
    ];
    let answer = scene.target("/open/x", &twice).await;
    answer.passes("public");
    assert_eq!(answer.header("authorization"), "");
}

#[tokio::test]
async fn the_request_id_is_taken_over_from_a_trusted_proxy() {
    let scene = Scene::strict().await;
    let answer = scene.validate(&[("x-request-id", "abc-1._Z")]).await;
    assert_eq!(answer.header("x-request-id"), "abc-1._Z");
    let long = "x".repeat(65);
    for id in ["", "a b", "a\"b", "ä", &long] {
        let answer = scene.validate(&[("x-request-id", id)]).await;
        assert_ne!(answer.header("x-request-id"), id);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_is_never_read() {
    let scene = Scene::strict().await;
    let bearer = format!("Bearer {}", scene.provider.good_token());
    // The promised body never comes: an answer proves that nobody waited for it.
    let answer = raw(
        &scene.server.address,
        &format!(
            "POST /validate HTTP/1.1\r\nhost: x\r\nauthorization: {bearer}\r\ncontent-length: 10000000\r\n\r\n"
        ),
    );
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
}

fn raw(address: &str, request: &str) -> String {
    use std::io::{BufRead as _, BufReader, Write as _};
    let mut stream = std::net::TcpStream::connect(address).expect("a connection");
    stream
        .set_read_timeout(Some(bearergate_testkit::program::PATIENCE))
        .expect("a time-out");
    stream
        .write_all(request.as_bytes())
        .expect("a request is sent");
    let mut line = String::new();
    BufReader::new(stream)
        .read_line(&mut line)
        .expect("an answer");
    line
}
