//! Who may ask, and for what.

use bearergate_testkit::http::send;
use serde_json::json;

use super::{CHECK, OPENAPI, PROVIDERS, SETTINGS, Site, good, problem, settings, until};

const REALM: &str = "Bearer realm=\"bearergate\"";

const EVERYTHING: &[(&str, &str)] = &[
    ("GET", SETTINGS),
    ("PUT", SETTINGS),
    ("GET", PROVIDERS),
    ("GET", "/api/v1/providers/first"),
    ("PUT", "/api/v1/providers/first"),
    ("DELETE", "/api/v1/providers/first"),
    ("POST", CHECK),
    ("GET", OPENAPI),
    ("GET", "/api/v1/unknown"),
    ("PATCH", SETTINGS),
    ("GET", "/api"),
];

#[tokio::test]
async fn nothing_is_told_without_a_good_key() {
    let site = Site::start();
    let before = site.place.export();
    let bad = [
        "Bearer bgk_nobody".to_owned(),
        "Bearer".to_owned(),
        format!("Bearer {}x", site.admin),
        format!("Bearer {0}, Bearer {0}", site.admin),
        format!("Basic {}", site.admin),
        site.admin.clone(),
    ];
    for (method, path) in EVERYTHING {
        let request = || site.request(method, path).json(&json!({}));
        let nobody = send(request()).await;
        // HTTP knows no answer to a HEAD with a body, and no test asks by HEAD here.
        problem(&nobody, 401);
        assert_eq!(nobody.header("www-authenticate"), REALM);
        for authorization in &bad {
            let refused = send(request().header("authorization", authorization)).await;
            problem(&refused, 401);
            let challenge = format!("{REALM}, error=\"invalid_token\"");
            assert_eq!(refused.header("www-authenticate"), challenge);
        }
        let refused = send(request().bearer_auth(&site.introspect)).await;
        problem(&refused, 403);
        let challenge = format!("{REALM}, error=\"insufficient_scope\"");
        assert_eq!(refused.header("www-authenticate"), challenge);
    }
    assert_eq!(site.place.export(), before);
}

#[tokio::test]
async fn a_viewer_changes_nothing_not_even_for_a_try() {
    let site = Site::start();
    let before = site.place.export();
    for (method, path) in [
        ("PUT", SETTINGS),
        ("PUT", "/api/v1/settings?dry_run=true"),
        ("PUT", "/api/v1/providers/first"),
        ("PUT", "/api/v1/providers/new-one"),
        ("DELETE", "/api/v1/providers/first"),
        ("DELETE", "/api/v1/providers/first?dry_run=true"),
    ] {
        let request = site.request(method, path).bearer_auth(&site.viewer);
        problem(&send(request.json(&settings())).await, 403);
    }
    assert_eq!(site.place.export(), before);
}

#[tokio::test]
async fn a_revoked_key_is_worth_nothing() {
    let site = Site::start();
    good(&site.ask("GET", SETTINGS).await);
    let ended = site.place.run(["api-key", "revoke", "deploy"], "");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    until("the end of the key", async || {
        site.ask("GET", SETTINGS).await.status == 401
    })
    .await;
}

#[tokio::test]
async fn a_signed_in_browser_is_no_caller() {
    let site = Site::start();
    for (name, value) in [
        ("cookie", "bearergate_session=x"),
        ("origin", "https://evil.example"),
        ("host", "127.0.0.2"),
    ] {
        let request = site.request("GET", SETTINGS).header(name, value);
        problem(&send(request).await, 401);
    }
    // Nor is anything of the console's in the way of a script.
    let request = site.request("PUT", SETTINGS).bearer_auth(&site.admin);
    let request = request.header("sec-fetch-site", "cross-site");
    good(&send(request.json(&site.place.export())).await);
}
