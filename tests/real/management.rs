//! The management API, fuzzed by Schemathesis along its own description: what is sent fits the schemas or just misses
//! them, and each answer must be one of those described.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::json;
use tokio::task::spawn_blocking;

use crate::support::gate::Gate;
use crate::support::site::settings;

/// Where `./test` installs it.
const HOME: &str = "target/schemathesis";
const CONFIGURATION: &str = "tests/real/schemathesis/schemathesis.toml";
const SECRET: &str = "s3cret-of-the-client";

#[tokio::test]
async fn every_answer_is_one_of_those_described() {
    let provider = json!({
        "id": "first",
        "preset": "custom-oidc",
        "issuers": ["https://provider.invalid"],
        "jwks_uri": "https://provider.invalid/keys",
        "audiences": ["wiki"],
        "client_id": "gate",
        "client_secret": SECRET,
        "username_attribute": "sub",
    });
    let (gate, key) = Gate::with_key(&settings(&[provider]), "admin").await;
    let description = gate.public_url.join("api/v1/openapi.json");
    let description = description.expect("a URL").to_string();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new("python3");
    command
        .current_dir(root)
        .env("PYTHONPATH", root.join(HOME))
        .env("API_KEY", &key)
        .args(["-m", "schemathesis.cli", "--config-file", CONFIGURATION])
        .args(["run", &description, "--no-color"])
        .stdin(Stdio::null());
    let output = spawn_blocking(move || command.output()).await;
    let output = output.expect("no panic").expect("python3 runs");
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(output.status.success(), "{said}");
    // All that is described was tried, but for the description itself.
    assert!(said.contains("Tested: 7"), "{said}");
    let log = gate.log();
    for never in ["panicked", SECRET, &key] {
        assert!(!log.contains(never), "{never} is in the log");
    }
}
