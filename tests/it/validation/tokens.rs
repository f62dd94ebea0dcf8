//! Each reason why a token is refused, with real tokens of a B2C-shaped provider.

use bearergate_testkit::provider::{APPLICATION, POLICY};
use bearergate_testkit::token::now;
use bearergate_testkit::{Provider, SigningKey, Token};
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};

use super::scene::{Scene, changed, document};

/// Asserts that the token, signed by the provider, is refused for this reason.
async fn refused(scene: &Scene, token: Token, reason: &str) {
    let shown = format!("{:?} {:?}", token.header, token.claims);
    let answer = scene.token(&scene.provider.sign(token)).await;
    let given = answer.headers.get("x-auth-reason");
    assert_eq!(
        given.and_then(|given| given.to_str().ok()),
        Some(reason),
        "{shown}"
    );
    answer.refused(401, reason);
}

#[tokio::test]
async fn claims_that_are_missing_wrong_or_out_of_time() {
    let scene = Scene::strict().await;
    let base = || scene.provider.token();
    for (token, reason) in [
        (base().with("exp", Value::Null), "missing_claim"),
        (base().with("aud", Value::Null), "missing_claim"),
        (base().with("iss", Value::Null), "missing_claim"),
        (
            base().with("iss", "https://other.example.com/"),
            "unknown_issuer",
        ),
        (
            base().with("iss", scene.provider.issuer().trim_end_matches('/')),
            "unknown_issuer",
        ),
        (
            base().with("iss", scene.provider.issuer().to_uppercase()),
            "unknown_issuer",
        ),
        (base().with("exp", now() - 61), "expired"),
        (base().with("exp", 0), "expired"),
        (base().with("exp", -1), "expired"),
        (base().with("exp", 1.5e9), "expired"),
        (base().with("nbf", now() + 120), "not_yet_valid"),
        (base().with("iat", now() + 120), "not_yet_valid"),
        (base().with("exp", "never"), "malformed_token"),
        (base().with("exp", "9999999999"), "malformed_token"),
        (base().with("exp", json!([])), "malformed_token"),
        (base().with("exp", true), "malformed_token"),
        (base().with("exp", 1e300), "malformed_token"),
        (base().with("nbf", "99999999999"), "malformed_token"),
        (
            base().with("aud", json!({ "0": APPLICATION })),
            "malformed_token",
        ),
        (base().with("aud", ""), "wrong_audience"),
        (base().with("aud", json!([])), "wrong_audience"),
        (base().with("aud", json!(["other"])), "wrong_audience"),
        (
            base().with("aud", format!("{APPLICATION}/")),
            "wrong_audience",
        ),
        (
            base().with("aud", APPLICATION.to_uppercase()),
            "wrong_audience",
        ),
        (base().with("tfp", "B2C_1_edit_profile"), "wrong_policy"),
        (
            base().with("tfp", Value::Null).with("acr", "b2c_1a_other"),
            "wrong_policy",
        ),
        (base().with("tfp", 7), "wrong_policy"),
        (base().with("scp", Value::Null), "wrong_token_type"),
        (
            base().with("cnf", json!({ "jkt": "x" })),
            "sender_constrained",
        ),
        (base().with("given_name", Value::Null), "missing_username"),
        (base().with("given_name", ""), "missing_username"),
        (base().with("given_name", "  "), "missing_username"),
        (base().with("given_name", json!([])), "missing_username"),
        (
            base().with("given_name", json!(["a", "b"])),
            "invalid_username",
        ),
        (base().with("given_name", json!({})), "invalid_username"),
        (base().with("given_name", true), "invalid_username"),
        (base().with("given_name", 1.5), "invalid_username"),
        (base().with("given_name", " Alice"), "invalid_username"),
        (
            base().with("given_name", "a\r\nX-Auth-Username: b"),
            "invalid_username",
        ),
        (base().with("given_name", "a\u{0}"), "invalid_username"),
        (base().with("given_name", "a\u{200b}b"), "invalid_username"),
        (base().with("given_name", "a\u{202e}b"), "invalid_username"),
        (
            base().with("given_name", "a".repeat(256)),
            "invalid_username",
        ),
    ] {
        refused(&scene, token, reason).await;
    }
}

#[tokio::test]
async fn claims_that_are_good_in_another_form() {
    let scene = Scene::strict().await;
    let base = || scene.provider.token();
    let many: Vec<_> = (0..200)
        .map(|n| n.to_string())
        .chain([APPLICATION.to_owned()])
        .collect();
    for (token, username) in [
        (base().with("exp", now() - 30), "Alice"),
        (
            base().with("nbf", now() + 30).with("iat", now() + 30),
            "Alice",
        ),
        (base().with("aud", json!(many)), "Alice"),
        (base().with("tfp", "b2c_1_SIGNIN"), "Alice"),
        (
            base().with("tfp", Value::Null).with("acr", "b2c_1_signin"),
            "Alice",
        ),
        (base().with("given_name", json!(["Alice"])), "Alice"),
        (base().with("given_name", 42), "42"),
        (
            base()
                .with("givenName", "Directory")
                .with("given_name", Value::Null),
            "Directory",
        ),
        (base().with("givenName", "Directory"), "Directory"),
        (base().with("given_name", "a".repeat(255)), &"a".repeat(255)),
        (base().with_header("typ", Value::Null), "Alice"),
        (base().with_header("typ", "at+JWT"), "Alice"),
        (base().with_header("typ", "application/at+jwt"), "Alice"),
    ] {
        let answer = scene.token(&scene.provider.sign(token)).await;
        answer.passes("oauth");
        assert_eq!(answer.header("x-auth-username"), username);
    }
}

#[tokio::test]
async fn headers_that_no_access_token_has() {
    let scene = Scene::strict().await;
    let base = || scene.provider.token();
    let key = scene.provider.signing_key();
    for (token, reason) in [
        (
            base().with_header("crit", json!(["exp"])),
            "unsupported_critical_header",
        ),
        (
            base().with_header("crit", json!([])),
            "unsupported_critical_header",
        ),
        (
            base()
                .with_header("crit", json!(["b64"]))
                .with_header("b64", false),
            "unsupported_critical_header",
        ),
        (base().with_header("alg", "none"), "unsupported_algorithm"),
        (base().with_header("alg", "HS256"), "unsupported_algorithm"),
        (base().with_header("alg", "RS512"), "unsupported_algorithm"),
        (base().with_header("alg", "rs256"), "unsupported_algorithm"),
        (
            base().with_header("alg", json!(["RS256"])),
            "unsupported_algorithm",
        ),
        (base().with_header("typ", "logout+jwt"), "wrong_token_type"),
        (base().with_header("typ", "dpop+jwt"), "wrong_token_type"),
        (
            base().with_header("typ", "application/okta-internal-at+jwt"),
            "wrong_token_type",
        ),
        (base().with_header("typ", 7), "wrong_token_type"),
        (base().with_header("kid", "other"), "unknown_key"),
        (base().with_header("kid", "../../dev/null"), "unknown_key"),
        (base().with_header("kid", json!([key.id])), "unknown_key"),
        (base().with_header("kid", 7), "unknown_key"),
    ] {
        refused(&scene, token, reason).await;
    }
}

#[tokio::test]
async fn signatures_that_the_provider_did_not_make() {
    let scene = Scene::strict().await;
    let good = scene.provider.good_token();
    let own = scene.provider.signing_key();
    let mut thief = SigningKey::rsa(&own.id);
    scene
        .token(&scene.provider.token().signed_by(&thief))
        .await
        .refused(401, "invalid_signature");
    // The token brings its own key along.
    let embedded = scene.provider.token().with_header("jwk", thief.jwk());
    scene
        .token(&embedded.signed_by(&thief))
        .await
        .refused(401, "invalid_signature");
    thief.id = "thief".to_owned();
    let pointed = scene
        .provider
        .token()
        .with_header("jku", "http://127.0.0.1:9/keys");
    scene
        .token(&pointed.signed_by(&thief))
        .await
        .refused(401, "unknown_key");

    let (signed, signature) = good.rsplit_once('.').expect("three parts");
    let (header, _) = signed.split_once('.').expect("three parts");
    let foreign = scene
        .provider
        .sign(scene.provider.token().with("given_name", "Mallory"));
    let payload = foreign.split('.').nth(1).expect("three parts");
    for (token, reason) in [
        (
            format!("{header}.{payload}.{signature}"),
            "invalid_signature",
        ),
        (format!("{signed}."), "invalid_signature"),
        (format!("{signed}.AAAA"), "invalid_signature"),
        (format!("{good}="), "malformed_token"),
        (format!("{signed}.!!!"), "malformed_token"),
        (format!("{good}.x"), "unknown_token"),
        (format!("{good}.x.y"), "encrypted_token"),
        (signed.to_owned(), "unknown_token"),
        ("..".to_owned(), "malformed_token"),
        (".".repeat(100), "unknown_token"),
        ("a".repeat(16 * 1024 + 1), "malformed_token"),
    ] {
        scene.token(&token).await.refused(401, reason);
    }
    scene.token(&good).await.passes("oauth");
}

#[tokio::test]
async fn duplicate_members_are_refused_though_the_signature_is_good() {
    let scene = Scene::strict().await;
    let key = scene.provider.signing_key();
    let token = scene.provider.token();
    let claims = Value::Object(token.claims.clone()).to_string();
    let header = format!(r#"{{"alg":"RS256","kid":"{}"}}"#, key.id);
    scene
        .token(&key.sign(&header, &claims))
        .await
        .passes("oauth");
    let doubled = claims.replacen('{', r#"{"sub":"other","#, 1);
    scene
        .token(&key.sign(&header, &doubled))
        .await
        .refused(401, "malformed_token");
    let doubled = header.replacen('{', r#"{"alg":"none","#, 1);
    scene
        .token(&key.sign(&doubled, &claims))
        .await
        .refused(401, "malformed_token");
}

#[tokio::test]
async fn an_applications_token_is_no_user_unless_it_has_a_service_account() {
    let provider = Provider::start().await;
    let members =
        json!({ "username_attribute": "sub", "service_accounts": { "robot": "svc-robot" } });
    let settings = changed(provider.settings(), &members);
    let scene = Scene::on(provider, &document(&json!({}), &[settings]), &[]);
    let b2c = |client: &str| {
        Token {
        header: scene.provider.token().header,
        claims: json!({
            "aud": APPLICATION, "iss": scene.provider.issuer(), "exp": now() + 600, "iat": now(),
            "sub": "7f0c1e9a-1111-4222-8333-944455556666", "azp": client, "scp": "job.run", "ver": "1.0",
        })
        .as_object()
        .cloned()
        .expect("an object"),
    }
    };
    let robot = scene.token(&scene.provider.sign(b2c("robot"))).await;
    robot.passes("oauth");
    assert_eq!(robot.header("x-auth-username"), "svc-robot");
    scene
        .token(&scene.provider.sign(b2c("stranger")))
        .await
        .refused(401, "no_user");
    for token in [
        scene.provider.token().with("idtyp", "app"),
        scene
            .provider
            .token()
            .with("sub", "5f0e8c2d-6c0b-4c5b-8a52-0d1de9b0c7aa"),
    ] {
        scene
            .token(&scene.provider.sign(token))
            .await
            .refused(401, "no_user");
    }
    let placeholder = scene
        .provider
        .token()
        .with("sub", "Not supported currently. Use oid claim.");
    scene
        .token(&scene.provider.sign(placeholder))
        .await
        .refused(401, "missing_username");
}

#[tokio::test]
async fn clients_groups_and_mail_addresses() {
    let provider = Provider::start().await;
    let members = json!({
        "authorized_clients": ["web"], "username_attribute": "email", "username_transform": "email_local_part",
        "groups_attribute": "realm.roles", "allowed_groups": ["wiki"],
    });
    let settings = changed(provider.settings(), &members);
    let scene = Scene::on(provider, &document(&json!({}), &[settings]), &[]);
    let base = || {
        let token = scene
            .provider
            .token()
            .with("azp", "web")
            .with("email", "Alice@example.com");
        token.with("realm", json!({ "roles": ["x", "wiki"] }))
    };
    let answer = scene.token(&scene.provider.sign(base())).await;
    answer.passes("oauth");
    assert_eq!(answer.header("x-auth-username"), "Alice");
    assert_eq!(answer.header("x-auth-groups"), "x,wiki");
    for (token, status, reason) in [
        (base().with("azp", "other"), 401, "wrong_client"),
        (base().with("azp", Value::Null), 401, "wrong_client"),
        (base().with("appid", "other"), 401, "wrong_client"),
        (
            base().with("realm", json!({ "roles": ["x"] })),
            403,
            "group_not_allowed",
        ),
        (base().with("realm", Value::Null), 403, "group_not_allowed"),
        (
            base().with("email_verified", false),
            401,
            "unverified_email",
        ),
        (
            base().with("email_verified", "false"),
            401,
            "unverified_email",
        ),
        (
            base().with("email", "a@evil@example.com"),
            401,
            "invalid_username",
        ),
        (
            base().with("email", "@example.com"),
            401,
            "invalid_username",
        ),
        (base().with("email", "alice"), 401, "invalid_username"),
    ] {
        scene
            .token(&scene.provider.sign(token))
            .await
            .refused(status, reason);
    }
}

#[tokio::test]
async fn algorithms_beside_rs256_are_accepted_where_the_provider_lists_them() {
    let provider = Provider::start().await;
    let keys = [
        SigningKey::p256("p256"),
        SigningKey::ed25519("ed"),
        SigningKey::rsa_for("ps", Algorithm::PS256),
        SigningKey::rsa_for("rs", Algorithm::RS512),
    ];
    provider.publish_keys(keys.iter().map(SigningKey::jwk));
    let members = json!({ "algorithms": ["ES256", "EdDSA", "PS256", "RS512"] });
    let settings = changed(provider.settings(), &members);
    let scene = Scene::on(provider, &document(&json!({}), &[settings]), &[]);
    for key in &keys {
        scene
            .token(&scene.provider.token().signed_by(key))
            .await
            .passes("oauth");
        // Every other key's id, with this key's signature.
        for other in keys.iter().filter(|other| other.id != key.id) {
            let token = scene.provider.token().with_header("kid", other.id.clone());
            let answer = scene.token(&token.signed_by(key)).await;
            let reason = answer.header("x-auth-reason").to_owned();
            let both_rsa =
                key.id.len() == 2 && other.id.len() == 2 && key.id != "ed" && other.id != "ed";
            assert_eq!(
                reason,
                if both_rsa {
                    "invalid_signature"
                } else {
                    "unknown_key"
                },
                "{} {}",
                key.id,
                other.id
            );
        }
    }
}

#[tokio::test]
async fn two_providers_keep_their_keys_and_tokens_apart() {
    let other = Provider::start().await;
    let provider = Provider::start().await;
    let second = changed(other.settings(), &json!({ "id": "second" }));
    let scene = Scene::on(
        provider,
        &document(
            &json!({}),
            &[Provider::settings(&other), second].map(|mut one| {
                if one["id"] == "azure-b2c" {
                    one["enabled"] = json!(false);
                }
                one
            }),
        ),
        &[],
    );
    // Disabled: nobody judges its tokens; the other provider does judge its own.
    scene
        .token(&scene.provider.good_token())
        .await
        .refused(401, "unknown_issuer");
    let answer = scene.token(&other.good_token()).await;
    answer.passes("oauth");
    assert_eq!(answer.header("x-auth-provider"), "second");
    let both = document(
        &json!({}),
        &[
            scene.provider.settings(),
            changed(other.settings(), &json!({ "id": "second" })),
        ],
    );
    let place_of_both = Scene::on(Provider::start().await, &both, &[]);
    let mixed = other.token().with("iss", scene.provider.issuer());
    let same_id = {
        let mut key = other.signing_key();
        key.id = scene.provider.signing_key().id;
        key
    };
    place_of_both
        .token(&mixed.signed_by(&same_id))
        .await
        .refused(401, "invalid_signature");
    place_of_both
        .token(&scene.provider.good_token())
        .await
        .passes("oauth");
    assert_eq!(POLICY, "B2C_1_signin");
}
