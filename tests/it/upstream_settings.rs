//! `upstream_credentials` in the settings document: faults at their places, secrets that are never shown.

use bearergate::settings::{Fault, ReadContext, SecretKey, Settings};
use serde_json::{Value, json};

fn with(credentials: &Value) -> Value {
    let provider = |id: &str, client: &str| {
        json!({
            "id": id, "preset": "azure-b2c", "client_id": client, "username_attribute": "oid",
            "parameters": { "tenant": "contoso", "policy": "B2C_1_signin" },
        })
    };
    json!({
        "version": 1,
        "global": {
            "rest_api_authentication_enabled": true,
            "basic_authentication_disabled": true,
        },
        "providers": [provider("azure-b2c", "a")],
        "upstream_credentials": credentials,
    })
}

fn read_over(document: &Value, stored: &Settings) -> Result<Settings, Vec<Fault>> {
    let context = ReadContext {
        stored,
        username_maps: &std::collections::BTreeMap::new(),
        allow_http_providers: false,
    };
    Settings::read(&document.to_string(), context)
}

fn pointers(document: &Value) -> Vec<String> {
    let faults = read_over(document, &Settings::default());
    let faults = faults.err().unwrap_or_default();
    faults.into_iter().map(|fault| fault.pointer).collect()
}

/// A good credential with these members changed.
fn credential(members: &Value) -> Value {
    let mut one = json!({
        "id": "alice", "match": { "username": "alice" }, "authorization": "Bearer p4t-s3cret",
    });
    for (name, value) in members.as_object().expect("an object") {
        one[name] = value.clone();
    }
    one
}

#[test]
fn faults_of_a_credential_are_reported_at_their_place_and_repeat_no_secret() {
    let long = format!("Bearer {}", "x".repeat(5000));
    for (members, place) in [
        (json!({ "id": "" }), "id"),
        (json!({ "id": "Alice" }), "id"),
        (json!({ "extra": 1 }), "extra"),
        (json!({ "match": null }), "match"),
        (json!({ "match": {} }), "match"),
        (
            json!({ "match": { "username": "a", "group": "b" } }),
            "match",
        ),
        (json!({ "match": { "username": "" } }), "match/username"),
        (json!({ "match": { "username": " a" } }), "match/username"),
        (json!({ "match": { "username": 7 } }), "match/username"),
        (json!({ "match": { "group": "" } }), "match/group"),
        (json!({ "match": { "everyone": false } }), "match/everyone"),
        (
            json!({ "match": { "everyone": true, "provider": "azure-b2c" } }),
            "match/provider",
        ),
        (
            json!({ "match": { "username": "a", "provider": "none" } }),
            "match/provider",
        ),
        (
            json!({ "match": { "username": "a", "extra": 1 } }),
            "match/extra",
        ),
        (json!({ "authorization": null }), "authorization"),
        (json!({ "authorization": "" }), "authorization"),
        (json!({ "authorization": "p4t-s3cret" }), "authorization"),
        (json!({ "authorization": "Bearer" }), "authorization"),
        (
            json!({ "authorization": "Bearer p4t-s3cret x" }),
            "authorization",
        ),
        (
            json!({ "authorization": "Bearer p4t-s3crét" }),
            "authorization",
        ),
        (
            json!({ "authorization": "Bearer p4t-s3cret\r\nx: y" }),
            "authorization",
        ),
        (json!({ "authorization": long }), "authorization"),
        (json!({ "authorization": 7 }), "authorization"),
    ] {
        let document = with(&json!([credential(&members)]));
        let faults = read_over(&document, &Settings::default()).expect_err("a fault");
        let found: Vec<_> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!(
            found,
            [format!("/upstream_credentials/0/{place}")],
            "{members}"
        );
        assert!(!format!("{faults:?}").contains("p4t"), "{faults:?}");
    }
    assert_eq!(pointers(&with(&json!({}))), ["/upstream_credentials"]);
    let basic = credential(&json!({ "authorization": "Basic YTpi" }));
    assert!(pointers(&with(&json!([basic]))).is_empty());
}

#[test]
fn nobody_is_served_by_two_equal_matches() {
    let pair = |one: Value, other: Value| {
        let one = credential(&json!({ "match": one }));
        let other = credential(&json!({ "id": "b", "match": other }));
        pointers(&with(&json!([one, other])))
    };
    let fault = ["/upstream_credentials/1/match"];
    let alice = json!({ "username": "alice" });
    assert_eq!(pair(alice.clone(), json!({ "username": "ALICE" })), fault);
    // Without a provider, the only one that is enabled is meant.
    let named = json!({ "username": "Alice", "provider": "azure-b2c" });
    assert_eq!(pair(alice.clone(), named), fault);
    assert_eq!(
        pair(json!({ "group": "a" }), json!({ "group": "a" })),
        fault
    );
    assert_eq!(
        pair(json!({ "everyone": true }), json!({ "everyone": true })),
        fault
    );
    assert!(pair(json!({ "group": "a" }), json!({ "group": "A" })).is_empty());
    assert!(pair(alice.clone(), json!({ "group": "alice" })).is_empty());
    let twice = json!([
        credential(&json!({})),
        credential(&json!({ "match": { "group": "a" } }))
    ]);
    assert_eq!(pointers(&with(&twice)), ["/upstream_credentials/1/id"]);
}

#[test]
fn with_several_providers_a_match_names_its_own() {
    let add = |mut document: Value, enabled: bool| {
        let mut second = document["providers"][0].clone();
        second["id"] = json!("second");
        second["client_id"] = json!("b");
        second["enabled"] = json!(enabled);
        let providers = document["providers"].as_array_mut().expect("a list");
        providers.push(second);
        document
    };
    let of = |of_match: Value| with(&json!([credential(&json!({ "match": of_match }))]));
    let fault = ["/upstream_credentials/0/match/provider"];
    assert_eq!(pointers(&add(of(json!({ "username": "a" })), true)), fault);
    assert_eq!(pointers(&add(of(json!({ "group": "a" })), true)), fault);
    assert!(pointers(&add(of(json!({ "username": "a" })), false)).is_empty());
    assert!(pointers(&add(of(json!({ "everyone": true })), true)).is_empty());
    let named = json!({ "username": "a", "provider": "second" });
    assert!(pointers(&add(of(named), true)).is_empty());
}

#[test]
fn a_credential_is_kept_by_its_id_sealed_and_never_shown() {
    let good = with(&json!([credential(&json!({}))]));
    let stored = read_over(&good, &Settings::default()).expect("a good document");
    let export = stored.export();
    let shown = json!([{ "id": "alice", "match": { "username": "alice" }, "authorization": null }]);
    assert_eq!(export["upstream_credentials"], shown);
    assert_eq!(read_over(&export, &stored).expect("it is kept"), stored);
    assert!(
        read_over(&export, &Settings::default()).is_err(),
        "nothing to keep"
    );

    let key = SecretKey::generate().expect("randomness");
    let sealed = stored.seal(&key);
    assert!(!sealed.contains("p4t-s3cret") && !format!("{stored:?}").contains("p4t-s3cret"));
    assert_eq!(Settings::unseal(&sealed, &key).expect("it opens"), stored);
    // What is sealed belongs to its credential.
    let moved = sealed.replace("\"id\":\"alice\"", "\"id\":\"other\"");
    assert!(Settings::unseal(&moved, &key).is_err());
    // Revisions of earlier versions have no such list.
    let mut old: Value = serde_json::from_str(&Settings::default().seal(&key)).expect("JSON");
    let members = old.as_object_mut().expect("an object");
    members.remove("upstream_credentials");
    assert!(Settings::unseal(&old.to_string(), &key).is_ok());
}

#[test]
fn changes_are_told_without_the_secret() {
    let read = |credentials: Value| {
        read_over(&with(&credentials), &Settings::default()).expect("a good document")
    };
    let told = |old: &Settings, new: &Settings| -> Vec<(String, String, String)> {
        let changes = old.changes_to(new).into_iter();
        changes.map(|one| (one.what, one.old, one.new)).collect()
    };
    let text = |all: [&str; 3]| -> (String, String, String) {
        (all[0].to_owned(), all[1].to_owned(), all[2].to_owned())
    };
    let (none, one) = (read(json!([])), read(json!([credential(&json!({}))])));
    let name = "Confluence access \"alice\"";
    let alice = "the user \"alice\"";
    let added = format!("added, for {alice}");
    assert_eq!(told(&none, &one), [text([name, "—", &added])]);
    assert_eq!(told(&one, &none), [text([name, alice, "removed"])]);
    let other = read(json!([credential(&json!({
        "match": { "group": "g", "provider": "azure-b2c" }, "authorization": "Bearer other-s3cret",
    }))]));
    let expected = [
        text([
            &format!("{name}: serves"),
            alice,
            "the group \"g\" of azure-b2c",
        ]),
        text([&format!("{name}: credential"), "set", "changed"]),
    ];
    assert_eq!(told(&one, &other), expected);
}

#[test]
fn confluences_url_is_an_address_with_a_path_at_most() {
    let of = |url: Value| {
        let mut document = with(&json!([]));
        document["global"]["confluence_url"] = url;
        document
    };
    for bad in [
        "wiki.example.com",
        "ftp://wiki.example.com",
        "https://u:p@wiki.example.com",
        "https://wiki.example.com/?a=b",
        "https://wiki.example.com/#a",
        "http://",
        "",
    ] {
        let found = pointers(&of(json!(bad)));
        assert_eq!(found, ["/global/confluence_url"], "{bad}");
    }
    let good = of(json!("http://wiki.internal:8090/confluence/"));
    let settings = read_over(&good, &Settings::default()).expect("a good document");
    let url = settings.global.confluence_url.as_deref();
    assert_eq!(url, Some("http://wiki.internal:8090/confluence"));
}

#[test]
fn a_stored_credential_is_kept_only_while_confluences_url_keeps_its_origin() {
    let at = |url: &Value, authorization: &Value| {
        let one = credential(&json!({ "authorization": authorization }));
        let mut document = with(&json!([one]));
        document["global"]["confluence_url"] = url.clone();
        document
    };
    let entered = json!("Bearer p4t-s3cret");
    let stored_at =
        |url: &Value| read_over(&at(url, &entered), &Settings::default()).expect("a good document");
    let (none, home) = (json!(null), json!("https://wiki.example.com/wiki"));
    for (before, after, is_kept) in [
        (&home, "https://wiki.example.com/wiki", true),
        (&home, "https://WIKI.example.com:443/other/", true),
        (&home, "http://wiki.example.com/wiki", false),
        (&home, "https://wiki.example.com:8443/wiki", false),
        (&home, "https://evil.example/wiki", false),
        (&home, "https://wiki.example.com.evil.example/wiki", false),
        (&none, "https://wiki.example.com/wiki", false),
    ] {
        let stored = stored_at(before);
        let after = json!(after);
        let read = read_over(&at(&after, &json!(null)), &stored);
        match read {
            Ok(read) => {
                assert!(is_kept, "{before} → {after}");
                assert_eq!(read.upstream_credentials, stored.upstream_credentials);
            }
            Err(faults) => {
                assert!(!is_kept, "{before} → {after}: {faults:?}");
                assert_eq!(faults.len(), 1, "{faults:?}");
                assert_eq!(faults[0].pointer, "/upstream_credentials/0/authorization");
                let detail = &faults[0].detail;
                assert!(
                    detail.starts_with("has to be entered again: /global/confluence_url"),
                    "{detail}"
                );
            }
        }
        assert!(
            read_over(&at(&after, &entered), &stored).is_ok(),
            "entered again: {after}"
        );
    }
    // Without a URL nothing is sent anywhere; but the way back through it is shut.
    let home_then_none = read_over(&at(&none, &json!(null)), &stored_at(&home)).expect("kept");
    assert!(read_over(&at(&home, &json!(null)), &home_then_none).is_err());
}
