//! Providers that are asked: the userinfo endpoint.

use bearergate_testkit::token::now;
use bearergate_testkit::{Behaviour, Endpoint, Provider};
use serde_json::{Value, json};

use super::scene::{Scene, changed, document};

fn opaque(provider: &Provider, members: &Value) -> Value {
    let settings = json!({
        "id": "custom-oauth2", "preset": "custom-oauth2", "token_validation": "userinfo",
        "userinfo_endpoint": provider.userinfo_endpoint(), "audiences": ["*"],
        "username_attribute": "givenName",
    });
    changed(settings, members)
}

async fn scene_with(members: &Value) -> Scene {
    let provider = Provider::start().await;
    let settings = document(&json!({}), &[opaque(&provider, members)]);
    Scene::on(provider, &settings, &[])
}

#[tokio::test]
async fn an_opaque_token_is_good_if_the_provider_says_so() {
    let scene = scene_with(&json!({})).await;
    scene
        .provider
        .know_user("opaque|1!", json!({ "sub": "1", "givenName": "Bob" }));
    let answer = scene.token("opaque|1!").await;
    answer.passes("oauth");
    assert_eq!(answer.header("x-auth-username"), "Bob");
    assert_eq!(answer.header("x-auth-provider"), "custom-oauth2");
    scene.token("opaque2").await.refused(401, "inactive");
    scene.provider.know_user("nameless", json!({ "sub": "1" }));
    scene
        .token("nameless")
        .await
        .refused(401, "missing_username");
}

#[tokio::test]
async fn answers_are_remembered_and_shared() {
    let scene = scene_with(&json!({})).await;
    scene.provider.know_user("T", json!({ "givenName": "Bob" }));
    let answers = futures::future::join_all((0..50).map(|_| scene.token("T"))).await;
    for answer in &answers {
        answer.passes("oauth");
    }
    assert_eq!(
        scene.provider.requests(Endpoint::Userinfo),
        1,
        "one call for all who ask at once"
    );
    for _ in 0..20 {
        scene.token("unknown").await.refused(401, "inactive");
    }
    assert_eq!(
        scene.provider.requests(Endpoint::Userinfo),
        2,
        "a definite no is remembered"
    );
}

#[tokio::test]
async fn nothing_is_remembered_where_the_settings_say_so_or_over_a_revision() {
    let scene = scene_with(&json!({ "cache_seconds": 0 })).await;
    scene.provider.know_user("T", json!({ "givenName": "Bob" }));
    for _ in 0..3 {
        scene.token("T").await.passes("oauth");
    }
    assert_eq!(scene.provider.requests(Endpoint::Userinfo), 3);

    let scene = scene_with(&json!({})).await;
    scene
        .provider
        .know_user("T", json!({ "givenName": "Bob", "login": "bob" }));
    assert_eq!(scene.token("T").await.header("x-auth-username"), "Bob");
    let changed = opaque(&scene.provider, &json!({ "username_attribute": "login" }));
    scene.place.import(&document(&json!({}), &[changed]));
    let deadline = std::time::Instant::now() + bearergate_testkit::program::PATIENCE;
    while scene.token("T").await.header("x-auth-username") != "bob" {
        assert!(std::time::Instant::now() < deadline);
    }
    assert_eq!(scene.provider.requests(Endpoint::Userinfo), 2);
}

#[tokio::test]
async fn an_answer_that_decides_nothing_is_503_and_not_remembered() {
    for behaviour in [
        Behaviour::Answer(500, "".into()),
        Behaviour::Answer(404, "".into()),
        Behaviour::Answer(429, "".into()),
        Behaviour::Answer(204, "".into()),
        Behaviour::Answer(200, "<html>".into()),
        Behaviour::Answer(200, "[]".into()),
        Behaviour::Answer(200, "a.b.c".into()),
        Behaviour::Answer(200, r#"{"givenName":"A","givenName":"B"}"#.into()),
        Behaviour::Redirect("http://127.0.0.1:9/".to_owned()),
    ] {
        let scene = scene_with(&json!({})).await;
        scene.provider.know_user("T", json!({ "givenName": "Bob" }));
        scene.provider.behave(Endpoint::Userinfo, behaviour);
        scene.token("T").await.refused(503, "provider_unavailable");
        scene
            .provider
            .behave(Endpoint::Userinfo, Behaviour::Healthy);
        scene.token("T").await.passes("oauth");
    }
}

#[tokio::test]
async fn a_provider_out_of_order_is_not_asked_by_everybody() {
    let scene = scene_with(&json!({})).await;
    scene
        .provider
        .behave(Endpoint::Userinfo, Behaviour::Answer(500, "".into()));
    for number in 0..30 {
        scene
            .token(&format!("T{number}"))
            .await
            .refused(503, "provider_unavailable");
    }
    let calls = scene.provider.requests(Endpoint::Userinfo);
    assert!((5..=8).contains(&calls), "{calls}");
}

#[tokio::test]
async fn at_most_32_calls_are_under_way() {
    let scene = scene_with(&json!({})).await;
    scene.provider.behave(Endpoint::Userinfo, Behaviour::Hang);
    let tokens: Vec<_> = (0..100).map(|number| format!("T{number}")).collect();
    let answers = futures::future::join_all(tokens.iter().map(|token| scene.token(token))).await;
    for answer in answers {
        answer.refused(503, "provider_unavailable");
    }
    assert_eq!(scene.provider.requests(Endpoint::Userinfo), 32);
}

#[tokio::test]
async fn a_jwt_of_a_provider_that_is_asked_must_fit_too() {
    let provider = Provider::start().await;
    let settings = changed(
        provider.settings(),
        &json!({ "token_validation": "userinfo", "username_attribute": "login" }),
    );
    let settings = document(&json!({}), &[settings]);
    let scene = Scene::on(provider, &settings, &[]);
    let known = |token: bearergate_testkit::Token, user: Value| {
        let token = scene.provider.sign(token);
        scene.provider.know_user(&token, user);
        token
    };
    let subject = scene.provider.token().claims["sub"].clone();
    let user = || json!({ "sub": subject, "login": "alice" });
    let answer = scene.token(&known(scene.provider.token(), user())).await;
    answer.passes("oauth");
    assert_eq!(answer.header("x-auth-username"), "alice");
    let before = scene.provider.requests(Endpoint::Userinfo);
    for (token, reason) in [
        (
            scene.provider.token().with("aud", "other"),
            "wrong_audience",
        ),
        (scene.provider.token().with("exp", now() - 100), "expired"),
        (scene.provider.token().with("tfp", "other"), "wrong_policy"),
        (
            scene.provider.token().with("cnf", json!({})),
            "sender_constrained",
        ),
    ] {
        scene
            .token(&known(token, user()))
            .await
            .refused(401, reason);
    }
    assert_eq!(
        scene.provider.requests(Endpoint::Userinfo),
        before,
        "no call for what can't pass"
    );
    let other = known(
        scene.provider.token().with("x", 1),
        json!({ "sub": "other", "login": "bob" }),
    );
    scene.token(&other).await.refused(401, "inactive");
    let no_subject = known(
        scene.provider.token().with("x", 2),
        json!({ "login": "bob" }),
    );
    scene.token(&no_subject).await.passes("oauth");
    scene.token("opaque").await.refused(401, "unknown_token");
}

#[tokio::test]
async fn several_are_asked_in_their_order_and_the_first_yes_decides() {
    let first = Provider::start().await;
    let second = Provider::start().await;
    let settings = document(
        &json!({}),
        &[
            opaque(&first, &json!({ "id": "first" })),
            opaque(&second, &json!({ "id": "second" })),
        ],
    );
    second.know_user("T", json!({ "givenName": "Bob" }));
    second.know_user("U", json!({ "givenName": "Bob" }));
    let scene = Scene::on(first, &settings, &[]);
    assert_eq!(scene.token("T").await.header("x-auth-provider"), "second");
    scene.token("nobody").await.refused(401, "inactive");
    scene.token("a.b.c").await.refused(401, "inactive");
    scene
        .provider
        .behave(Endpoint::Userinfo, Behaviour::Answer(500, "".into()));
    assert_eq!(scene.token("U").await.header("x-auth-provider"), "second");
    scene
        .token("nobody at all".replace(' ', "-").as_str())
        .await
        .refused(503, "provider_unavailable");
}
