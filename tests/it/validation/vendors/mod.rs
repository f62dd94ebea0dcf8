//! The vendors' own shapes: from a preset's settings to a 200, and to the refusals that its facts name.

mod microsoft;
mod public;
mod workforce;

use bearergate_testkit::Provider;
use bearergate_testkit::token::now;
use serde_json::{Value, json};

use super::scene::{Scene, changed, document};

/// The gate with one provider of this preset, led to the test's own provider.
pub async fn scene_of(preset: &str, members: impl Fn(&Provider) -> Value) -> Scene {
    let provider = Provider::start().await;
    let base = json!({
        "id": preset, "preset": preset, "client_id": "our-app", "client_secret": "s3cret",
        "discovery_url": provider.discovery_url(),
    });
    let settings = changed(base, &members(&provider));
    let settings = document(&json!({}), &[settings]);
    Scene::on(provider, &settings, &[])
}

/// A token with nothing but these claims beside issuer and times.
pub fn token(scene: &Scene, claims: &Value) -> String {
    let mut token = scene.provider.token();
    token.claims = json!({ "iss": scene.provider.issuer(), "iat": now() - 5, "exp": now() + 600 })
        .as_object()
        .cloned()
        .expect("an object");
    for (name, value) in claims.as_object().expect("an object") {
        token.claims.insert(name.clone(), value.clone());
    }
    scene.provider.sign(token)
}

/// What becomes of tokens with these claims: a username, or a reason.
pub async fn judged(scene: &Scene, cases: &[(Value, Result<&str, &str>)]) {
    for (claims, expected) in cases {
        let answer = scene.token(&token(scene, claims)).await;
        match expected {
            Ok(username) => {
                assert_eq!(answer.status, 200, "{claims} {answer:?}");
                assert_eq!(answer.header("x-auth-username"), *username, "{claims}");
            }
            Err(reason) => {
                assert_eq!(answer.header("x-auth-reason"), *reason, "{claims}");
            }
        }
    }
}
