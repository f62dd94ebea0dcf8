//! Keys and discovery documents: rotated, missing, hostile, unreachable.

use std::time::Instant;

use bearergate_testkit::{Behaviour, Endpoint, Provider, SigningKey};
use serde_json::json;

use super::scene::{Scene, changed, document};

#[tokio::test]
async fn a_known_key_needs_no_call_and_goes_on_when_the_provider_is_gone() {
    let scene = Scene::strict().await;
    let good = scene.provider.good_token();
    scene.token(&good).await.passes("oauth");
    let before =
        scene.provider.requests(Endpoint::Keys) + scene.provider.requests(Endpoint::Discovery);
    scene
        .provider
        .behave_everywhere(&Behaviour::Answer(500, "".into()));
    for _ in 0..20 {
        scene.token(&good).await.passes("oauth");
    }
    let after =
        scene.provider.requests(Endpoint::Keys) + scene.provider.requests(Endpoint::Discovery);
    assert_eq!(before, after);
    let unknown = scene.provider.token().with_header("kid", "new");
    scene
        .token(&scene.provider.sign(unknown))
        .await
        .refused(503, "provider_unavailable");
    scene.token(&good).await.passes("oauth");
}

#[tokio::test]
async fn a_rotated_key_is_fetched_by_the_first_token_that_names_it() {
    let scene = Scene::strict().await;
    let old = scene.provider.good_token();
    scene.token(&old).await.passes("oauth");
    scene.provider.rotate(SigningKey::rsa("new"));
    scene
        .token(&scene.provider.good_token())
        .await
        .passes("oauth");
    scene.token(&old).await.refused(401, "unknown_key");
}

#[tokio::test]
async fn a_withdrawn_key_stays_for_its_grace_where_the_settings_say_so() {
    let provider = Provider::start().await;
    let settings = changed(provider.settings(), &json!({ "key_grace_seconds": 3600 }));
    let scene = Scene::on(provider, &document(&json!({}), &[settings]), &[]);
    let old = scene.provider.good_token();
    scene.token(&old).await.passes("oauth");
    scene.provider.rotate(SigningKey::rsa("new"));
    scene
        .token(&scene.provider.good_token())
        .await
        .passes("oauth");
    scene.token(&old).await.passes("oauth");
}

#[tokio::test]
async fn a_flood_of_unknown_keys_makes_one_fetch() {
    for keys in [
        None,
        Some(Behaviour::Answer(200, "{\"keys\":[]}".into())),
        Some(Behaviour::Answer(500, "".into())),
    ] {
        let scene = Scene::strict().await;
        let good = scene.provider.good_token();
        scene.token(&good).await.passes("oauth");
        let before = scene.provider.requests(Endpoint::Keys);
        let broken = keys.is_some();
        if let Some(keys) = keys {
            scene.provider.behave(Endpoint::Keys, keys);
        }
        let tokens: Vec<_> = (0..100)
            .map(|number| {
                scene.provider.sign(
                    scene
                        .provider
                        .token()
                        .with_header("kid", format!("k{number}")),
                )
            })
            .collect();
        let answers =
            futures::future::join_all(tokens.iter().map(|token| scene.token(token))).await;
        for answer in &answers {
            assert!(matches!(answer.status.as_u16(), 401 | 503), "{answer:?}");
        }
        // One for the flood; where the provider fails, its own retry may come beside it.
        let fetches = scene.provider.requests(Endpoint::Keys) - before;
        assert!((1..=2).contains(&fetches), "{fetches}");
        if !broken {
            scene.token(&good).await.passes("oauth");
        }
    }
}

#[tokio::test]
async fn hostile_key_sets_neither_pass_nor_hurt() {
    let provider = Provider::start().await;
    let own = provider.signing_key();
    let mut odd = own.jwk();
    odd["kty"] = json!("XYZ");
    let mut encrypting = SigningKey::rsa("enc").jwk();
    encrypting["use"] = json!("enc");
    let small = json!({ "kty": "RSA", "kid": "small", "n": "AQAB", "e": "AQAB" });
    let secret = json!({ "kty": "oct", "kid": "oct", "k": "AAAA" });
    let with_alg = {
        let mut jwk = SigningKey::rsa("wrong-alg").jwk();
        jwk["alg"] = json!("RS512");
        jwk
    };
    provider.publish_keys([
        odd,
        json!(7),
        json!(null),
        encrypting,
        small,
        secret,
        with_alg,
        own.jwk(),
    ]);
    let scene = Scene::on(provider, &document(&json!({}), &[]), &[]);
    let settings = document(
        &json!({ "basic_authentication_disabled": true }),
        &[scene.provider.settings()],
    );
    let scene = Scene::on(scene.provider, &settings, &[]);
    scene
        .token(&scene.provider.good_token())
        .await
        .passes("oauth");
    for id in ["enc", "small", "oct", "wrong-alg"] {
        let token = scene.provider.token().with_header("kid", id);
        scene
            .token(&scene.provider.sign(token))
            .await
            .refused(401, "unknown_key");
    }
}

#[tokio::test]
async fn a_token_without_key_id_needs_the_only_key_that_fits() {
    let provider = Provider::start().await;
    let own = provider.signing_key();
    provider.publish_keys([own.jwk(), SigningKey::p256("ec").jwk()]);
    let settings = document(&json!({}), &[provider.settings()]);
    let scene = Scene::on(provider, &settings, &[]);
    let token = scene.provider.token();
    let anonymous = || {
        let claims = serde_json::Value::Object(token.claims.clone()).to_string();
        own.sign(r#"{"alg":"RS256"}"#, &claims)
    };
    scene.token(&anonymous()).await.passes("oauth");
    scene
        .provider
        .publish_keys([own.jwk(), SigningKey::rsa("second").jwk()]);
    // A token with an unknown key makes the gate look at the new key set.
    let unknown = scene.provider.token().with_header("kid", "new");
    scene
        .token(&scene.provider.sign(unknown))
        .await
        .refused(401, "unknown_key");
    scene.token(&anonymous()).await.refused(401, "unknown_key");
}

#[tokio::test]
async fn documents_that_cannot_be_used_leave_the_gate_shut() {
    for behaviour in [
        Behaviour::Answer(404, "".into()),
        Behaviour::Answer(200, "<html>Sign in</html>".into()),
        Behaviour::Answer(200, "[]".into()),
        Behaviour::Answer(200, "{\"issuer\":7}".into()),
        Behaviour::Answer(200, vec![b' '; 2 * 1024 * 1024].into()),
    ] {
        let provider = Provider::start().await;
        provider.behave(Endpoint::Discovery, behaviour);
        let settings = document(&json!({}), &[provider.settings()]);
        let scene = Scene::on(provider, &settings, &[]);
        scene
            .token(&scene.provider.good_token())
            .await
            .refused(503, "provider_unavailable");
    }
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let canary = Provider::start().await;
    let provider = Provider::start().await;
    provider.behave(
        Endpoint::Keys,
        Behaviour::Redirect(format!("{}/discovery/v2.0/keys", canary.base())),
    );
    let settings = document(&json!({}), &[provider.settings()]);
    let scene = Scene::on(provider, &settings, &[]);
    scene
        .token(&scene.provider.good_token())
        .await
        .refused(503, "provider_unavailable");
    assert_eq!(canary.requests(Endpoint::Keys), 0);
}

#[tokio::test]
async fn a_provider_that_hangs_is_given_up_in_time_and_found_again() {
    let provider = Provider::start().await;
    provider.behave(Endpoint::Keys, Behaviour::Stall);
    let settings = document(&json!({}), &[provider.settings()]);
    let scene = Scene::on(provider, &settings, &[]);
    let begun = Instant::now();
    scene
        .token(&scene.provider.good_token())
        .await
        .refused(503, "provider_unavailable");
    assert!(begun.elapsed().as_secs() <= 11, "{:?}", begun.elapsed());
    scene.provider.behave(Endpoint::Keys, Behaviour::Healthy);
    let seen = scene.provider.requests(Endpoint::Keys);
    scene
        .provider
        .wait_for_requests(Endpoint::Keys, seen + 1)
        .await;
    let deadline = Instant::now() + bearergate_testkit::program::PATIENCE;
    loop {
        let answer = scene.token(&scene.provider.good_token()).await;
        if answer.status == 200 {
            break;
        }
        assert!(Instant::now() < deadline, "{answer:?}");
    }
}

#[tokio::test]
async fn a_dead_provider_slows_no_other() {
    let dead = Provider::start().await;
    dead.behave_everywhere(&Behaviour::Hang);
    let provider = Provider::start().await;
    let second = changed(dead.settings(), &json!({ "id": "dead" }));
    let settings = document(&json!({}), &[second, provider.settings()]);
    let scene = Scene::on(provider, &settings, &[]);
    scene
        .token(&scene.provider.good_token())
        .await
        .passes("oauth");
    let begun = Instant::now();
    scene
        .token(&scene.provider.good_token())
        .await
        .passes("oauth");
    assert!(begun.elapsed().as_secs() < 2, "{:?}", begun.elapsed());
}
