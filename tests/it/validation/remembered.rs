//! A token that was verified once is remembered, and still judged by whatever holds now.

use std::time::{Duration, Instant};

use bearergate_testkit::token::now;
use bearergate_testkit::{Provider, SigningKey};
use serde_json::{Value, json};

use super::scene::{Answer, Scene, changed, document};

/// A scene whose provider has these settings changed, and a token that is remembered there.
async fn remembered(members: &Value) -> (Scene, String) {
    let provider = Provider::start().await;
    let settings = changed(provider.settings(), members);
    let global = json!({ "clock_skew_seconds": 0 });
    let scene = Scene::on(provider, &document(&global, &[settings]), &[]);
    let token = scene.provider.good_token();
    for _ in 0..3 {
        scene.token(&token).await.passes("oauth");
    }
    (scene, token)
}

/// Imports these settings of the provider, and waits until the token's answer is another one.
async fn after_import(scene: &Scene, token: &str, members: &Value) -> Answer {
    let settings = changed(scene.provider.settings(), members);
    let before = scene.token(token).await;
    scene.place.import(&document(&json!({}), &[settings]));
    let begun = Instant::now();
    loop {
        let answer = scene.token(token).await;
        let same = |name: &str| answer.headers.get(name) == before.headers.get(name);
        if answer.status != before.status || !same("x-auth-username") || !same("x-auth-groups") {
            return answer;
        }
        assert!(
            begun.elapsed() < Duration::from_secs(5),
            "the old answer stays"
        );
    }
}

#[tokio::test]
async fn it_ends_with_its_expiry() {
    let (scene, _) = remembered(&json!({})).await;
    let expiry = now() + 3;
    let token = scene
        .provider
        .sign(scene.provider.token().with("exp", expiry));
    scene.token(&token).await.passes("oauth");
    loop {
        let before = now();
        let answer = scene.token(&token).await;
        if answer.status != 200 {
            assert!(now() >= expiry, "not before its time");
            answer.refused(401, "expired");
            break;
        }
        assert!(before < expiry, "it passed after its time");
    }
}

#[tokio::test]
async fn it_follows_each_save() {
    let (scene, token) = remembered(&json!({})).await;
    let answer = after_import(&scene, &token, &json!({ "username_attribute": "oid" })).await;
    answer.passes("oauth");
    assert_eq!(
        answer.header("x-auth-username"),
        "0b1f3c1e-8f3a-4a53-9d61-7d2c5a6f4e01"
    );
    let answer = after_import(&scene, &token, &json!({ "audiences": ["somebody-else"] })).await;
    answer.refused(401, "wrong_audience");
    let answer = after_import(&scene, &token, &json!({})).await;
    answer.passes("oauth");
    let answer = after_import(&scene, &token, &json!({ "enabled": false })).await;
    answer.refused(401, "unknown_issuer");
}

#[tokio::test]
async fn it_ends_with_its_key() {
    let (scene, token) = remembered(&json!({})).await;
    scene.provider.rotate(SigningKey::rsa("new"));
    scene.token(&token).await.passes("oauth");
    // A token with the new key has the keys read anew, and the old one is no longer among them.
    let new = scene.provider.good_token();
    scene.token(&new).await.passes("oauth");
    scene.token(&token).await.refused(401, "unknown_key");
}

#[tokio::test]
async fn it_passes_from_an_allowed_network_only() {
    let (scene, token) = remembered(&json!({ "allowed_networks": ["127.0.0.0/8"] })).await;
    let bearer = format!("Bearer {token}");
    let from = async |address: &str| {
        let headers = [("authorization", &*bearer), ("x-forwarded-for", address)];
        scene.validate(&headers).await
    };
    from("127.0.0.9").await.passes("oauth");
    from("192.0.2.7").await.refused(403, "network_not_allowed");
    from("garbage").await.refused(403, "network_not_allowed");
    from("127.0.0.9").await.passes("oauth");
}

#[tokio::test]
async fn another_token_that_differs_in_one_byte_is_judged_by_itself() {
    let (scene, token) = remembered(&json!({})).await;
    let last = token.len() - 2;
    for (at, byte) in [(0, "f"), (token.len() / 2, "x"), (last, "-"), (last, "_")] {
        let mut other = token.clone();
        other.replace_range(at..=at, byte);
        if other != token {
            assert_eq!(scene.token(&other).await.status, 401, "{at}");
        }
    }
    for other in [&token[..last], &format!("{token}A"), &format!("{token}=")] {
        assert_eq!(scene.token(other).await.status, 401);
    }
    scene.token(&token).await.passes("oauth");
}
