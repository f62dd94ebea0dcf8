//! Faults of what is fetched in advance: the discovery document and the key set.
//!
//! Before the first good fetch nothing can be decided, and nothing passes; afterwards what is known goes on
//! serving. Either way the provider is found again as soon as it is well.

use bearergate_testkit::{Endpoint, SigningKey};

use super::answers::{Named, down_or_slow, garbage};
use super::line::{Fault, Line};
use super::scene::{Crowd, all_passed, all_refused, until};

/// All faults, and the line that their redirects would lead to.
pub fn faults() -> (Vec<Named>, Line) {
    let elsewhere = Line::to("127.0.0.1:9", Some(Fault::Silent));
    let mut faults = down_or_slow();
    faults.extend(garbage(&format!("http://{}/", elsewhere.address())));
    (faults, elsewhere)
}

/// Nothing passes and nothing hangs until the provider is well.
async fn from_the_start(endpoint: Endpoint) {
    let (faults, elsewhere) = faults();
    let crowd = Crowd::start(endpoint, faults, true).await;
    let answers = crowd.ask_all(|member| crowd.token(member, 1)).await;
    all_refused(&answers, 503, "provider_unavailable");
    let answers = crowd.ask_all(|member| crowd.forged(member)).await;
    all_refused(&answers, 503, "provider_unavailable");
    assert_eq!(elsewhere.connections(), 0, "a redirect was followed");
    for member in &crowd.members {
        member.line.heals();
    }
    crowd.all_pass(|member| crowd.token(member, 1)).await;
    let answers = crowd.ask_all(|member| crowd.forged(member)).await;
    all_refused(&answers, 401, "invalid_signature");
}

#[tokio::test]
async fn without_its_discovery_document_a_provider_passes_nobody_until_it_is_well() {
    from_the_start(Endpoint::Discovery).await;
}

#[tokio::test]
async fn without_its_keys_a_provider_passes_nobody_until_it_is_well() {
    from_the_start(Endpoint::Keys).await;
}

#[tokio::test]
async fn known_keys_serve_on_while_the_key_set_is_out_of_order() {
    let (faults, elsewhere) = faults();
    let crowd = Crowd::start(Endpoint::Keys, faults, false).await;
    crowd.all_pass(|member| crowd.token(member, 1)).await;
    for member in &crowd.members {
        member.breaks();
    }
    // It makes the gate look for newer keys, in vain.
    let answers = crowd.ask_all(|member| crowd.of_unknown_key(member)).await;
    all_refused(&answers, 503, "provider_unavailable");
    let answers = crowd.ask_all(|member| crowd.token(member, 2)).await;
    all_passed(&answers);
    let answers = crowd.ask_all(|member| crowd.forged(member)).await;
    all_refused(&answers, 401, "invalid_signature");
    assert_eq!(elsewhere.connections(), 0, "a redirect was followed");
    // While nobody could ask, the provider has changed its key.
    let tokens: Vec<_> = crowd
        .members
        .iter()
        .map(|member| crowd.token(member, 2))
        .collect();
    crowd.scene.provider.rotate(SigningKey::rsa("new"));
    for member in &crowd.members {
        member.line.heals();
    }
    crowd.all_pass(|member| crowd.token(member, 3)).await;
    for token in tokens {
        crowd.in_time(&token).await.refused(401, "unknown_key");
    }
}

#[tokio::test]
async fn new_keys_are_found_while_the_discovery_document_is_out_of_order() {
    let (faults, elsewhere) = faults();
    let crowd = Crowd::start(Endpoint::Discovery, faults, false).await;
    crowd.all_pass(|member| crowd.token(member, 1)).await;
    for member in &crowd.members {
        member.breaks();
    }
    crowd.scene.provider.rotate(SigningKey::rsa("new"));
    let answers = crowd.ask_all(|member| crowd.token(member, 2)).await;
    all_passed(&answers);
    let answers = crowd.ask_all(|member| crowd.forged(member)).await;
    all_refused(&answers, 401, "invalid_signature");
    assert_eq!(elsewhere.connections(), 0, "a redirect was followed");
}

/// Where the issuer is in the discovery document alone, nobody knows whose token it is; the ready pass at once.
#[tokio::test]
async fn an_issuer_that_is_not_known_yet_keeps_no_known_one_waiting() {
    let ready = bearergate_testkit::Provider::start().await;
    let unknown = bearergate_testkit::Provider::start().await;
    let target = unknown.base().trim_start_matches("http://").to_owned();
    let line = Line::to(&target, Some(Fault::BlackHole));
    let settings = crate::validation::scene::changed(
        unknown.settings(),
        &serde_json::json!({ "id": "unknown", "discovery_url": line.in_place_of(&unknown.discovery_url()) }),
    );
    let settings = [settings, ready.settings()];
    let document = crate::validation::scene::document(&serde_json::json!({}), &settings);
    let scene = crate::validation::scene::Scene::on(ready, &document, &[]);
    let good = unknown.good_token();
    scene
        .token(&good)
        .await
        .refused(503, "provider_unavailable");
    let begun = std::time::Instant::now();
    scene
        .token(&scene.provider.good_token())
        .await
        .passes("oauth");
    assert!(begun.elapsed().as_secs() < 3, "{:?}", begun.elapsed());
    line.heals();
    until("found again", async || {
        scene.token(&good).await.status == 200
    })
    .await;
}
