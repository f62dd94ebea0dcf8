//! Recorded calls against changes of the settings.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::*;
use crate::activity::UsageKey;
use crate::settings::ReadContext;

const NOW: i64 = 1_800_000_000;

fn settings(global: &Value, provider: &Value) -> Settings {
    let mut document = json!({
        "version": 1,
        "global": {
            "rest_api_authentication_enabled": true,
            "basic_authentication_disabled": false,
            "context_path": "",
        },
        "providers": [{
            "id": "azure-b2c", "preset": "azure-b2c", "username_attribute": "oid",
            "parameters": { "tenant": "contoso", "policy": "B2C_1_signin" },
            "client_id": "app", "issuers": ["https://issuer"],
        }],
    });
    for (part, members) in [("/global", global), ("/providers/0", provider)] {
        let part = document.pointer_mut(part).expect("a part");
        for (name, value) in members.as_object().expect("an object") {
            part[name] = value.clone();
        }
    }
    let context = ReadContext {
        stored: &Settings::default(),
        username_maps: &BTreeMap::new(),
        allow_http_providers: false,
    };
    Settings::read_value(&document, context).expect("good settings")
}

fn key(credential: &'static str, method: &'static str) -> UsageKey {
    UsageKey {
        outcome: Outcome::Allowed,
        method: method.into(),
        reason: "".into(),
        credential: credential.into(),
        provider: String::new(),
        user: "alice".to_owned(),
        is_vouched: false,
        client_id: String::new(),
        issuer: String::new(),
        audience: String::new(),
        scopes: String::new(),
        network: "10.1.2.0/24".to_owned(),
        path_prefix: "/rest/api".to_owned(),
        exception: String::new(),
    }
}

fn token() -> UsageKey {
    UsageKey {
        provider: "azure-b2c".to_owned(),
        is_vouched: true,
        client_id: "cli".to_owned(),
        issuer: "https://issuer".to_owned(),
        audience: "app other".to_owned(),
        scopes: "read write".to_owned(),
        ..key("bearer", "oauth")
    }
}

fn impact(old: &Settings, new: &Settings, recorded: &[Usage]) -> Impact {
    let mut step = Step::new(old, new, NOW);
    for usage in recorded {
        step.see(usage);
    }
    step.impact()
}

/// `refused: reason`, `untold` or `passes`.
fn told(old: &Settings, new: &Settings, key: UsageKey) -> String {
    let usage = Usage {
        hour: NOW - 3_600,
        key,
        calls: 5,
        last_at: NOW,
    };
    let impact = impact(old, new, &[usage]);
    match (impact.hits.as_slice(), impact.untold_calls) {
        ([], 0) => "passes".to_owned(),
        ([], 5) => "untold".to_owned(),
        ([hit], 0) => format!("refused: {}", hit.reason),
        _ => panic!("{impact:?}"),
    }
}

/// What becomes of the call by the change; undone by nothing, it changes nothing.
#[track_caller]
fn check(global: [&Value; 2], provider: [&Value; 2], call: &UsageKey, expected: &str) {
    let old = settings(global[0], provider[0]);
    let new = settings(global[1], provider[1]);
    for same in [&old, &new] {
        assert_eq!(told(same, same, call.clone()), "passes", "{call:?}");
    }
    assert_eq!(told(&old, &new, call.clone()), expected, "{call:?}");
}

#[test]
fn a_switch_hits_those_who_used_what_it_ends() {
    let none = json!({});
    for (old, new, call, expected) in [
        (
            json!({}),
            json!({ "basic_authentication_disabled": true }),
            key("basic", "basic"),
            "refused: basic_disabled",
        ),
        (
            json!({}),
            json!({ "basic_authentication_disabled": true, "basic_observed": true }),
            key("basic", "basic"),
            "passes",
        ),
        (
            json!({}),
            json!({ "allow_oauth1": false }),
            key("oauth1", "oauth1"),
            "refused: oauth1_disabled",
        ),
        (
            json!({}),
            json!({ "allow_browser_sessions": false }),
            key("session", "session"),
            "refused: missing_credential",
        ),
        (
            json!({}),
            json!({ "session_cookie_names": ["OTHER"] }),
            key("session", "session"),
            "untold",
        ),
        (
            json!({ "allow_anonymous": true }),
            json!({}),
            key("none", "anonymous"),
            "refused: missing_credential",
        ),
        (
            json!({ "allow_atlassian_tokens": true }),
            json!({}),
            key("bearer", "atlassian-token"),
            "refused: unknown_token",
        ),
        (
            json!({ "rest_api_authentication_enabled": false }),
            json!({}),
            key("none", "disabled"),
            "refused: missing_credential",
        ),
        (
            json!({ "rest_api_authentication_enabled": false }),
            json!({}),
            key("bearer", "disabled"),
            "untold",
        ),
        (
            json!({ "rest_api_authentication_enabled": false }),
            json!({}),
            key("basic", "disabled"),
            "passes",
        ),
        (
            json!({ "public_paths": ["/rest/api/"] }),
            json!({}),
            key("none", "public"),
            "refused: missing_credential",
        ),
        (
            json!({ "public_paths": ["/rest/api/user"] }),
            json!({ "public_paths": ["/rest/api/space"] }),
            key("none", "public"),
            "untold",
        ),
    ] {
        check([&old, &new], [&none, &none], &call, expected);
    }
}

#[test]
fn the_end_of_observing_hits_those_who_were_observed() {
    let observed = |credential, reason: &'static str| UsageKey {
        outcome: Outcome::Observed,
        reason: reason.into(),
        ..key(credential, "observed")
    };
    let none = json!({});
    let observe = json!({ "mode": "observe", "basic_authentication_disabled": true });
    let enforce = json!({ "basic_authentication_disabled": true });
    let basic_alone = json!({ "basic_observed": true, "basic_authentication_disabled": true });
    for (old, new, call, expected) in [
        (
            &observe,
            &enforce,
            observed("basic", "basic_disabled"),
            "refused: basic_disabled",
        ),
        (
            &observe,
            &basic_alone,
            observed("basic", "basic_disabled"),
            "passes",
        ),
        (
            &basic_alone,
            &enforce,
            observed("basic", "basic_disabled"),
            "refused: basic_disabled",
        ),
        (
            &observe,
            &enforce,
            observed("none", "missing_credential"),
            "refused: missing_credential",
        ),
        (
            &observe,
            &enforce,
            observed("bearer", "expired"),
            "refused: expired",
        ),
        (&observe, &enforce, token(), "passes"),
    ] {
        check([old, new], [&none, &none], &call, expected);
    }
}

#[test]
fn an_exception_spares_whom_it_names() {
    let none = json!({});
    let with = |members: Value| {
        let mut exception = json!({
            "id": "a", "owner": "o", "reason": "r", "ends_on": "2099-01-01",
        });
        for (name, value) in members.as_object().expect("an object") {
            exception[name] = value.clone();
        }
        json!({ "basic_authentication_disabled": true, "basic_exceptions": [exception] })
    };
    let coarse = UsageKey {
        user: crate::activity::OTHER.to_owned(),
        network: crate::activity::OTHER.to_owned(),
        path_prefix: crate::activity::OTHER.to_owned(),
        ..key("basic", "basic")
    };
    let refused = "refused: basic_disabled";
    for (exception, call, expected) in [
        (
            json!({ "users": ["Alice"] }),
            key("basic", "basic"),
            "passes",
        ),
        (json!({ "users": ["bob"] }), key("basic", "basic"), refused),
        (json!({ "users": ["alice"] }), coarse.clone(), "untold"),
        (
            json!({ "users": ["alice"], "ends_on": "2020-01-01" }),
            key("basic", "basic"),
            refused,
        ),
        (
            json!({ "paths": ["/rest/"] }),
            key("basic", "basic"),
            "passes",
        ),
        (
            json!({ "paths": ["/rest/api/content"] }),
            key("basic", "basic"),
            "untold",
        ),
        (
            json!({ "paths": ["/rest/other"] }),
            key("basic", "basic"),
            refused,
        ),
        (
            json!({ "networks": ["10.0.0.0/8"] }),
            key("basic", "basic"),
            "passes",
        ),
        (
            json!({ "networks": ["10.1.2.3"] }),
            key("basic", "basic"),
            "untold",
        ),
        (
            json!({ "networks": ["192.0.2.0/24"] }),
            key("basic", "basic"),
            refused,
        ),
        (
            json!({ "users": ["alice"], "networks": ["192.0.2.0/24"] }),
            key("basic", "basic"),
            refused,
        ),
    ] {
        check(
            [&json!({}), &with(exception)],
            [&none, &none],
            &call,
            expected,
        );
    }
}

#[test]
fn a_providers_rules_are_tried_on_what_is_recorded_of_its_tokens() {
    let none = json!({});
    for (new, expected) in [
        (
            json!({ "display_name": "B2C", "cache_seconds": 5 }),
            "passes",
        ),
        (json!({ "audiences": ["other"] }), "passes"),
        (json!({ "audiences": ["third"] }), "refused: wrong_audience"),
        (json!({ "authorized_clients": ["cli"] }), "passes"),
        (
            json!({ "authorized_clients": ["web"] }),
            "refused: wrong_client",
        ),
        (json!({ "required_scopes": ["read"] }), "passes"),
        (
            json!({ "required_scopes": ["admin"] }),
            "refused: insufficient_scope",
        ),
        (json!({ "allowed_networks": ["10.0.0.0/8"] }), "passes"),
        (json!({ "allowed_networks": ["10.1.2.3"] }), "untold"),
        (
            json!({ "allowed_networks": ["192.0.2.0/24"] }),
            "refused: network_not_allowed",
        ),
        (
            json!({ "issuers": ["https://elsewhere"] }),
            "refused: unknown_issuer",
        ),
        (json!({ "enabled": false }), "refused: unknown_issuer"),
        (json!({ "username_attribute": "email" }), "untold"),
        (
            json!({ "groups_attribute": "groups", "allowed_groups": ["staff"] }),
            "untold",
        ),
    ] {
        check([&none, &none], [&none, &new], &token(), expected);
    }
}

#[test]
fn callers_are_told_apart_and_their_calls_counted() {
    let old = settings(&json!({}), &json!({}));
    let new = settings(
        &json!({ "basic_authentication_disabled": true }),
        &json!({}),
    );
    let usage = |user: &str, network: &str, outcome, calls| Usage {
        hour: 0,
        key: UsageKey {
            user: user.to_owned(),
            network: network.to_owned(),
            outcome,
            ..key("basic", "basic")
        },
        calls,
        last_at: 7,
    };
    let recorded = [
        usage("alice", "10.0.0.0/24", Outcome::Allowed, 2),
        usage("bob", "10.0.0.0/24", Outcome::Allowed, 9),
        usage("alice", "10.0.1.0/24", Outcome::Allowed, 3),
        usage("carol", "10.0.1.0/24", Outcome::Refused, 100),
    ];
    let impact = impact(&old, &new, &recorded);
    let seen: Vec<_> = impact
        .hits
        .iter()
        .map(|hit| (hit.user.as_str(), hit.calls, hit.networks.len()))
        .collect();
    assert_eq!(seen, [("bob", 9, 1), ("alice", 5, 2)]);
    assert_eq!((impact.calls, impact.untold_calls), (14, 0));
}
