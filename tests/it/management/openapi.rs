//! The description against what the server does. Whether each document fits its schema, the tests with real parts ask.

use std::collections::BTreeSet;

use bearergate_testkit::http::{Answer, send};
use serde_json::{Value, json};

use super::{CHECK, OPENAPI, PROVIDERS, SETTINGS, Site, good, provider, settings};

const METHODS: &[&str] = &["get", "put", "post", "delete", "patch", "options", "trace"];

async fn description(site: &Site) -> Value {
    good(&site.ask("GET", OPENAPI).await)
}

/// What is at the end of a reference.
fn resolved<'a>(description: &'a Value, part: &'a Value) -> &'a Value {
    match part["$ref"].as_str() {
        Some(reference) => description
            .pointer(&reference[1..])
            .expect("what is referred to"),
        None => part,
    }
}

/// The answer is one of those that are described for the operation.
fn fits(description: &Value, path: &str, method: &str, answer: &Answer) {
    let responses = &description["paths"][path][method.to_lowercase()]["responses"];
    let response = resolved(description, &responses[answer.status.as_str()]);
    assert!(
        response.is_object(),
        "{method} {path}: {} is not described",
        answer.status
    );
    for (name, header) in response["headers"].as_object().expect("headers") {
        let is_required = resolved(description, header)["required"] == true;
        assert!(
            !is_required || answer.headers.contains_key(name),
            "{name}: {answer:?}"
        );
    }
    let Some(content) = response["content"].as_object() else {
        assert!(answer.body.is_empty(), "{answer:?}");
        return;
    };
    let described = &content[answer.header("content-type")];
    assert!(described.is_object(), "{answer:?}");
}

#[tokio::test]
async fn it_describes_the_routes_that_are_there() {
    let site = Site::start();
    let description = description(&site).await;
    let paths = description["paths"].as_object().expect("paths");
    let mut found = BTreeSet::new();
    for (path, item) in paths {
        let real = path.replace("{id}", "first");
        // A method that no path knows: the answer says which ones it does.
        let answer = site.ask("PROPFIND", &real).await;
        let allowed: BTreeSet<_> = answer
            .header("allow")
            .split(',')
            .map(str::to_lowercase)
            .collect();
        for method in METHODS {
            let is_described = item.get(*method).is_some();
            assert_eq!(is_described, allowed.contains(*method), "{method} {path}");
        }
        found.insert(path.as_str());
    }
    let all = [
        SETTINGS,
        PROVIDERS,
        "/api/v1/providers/{id}",
        CHECK,
        OPENAPI,
    ];
    assert_eq!(found, BTreeSet::from(all));
}

#[tokio::test]
async fn each_answer_has_a_status_and_headers_that_are_described() {
    let site = Site::start();
    let description = description(&site).await;
    let mut document = settings();
    let credential =
        |of_match: Value| json!({ "id": "one", "match": of_match, "authorization": "Bearer x" });
    for of_match in [
        json!({ "everyone": true }),
        json!({ "provider": "first", "group": "g" }),
    ] {
        document["upstream_credentials"] = json!([credential(of_match)]);
        let answer = site.send("PUT", SETTINGS, &document, &[]).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        fits(&description, SETTINGS, "PUT", &answer);
        fits(
            &description,
            SETTINGS,
            "GET",
            &site.ask("GET", SETTINGS).await,
        );
    }
    let one = "/api/v1/providers/{id}";
    let cases: &[(&str, &str, &str, Value)] = &[
        ("GET", PROVIDERS, PROVIDERS, Value::Null),
        ("GET", one, "/api/v1/providers/first", Value::Null),
        ("GET", one, "/api/v1/providers/third", Value::Null),
        (
            "PUT",
            one,
            "/api/v1/providers/third?dry_run=true",
            provider("third"),
        ),
        ("PUT", one, "/api/v1/providers/third", provider("third")),
        ("PUT", one, "/api/v1/providers/third", provider("third")),
        ("PUT", one, "/api/v1/providers/third", json!({})),
        ("PUT", one, "/api/v1/providers/third?x", json!({})),
        (
            "DELETE",
            one,
            "/api/v1/providers/third?dry_run=true",
            Value::Null,
        ),
        ("DELETE", one, "/api/v1/providers/third", Value::Null),
        ("DELETE", one, "/api/v1/providers/third", Value::Null),
        ("PUT", SETTINGS, "/api/v1/settings?dry_run=true", settings()),
        ("PUT", SETTINGS, SETTINGS, json!({})),
        ("POST", CHECK, CHECK, json!({})),
        ("POST", CHECK, CHECK, json!({ "uri": "/x" })),
        ("POST", CHECK, CHECK, json!([])),
        ("GET", OPENAPI, OPENAPI, Value::Null),
    ];
    for (method, path, real, document) in cases {
        let answer = site.send(method, real, document, &[]).await;
        fits(&description, path, method, &answer);
        let key = &site.introspect;
        let request = || site.request(method, real).json(document);
        fits(&description, path, method, &send(request()).await);
        fits(
            &description,
            path,
            method,
            &send(request().bearer_auth(key)).await,
        );
    }
    let headers = [("if-match", "\"old\"")];
    let stale = site.send("PUT", SETTINGS, &settings(), &headers).await;
    assert_eq!(stale.status, 412);
    fits(&description, SETTINGS, "PUT", &stale);
}

#[tokio::test]
async fn what_is_described_is_what_is_read() {
    let site = Site::start();
    let description = description(&site).await;
    // Each member of an export has its schema, and each schema its member.
    let mut document = settings();
    document["global"]["basic_exceptions"] = json!([{
        "id": "jenkins", "users": ["jenkins"], "owner": "Build team", "reason": "No OAuth yet", "ends_on": "2099-12-31",
    }]);
    document["upstream_credentials"] =
        json!([{ "id": "rest", "match": { "everyone": true }, "authorization": "Bearer x" }]);
    good(&site.send("PUT", SETTINGS, &document, &[]).await);
    let export = site.place.export();
    for (pointer, value) in [
        ("/components/schemas/Settings", &export),
        ("/components/schemas/Global", &export["global"]),
        ("/components/schemas/Provider", &export["providers"][0]),
        (
            "/components/schemas/BasicException",
            &export["global"]["basic_exceptions"][0],
        ),
        (
            "/components/schemas/UpstreamCredential",
            &export["upstream_credentials"][0],
        ),
    ] {
        let names = |value: &Value| -> BTreeSet<String> {
            value
                .as_object()
                .expect("an object")
                .keys()
                .cloned()
                .collect()
        };
        let described = description.pointer(pointer).expect("a schema");
        assert_eq!(names(&described["properties"]), names(value), "{pointer}");
    }
}
