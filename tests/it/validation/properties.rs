//! Whatever a client sends: without a valid credential nothing under a protected path passes.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;

use super::scene::Scene;

const NAMES: [&str; 16] = [
    "authorization",
    "authorization",
    "cookie",
    "x-auth-username",
    "x_auth_username",
    "x.auth.username",
    "proxy-authorization",
    "x-forwarded-uri",
    "x-forwarded-method",
    "x-original-url",
    "x-forwarded-for",
    "x-forwarded-proto",
    "x-http-method-override",
    "accept",
    "user-agent",
    "x-remote-user",
];

fn header_value() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{0,40}",
        "(Bearer|bearer|Basic|OAuth|Token) [A-Za-z0-9._=+/-]{0,60}",
        "(JSESSIONID|seraph[.]confluence)=?;? ?",
        Just("/public/x".to_owned()),
        Just("127.0.0.1".to_owned()),
        "eyJ[A-Za-z0-9_-]{0,30}\\.eyJ[A-Za-z0-9_-]{0,30}\\.[A-Za-z0-9_-]{0,20}",
    ]
}

#[test]
fn no_request_without_a_valid_credential_passes_under_a_protected_path() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let scene = runtime.block_on(Scene::with(&json!({
        "basic_authentication_disabled": true, "allow_oauth1": false, "public_paths": ["/public/"],
    })));
    let mut runner = TestRunner::new(Config {
        cases: 600,
        failure_persistence: None,
        ..Config::default()
    });
    let headers = proptest::collection::vec((0..NAMES.len(), header_value()), 0..6);
    let strategy = (
        headers,
        "[a-z0-9/;?#%._=&-]{0,20}",
        "(GET|POST|OPTIONS|HEAD|FOO)",
    );
    let outcome = runner.run(&strategy, |(headers, tail, method)| {
        let climbs = tail
            .split('?')
            .next()
            .unwrap_or_default()
            .split('/')
            .any(|part| part.replace("%2e", ".") == "..");
        let session = headers.iter().any(|(name, value)| {
            NAMES[*name] == "cookie"
                && ["JSESSIONID=", "seraph.confluence="].iter().any(|known| {
                    value
                        .split(known)
                        .nth(1)
                        .is_some_and(|rest| !rest.trim_matches([';', ' ']).is_empty())
                })
        });
        prop_assume!(!climbs && !session);
        let target = format!("/rest/{tail}");
        let mut all = vec![
            ("x-original-method", "GET"),
            ("x-original-uri", target.as_str()),
        ];
        all.extend(
            headers
                .iter()
                .map(|(name, value)| (NAMES[*name], value.trim())),
        );
        let answer = runtime.block_on(scene.ask(&method, "/validate/auth-request", &all));
        prop_assert_eq!(answer.status.as_u16(), 401, "{:?} {:?}", target, headers);
        answer.check_form();
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn a_good_token_passes_with_each_identity_header_once_whatever_else_is_sent() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let scene = runtime.block_on(Scene::strict());
    let bearer = format!("Bearer {}", scene.provider.good_token());
    let mut runner = TestRunner::new(Config {
        cases: 200,
        failure_persistence: None,
        ..Config::default()
    });
    let headers = proptest::collection::vec((2..NAMES.len(), header_value()), 0..6);
    let outcome = runner.run(&headers, |headers| {
        let mut all = vec![("authorization", bearer.as_str())];
        all.extend(
            headers
                .iter()
                .map(|(name, value)| (NAMES[*name], value.trim())),
        );
        let answer = runtime.block_on(scene.validate(&all));
        answer.passes("oauth");
        prop_assert_eq!(answer.header("x-auth-username"), "Alice");
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}
