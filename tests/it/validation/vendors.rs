//! The vendors' own shapes: from a preset's settings to a 200, and to the refusals that its facts name.

use bearergate_testkit::token::now;
use bearergate_testkit::{Endpoint, Provider};
use serde_json::{Value, json};

use super::scene::{Scene, changed, document};

/// The gate with one provider of this preset, led to the test's own provider.
async fn scene_of(preset: &str, members: impl Fn(&Provider) -> Value) -> Scene {
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
fn token(scene: &Scene, claims: &Value) -> String {
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
async fn judged(scene: &Scene, cases: &[(Value, Result<&str, &str>)]) {
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
