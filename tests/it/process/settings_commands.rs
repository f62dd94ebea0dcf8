//! `settings export` and `settings import`, alone and beside running servers.

use std::fs;
use std::time::{Duration, Instant};

use bearergate::store::{MissingStore, Store, StoreConfig};
use bearergate_testkit::program::{Place, minimal_settings};
use serde_json::{Value, json};

use crate::support::http::get;
use crate::support::new_place;

pub(super) fn with_secret(secret: &Value) -> Value {
    let mut document = minimal_settings();
    document["providers"] = json!([{
        "id": "azure-b2c",
        "preset": "azure-b2c",
        "parameters": { "tenant": "contoso", "policy": "B2C_1_signin" },
        "client_id": "00000000-0000-0000-0000-000000000001",
        "client_secret": secret,
        "username_attribute": "givenName",
    }]);
    document
}

/// The secret as the server would use it.
pub(super) fn stored_secret(place: &Place) -> Option<String> {
    let config = StoreConfig {
        data_dir: place.data_dir(),
        database: place.database(),
        key_file: None,
        missing: MissingStore::Refuse,
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let store = Store::open(&config).await.unwrap();
        let stored = store.settings().await.unwrap();
        store.close().await;
        let provider = stored.settings.provider("azure-b2c").unwrap();
        provider
            .client_secret
            .as_ref()
            .map(|secret| secret.expose().to_owned())
    })
}

#[test]
fn an_export_can_be_imported_and_keeps_what_it_does_not_show() {
    let place = new_place();
    place.import(&with_secret(&json!("the client's secret")));
    let exported = place.export();
    assert_eq!(exported["providers"][0]["client_secret"], Value::Null);
    assert_eq!(exported["global"]["rest_api_authentication_enabled"], true);
    let bytes = fs::read(place.database()).unwrap();
    assert!(!String::from_utf8_lossy(&bytes).contains("the client's secret"));

    let file = place.path("settings.json");
    fs::write(&file, exported.to_string()).unwrap();
    let ended = place.run(["settings", "import", file.to_str().unwrap()], "");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(place.export(), exported);
    assert_eq!(
        stored_secret(&place).as_deref(),
        Some("the client's secret")
    );

    place.import(&with_secret(&json!("")));
    assert_eq!(stored_secret(&place), None);
}

#[test]
fn a_document_with_faults_changes_nothing_and_names_each() {
    let place = new_place();
    let mut faulty = with_secret(&json!("hush"));
    faulty["unknown"] = json!(1);
    faulty["global"]
        .as_object_mut()
        .unwrap()
        .remove("basic_authentication_disabled");
    faulty["providers"][0]["username_attribute"] = json!("a[");
    let check = || {
        let ended = place.run(["settings", "import", "-"], &faulty.to_string());
        assert_eq!(ended.code, Some(1));
        let lines: Vec<&str> = ended.stderr.lines().collect();
        for pointer in [
            "/unknown",
            "/global/basic_authentication_disabled",
            "/providers/0/username_attribute",
        ] {
            let named = lines
                .iter()
                .filter(|line| line.starts_with(&format!("{pointer}: ")));
            assert_eq!(named.count(), 1, "{pointer} in {lines:?}");
        }
        assert_eq!(lines.len(), 3, "{lines:?}");
    };
    check();
    assert!(!place.data_dir().exists(), "faults made a store");

    place.import(&minimal_settings());
    let before = place.export();
    check();
    assert_eq!(place.export(), before);
}

#[test]
fn what_cannot_be_read_is_one_line() {
    let place = new_place();
    let ended = place.run(["settings", "import", "/no/such/file"], "");
    assert_eq!(ended.code, Some(1));
    assert!(ended.only_line().contains("/no/such/file"));
    let ended = place.run(["settings", "import", "-"], "{ no json");
    assert_eq!(ended.code, Some(1));
    assert!(ended.only_line().contains("JSON"), "{}", ended.stderr);
    let ended = place.run(["settings", "export"], "");
    assert_eq!(ended.code, Some(1));
    let line = ended.only_line();
    assert!(
        line.contains("no database") && line.contains("--data-dir"),
        "{line}"
    );
    assert!(!place.data_dir().exists());
}

#[test]
fn every_server_on_the_store_follows_within_a_second() {
    let place = new_place();
    let mut servers = [place.serve(), place.serve()];
    let rounds = (1..=3).map(|revision| {
        place.import(&minimal_settings());
        let saved = Instant::now();
        for server in &mut servers {
            server.wait_for(&format!("new settings in force revision={revision}"));
        }
        saved.elapsed()
    });
    // Each save comes right after a look at the store, so the fastest round is as slow as the promise allows;
    // a machine that is busy with other tests may delay the others.
    let fastest = rounds.min().unwrap();
    assert!(fastest < Duration::from_secs(1), "{fastest:?}");
}

#[test]
fn a_store_that_is_gone_stops_no_server_and_is_followed_when_it_is_back() {
    let place = new_place();
    place.import(&minimal_settings());
    let mut server = place.serve();
    assert_eq!(get(&server.address, "/readyz").0, 200);
    let aside = place.path("aside.db");
    fs::rename(place.database(), &aside).unwrap();
    server.wait_for("the store does not answer");
    assert_eq!(get(&server.address, "/readyz").0, 503);
    assert_eq!(get(&server.address, "/healthz").0, 200);
    assert!(!place.database().exists(), "nothing is made in its place");

    // A copy is another file.
    fs::copy(&aside, place.database()).unwrap();
    server.wait_for("the store answers again");
    assert_eq!(get(&server.address, "/readyz").0, 200);
    place.import(&minimal_settings());
    server.wait_for("new settings in force revision=2");
}

#[test]
fn a_database_can_have_a_place_of_its_own() {
    let place = new_place();
    let url = format!("sqlite:{}", place.path("elsewhere/gate.db").display());
    let import = ["settings", "import", "-", "--database-url", &url];
    let ended = place.run(import, &minimal_settings().to_string());
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(place.path("elsewhere/gate.db").exists());
    assert!(place.path("data/secret.key").exists() && !place.database().exists());
    let ended = place.run(["settings", "export", "--database-url", &url], "");
    assert!(
        ended
            .stdout
            .contains("\"rest_api_authentication_enabled\": true")
    );
}
