//! Observe mode: everything is decided as ever, and nothing is refused.

use serde_json::json;

use super::scene::Scene;

const BASIC: (&str, &str) = ("authorization", "Basic YWxpY2U6c2VjcmV0");

#[tokio::test]
async fn what_would_be_refused_passes_with_the_clients_own_credential() {
    let scene = Scene::with(&json!({
        "basic_authentication_disabled": true, "allow_oauth1": false, "mode": "observe",
    }))
    .await;
    let expired = scene.provider.sign(scene.provider.token().with("exp", 1));
    let bearer = format!("Bearer {expired}");
    for (name, value) in [
        BASIC,
        ("authorization", bearer.as_str()),
        ("authorization", "Bearer"),
        ("authorization", "Negotiate abc"),
        (
            "authorization",
            "OAuth oauth_consumer_key=\"a\", oauth_signature_method=\"b\", oauth_signature=\"c\"",
        ),
    ] {
        let answer = scene.target("/rest/api/content", &[(name, value)]).await;
        answer.passes("observed");
        assert_eq!(answer.header("authorization"), value);
    }
    let answer = scene.target("/rest/api/content", &[]).await;
    answer.passes("observed");
    assert_eq!(answer.header("authorization"), "");
    // Several credentials can't be passed on as one.
    let several = [BASIC, ("authorization", bearer.as_str())];
    let answer = scene.target("/rest/api/content", &several).await;
    answer.passes("observed");
    assert_eq!(answer.header("authorization"), "");
}

#[tokio::test]
async fn what_passes_is_answered_as_ever() {
    let scene = Scene::with(&json!({ "mode": "observe" })).await;
    let good = scene.token(&scene.provider.good_token()).await;
    good.passes("oauth");
    assert_eq!(good.header("authorization"), "");
    scene.target("/rest/", &[BASIC]).await.passes("basic");
    scene.target("/display/x", &[]).await.passes("public");
}

#[tokio::test]
async fn a_provider_that_cannot_be_asked_refuses_nobody_while_the_gate_observes() {
    use bearergate_testkit::{Behaviour, Endpoint, Provider};
    let provider = Provider::start().await;
    provider.behave(Endpoint::Discovery, Behaviour::Answer(500, "".into()));
    let settings = super::scene::document(&json!({ "mode": "observe" }), &[provider.settings()]);
    let scene = Scene::on(provider, &settings, &[]);
    let token = scene.provider.good_token();
    scene.token(&token).await.passes("observed");
}

#[tokio::test]
async fn basic_alone_can_be_observed() {
    let scene = Scene::with(&json!({
        "basic_authentication_disabled": true, "basic_observed": true,
    }))
    .await;
    let answer = scene.target("/rest/", &[BASIC]).await;
    answer.passes("observed");
    assert_eq!(answer.header("authorization"), BASIC.1);
    let query = "/rest/?os_username=alice&os_password=secret";
    scene.target(query, &[]).await.passes("observed");
    scene
        .target("/rest/", &[])
        .await
        .refused(401, "missing_credential");
    scene.token("nonsense").await.refused(401, "unknown_token");
}
