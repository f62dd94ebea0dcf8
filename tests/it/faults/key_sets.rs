//! Key sets that are there and hold something wrong, and keys that come and go under load.

use bearergate_testkit::{Endpoint, Provider, SigningKey};
use futures::future::join_all;
use serde_json::{Value, json};

use super::scene::until;
use crate::validation::scene::{Scene, document};

async fn scene_with(keys: impl FnOnce(&SigningKey) -> Vec<Value>) -> Scene {
    let provider = Provider::start().await;
    let own = provider.signing_key();
    provider.publish_keys(keys(&own));
    let settings = document(&json!({}), &[provider.settings()]);
    Scene::on(provider, &settings, &[])
}

#[tokio::test]
async fn an_empty_key_set_passes_nobody_until_there_is_a_key() {
    let scene = scene_with(|_| Vec::new()).await;
    let good = scene.provider.good_token();
    scene.token(&good).await.refused(401, "unknown_key");
    scene
        .provider
        .publish_keys([scene.provider.signing_key().jwk()]);
    // An unknown key is looked for at most once in 30 s.
    until("the key is found", async || {
        scene.token(&good).await.status == 200
    })
    .await;
}

#[tokio::test]
async fn two_keys_of_one_id_are_both_tried_and_a_forgers_fits_neither() {
    let other = SigningKey::rsa("X5eXk4xyojNFum1kl2Ytv8dlNP4");
    let first = other.clone();
    let scene = scene_with(|own| vec![first.jwk(), own.jwk()]).await;
    scene
        .token(&scene.provider.good_token())
        .await
        .passes("oauth");
    let token = scene.provider.token();
    scene
        .token(&token.clone().signed_by(&other))
        .await
        .passes("oauth");
    let forger = SigningKey::rsa(&other.id);
    let token = token.signed_by(&forger);
    scene.token(&token).await.refused(401, "invalid_signature");
}

/// A provider that publishes its private key has other troubles; what is used is the public part.
#[tokio::test]
async fn private_and_symmetric_members_are_never_used_to_verify() {
    let scene = scene_with(|own| {
        let mut with_private = own.jwk();
        for member in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            with_private[member] = json!("AAAA");
        }
        let symmetric = json!({ "kty": "oct", "kid": "oct", "alg": "HS256", "k": "c2VjcmV0" });
        vec![symmetric, with_private]
    })
    .await;
    scene
        .token(&scene.provider.good_token())
        .await
        .passes("oauth");
    let token = scene.provider.token().with_header("kid", "oct");
    let by_secret = token.with_header("alg", "HS256");
    let answer = scene.token(&scene.provider.sign(by_secret)).await;
    answer.refused(401, "unsupported_algorithm");
}

#[tokio::test]
async fn a_key_that_changes_while_tokens_are_in_flight_fails_no_good_one() {
    let scene = Scene::strict().await;
    let old = scene.provider.good_token();
    scene.token(&old).await.passes("oauth");
    scene.provider.rotate(SigningKey::rsa("new"));
    let new = scene.provider.good_token();
    let before = scene.provider.requests(Endpoint::Keys);
    let (scene, new) = (&scene, &new);
    let answers = join_all((0..100).map(|number| {
        let token = if number % 2 == 0 { new } else { &old };
        async move { (token == new, scene.token(token).await) }
    }))
    .await;
    for (is_new, answer) in &answers {
        if *is_new {
            answer.passes("oauth");
        } else {
            // Good until the new key set is there, unknown from then on.
            assert!(matches!(answer.status.as_u16(), 200 | 401), "{answer:?}");
        }
    }
    assert_eq!(
        scene.provider.requests(Endpoint::Keys),
        before + 1,
        "one fetch for all"
    );
    scene.token(&old).await.refused(401, "unknown_key");
    scene.token(new).await.passes("oauth");
}
