//! Entra ID's tokens.

use bearergate_testkit::Provider;
use serde_json::{Value, json};

use crate::validation::scene::{Scene, changed, document};

use super::{judged, scene_of, token};

#[tokio::test]
async fn entra_id() {
    let scene = scene_of(
        "entra-id",
        |_| json!({ "username_attribute": "oid", "parameters": { "tenant": "contoso.com" } }),
    )
    .await;
    let user = json!({
        "aud": "our-app", "ver": "2.0", "oid": "user-1", "sub": "pairwise", "azp": "spa",
        "scp": "wiki.read", "tid": "t", "preferred_username": "alice@contoso.com",
    });
    judged(
        &scene,
        &[
            (user.clone(), Ok("user-1")),
            // An ID token has neither scopes nor roles.
            (
                changed(user.clone(), &json!({ "scp": null })),
                Err("wrong_token_type"),
            ),
            (
                changed(user.clone(), &json!({ "scp": null, "roles": ["job"] })),
                Err("no_user"),
            ),
            (
                changed(user.clone(), &json!({ "idtyp": "app" })),
                Err("no_user"),
            ),
            (
                changed(
                    user.clone(),
                    &json!({ "aud": "https://graph.microsoft.com" }),
                ),
                Err("wrong_audience"),
            ),
            (
                changed(user, &json!({ "oid": null })),
                Err("missing_username"),
            ),
        ],
    )
    .await;
    let graph = token(
        &scene,
        &json!({ "aud": "00000003-0000-0000-c000-000000000000", "scp": "User.Read", "oid": "1" }),
    );
    let header = format!("Authorization: Bearer {graph}");
    let story = tokio::task::spawn_blocking({
        let program = scene.place.command(["check", "--header", &header]);
        move || bearergate_testkit::program::run(&mut { program }, "")
    });
    let story = story.await.expect("it ends").stdout;
    assert!(story.contains("Microsoft Graph"), "{story}");
}

#[tokio::test]
async fn several_entra_tenants_enter_by_name_and_only_with_their_own_keys() {
    const OURS: &str = "11111111-1111-4111-8111-111111111111";
    const OTHER: &str = "22222222-2222-4222-8222-222222222222";
    let provider = Provider::start().await;
    let issuer_of = |tenant: &str| format!("https://login.microsoftonline.com/{tenant}/v2.0");
    provider.claim_issuer(&issuer_of("{tenantid}"));
    let mut key = provider.signing_key().jwk();
    key["issuer"] = json!(issuer_of("{tenantid}"));
    let consumers = bearergate_testkit::SigningKey::rsa("consumers");
    let mut consumers_jwk = consumers.jwk();
    consumers_jwk["issuer"] = json!(issuer_of("9188040d-6c67-4c5b-b112-36a304b66dad"));
    let silent = bearergate_testkit::SigningKey::rsa("silent");
    provider.publish_keys([key, consumers_jwk, silent.jwk()]);
    let base = json!({
        "id": "entra", "preset": "entra-id", "client_id": "our-app", "username_attribute": "oid",
        "discovery_url": provider.discovery_url(), "parameters": { "tenant": "common" },
    });
    let place = bearergate_testkit::program::Place::new(env!("CARGO_BIN_EXE_bearergate"));
    let open = document(&json!({}), std::slice::from_ref(&base)).to_string();
    let refused = place.run(["settings", "import", "-"], &open);
    assert!(
        refused.stderr.contains("/providers/0/issuers"),
        "{}",
        refused.stderr
    );
    let named = changed(base, &json!({ "issuers": [issuer_of(OURS)] }));
    let scene = Scene::on(provider, &document(&json!({}), &[named]), &[]);
    let claims = |issuer: &str, tenant: &str| {
        let token = scene
            .provider
            .token()
            .with("iss", issuer_of(issuer))
            .with("tid", tenant);
        token.with("aud", "our-app").with("tfp", Value::Null)
    };
    scene
        .token(&scene.provider.sign(claims(OURS, OURS)))
        .await
        .passes("oauth");
    scene
        .token(&scene.provider.sign(claims(OTHER, OTHER)))
        .await
        .refused(401, "unknown_issuer");
    scene
        .token(&scene.provider.sign(claims(OURS, OTHER)))
        .await
        .refused(401, "unknown_key");
    for foreign in [&consumers, &silent] {
        scene
            .token(&claims(OURS, OURS).signed_by(foreign))
            .await
            .refused(401, "unknown_key");
    }
}

#[tokio::test]
async fn entra_tokens_of_both_formats_enter_where_both_issuers_are_listed() {
    let v1 = "https://sts.windows.net/11111111-1111-4111-8111-111111111111/";
    for (listed, expected) in [(true, None), (false, Some("unknown_issuer"))] {
        let scene = scene_of("entra-id", |provider| {
            let issuers = if listed { json!([provider.issuer(), v1]) } else { json!([]) };
            json!({ "username_attribute": "oid", "parameters": { "tenant": "contoso.com" }, "issuers": issuers })
        })
        .await;
        let user = json!({ "iss": v1, "aud": "our-app", "oid": "1", "scp": "x", "appid": "spa", "ver": "1.0" });
        let bearer = token(&scene, &user);
        let answer = scene.token(&bearer).await;
        match expected {
            None => answer.passes("oauth"),
            Some(reason) => answer.refused(401, reason),
        }
    }
}

#[tokio::test]
async fn groups_that_a_token_does_not_list_are_unknown_and_open_nothing() {
    let scene = scene_of("entra-id", |_| {
        json!({
            "username_attribute": "oid", "parameters": { "tenant": "contoso.com" },
            "groups_attribute": "groups", "allowed_groups": ["g1"],
        })
    })
    .await;
    let user = json!({ "aud": "our-app", "oid": "1", "scp": "x", "groups": ["g0", "g1"] });
    let overage = json!({ "groups": null, "_claim_names": { "groups": "src1" } });
    judged(
        &scene,
        &[
            (user.clone(), Ok("1")),
            (changed(user, &overage), Err("group_not_allowed")),
        ],
    )
    .await;
}
