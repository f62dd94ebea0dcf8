//! Settings that would have an address called that is never called: told at the field, with the cure.

use std::collections::BTreeMap;

use bearergate::settings::{Fault, ReadContext, Settings};
use serde_json::{Value, json};

/// The faults of a document with this provider and this URL of Confluence.
fn faults(provider: &Value, confluence_url: Option<&str>) -> Vec<Fault> {
    let document = json!({
        "version": 1,
        "global": {
            "rest_api_authentication_enabled": true,
            "basic_authentication_disabled": true,
            "confluence_url": confluence_url,
        },
        "providers": [provider],
    });
    let context = ReadContext {
        stored: &Settings::default(),
        username_maps: &BTreeMap::new(),
        allow_http_providers: true,
    };
    let read = Settings::read(&document.to_string(), context);
    read.err().unwrap_or_default()
}

/// A good provider with one member changed.
fn with(member: &str, value: &Value) -> Value {
    let mut provider = json!({
        "id": "oidc", "preset": "custom-oidc", "client_id": "c", "audiences": ["a"],
        "username_attribute": "sub", "discovery_url": "https://idp.example.com/d",
    });
    provider[member] = value.clone();
    provider
}

fn of_preset(preset: &str, parameters: &Value) -> Value {
    json!({
        "id": preset, "preset": preset, "client_id": "c", "audiences": ["a"],
        "username_attribute": "sub", "parameters": parameters,
    })
}

/// The fault at this place names the address and the cure.
fn told(faults: &[Fault], pointer: &str, address: &str) {
    let fault = faults.iter().find(|fault| fault.pointer == pointer);
    let fault = fault.unwrap_or_else(|| panic!("{pointer} {address}: {faults:?}"));
    for part in [address, "never called", "of the server itself"] {
        assert!(fault.detail.contains(part), "{fault:?}");
    }
}

#[test]
fn every_url_of_a_provider_is_judged_by_its_address() {
    for member in [
        "discovery_url",
        "jwks_uri",
        "authorization_endpoint",
        "token_endpoint",
        "userinfo_endpoint",
        "introspection_endpoint",
    ] {
        for (url, address) in [
            ("http://169.254.169.254/latest", "169.254.169.254"),
            ("https://2852039166/", "169.254.169.254"),
            ("https://0251.0376.0251.0376/", "169.254.169.254"),
            ("https://[fe80::1]:8443/", "fe80::1"),
            (
                "https://[::ffff:169.254.169.254]/",
                "::ffff:169.254.169.254",
            ),
            ("https://[64:ff9b::a9fe:a9fe]/", "64:ff9b::a9fe:a9fe"),
            ("https://[fd00:ec2::254]/", "fd00:ec2::254"),
            ("https://168.63.129.16/", "168.63.129.16"),
            ("https://0/", "0.0.0.0"),
        ] {
            let faults = faults(&with(member, &json!(url)), None);
            told(&faults, &format!("/providers/0/{member}"), address);
        }
        for url in [
            "http://10.0.0.7/x",
            "http://127.0.0.1:1/x",
            "http://[::1]:1/x",
            "https://[fd12::1]/x",
        ] {
            assert_eq!(
                faults(&with(member, &json!(url)), None),
                [],
                "{member} {url}"
            );
        }
    }
}

#[test]
fn a_parameter_that_becomes_a_host_is_judged_too() {
    for (preset, name, value) in [
        ("okta", "domain", "169.254.169.254"),
        ("auth0", "domain", "169.254.169.254:80"),
        ("gitlab", "host", "0xa9fea9fe"),
        ("keycloak", "base_url", "https://169.254.169.254/auth"),
    ] {
        let mut parameters = json!({ name: value });
        if preset == "keycloak" {
            parameters["realm"] = json!("main");
        }
        let faults = faults(&of_preset(preset, &parameters), None);
        let pointer = format!("/providers/0/parameters/{name}");
        told(&faults, &pointer, "169.254.169.254");
    }
    let parameters = json!({ "domain": "10.0.0.7:8443" });
    assert_eq!(faults(&of_preset("okta", &parameters), None), []);
    let no_host = faults(&of_preset("okta", &json!({ "domain": "a:b" })), None);
    assert!(no_host[0].detail.starts_with("is no host"), "{no_host:?}");
}

#[test]
fn confluence_is_never_there() {
    let provider = with("client_id", &json!("c"));
    for (url, address) in [
        ("http://169.254.169.254/wiki", "169.254.169.254"),
        ("http://0.0.0.0:8090", "0.0.0.0"),
    ] {
        told(
            &faults(&provider, Some(url)),
            "/global/confluence_url",
            address,
        );
    }
    assert_eq!(faults(&provider, Some("http://192.168.1.7:8090")), []);
}
