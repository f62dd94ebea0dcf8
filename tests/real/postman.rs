//! The Postman collection of `docs/postman`, run by newman.

use std::path::Path;
use std::process::{Command, Stdio};

use bearergate_testkit::code_flow::{REDIRECT_URI, VERIFIER};
use serde_json::{Value, json};
use tokio::task::spawn_blocking;

use crate::support::oidc::{ALICE, Oidc, node, oidc};
use crate::support::site::{Site, settings};

const ENVIRONMENT: &str = "docs/postman/bearergate.postman_environment.json";
const COLLECTION: &str = "docs/postman/bearergate.postman_collection.json";

/// The userinfo endpoint as the judge of tokens, as the published guide has it.
fn provider(oidc: &Oidc) -> Value {
    json!({
        "id": "guide",
        "preset": "custom-oauth2",
        "userinfo_endpoint": oidc.userinfo_endpoint,
        "client_id": oidc.user_client,
        "token_validation": "userinfo",
        "audiences": ["*"],
        "username_attribute": "givenName",
    })
}

/// Runs the collection with these values in the environment; whether all went well, and what was said.
async fn newman(values: &[(&str, &str)]) -> (bool, String) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new(node());
    command
        .current_dir(root)
        .arg("tests/real/newman/node_modules/newman/bin/newman.js")
        .args(["run", COLLECTION, "--environment", ENVIRONMENT])
        .args(["--color", "off", "--timeout", "60000"])
        .stdin(Stdio::null());
    for (name, value) in values {
        command.arg("--env-var").arg(format!("{name}={value}"));
    }
    let output = spawn_blocking(move || command.output()).await;
    let output = output.expect("no panic").expect("newman runs");
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

#[tokio::test]
async fn the_collection_does_what_the_guide_does() {
    let oidc = oidc().await;
    let site = Site::start(&settings(&[provider(oidc)])).await;
    let code = oidc.code("openid profile", &ALICE).await;
    let confluence = format!("http://{}", site.proxy.address);
    let values = [
        ("confluence_url", &*confluence),
        ("token_endpoint", &oidc.token_endpoint),
        ("userinfo_endpoint", &oidc.userinfo_endpoint),
        ("client_id", &oidc.user_client),
        ("redirect_uri", REDIRECT_URI),
        ("code_verifier", VERIFIER),
        ("code", &code),
    ];
    let (went_well, said) = newman(&values).await;
    assert!(went_well, "{said}");
    let received = site.confluence.take_one();
    assert_eq!(received.header("X-Auth-Username"), Some(ALICE.given_name));

    // A code is good once: the collection says so instead of passing over it.
    let (went_well, said) = newman(&values).await;
    assert!(!went_well, "{said}");
}

#[test]
fn the_environment_holds_no_secret() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(ENVIRONMENT);
    let text = std::fs::read_to_string(path).expect("the environment");
    let environment: Value = serde_json::from_str(&text).expect("JSON");
    for variable in environment["values"].as_array().expect("a list") {
        let is_secret = variable["type"] == "secret";
        assert!(!is_secret || variable["value"] == "", "{}", variable["key"]);
    }
    for name in ["code", "code_verifier", "access_token"] {
        let marked = json!({"key": name, "value": "", "type": "secret", "enabled": true});
        assert!(
            environment["values"]
                .as_array()
                .expect("a list")
                .contains(&marked),
            "{name}"
        );
    }
}
