//! Several providers, and what one of them can't say.

use bearergate_testkit::{Behaviour, Endpoint, Provider, SigningKey};
use serde_json::{Value, json};

use super::scene::{Scene, changed, document};

fn opaque(id: &str, provider: &Provider, members: &Value) -> Value {
    let settings = json!({
        "id": id, "preset": "custom-oauth2", "token_validation": "userinfo", "audiences": ["*"],
        "userinfo_endpoint": provider.userinfo_endpoint(), "username_attribute": "login",
    });
    changed(settings, members)
}

#[tokio::test]
async fn a_provider_that_need_not_be_asked_does_not_end_the_search() {
    let narrow = Provider::start().await;
    let open = Provider::start().await;
    let members = json!({ "preset": "custom-oidc", "audiences": ["api://first"] });
    let settings = document(
        &json!({}),
        &[
            opaque("narrow", &narrow, &members),
            opaque("open", &open, &json!({})),
        ],
    );
    let jwt = open.sign(open.token().with("iss", "https://elsewhere.example.com"));
    for token in ["opaque", jwt.as_str()] {
        open.know_user(token, json!({ "login": "alice" }));
    }
    let scene = Scene::on(narrow, &settings, &[]);
    for token in ["opaque", jwt.as_str()] {
        let answer = scene.token(token).await;
        answer.passes("oauth");
        assert_eq!(answer.header("x-auth-provider"), "open");
    }
    assert_eq!(scene.provider.requests(Endpoint::Userinfo), 0);
}

#[tokio::test]
async fn a_jwt_is_shown_to_nobody_while_its_provider_may_be_one_that_is_not_known_yet() {
    let unread = Provider::start().await;
    unread.behave(Endpoint::Discovery, Behaviour::Answer(500, "".into()));
    let other = Provider::start().await;
    let settings = document(
        &json!({}),
        &[unread.settings(), opaque("other", &other, &json!({}))],
    );
    let scene = Scene::on(unread, &settings, &[]);
    scene
        .token(&scene.provider.good_token())
        .await
        .refused(503, "provider_unavailable");
    assert_eq!(other.requests(Endpoint::Userinfo), 0);
    scene.token("opaque").await.refused(401, "inactive");
}

#[tokio::test]
async fn a_new_key_under_an_old_id_is_found() {
    let scene = Scene::strict().await;
    let old = scene.provider.good_token();
    scene.token(&old).await.passes("oauth");
    let same_id = scene.provider.signing_key().id;
    scene.provider.rotate(SigningKey::rsa(&same_id));
    scene
        .token(&scene.provider.good_token())
        .await
        .passes("oauth");
    scene.token(&old).await.refused(401, "invalid_signature");
}

#[tokio::test]
async fn an_application_gets_no_other_applications_service_account() {
    let provider = Provider::start().await;
    let members =
        json!({ "service_accounts": { "robot": "svc-robot", "twin": "svc-robot", "other": "x" } });
    let settings = document(&json!({}), &[changed(provider.settings(), &members)]);
    let scene = Scene::on(provider, &settings, &[]);
    let app = |azp: &str, cid: Value| {
        let token = scene.provider.token().with("idtyp", "app").with("azp", azp);
        scene.provider.sign(token.with("cid", cid))
    };
    scene
        .token(&app("robot", Value::Null))
        .await
        .passes("oauth");
    scene
        .token(&app("robot", json!("twin")))
        .await
        .passes("oauth");
    scene
        .token(&app("evil", json!("robot")))
        .await
        .refused(401, "no_user");
    scene
        .token(&app("robot", json!("other")))
        .await
        .refused(401, "no_user");
}

#[tokio::test]
async fn what_a_transform_leaves_must_be_a_username_too() {
    let provider = Provider::start().await;
    let members =
        json!({ "username_attribute": "login", "username_transform": "email_local_part" });
    let settings = document(&json!({}), &[changed(provider.settings(), &members)]);
    let scene = Scene::on(provider, &settings, &[]);
    for value in ["alice @x", "al\u{a0}@x", "\u{3164}@x", "alice\u{2003}@x"] {
        let token = scene.provider.token().with("login", value);
        scene
            .token(&scene.provider.sign(token))
            .await
            .refused(401, "invalid_username");
    }
}

#[tokio::test]
async fn a_foreign_letter_does_not_become_somebody_elses_name() {
    let provider = Provider::start().await;
    let members = json!({ "username_attribute": "login", "username_transform": "lowercase" });
    let settings = document(&json!({}), &[changed(provider.settings(), &members)]);
    let scene = Scene::on(provider, &settings, &[]);
    let kelvin = scene.provider.token().with("login", "\u{212a}im");
    scene
        .token(&scene.provider.sign(kelvin))
        .await
        .refused(401, "invalid_username");
    let plain = scene.provider.token().with("login", "Kim");
    let answer = scene.token(&scene.provider.sign(plain)).await;
    assert_eq!(answer.header("x-auth-username"), "kim");
}

#[tokio::test]
async fn providers_of_one_issuer_are_told_apart_by_audience_and_policy() {
    let provider = Provider::start().await;
    let variant = |id: &str, members: Value| {
        changed(provider.settings(), &changed(members, &json!({ "id": id })))
    };
    let other_policy = json!({ "tenant": "contoso", "policy": "B2C_1_other" });
    let settings = document(
        &json!({}),
        &[
            variant("first", json!({})),
            variant("audience", json!({ "audiences": ["api-2"] })),
            variant("policy", json!({ "parameters": other_policy })),
        ],
    );
    let scene = Scene::on(provider, &settings, &[]);
    let base = || scene.provider.token();
    for (token, id) in [
        (base(), "first"),
        (base().with("aud", "api-2"), "audience"),
        (base().with("tfp", "b2c_1_other"), "policy"),
    ] {
        let answer = scene.token(&scene.provider.sign(token)).await;
        assert_eq!(answer.header("x-auth-provider"), id, "{answer:?}");
    }
    // What fits none is refused as the first one sees it.
    let nobodys = base().with("aud", "api-3");
    scene
        .token(&scene.provider.sign(nobodys))
        .await
        .refused(401, "wrong_audience");
    let nobodys = base().with("tfp", "b2c_1_third");
    scene
        .token(&scene.provider.sign(nobodys))
        .await
        .refused(401, "wrong_policy");
}
