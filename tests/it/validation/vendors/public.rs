//! Opaque tokens of providers where anybody can have an account.

use bearergate_testkit::Endpoint;
use serde_json::{Value, json};

use crate::validation::scene::changed;

use super::scene_of;

/// A public provider's user, and what its own call says about a token for us and for another app.
struct Public {
    preset: &'static str,
    attribute: &'static str,
    user: Value,
    issued: fn(&str) -> Value,
}

#[tokio::test]
async fn a_token_for_another_application_of_a_public_provider_is_refused() {
    let cases = [
        Public {
            preset: "google",
            attribute: "sub",
            user: json!({ "sub": "alice", "email": "a@example.com", "email_verified": true }),
            issued: |app| json!({ "azp": app, "aud": app, "expires_in": "3599", "scope": "openid" }),
        },
        Public {
            preset: "github",
            attribute: "login",
            user: json!({ "login": "alice", "id": 7 }),
            issued: |app| json!({ "app": { "client_id": app }, "scopes": [], "user": { "login": "alice" } }),
        },
        Public {
            preset: "gitlab",
            attribute: "preferred_username",
            user: json!({ "sub": "7", "preferred_username": "alice" }),
            issued: |app| json!({ "resource_owner_id": 7, "application": { "uid": app } }),
        },
        Public {
            preset: "discord",
            attribute: "username",
            user: json!({ "id": "7", "username": "alice" }),
            issued: |app| json!({ "application": { "id": app }, "scopes": ["identify"] }),
        },
        Public {
            preset: "facebook",
            attribute: "name",
            user: json!({ "id": "7", "name": "alice" }),
            issued: |app| json!({ "data": { "app_id": app, "is_valid": true } }),
        },
    ];
    for case in cases {
        let scene = scene_of(case.preset, |provider| {
            json!({
                "username_attribute": case.attribute, "discovery_url": null,
                "userinfo_endpoint": provider.userinfo_endpoint(),
                "introspection_endpoint": provider.token_info_endpoint(),
                "groups_attribute": "team", "allowed_groups": ["wiki"],
            })
        })
        .await;
        let member = changed(case.user.clone(), &json!({ "team": "wiki" }));
        let know = |token: &str, user: &Value, app: Option<&str>| {
            scene.provider.know_user(token, user.clone());
            if let Some(app) = app {
                scene.provider.know_issue(token, (case.issued)(app));
            }
        };
        know("ours-1", &member, Some("our-app"));
        let answer = scene.token("ours-1").await;
        answer.passes("oauth");
        assert_eq!(answer.header("x-auth-username"), "alice", "{}", case.preset);
        know("foreign-2", &member, Some("other-app"));
        scene.token("foreign-2").await.refused(401, "wrong_client");
        know("untold-3", &member, None);
        scene.token("untold-3").await.refused(401, "wrong_client");
        know("stranger-4", &case.user, Some("our-app"));
        scene
            .token("stranger-4")
            .await
            .refused(403, "group_not_allowed");
        scene.token("nobody-5").await.refused(401, "inactive");
        // One decision, two calls, remembered together.
        let calls = scene.provider.requests(Endpoint::TokenInfo);
        scene.token("ours-1").await.passes("oauth");
        assert_eq!(scene.provider.requests(Endpoint::TokenInfo), calls);
        let shown = format!("{:?}", scene.provider.asked()[0]);
        let by_client = ["github", "facebook"].contains(&case.preset);
        assert_eq!(
            shown.contains("s3cret") || shown.contains("Basic "),
            by_client,
            "{shown}"
        );
    }
}

#[tokio::test]
async fn slack_says_no_with_status_200() {
    let scene = scene_of("slack", |provider| {
        json!({
            "username_attribute": "https://slack.com/user_id", "discovery_url": null, "audiences": ["*"],
            "userinfo_endpoint": provider.userinfo_endpoint(),
            "groups_attribute": "https://slack.com/team_id", "allowed_groups": ["T1"],
        })
    })
    .await;
    let user = json!({ "ok": true, "sub": "U1", "https://slack.com/user_id": "U1", "https://slack.com/team_id": "T1" });
    scene.provider.know_user("xoxp-1", user.clone());
    assert_eq!(scene.token("xoxp-1").await.header("x-auth-username"), "U1");
    scene
        .provider
        .know_user("xoxp-2", json!({ "ok": false, "error": "invalid_auth" }));
    scene.token("xoxp-2").await.refused(401, "inactive");
    scene.provider.know_user(
        "xoxp-3",
        changed(user, &json!({ "https://slack.com/team_id": "T2" })),
    );
    scene
        .token("xoxp-3")
        .await
        .refused(403, "group_not_allowed");
}

#[tokio::test]
async fn service_accounts_alone_let_no_user_in_where_anybody_can_have_an_account() {
    let scene = scene_of("github", |provider| {
        json!({
            "username_attribute": "login", "discovery_url": null, "service_accounts": { "ci": "svc-ci" },
            "userinfo_endpoint": provider.userinfo_endpoint(),
            "introspection_endpoint": provider.token_info_endpoint(),
        })
    })
    .await;
    scene
        .provider
        .know_user("gho_1", json!({ "login": "admin" }));
    scene
        .provider
        .know_issue("gho_1", json!({ "app": { "client_id": "our-app" } }));
    scene.token("gho_1").await.refused(401, "no_user");
}

#[tokio::test]
async fn an_authorized_client_is_asked_for_of_opaque_tokens_too() {
    let scene = scene_of("google", |provider| {
        json!({
            "username_attribute": "sub", "discovery_url": null, "audiences": ["a", "b"],
            "authorized_clients": ["a"], "groups_attribute": "hd", "allowed_groups": ["x"],
            "userinfo_endpoint": provider.userinfo_endpoint(),
            "introspection_endpoint": provider.token_info_endpoint(),
        })
    })
    .await;
    for app in ["a", "b"] {
        let token = format!("ya29-{app}");
        scene
            .provider
            .know_user(&token, json!({ "sub": "alice", "hd": "x" }));
        scene.provider.know_issue(&token, json!({ "aud": app }));
    }
    scene.token("ya29-a").await.passes("oauth");
    scene.token("ya29-b").await.refused(401, "wrong_client");
}
