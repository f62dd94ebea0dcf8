//! What a scrape says of providers.

use bearergate_testkit::{Behaviour, Endpoint, Provider};
use serde_json::{Value, json};

use super::text::Scrape;
use crate::validation::scene::{Scene, document};

/// A provider that is asked about tokens, in this way.
fn asked(provider: &Provider, validation: &str) -> Value {
    json!({
        "id": validation, "preset": "custom-oauth2", "token_validation": validation,
        "userinfo_endpoint": provider.userinfo_endpoint(),
        "introspection_endpoint": provider.introspection_endpoint(),
        "client_id": "gate", "client_secret": "s3cret", "audiences": ["*"],
        "username_attribute": "givenName",
    })
}

#[tokio::test]
async fn keys_are_told_with_their_age_and_fetches() {
    let scene = Scene::strict().await;
    scene
        .token(&scene.provider.good_token())
        .await
        .passes("oauth");
    let of = [("provider", "azure-b2c")];
    let fetches = |scrape: &Scrape, outcome| {
        let labels = [of[0], ("outcome", outcome)];
        scrape.count("bearergate_key_set_fetches_total", &labels)
    };
    let scrape = Scrape::of(&scene).await;
    assert_eq!(scrape.count("bearergate_keys", &of), 1);
    assert!(scrape.count("bearergate_keys_age_seconds", &of) < 60);
    assert_eq!(
        (fetches(&scrape, "good"), fetches(&scrape, "failed")),
        (1, 0)
    );

    // A key that nobody knows asks for a fetch, which fails.
    scene
        .provider
        .behave(Endpoint::Keys, Behaviour::Answer(500, "".into()));
    let stranger = bearergate_testkit::SigningKey::rsa("stranger");
    let token = scene.provider.token().signed_by(&stranger);
    scene
        .token(&token)
        .await
        .refused(503, "provider_unavailable");
    let scrape = Scrape::of(&scene).await;
    // It is tried again by and by.
    assert_eq!(fetches(&scrape, "good"), 1);
    assert!(fetches(&scrape, "failed") >= 1);
    assert_eq!(
        scrape.count("bearergate_keys", &of),
        1,
        "what was known stays"
    );
    assert!(
        scrape.find("bearergate_answer_cache_total", &[]).is_none(),
        "nobody is asked"
    );
}

#[tokio::test]
async fn keys_that_never_came_have_no_age() {
    let provider = Provider::start().await;
    provider.behave(Endpoint::Discovery, Behaviour::Answer(500, "".into()));
    let settings = document(&json!({}), &[provider.settings()]);
    let scene = Scene::on(provider, &settings, &[]);
    scene
        .token(&scene.provider.good_token())
        .await
        .refused(503, "provider_unavailable");
    let scrape = Scrape::of(&scene).await;
    assert_eq!(scrape.count("bearergate_keys", &[]), 0);
    assert!(scrape.find("bearergate_keys_age_seconds", &[]).is_none());
    let failed = scrape.count("bearergate_key_set_fetches_total", &[("outcome", "failed")]);
    assert!(failed >= 1);
}

#[tokio::test]
async fn calls_about_tokens_are_told_with_their_outcome_and_what_memory_spared() {
    for (validation, endpoint) in [
        ("userinfo", Endpoint::Userinfo),
        ("introspection", Endpoint::Introspection),
    ] {
        let provider = Provider::start().await;
        let settings = document(&json!({}), &[asked(&provider, validation)]);
        let scene = Scene::on(provider, &settings, &[]);
        scene
            .provider
            .know_user("known-token", json!({ "givenName": "Bob" }));
        scene
            .provider
            .know_token("known-token", json!({ "active": true, "givenName": "Bob" }));
        for _ in 0..3 {
            scene.token("known-token").await.passes("oauth");
        }
        scene.token("unknown").await.refused(401, "inactive");
        scene
            .provider
            .behave(endpoint, Behaviour::Answer(500, "".into()));
        // The fifth failure in a row shuts the provider off for a while.
        for attempt in 0..7 {
            let token = format!("token-{attempt}");
            scene
                .token(&token)
                .await
                .refused(503, "provider_unavailable");
        }
        let scrape = Scrape::of(&scene).await;
        for (outcome, count) in [
            ("accepted", 1),
            ("refused", 1),
            ("failed", 5),
            ("not_made", 2),
            ("abandoned", 0),
        ] {
            let labels = [
                ("provider", validation),
                ("kind", validation),
                ("outcome", outcome),
            ];
            let value = scrape.count("bearergate_introspection_calls_total", &labels);
            assert_eq!(value, count, "{labels:?}");
        }
        let cache = |result| {
            let labels = [("provider", validation), ("result", result)];
            scrape.count("bearergate_answer_cache_total", &labels)
        };
        assert_eq!((cache("hit"), cache("miss")), (2, 9));
        assert!(scrape.find("bearergate_keys", &[]).is_none(), "it has none");
    }
}

#[tokio::test]
async fn a_call_that_nobody_waits_for_is_abandoned() {
    let provider = Provider::start().await;
    let settings = document(&json!({}), &[asked(&provider, "userinfo")]);
    let scene = Scene::on(provider, &settings, &[]);
    scene.provider.behave(Endpoint::Userinfo, Behaviour::Hang);
    let asking = scene.token("T");
    let arrived = scene.provider.wait_for_requests(Endpoint::Userinfo, 1);
    tokio::select! {
        answer = asking => panic!("{answer:?}"),
        () = arrived => {}
    }
    let deadline = std::time::Instant::now() + bearergate_testkit::program::PATIENCE;
    let abandoned = [("outcome", "abandoned")];
    while Scrape::of(&scene)
        .await
        .count("bearergate_introspection_calls_total", &abandoned)
        < 1
    {
        assert!(std::time::Instant::now() < deadline);
    }
}
