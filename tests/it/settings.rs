//! The settings document: every fault is reported where it stands, and secrets stay what they were.

use bearergate::settings::{Fault, ReadContext, Secret, SecretKey, Settings};
use serde_json::{Value, json};

fn document() -> Value {
    json!({
        "version": 1,
        "global": {
            "rest_api_authentication_enabled": true,
            "basic_authentication_disabled": true,
        },
        "providers": [{
            "id": "azure-b2c",
            "preset": "azure-b2c",
            "parameters": { "tenant": "contoso", "policy": "B2C_1_signin" },
            "client_id": "a1c2b7d4",
            "username_attribute": "oid",
        }],
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

fn read(document: &Value) -> Result<Settings, Vec<Fault>> {
    read_over(document, &Settings::default())
}

fn pointers(document: &Value) -> Vec<String> {
    let faults = read(document).err().unwrap_or_default();
    faults.into_iter().map(|fault| fault.pointer).collect()
}

/// Sets the member that a pointer names, or takes it away.
fn set(document: &mut Value, pointer: &str, value: Value) {
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
    let name = &name.replace("~1", "/").replace("~0", "~");
    let parent = document.pointer_mut(parent).expect("the parent is there");
    match parent {
        Value::Object(members) if value == "<absent>" => drop(members.remove(name)),
        Value::Object(members) => drop(members.insert(name.clone(), value)),
        Value::Array(items) => items.push(value),
        _ => panic!("{pointer} has no parent"),
    }
}

fn with(changes: &[(&str, Value)]) -> Value {
    let mut document = document();
    for (pointer, value) in changes {
        set(&mut document, pointer, value.clone());
    }
    document
}

#[test]
fn defaults_are_those_of_the_interface() {
    let settings = read(&document()).expect("a good document");
    let export = settings.export();
    assert_eq!(
        export["global"],
        json!({
            "rest_api_authentication_enabled": true,
            "basic_authentication_disabled": true,
            "context_path": null,
            "protected_paths": ["/rest/", "/rpc/"],
            "public_paths": [],
            "allow_anonymous": false,
            "allow_browser_sessions": true,
            "session_cookie_names": ["JSESSIONID", "seraph.confluence", "seraph.rememberme.cookie"],
            "allow_atlassian_tokens": false,
            "allow_oauth1": true,
            "clock_skew_seconds": 60,
            "confluence_url": null,
            "mode": "enforce",
            "basic_observed": false,
            "basic_exceptions": [],
            "activity_retention_days": 30,
        })
    );
    assert_eq!(
        export["providers"][0],
        json!({
            "id": "azure-b2c",
            "preset": "azure-b2c",
            "display_name": "Azure B2C",
            "enabled": true,
            "parameters": { "tenant": "contoso", "policy": "B2C_1_signin" },
            "discovery_url": null,
            "issuers": [], "jwks_uri": null, "authorization_endpoint": null,
            "token_endpoint": null, "userinfo_endpoint": null, "introspection_endpoint": null,
            "client_id": "a1c2b7d4", "client_secret": null,
            "scopes": ["openid"],
            "token_validation": "jwks",
            "algorithms": ["RS256"],
            "audiences": [],
            "authorized_clients": [],
            "required_scopes": [],
            "username_attribute": "oid",
            "username_transform": "none",
            "groups_attribute": null,
            "allowed_groups": [],
            "allowed_networks": [],
            "service_accounts": {},
            "key_grace_seconds": 0,
            "cache_seconds": 60,
        })
    );
    let again = read(&export).expect("an export is a good document");
    assert_eq!(again, settings);
}

/// Each value at its place below `base`, and where its fault must be reported.
#[track_caller]
fn faults_are_placed(
    base: &str,
    cases: impl IntoIterator<Item = (&'static str, Value, &'static str)>,
) {
    for (member, value, fault) in cases {
        let pointer = format!("{base}/{member}");
        let document = with(&[(pointer.as_str(), value.clone())]);
        assert_eq!(
            pointers(&document),
            [format!("{base}/{fault}")],
            "{pointer} = {value}"
        );
    }
}

#[test]
fn faults_of_the_whole_are_reported_at_their_place() {
    faults_are_placed(
        "",
        [
            ("version", json!("<absent>"), "version"),
            ("version", json!(2), "version"),
            ("global", json!("<absent>"), "global"),
            ("global", json!([]), "global"),
            ("extra", json!(1), "extra"),
            ("providers", json!({}), "providers"),
        ],
    );
}

#[test]
fn faults_of_the_gate_are_reported_at_their_place() {
    faults_are_placed(
        "/global",
        [
            (
                "rest_api_authentication_enabled",
                json!("<absent>"),
                "rest_api_authentication_enabled",
            ),
            (
                "basic_authentication_disabled",
                json!("yes"),
                "basic_authentication_disabled",
            ),
            ("extra", json!(1), "extra"),
            ("a~1b~0c", json!(1), "a~1b~0c"),
            ("context_path", json!("confluence"), "context_path"),
            ("context_path", json!("/a/../b"), "context_path"),
            ("protected_paths", json!([]), "protected_paths"),
            ("protected_paths", json!(["rest"]), "protected_paths/0"),
            (
                "protected_paths",
                json!(["/rest/", "/a b?c"]),
                "protected_paths/1",
            ),
            ("protected_paths", json!(["/rest//x"]), "protected_paths/0"),
            ("public_paths", json!(["/%2e/"]), "public_paths/0"),
            ("public_paths", json!(["/"]), "public_paths/0"),
            ("public_paths", json!("/x/"), "public_paths"),
            (
                "session_cookie_names",
                json!(["a b"]),
                "session_cookie_names/0",
            ),
            ("session_cookie_names", json!([1]), "session_cookie_names/0"),
            ("clock_skew_seconds", json!(301), "clock_skew_seconds"),
            ("clock_skew_seconds", json!(-1), "clock_skew_seconds"),
            ("clock_skew_seconds", json!(1.5), "clock_skew_seconds"),
            ("allow_anonymous", json!(null), "allow_anonymous"),
        ],
    );
}

#[test]
fn faults_of_a_provider_are_reported_at_their_place() {
    faults_are_placed(
        "/providers/0",
        [
            ("id", json!("<absent>"), "id"),
            ("id", json!("Azure B2C"), "id"),
            ("id", json!(""), "id"),
            ("id", json!("new"), "id"),
            ("preset", json!("<absent>"), "preset"),
            ("preset", json!("nonsense"), "preset"),
            (
                "username_attribute",
                json!("<absent>"),
                "username_attribute",
            ),
            ("username_attribute", json!("emails["), "username_attribute"),
            ("username_attribute", json!(""), "username_attribute"),
            ("username_attribute", json!(7), "username_attribute"),
            ("username_atribute", json!("oid"), "username_atribute"),
            ("enabled", json!(1), "enabled"),
            (
                "parameters",
                json!({ "tenant": "contoso" }),
                "parameters/policy",
            ),
            ("parameters", json!({ "policy": "p" }), "parameters/tenant"),
            (
                "parameters",
                json!({ "tenant": "contoso.onmicrosoft.com", "policy": "p" }),
                "parameters/tenant",
            ),
            (
                "parameters",
                json!({ "tenant": "a/b", "policy": "p" }),
                "parameters/tenant",
            ),
            (
                "parameters",
                json!({ "tenant": "a", "policy": "p", "x": "y" }),
                "parameters/x",
            ),
            (
                "parameters",
                json!({ "tenant": 1, "policy": "p" }),
                "parameters/tenant",
            ),
            (
                "discovery_url",
                json!("http://login.example.com/"),
                "discovery_url",
            ),
            ("discovery_url", json!("nonsense"), "discovery_url"),
            ("jwks_uri", json!("file:///etc/passwd"), "jwks_uri"),
            (
                "token_endpoint",
                json!("https://u:p@example.com/"),
                "token_endpoint",
            ),
            (
                "userinfo_endpoint",
                json!("ftp://example.com/"),
                "userinfo_endpoint",
            ),
            ("issuers", json!([" x"]), "issuers/0"),
            ("client_id", json!(""), "audiences"),
            ("audiences", json!(["*", "a"]), "audiences"),
            ("algorithms", json!([]), "algorithms"),
            ("algorithms", json!(["RS256", "HS256"]), "algorithms/1"),
            ("algorithms", json!(["none"]), "algorithms/0"),
            ("token_validation", json!("magic"), "token_validation"),
            ("username_transform", json!("upper"), "username_transform"),
            ("groups_attribute", json!("a..b"), "groups_attribute"),
            ("allowed_groups", json!(["wiki"]), "groups_attribute"),
            (
                "allowed_networks",
                json!(["10.0.0.0/33"]),
                "allowed_networks/0",
            ),
            (
                "service_accounts",
                json!({ "robot": "" }),
                "service_accounts/robot",
            ),
            (
                "service_accounts",
                json!({ "a/b": 7 }),
                "service_accounts/a~1b",
            ),
            ("key_grace_seconds", json!(172_801), "key_grace_seconds"),
            ("cache_seconds", json!("60"), "cache_seconds"),
            ("display_name", json!("a\nb"), "display_name"),
        ],
    );
}

#[test]
fn all_faults_are_reported_at_once() {
    let mut second = document()["providers"][0].clone();
    second["username_attribute"] = json!("a..b");
    second["id"] = json!("b");
    second["audiences"] = json!(["other"]);
    let document = with(&[
        ("/global/allow_oauth1", json!("no")),
        ("/global/extra", json!(1)),
        ("/global/mode", json!("audit")),
        ("/global/activity_retention_days", json!(0)),
        ("/providers/0/preset", json!("nonsense")),
        ("/providers/-", second),
    ]);
    let mut found = pointers(&document);
    found.sort();
    let expected = [
        "/global/activity_retention_days",
        "/global/allow_oauth1",
        "/global/extra",
        "/global/mode",
        "/providers/0/preset",
        "/providers/1/username_attribute",
    ];
    assert_eq!(found, expected);
}

#[test]
fn what_an_exception_to_basic_must_say_is_said_at_its_place() {
    let good = json!({
        "id": "a", "users": ["a"], "owner": "o", "reason": "r", "ends_on": "2030-01-01",
    });
    let exceptions = |list: Value| pointers(&with(&[("/global/basic_exceptions", list)]));
    assert!(exceptions(json!([good])).is_empty());
    for (place, member, value) in [
        ("id", "id", json!("Not an id")),
        ("users", "users", json!([])),
        ("users/0", "users", json!([" a"])),
        ("paths/0", "paths", json!(["/"])),
        ("paths/0", "paths", json!(["rest"])),
        ("users", "users", json!(vec!["a"; 201])),
        ("paths", "paths", json!(vec!["/rest/"; 201])),
        ("networks", "networks", json!(vec!["10.0.0.0/8"; 201])),
        ("networks/0", "networks", json!(["all"])),
        ("owner", "owner", json!(" ")),
        ("reason", "reason", json!("x".repeat(201))),
        ("ends_on", "ends_on", json!("31.12.2030")),
        ("ends_on", "ends_on", json!("2030-02-30")),
        ("ends_on", "ends_on", json!("")),
        ("ends_on", "ends_on", json!("-000001-01-01")),
        ("ends_on", "ends_on", json!("2030-W05-3")),
        ("ends_on", "ends_on", Value::Null),
        ("until", "until", json!("2030-01-01")),
    ] {
        let mut exception = good.clone();
        exception[member] = value;
        let pointer = format!("/global/basic_exceptions/0/{place}");
        assert_eq!(exceptions(json!([exception])), [pointer], "{exception}");
    }
    let twice = exceptions(json!([good, good]));
    assert_eq!(twice, ["/global/basic_exceptions/1/id"]);
}

#[test]
fn what_is_no_json_is_said_so() {
    for text in ["", "{", "[1]", "null", "{\"version\":1,\"version\":1}"] {
        let context = ReadContext {
            stored: &Settings::default(),
            username_maps: &std::collections::BTreeMap::new(),
            allow_http_providers: false,
        };
        let faults = Settings::read(text, context).expect_err("a fault");
        assert_eq!(faults[0].pointer, "", "{text}");
    }
}

#[test]
fn audiences_are_never_open_by_omission() {
    let custom = |members: Value| {
        let mut provider = json!({
            "id": "custom", "preset": "custom-oidc", "client_id": "x", "username_attribute": "sub",
            "discovery_url": "https://login.example.com/.well-known/openid-configuration",
        });
        for (name, value) in members.as_object().expect("an object") {
            provider[name] = value.clone();
        }
        with(&[("/providers", json!([provider]))])
    };
    let audiences = ["/providers/0/audiences"];
    assert_eq!(
        pointers(&custom(json!({}))),
        audiences,
        "the client id is what ID tokens carry"
    );
    assert!(read(&custom(json!({ "audiences": ["api"] }))).is_ok());
    assert!(read(&custom(json!({ "audiences": ["*"] }))).is_ok());

    let oauth2 = |audiences: Value| {
        custom(json!({
            "preset": "custom-oauth2", "token_validation": "userinfo", "discovery_url": null,
            "userinfo_endpoint": "https://api.example.com/user", "audiences": audiences,
        }))
    };
    assert_eq!(
        pointers(&oauth2(json!([]))),
        audiences,
        "an opaque token has no audience"
    );
    assert_eq!(pointers(&oauth2(json!(["api"]))), audiences);
    assert!(read(&oauth2(json!(["*"]))).is_ok());
}

#[test]
fn a_provider_needs_what_its_method_reads() {
    let custom = |members: Value| {
        let mut provider = json!({
            "id": "custom", "preset": "custom-oauth2", "client_id": "x", "username_attribute": "sub",
        });
        for (name, value) in members.as_object().expect("an object") {
            provider[name] = value.clone();
        }
        with(&[("/providers", json!([provider]))])
    };
    assert_eq!(pointers(&custom(json!({}))), ["/providers/0/discovery_url"]);
    let keys = json!({ "jwks_uri": "https://login.example.com/keys" });
    assert_eq!(pointers(&custom(keys)), ["/providers/0/issuers"]);
    let both = json!({ "jwks_uri": "https://login.example.com/keys", "issuers": ["https://i"] });
    assert!(read(&custom(both)).is_ok());
    let userinfo = json!({ "token_validation": "userinfo", "audiences": ["*"] });
    assert_eq!(
        pointers(&custom(userinfo)),
        ["/providers/0/userinfo_endpoint"]
    );
}

#[test]
fn two_providers_of_one_issuer_must_differ_in_audience_or_policy() {
    let twin = |members: Value| {
        let mut twin = document()["providers"][0].clone();
        twin["id"] = json!("twin");
        for (name, value) in members.as_object().expect("an object") {
            twin[name] = value.clone();
        }
        with(&[("/providers/-", twin)])
    };
    let fault = ["/providers/1/audiences"];
    assert_eq!(pointers(&twin(json!({}))), fault);
    assert_eq!(pointers(&twin(json!({ "audiences": ["*"] }))), fault);
    assert_eq!(
        pointers(&twin(json!({ "audiences": ["a1c2b7d4", "x"] }))),
        fault
    );
    assert!(read(&twin(json!({ "audiences": ["x"] }))).is_ok());
    assert!(read(&twin(json!({ "enabled": false }))).is_ok());
    let policy = json!({ "tenant": "contoso", "policy": "B2C_1_other" });
    assert!(read(&twin(json!({ "parameters": policy }))).is_ok());
    let same_id = with(&[("/providers/-", document()["providers"][0].clone())]);
    assert!(pointers(&same_id).contains(&"/providers/1/id".to_owned()));
}

#[test]
fn a_secret_stays_until_it_is_replaced_removed_or_would_be_sent_elsewhere() {
    let secret = |value: Value| with(&[("/providers/0/client_secret", value)]);
    let stored = read(&secret(json!("s3cret"))).expect("a good document");
    assert_eq!(
        stored.export()["providers"][0]["client_secret"],
        Value::Null
    );
    let kept = |document: &Value| {
        let settings = read_over(document, &stored).expect("a good document");
        settings.providers[0]
            .client_secret
            .as_ref()
            .map(|secret| secret.expose().to_owned())
    };
    assert_eq!(kept(&document()).as_deref(), Some("s3cret"));
    assert_eq!(kept(&secret(Value::Null)).as_deref(), Some("s3cret"));
    assert_eq!(kept(&secret(json!("other"))).as_deref(), Some("other"));
    assert_eq!(kept(&secret(json!(""))), None);

    let elsewhere = |members: &[(&str, &str)]| {
        let changes: Vec<_> = members
            .iter()
            .map(|(name, url)| (*name, json!(url)))
            .collect();
        with(&changes)
    };
    let same_origin = elsewhere(&[(
        "/providers/0/token_endpoint",
        "https://contoso.b2clogin.com/x",
    )]);
    assert_eq!(kept(&same_origin).as_deref(), Some("s3cret"));
    for member in ["token_endpoint", "introspection_endpoint", "discovery_url"] {
        let pointer = format!("/providers/0/{member}");
        let document = elsewhere(&[(&pointer, "https://evil.example.com/x")]);
        let faults = read_over(&document, &stored).expect_err("a fault");
        assert_eq!(faults[0].pointer, "/providers/0/client_secret", "{member}");
        let entered = with(&[
            (&pointer, json!("https://evil.example.com/x")),
            ("/providers/0/client_secret", json!("again")),
        ]);
        assert!(read_over(&entered, &stored).is_ok(), "{member}");
    }
}

#[test]
fn settings_survive_the_store_and_show_no_secret() {
    let document = with(&[("/providers/0/client_secret", json!("s3cret"))]);
    let settings = read(&document).expect("a good document");
    let key = SecretKey::generate().expect("randomness");
    let sealed = settings.seal(&key);
    assert!(!sealed.contains("s3cret"));
    let opened = Settings::unseal(&sealed, &key).expect("it opens");
    assert_eq!(opened, settings);
    assert_eq!(
        opened.providers[0].client_secret,
        Some(Secret::new("s3cret"))
    );
    assert!(!format!("{settings:?}").contains("s3cret"));
    let other = SecretKey::generate().expect("randomness");
    assert!(Settings::unseal(&sealed, &other).is_err());
    // A sealed secret belongs to its provider.
    let moved = sealed.replace("\"id\":\"azure-b2c\"", "\"id\":\"other\"");
    assert!(Settings::unseal(&moved, &key).is_err());
}
