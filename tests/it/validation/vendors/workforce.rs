//! Tokens of companies' own providers.

use bearergate_testkit::Provider;
use bearergate_testkit::token::now;
use serde_json::{Value, json};

use crate::validation::scene::{Scene, changed, document};

use super::{judged, scene_of, token};

#[tokio::test]
async fn okta() {
    let scene = scene_of("okta", |_| {
        json!({ "username_attribute": "uid", "parameters": { "domain": "c.okta.com" }, "audiences": ["api://default"] })
    })
    .await;
    let user = json!({
        "ver": 1, "jti": "AT.1", "aud": "api://default", "sub": "alice@contoso.com", "uid": "00u1",
        "cid": "0oa1", "scp": ["openid", "profile"], "auth_time": now(),
    });
    judged(
        &scene,
        &[
            (user.clone(), Ok("00u1")),
            (
                changed(user.clone(), &json!({ "cid": null, "aud": "0oa1" })),
                Err("wrong_token_type"),
            ),
            (
                changed(user.clone(), &json!({ "sub": "0oa1" })),
                Err("no_user"),
            ),
            (
                changed(user, &json!({ "aud": "https://c.okta.com" })),
                Err("wrong_audience"),
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn keycloak() {
    let scene = scene_of("keycloak", |_| {
        json!({
            "username_attribute": "preferred_username", "audiences": ["confluence"],
            "parameters": { "base_url": "https://login.example.com/", "realm": "wiki" },
            "groups_attribute": "realm_access.roles", "allowed_groups": ["staff"],
        })
    })
    .await;
    let user = json!({
        "aud": ["confluence", "account"], "typ": "Bearer", "azp": "web", "sub": "1", "sid": "s",
        "preferred_username": "alice", "scope": "openid", "realm_access": { "roles": ["staff"] },
    });
    judged(
        &scene,
        &[
            (user.clone(), Ok("alice")),
            (
                changed(user.clone(), &json!({ "aud": "account" })),
                Err("wrong_audience"),
            ),
            (
                changed(user.clone(), &json!({ "typ": "ID" })),
                Err("wrong_token_type"),
            ),
            (
                changed(user.clone(), &json!({ "typ": "Refresh" })),
                Err("wrong_token_type"),
            ),
            (
                changed(
                    user.clone(),
                    &json!({ "preferred_username": "service-account-job" }),
                ),
                Err("no_user"),
            ),
            (
                changed(user.clone(), &json!({ "clientHost": "10.0.0.1" })),
                Err("no_user"),
            ),
            (
                changed(user.clone(), &json!({ "sid": null })),
                Err("no_user"),
            ),
            (
                changed(user, &json!({ "realm_access": { "roles": [] } })),
                Err("group_not_allowed"),
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn aws_cognito() {
    let scene = scene_of("aws-cognito", |_| {
        json!({ "username_attribute": "username", "parameters": { "region": "eu-1", "user_pool": "eu-1_A" } })
    })
    .await;
    // No "aud": the client id stands for it.
    let user = json!({
        "sub": "1", "client_id": "our-app", "username": "alice", "token_use": "access", "scope": "openid",
    });
    judged(
        &scene,
        &[
            (user.clone(), Ok("alice")),
            (
                changed(user.clone(), &json!({ "client_id": "other" })),
                Err("wrong_audience"),
            ),
            (
                changed(user.clone(), &json!({ "client_id": null })),
                Err("missing_claim"),
            ),
            (
                changed(
                    user.clone(),
                    &json!({ "token_use": "id", "aud": "our-app" }),
                ),
                Err("wrong_token_type"),
            ),
            (changed(user, &json!({ "sub": "our-app" })), Err("no_user")),
        ],
    )
    .await;
}

#[tokio::test]
async fn auth0_and_adfs() {
    let scene = scene_of("auth0", |_| {
        json!({
            "username_attribute": "https://wiki.example.com/email", "audiences": ["https://wiki.example.com"],
            "parameters": { "domain": "c.eu.auth0.com" },
        })
    })
    .await;
    let user = json!({
        "aud": ["https://wiki.example.com", "https://c.eu.auth0.com/userinfo"], "sub": "auth0|1", "azp": "spa",
        "scope": "openid", "https://wiki.example.com/email": "alice@example.com",
    });
    judged(
        &scene,
        &[
            (user.clone(), Ok("alice@example.com")),
            (
                changed(
                    user.clone(),
                    &json!({ "gty": "client-credentials", "sub": "spa@clients" }),
                ),
                Err("no_user"),
            ),
        ],
    )
    .await;
    let scene = scene_of(
        "adfs",
        |_| json!({ "username_attribute": "upn", "parameters": { "host": "adfs.example.com" } }),
    )
    .await;
    let user = json!({ "aud": "our-app", "upn": "alice@example.com", "sub": "a/b+c=", "appid": "spa", "scp": "openid" });
    judged(
        &scene,
        &[
            (user.clone(), Ok("alice@example.com")),
            (
                changed(user, &json!({ "aud": "urn:microsoft:userinfo" })),
                Err("wrong_audience"),
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn onelogin_and_salesforce_are_asked() {
    let scene = scene_of("onelogin", |provider| {
        json!({
            "username_attribute": "preferred_username", "parameters": { "subdomain": "c" },
            "introspection_endpoint": provider.introspection_endpoint(), "token_validation": "introspection",
        })
    })
    .await;
    // A JWT that names no user.
    let bare = token(&scene, &json!({ "jti": "1", "aud": "our-app" }));
    let answer =
        json!({ "active": true, "aud": "our-app", "sub": "1", "preferred_username": "alice" });
    scene.provider.know_token(&bare, answer);
    assert_eq!(scene.token(&bare).await.header("x-auth-username"), "alice");

    let scene = scene_of("salesforce", |provider| {
        json!({
            "username_attribute": "username", "parameters": { "domain": "c.my.salesforce.com" }, "discovery_url": null,
            "introspection_endpoint": provider.introspection_endpoint(),
        })
    })
    .await;
    let answer = json!({
        "active": true, "scope": "id openid", "client_id": "our-app", "username": "alice@example.com",
        "sub": "https://login.salesforce.com/id/00D/005", "token_type": "access_token", "exp": now() + 60,
    });
    scene.provider.know_token("00D1AQ.x", answer.clone());
    assert_eq!(
        scene.token("00D1AQ.x").await.header("x-auth-username"),
        "alice@example.com"
    );
    scene
        .provider
        .know_token("00D2x", changed(answer, &json!({ "client_id": "other" })));
    scene.token("00D2x").await.refused(401, "wrong_audience");
}

#[tokio::test]
async fn adfs_names_a_key_by_its_certificate() {
    let provider = Provider::start().await;
    let mut key = provider.signing_key().jwk();
    key["x5t"] = json!("thumb-1");
    provider.publish_keys([key, bearergate_testkit::SigningKey::rsa("other").jwk()]);
    let members = json!({ "preset": "adfs", "parameters": { "host": "adfs.example.com" }, "username_attribute": "upn" });
    let settings = document(&json!({}), &[changed(provider.settings(), &members)]);
    let scene = Scene::on(provider, &settings, &[]);
    let signed = |thumbprint: &str| {
        let claims = Value::Object(scene.provider.token().with("upn", "alice").claims).to_string();
        let header = json!({ "typ": "JWT", "alg": "RS256", "x5t": thumbprint }).to_string();
        scene.provider.signing_key().sign(&header, &claims)
    };
    scene.token(&signed("thumb-1")).await.passes("oauth");
    scene
        .token(&signed("thumb-2"))
        .await
        .refused(401, "unknown_key");
}
