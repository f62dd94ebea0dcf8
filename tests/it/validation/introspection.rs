//! Providers that are asked: the introspection endpoint (RFC 7662).

use bearergate_testkit::token::now;
use bearergate_testkit::{Behaviour, Endpoint, Provider};
use serde_json::{Value, json};

use super::scene::{Scene, changed, document};

fn settings(provider: &Provider, members: &Value) -> Value {
    let settings = json!({
        "id": "asked", "preset": "custom-oauth2", "token_validation": "introspection",
        "introspection_endpoint": provider.introspection_endpoint(),
        "client_id": "gate:keeper", "client_secret": "s3cret & more",
        "audiences": ["wiki"], "username_attribute": "username",
    });
    changed(settings, members)
}

async fn scene_with(members: &Value) -> Scene {
    let provider = Provider::start().await;
    let settings = document(&json!({}), &[settings(&provider, members)]);
    Scene::on(provider, &settings, &[])
}

fn active(members: &Value) -> Value {
    let answer = json!({
        "active": true, "username": "bob", "aud": "wiki", "client_id": "web", "sub": "1",
        "scope": "read write", "exp": now() + 600, "token_type": "Bearer",
    });
    changed(answer, members)
}

#[tokio::test]
async fn an_active_token_is_good_and_the_gate_asks_as_its_client() {
    let scene = scene_with(&json!({ "required_scopes": ["write"] })).await;
    scene.provider.know_token("T1", active(&json!({})));
    let answer = scene.token("T1").await;
    answer.passes("oauth");
    assert_eq!(answer.header("x-auth-username"), "bob");
    let asked = &scene.provider.asked()[0];
    // "gate%3Akeeper:s3cret+%26+more", form-encoded before it is Basic.
    assert_eq!(
        asked.authorization,
        "Basic Z2F0ZSUzQWtlZXBlcjpzM2NyZXQrJTI2K21vcmU="
    );
    assert_eq!(asked.body, "token=T1&token_type_hint=access_token");
    scene.token("T2").await.refused(401, "inactive");
}

#[tokio::test]
async fn only_the_boolean_true_is_a_yes() {
    let scene = scene_with(&json!({})).await;
    for (number, value) in [
        json!("true"),
        json!(1),
        json!(null),
        json!([true]),
        json!(false),
    ]
    .iter()
    .enumerate()
    {
        let token = format!("T{number}");
        scene
            .provider
            .know_token(&token, active(&json!({ "active": value })));
        scene.token(&token).await.refused(401, "inactive");
    }
    scene
        .provider
        .know_token("none", json!({ "username": "bob", "aud": "wiki" }));
    scene.token("none").await.refused(401, "inactive");
}

#[tokio::test]
async fn what_the_answer_says_is_checked_like_claims() {
    let scene =
        scene_with(&json!({ "authorized_clients": ["web"], "required_scopes": ["read"] })).await;
    for (number, (members, status, reason)) in [
        (json!({ "aud": "other" }), 401, "wrong_audience"),
        (json!({ "aud": ["x", "other"] }), 401, "wrong_audience"),
        (
            json!({ "aud": null, "client_id": null }),
            401,
            "wrong_audience",
        ),
        (json!({ "aud": null }), 401, "wrong_audience"),
        (json!({ "client_id": "other" }), 401, "wrong_client"),
        (json!({ "client_id": null }), 401, "wrong_client"),
        (json!({ "exp": now() - 120 }), 401, "expired"),
        (json!({ "nbf": now() + 120 }), 401, "not_yet_valid"),
        (json!({ "cnf": { "jkt": "x" } }), 401, "sender_constrained"),
        (json!({ "scope": "write" }), 403, "insufficient_scope"),
        (json!({ "username": null }), 401, "missing_username"),
        (json!({ "sub": "web" }), 401, "no_user"),
    ]
    .into_iter()
    .enumerate()
    {
        let token = format!("T{number}.");
        scene.provider.know_token(&token, active(&members));
        scene.token(&token).await.refused(status, reason);
    }
    scene
        .provider
        .know_token("list", active(&json!({ "aud": ["x", "wiki"] })));
    scene.token("list").await.passes("oauth");
}

#[tokio::test]
async fn without_an_audience_the_client_tells_whom_a_token_is_for() {
    let scene = scene_with(&json!({ "audiences": [] })).await;
    scene.provider.know_token(
        "own",
        active(&json!({ "aud": null, "client_id": "gate:keeper" })),
    );
    scene.token("own").await.passes("oauth");
    scene
        .provider
        .know_token("foreign", active(&json!({ "aud": null })));
    scene.token("foreign").await.refused(401, "wrong_audience");
}

#[tokio::test]
async fn a_revoked_token_is_refused_within_the_cache_time() {
    let scene = scene_with(&json!({ "cache_seconds": 1 })).await;
    scene.provider.know_token("T", active(&json!({})));
    scene.token("T").await.passes("oauth");
    scene.token("T").await.passes("oauth");
    assert_eq!(scene.provider.requests(Endpoint::Introspection), 1);
    scene.provider.revoke("T");
    let begun = std::time::Instant::now();
    while scene.token("T").await.status == 200 {
        assert!(begun.elapsed().as_secs() < 5);
    }
}

#[tokio::test]
async fn a_refused_client_or_a_broken_answer_is_503() {
    for behaviour in [
        Behaviour::Answer(401, "".into()),
        Behaviour::Answer(500, "".into()),
        Behaviour::Answer(200, "true".into()),
        Behaviour::Answer(200, "[{\"active\":true}]".into()),
    ] {
        let scene = scene_with(&json!({})).await;
        scene.provider.behave(Endpoint::Introspection, behaviour);
        scene.token("T").await.refused(503, "provider_unavailable");
    }
}

#[tokio::test]
async fn a_jwt_is_introspected_by_the_provider_that_lists_its_issuer() {
    let provider = Provider::start().await;
    let members = json!({
        "preset": "custom-oidc", "issuers": [provider.issuer()], "username_attribute": "username",
    });
    let settings = document(&json!({}), &[settings(&provider, &members)]);
    let scene = Scene::on(provider, &settings, &[]);
    let token = scene
        .provider
        .sign(scene.provider.token().with("aud", "other"));
    scene
        .provider
        .know_token(&token, active(&json!({ "iss": scene.provider.issuer() })));
    scene.token(&token).await.passes("oauth");
    let foreign = scene.provider.sign(scene.provider.token().with("x", 1));
    scene.provider.know_token(
        &foreign,
        active(&json!({ "iss": "https://other.example.com" })),
    );
    scene.token(&foreign).await.refused(401, "unknown_issuer");
    let before = scene.provider.requests(Endpoint::Introspection);
    let expired = scene
        .provider
        .sign(scene.provider.token().with("exp", now() - 100));
    scene.token(&expired).await.refused(401, "expired");
    assert_eq!(scene.provider.requests(Endpoint::Introspection), before);
    // Without audience and client in the answer, the token that was accepted says it itself.
    let silent = scene
        .provider
        .sign(scene.provider.token().with("aud", "wiki"));
    let answer = json!({ "active": true, "username": "bob" });
    scene.provider.know_token(&silent, answer);
    scene.token(&silent).await.passes("oauth");
}

#[tokio::test]
async fn an_active_token_that_is_no_access_token_opens_nothing() {
    let scene = scene_with(&json!({})).await;
    for (number, members) in [
        json!({ "token_type": "refresh_token" }),
        json!({ "typ": "Refresh" }),
        json!({ "typ": "ID" }),
        json!({ "token_type": "DPoP" }),
    ]
    .iter()
    .enumerate()
    {
        let token = format!("T{number}.");
        scene.provider.know_token(&token, active(members));
        scene.token(&token).await.refused(401, "wrong_token_type");
    }
}
