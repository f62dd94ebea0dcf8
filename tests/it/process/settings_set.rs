//! `settings set`: single values, by the rules of an import.

use bearergate_testkit::program::{Ended, Place};
use serde_json::{Value, json};

use super::settings_commands::{stored_secret, with_secret};
use crate::support::new_place;

fn set(place: &Place, assignments: &[&str]) -> Ended {
    let arguments = ["settings", "set"].iter().chain(assignments);
    bearergate_testkit::program::run(&mut place.command(arguments), "")
}

#[test]
fn single_values_are_changed_and_told_and_a_server_follows() {
    let place = new_place();
    place.import(&with_secret(&json!("the client's secret")));
    let mut server = place.serve();
    let before = place.export();
    let ended = set(
        &place,
        &[
            "global.rest_api_authentication_enabled=false",
            "providers.azure-b2c.enabled=false",
            "providers.0.username_attribute=oid",
            r#"global.public_paths=["/rest/open/"]"#,
        ],
    );
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let told: Vec<&str> = ended.stdout.lines().collect();
    assert_eq!(
        told,
        [
            "revision 2 is in force, 4 changed",
            "Public paths: none -> /rest/open/",
            "REST API authentication: on -> off",
            "Azure B2C: Provider: enabled -> disabled",
            "Azure B2C: Username attribute: givenName -> oid",
        ]
    );
    server.wait_for("new settings in force revision=2");

    let mut expected = before;
    expected["global"]["rest_api_authentication_enabled"] = json!(false);
    expected["global"]["public_paths"] = json!(["/rest/open/"]);
    expected["providers"][0]["enabled"] = json!(false);
    expected["providers"][0]["username_attribute"] = json!("oid");
    assert_eq!(place.export(), expected);
    assert_eq!(
        stored_secret(&place).as_deref(),
        Some("the client's secret")
    );
}

#[test]
fn every_fault_is_named_and_nothing_is_changed() {
    let place = new_place();
    place.import(&with_secret(&Value::Null));
    let before = place.export();
    let cases: &[(&[&str], &[&str])] = &[
        (
            &[
                "global.allow_anonymous=true",
                "global.clock_skew_seconds=9000",
                "global.no_such_key=1",
                "providers.azure-b2c.username_attribute=a[",
            ],
            &[
                "/global/clock_skew_seconds: ",
                "/global/no_such_key: ",
                "/providers/0/username_attribute: ",
            ],
        ),
        (
            &["providers.okta.enabled=false", "nothing.at.all=1"],
            &["/providers/okta: ", "/nothing: "],
        ),
        (
            &["global.rest_api_authentication_enabled=off"],
            &["/global/rest_api_authentication_enabled: "],
        ),
    ];
    for (assignments, starts) in cases {
        let ended = set(&place, assignments);
        assert_eq!(ended.code, Some(1));
        let mut lines: Vec<&str> = ended.stderr.lines().collect();
        lines.retain(|line| !starts.iter().any(|start| line.starts_with(start)));
        assert!(lines.is_empty(), "{lines:?}");
        assert_eq!(ended.stderr.lines().count(), starts.len());
        assert_eq!(ended.stdout, "");
        assert_eq!(place.export(), before);
    }
}

#[test]
fn a_secret_is_set_and_never_shown_and_does_not_follow_a_moved_url() {
    let place = new_place();
    place.import(&with_secret(&json!("the first secret")));
    let ended = set(&place, &["providers.azure-b2c.client_secret=the second"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(!ended.stdout.contains("second"), "{}", ended.stdout);
    assert_eq!(stored_secret(&place).as_deref(), Some("the second"));

    let moved = "providers.azure-b2c.token_endpoint=https://elsewhere.example/token";
    let ended = set(&place, &[moved]);
    assert_eq!(ended.code, Some(1));
    assert!(
        ended
            .only_line()
            .starts_with("/providers/0/client_secret: "),
        "{}",
        ended.stderr
    );

    // Without `=` it is a wrong option, whose text may be a secret all the same.
    let ended = set(&place, &["the third secret"]);
    assert_eq!(ended.code, Some(2));
    let line = ended.only_line();
    assert!(
        line.contains("KEY=VALUE") && !line.contains("third"),
        "{line}"
    );
}

#[test]
fn there_must_be_a_store() {
    let place = new_place();
    let ended = set(&place, &["global.allow_anonymous=true"]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.only_line().contains("no database"));
    assert!(!place.data_dir().exists());
}
