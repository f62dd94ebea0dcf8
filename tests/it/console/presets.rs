//! Each preset from the console's form to a 200, and to the refusal of a token for somebody else.

use bearergate::settings::{PRESETS, Preset};
use bearergate_testkit::Provider;
use bearergate_testkit::token::now;
use reqwest::Method;
use serde_json::{Value, json};

use super::Site;
use super::browser::Browser;

/// How the tokens of a kind of provider are told good from bad.
enum Tokens {
    /// JWTs with these claims; good for the first audience, bad for any other.
    Signed(Value),
    /// The provider is asked, and answers this about a good token.
    Introspected(Value),
    /// The user, and what the vendor's own call says about a token for an application.
    Public(Value, fn(&str) -> Value),
}

struct Case {
    preset: &'static str,
    attribute: &'static str,
    tokens: Tokens,
}

const fn case(preset: &'static str, attribute: &'static str, tokens: Tokens) -> Case {
    Case {
        preset,
        attribute,
        tokens,
    }
}

/// In all of them the user is `alice` and our application `our-app`.
fn cases() -> Vec<Case> {
    use Tokens::{Introspected, Public, Signed};
    let plain = || json!({ "sub": "alice", "scope": "read" });
    let entra = || json!({ "oid": "alice", "scp": "wiki.read", "azp": "spa" });
    vec![
        case(
            "azure-b2c",
            "objectId",
            Signed(json!({ "oid": "alice", "scp": "x", "tfp": "B2C_1_signin" })),
        ),
        case("entra-id", "oid", Signed(entra())),
        case("entra-external-id", "oid", Signed(entra())),
        case(
            "okta",
            "uid",
            Signed(json!({ "uid": "alice", "sub": "a@b", "cid": "web", "scp": ["x"] })),
        ),
        case(
            "keycloak",
            "sub",
            Signed(json!({ "sub": "alice", "typ": "Bearer", "sid": "s" })),
        ),
        case(
            "aws-cognito",
            "username",
            Signed(json!({ "sub": "1", "username": "alice", "token_use": "access" })),
        ),
        case(
            "adfs",
            "upn",
            Signed(json!({ "upn": "alice", "sub": "a=", "scp": "openid" })),
        ),
        case("auth0", "sub", Signed(plain())),
        case("ping", "sub", Signed(plain())),
        case("custom-oidc", "sub", Signed(plain())),
        case(
            "onelogin",
            "preferred_username",
            Introspected(json!({ "preferred_username": "alice" })),
        ),
        case(
            "salesforce",
            "username",
            Introspected(json!({ "username": "alice" })),
        ),
        case(
            "custom-oauth2",
            "login",
            Introspected(json!({ "login": "alice" })),
        ),
        case(
            "google",
            "sub",
            Public(json!({ "sub": "alice" }), |app| json!({ "aud": app })),
        ),
        case(
            "github",
            "login",
            Public(
                json!({ "login": "alice" }),
                |app| json!({ "app": { "client_id": app } }),
            ),
        ),
        case(
            "gitlab",
            "nickname",
            Public(
                json!({ "nickname": "alice" }),
                |app| json!({ "application": { "uid": app } }),
            ),
        ),
        case(
            "discord",
            "username",
            Public(
                json!({ "username": "alice" }),
                |app| json!({ "application": { "id": app } }),
            ),
        ),
        case(
            "facebook",
            "id",
            Public(
                json!({ "id": "alice" }),
                |app| json!({ "data": { "app_id": app } }),
            ),
        ),
        case(
            "slack",
            "sub",
            Public(json!({ "ok": true, "sub": "alice" }), |_| Value::Null),
        ),
    ]
}

/// Enters the provider as its form asks for it, led to the test's own provider.
async fn enter(browser: &Browser, preset: &'static Preset, case: &Case, provider: &Provider) {
    let page = browser
        .get(&format!("/oauth/new?preset={}", preset.id))
        .await;
    let mut form = page.form("/oauth/new");
    for parameter in preset.parameters {
        form.fill(parameter.label, parameter.example);
    }
    form.fill("Application (Client) ID", "our-app")
        .fill("Client Secret", "s3cret")
        .fill("Username Attribute", case.attribute);
    match &case.tokens {
        Tokens::Signed(_) => {
            form.fill("Discovery URL", &provider.discovery_url());
            if !preset.client_is_audience {
                form.fill("Audiences", "our-app");
            }
        }
        Tokens::Introspected(_) => {
            form.fill("Introspection Endpoint", &provider.introspection_endpoint())
                .set("token_validation", "introspection");
            if preset.discovery_url.is_some() {
                form.fill("Discovery URL", &provider.discovery_url());
            }
        }
        Tokens::Public(..) => {
            form.fill("Userinfo Endpoint", &provider.userinfo_endpoint())
                .fill("Introspection Endpoint", &provider.token_info_endpoint())
                .fill("Groups Attribute", "team")
                .fill("Allowed Groups", "wiki");
            if preset.token_info.is_none() {
                form.fill("Audiences", "*");
            }
        }
    }
    let saved = browser.submit(&form).await;
    assert_eq!(
        saved.location(),
        format!("/oauth/{}", preset.id),
        "{}",
        saved.text()
    );
}

/// A token for an application or an audience; what the provider knows of it is told to it.
fn token_for(case: &Case, provider: &Provider, whom: &str) -> String {
    let with = |claims: &Value, more: Value| {
        let mut all = claims.as_object().cloned().expect("an object");
        all.extend(more.as_object().cloned().expect("an object"));
        all
    };
    match &case.tokens {
        Tokens::Signed(claims) => {
            // Cognito has no audience: the client id stands for it.
            let audience = if case.preset == "aws-cognito" {
                "client_id"
            } else {
                "aud"
            };
            let times = json!({ "iss": provider.issuer(), "exp": now() + 600, audience: whom });
            let mut token = provider.token();
            token.claims = with(claims, times);
            provider.sign(token)
        }
        Tokens::Introspected(answer) => {
            let token = if case.preset == "onelogin" {
                provider.sign(provider.token().with("for", whom))
            } else {
                format!("opaque-{whom}")
            };
            let answer = with(answer, json!({ "active": true, "client_id": whom }));
            provider.know_token(&token, Value::Object(answer));
            token
        }
        Tokens::Public(user, issued) => {
            let token = format!("token-{whom}");
            // Slack has no call that says for whom; there the team keeps strangers out.
            let team = if whom == "our-app" || case.preset != "slack" {
                "wiki"
            } else {
                "others"
            };
            provider.know_user(&token, Value::Object(with(user, json!({ "team": team }))));
            provider.know_issue(&token, issued(whom));
            token
        }
    }
}

#[test]
fn every_preset_has_a_case() {
    let cases = cases();
    for preset in PRESETS {
        assert!(
            cases.iter().any(|case| case.preset == preset.id),
            "{}",
            preset.id
        );
    }
}

#[tokio::test]
async fn every_preset_leads_from_its_form_to_a_200_and_keeps_others_tokens_out() {
    for case in cases() {
        let preset = Preset::find(case.preset).expect(case.preset);
        let provider = Provider::start().await;
        let site = Site::start();
        let browser = site.signed_in().await;
        let mut global = browser
            .get("/global-settings")
            .await
            .form("/global-settings");
        global.tick("Enable REST API Authentication");
        assert_eq!(browser.submit(&global).await.status, 303);
        enter(&browser, preset, &case, &provider).await;

        let ask = |token: String| browser.request(Method::GET, "/validate").bearer_auth(token);
        let answer = browser
            .send(ask(token_for(&case, &provider, "our-app")))
            .await;
        assert_eq!(answer.status, 200, "{} {}", case.preset, answer.text());
        assert_eq!(answer.header("x-auth-username"), "alice", "{}", case.preset);
        assert_eq!(answer.header("x-auth-provider"), case.preset);

        let answer = browser
            .send(ask(token_for(&case, &provider, "other-app")))
            .await;
        let expected = match case.tokens {
            _ if case.preset == "slack" => "group_not_allowed",
            Tokens::Public(..) => "wrong_client",
            _ => "wrong_audience",
        };
        assert_eq!(answer.header("x-auth-reason"), expected, "{}", case.preset);
    }
}
