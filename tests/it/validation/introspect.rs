//! `POST /introspect`: what another resource server learns about a token, and who may ask.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bearergate_testkit::program::{PATIENCE, Server};
use bearergate_testkit::token::now;
use bearergate_testkit::{Behaviour, Endpoint, Provider};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::scene::{Answer, Scene, changed, document};

const KEY_REALM: &str = "Bearer realm=\"bearergate\"";

/// One question with this `Authorization`, where there is one, and this body.
async fn send(scene: &Scene, method: Method, authorization: &str, body: String) -> Answer {
    let url = format!("http://{}/introspect", scene.server.address);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut request = client.request(method, url);
    if !authorization.is_empty() {
        request = request.header("authorization", authorization);
    }
    let response = request
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body)
        .send()
        .await
        .expect("an answer");
    let answer = Answer {
        status: response.status(),
        headers: response.headers().clone(),
        body: response.text().await.expect("a body"),
    };
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(!answer.header("x-request-id").is_empty());
    answer
}

/// What the form of a question about this token is.
fn form(token: &str) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .append_pair("token", token)
        .append_pair("token_type_hint", "access_token")
        .finish()
}

impl Scene {
    /// A new key with this role, that the running server knows.
    async fn key(&self, name: &str, role: &str) -> String {
        let ended = self
            .place
            .run(["api-key", "create", name, "--role", role], "");
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        let key = ended.stdout.trim_end().to_owned();
        self.until_asked(&key, |status| status != StatusCode::UNAUTHORIZED)
            .await;
        key
    }

    /// Asks with this key until the status is as it should be.
    async fn until_asked(&self, key: &str, is_so: impl Fn(StatusCode) -> bool) {
        let deadline = std::time::Instant::now() + PATIENCE;
        while !is_so(self.question(key, "no.such.token").await.status) {
            assert!(std::time::Instant::now() < deadline, "nobody followed");
        }
    }

    async fn question(&self, key: &str, token: &str) -> Answer {
        send(self, Method::POST, &format!("Bearer {key}"), form(token)).await
    }

    /// What is answered about this token, which must be an answer.
    async fn introspect(&self, key: &str, token: &str) -> Value {
        let answer = self.question(key, token).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        assert_eq!(answer.header("content-type"), "application/json");
        serde_json::from_str(&answer.body).expect("JSON")
    }
}

#[track_caller]
fn problem(answer: &Answer, status: u16) {
    assert_eq!(answer.status.as_u16(), status, "{answer:?}");
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let problem: Value = serde_json::from_str(&answer.body).expect("a problem");
    assert_eq!(problem["status"], status);
    assert!(problem["detail"].is_string(), "{problem}");
}

fn inactive() -> Value {
    json!({ "active": false })
}

#[tokio::test]
async fn a_good_token_is_active_with_what_it_says_and_any_other_is_not() {
    let scene = Scene::strict().await;
    let key = scene.key("wiki", "introspect").await;
    let token = scene.provider.token();
    let claims = token.claims.clone();
    let told = scene.introspect(&key, &scene.provider.sign(token)).await;
    let expected = json!({
        "active": true, "username": "Alice", "sub": claims["sub"], "iss": claims["iss"],
        "aud": claims["aud"], "client_id": claims["azp"], "scope": claims["scp"],
        "exp": claims["exp"], "token_type": "Bearer",
    });
    assert_eq!(told, expected);

    let expired = scene.provider.token().with("exp", now() - 600);
    for bad in [&scene.provider.sign(expired), "opaque", "a b", "ä", "x.y.z"] {
        assert_eq!(scene.introspect(&key, bad).await, inactive(), "{bad}");
    }
    let long = "x".repeat(17 * 1024);
    assert_eq!(scene.introspect(&key, &long).await, inactive());
}

#[tokio::test]
async fn a_token_is_judged_as_a_protected_call_also_while_the_gate_is_off() {
    let provider = Provider::start().await;
    let rules = json!({ "required_scopes": ["demo.write"], "groups_attribute": "groups",
        "allowed_groups": ["staff"] });
    let settings = changed(provider.settings(), &rules);
    let off = json!({ "rest_api_authentication_enabled": false });
    let scene = Scene::on(provider, &document(&off, &[settings]), &[]);
    let key = scene.key("wiki", "admin").await;
    scene.validate(&[]).await.passes("disabled");
    let with = |scope: &str, group: &str| {
        let token = scene.provider.token().with("scp", scope);
        scene.provider.sign(token.with("groups", json!([group])))
    };
    assert_eq!(
        scene.introspect(&key, &with("demo.write x", "staff")).await["active"],
        true
    );
    for refused in [with("demo.read", "staff"), with("demo.write", "guests")] {
        assert_eq!(scene.introspect(&key, &refused).await, inactive());
    }
}

#[tokio::test]
async fn where_networks_are_limited_nobody_says_where_the_client_is() {
    let provider = Provider::start().await;
    let everywhere = json!({ "allowed_networks": ["0.0.0.0/0", "::/0"] });
    let settings = changed(provider.settings(), &everywhere);
    let scene = Scene::on(provider, &document(&json!({}), &[settings]), &[]);
    let key = scene.key("wiki", "introspect").await;
    let token = scene.provider.good_token();
    scene.token(&token).await.passes("oauth");
    assert_eq!(scene.introspect(&key, &token).await, inactive());
}

#[tokio::test]
async fn what_an_asked_provider_says_is_told() {
    let provider = Provider::start().await;
    let settings = json!({
        "id": "asked", "preset": "custom-oauth2", "token_validation": "introspection",
        "introspection_endpoint": provider.introspection_endpoint(),
        "client_id": "gate", "client_secret": "s3cret",
        "audiences": ["wiki"], "username_attribute": "login",
    });
    let global = json!({ "allow_atlassian_tokens": true });
    let scene = Scene::on(provider, &document(&global, &[settings]), &[]);
    let key = scene.key("wiki", "introspect").await;
    let expiry = now() + 600;
    let answer = json!({
        "active": true, "login": "bob", "username": "somebody", "aud": ["wiki"], "sub": "7",
        "client_id": "web", "scope": "read write", "exp": expiry, "secret": "not to be told",
    });
    scene.provider.know_token("T1", answer);
    let expected = json!({
        "active": true, "username": "bob", "sub": "7", "aud": ["wiki"], "client_id": "web",
        "scope": "read write", "exp": expiry, "token_type": "Bearer",
    });
    assert_eq!(scene.introspect(&key, "T1").await, expected);

    // Neither Confluence's tokens nor our keys are shown to a provider, wherever they are sent.
    let asked = scene.provider.requests(Endpoint::Introspection);
    let personal = STANDARD.encode("123456789012:\u{1}random");
    for own in [personal.as_str(), key.as_str(), "bgk_nobody"] {
        assert_eq!(scene.introspect(&key, own).await, inactive(), "{own}");
    }
    for own in [key.as_str(), "bgk_nobody"] {
        scene.token(own).await.refused(401, "unknown_token");
    }
    assert_eq!(scene.provider.requests(Endpoint::Introspection), asked);

    scene
        .provider
        .behave(Endpoint::Introspection, Behaviour::Answer(500, "".into()));
    let undecided = scene.question(&key, "T2").await;
    problem(&undecided, 503);
    assert_eq!(undecided.header("retry-after"), "5");
}

#[tokio::test]
async fn only_a_good_key_of_the_right_role_may_ask() {
    let scene = Scene::strict().await;
    let key = scene.key("wiki", "introspect").await;
    let token = scene.provider.good_token();
    let ask =
        async |authorization: &str| send(&scene, Method::POST, authorization, form(&token)).await;
    let basic = |text: &str| format!("Basic {}", STANDARD.encode(text));
    for good in [
        format!("Bearer {key}"),
        format!("bearer  {key}"),
        basic(&format!("anybody:{key}")),
        basic(&format!(":{key}")),
    ] {
        let answer = ask(&good).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    }

    let nobody = ask("").await;
    problem(&nobody, 401);
    assert_eq!(nobody.header("www-authenticate"), KEY_REALM);
    for bad in [
        format!("Bearer {token}"),
        format!("Bearer {key}x"),
        format!("Bearer {}", &key[..key.len() - 1]),
        format!("Bearer {}", key.to_uppercase()),
        "Bearer bgk_".to_owned(),
        "Bearer".to_owned(),
        format!("Bearer {key}, Bearer {key}"),
        format!("Key {key}"),
        basic(&key),
        basic(&format!("{key}:")),
        "Basic !".to_owned(),
    ] {
        let refused = ask(&bad).await;
        problem(&refused, 401);
        let challenge = format!("{KEY_REALM}, error=\"invalid_token\"");
        assert_eq!(refused.header("www-authenticate"), challenge);
        assert!(!refused.body.contains(&key));
    }
    let viewer = scene.key("viewer", "viewer").await;
    let refused = ask(&format!("Bearer {viewer}")).await;
    problem(&refused, 403);

    let ended = scene.place.run(["api-key", "revoke", "wiki"], "");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    scene
        .until_asked(&key, |status| status == StatusCode::UNAUTHORIZED)
        .await;
}

#[tokio::test]
async fn a_question_is_a_post_with_one_token() {
    let scene = Scene::strict().await;
    let key = scene.key("wiki", "introspect").await;
    let authorization = format!("Bearer {key}");
    let ask = async |body: String| send(&scene, Method::POST, &authorization, body).await;
    for method in ["GET", "PUT", "OPTIONS", "PROPFIND"] {
        let method: Method = method.parse().unwrap();
        let refused = send(&scene, method, &authorization, form("T")).await;
        problem(&refused, 405);
        assert_eq!(refused.header("allow"), "POST");
    }
    for body in ["", "token=", "token", "tokens=T", "token=T&token=T", "{}"] {
        problem(&ask(body.to_owned()).await, 400);
    }
    let padded = |bytes: usize| {
        let rest = format!("{}&pad=", form("T"));
        format!("{rest}{}", "x".repeat(bytes - rest.len()))
    };
    assert_eq!(ask(padded(64 * 1024)).await.status, StatusCode::OK);
    problem(&ask(padded(64 * 1024 + 1)).await, 413);
}

#[tokio::test]
async fn with_a_listener_for_validation_the_console_knows_no_introspection() {
    let scene = Scene::strict().await;
    let key = scene.key("wiki", "introspect").await;
    let options = [
        "--listen",
        "127.0.0.1:0",
        "--validation-listen",
        "127.0.0.1:0",
    ];
    let all = ["serve"].iter().chain(&options);
    let mut server = Server::start(&mut scene.place.command(all));
    let line = server.wait_for("listening on ");
    let (_, second) = line.split_once("http://").expect("its address");
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for (address, status) in [(server.address.as_str(), 404), (second, 200)] {
        let url = format!("http://{address}/introspect");
        let request = client.post(url).bearer_auth(&key).body(form("T"));
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status().as_u16(), status, "{address}");
    }
}
