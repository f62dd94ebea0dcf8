//! The paths with their methods, and what each may answer.

use serde_json::{Map, Value, json};

use super::component;

/// The problems that any request may meet: no good key, the wrong role, a mistake, a store that does not answer.
const ALWAYS: &[u16] = &[401, 403, 500, 503];
/// Those of a document that is sent.
const OF_A_DOCUMENT: &[u16] = &[400, 408, 413, 415, 422];

/// Each problem with the condition that leads to it.
const PROBLEMS: &[(u16, &str)] = &[
    (400, "The content is no JSON, or the query is wrong."),
    (401, "There is no good key."),
    (403, "The key's role does not allow it."),
    (404, "There is no such provider."),
    (408, "The content did not arrive in time."),
    (412, "The settings are not those that If-Match names."),
    (
        413,
        "The content is too large: a check takes 1 MiB, all else 16 MiB.",
    ),
    (415, "The content is not application/json."),
    (422, "The document has faults; nothing was changed."),
    (500, "A mistake of the program."),
    (503, "The store does not answer."),
];

pub(super) fn paths() -> Value {
    json!({
        "/api/v1/settings": {
            "get": {
                "operationId": "getSettings",
                "summary": "The settings document; secrets are null",
                "responses": answers(&[(200, "The settings", tagged("Settings"))], &[]),
            },
            "put": {
                "operationId": "replaceSettings",
                "summary": "Replaces the settings document",
                "parameters": [dry_run(), if_match()],
                "requestBody": content("Settings"),
                "responses": answers(
                    &[(200, "The new settings, or what would change", changed("Settings"))],
                    &[OF_A_DOCUMENT, &[412]].concat(),
                ),
            },
        },
        "/api/v1/providers": {
            "get": {
                "operationId": "getProviders",
                "summary": "The identity providers, in the order in which they are asked",
                "responses": answers(&[(200, "The providers", tagged("Providers"))], &[]),
            },
        },
        "/api/v1/providers/{id}": provider(),
        "/api/v1/check": {
            "post": {
                "operationId": "check",
                "summary": "Decides one request by the settings in force, and explains every step",
                "requestBody": content("Question"),
                "responses": answers(&[(200, "The decision", plain("Decision"))], OF_A_DOCUMENT),
            },
        },
        "/api/v1/openapi.json": {
            "get": {
                "operationId": "getDescription",
                "summary": "This description",
                "responses": answers(&[(200, "The description", plain("Description"))], &[]),
            },
        },
    })
}

fn provider() -> Value {
    json!({
        "parameters": [{
            "name": "id",
            "in": "path",
            "required": true,
            "description": "The provider's id",
            "schema": component("schemas", "Id"),
        }],
        "get": {
            "operationId": "getProvider",
            "summary": "One provider; its secret is null",
            "responses": answers(&[(200, "The provider", tagged("Provider"))], &[404]),
        },
        "put": {
            "operationId": "replaceProvider",
            "summary": "Replaces a provider in its place, or adds one as the last",
            "parameters": [dry_run(), if_match()],
            "requestBody": content("Provider"),
            "responses": answers(
                &[
                    (200, "The provider as it is now, or what would change", changed("Provider")),
                    (201, "The new provider", tagged("Provider")),
                ],
                &[OF_A_DOCUMENT, &[412]].concat(),
            ),
        },
        "delete": {
            "operationId": "deleteProvider",
            "summary": "Removes a provider, and its username map",
            "parameters": [dry_run(), if_match()],
            "responses": answers(
                &[
                    (200, "What would change", plain("Prospect")),
                    (204, "The provider is gone", json!({})),
                ],
                &[400, 404, 412, 422],
            ),
        },
    })
}

fn dry_run() -> Value {
    json!({
        "name": "dry_run",
        "in": "query",
        "description": "Only say what would change",
        "schema": { "type": "boolean", "default": false },
    })
}

fn if_match() -> Value {
    json!({
        "name": "If-Match",
        "in": "header",
        "description": "The ETag of the settings that the change is made on. Without it the last save wins",
        "schema": { "type": "string" },
    })
}

fn content(schema: &str) -> Value {
    json!({
        "required": true,
        "content": { "application/json": { "schema": component("schemas", schema) } },
    })
}

/// An answer of this schema.
fn plain(schema: &str) -> Value {
    json!({ "content": { "application/json": { "schema": component("schemas", schema) } } })
}

/// An answer of this schema, with the settings' `ETag`.
fn tagged(schema: &str) -> Value {
    let mut answer = plain(schema);
    answer["headers"] = json!({ "ETag": component("headers", "ETag") });
    answer
}

/// What a change answers: what is stored then, with its `ETag`, or what would change.
fn changed(schema: &str) -> Value {
    let either = [
        component("schemas", schema),
        component("schemas", "Prospect"),
    ];
    json!({
        "content": { "application/json": { "schema": { "oneOf": either } } },
        "headers": { "ETag": component("headers", "ETagOfAChange") },
    })
}

/// The good answers with their meanings, and the problems.
fn answers(good: &[(u16, &str, Value)], problems: &[u16]) -> Value {
    let mut all = Map::new();
    for (status, description, answer) in good {
        let mut answer = answer.clone();
        answer["description"] = json!(description);
        answer["headers"]["X-Request-Id"] = component("headers", "X-Request-Id");
        all.insert(status.to_string(), answer);
    }
    for status in ALWAYS.iter().chain(problems) {
        let name = format!("Problem{status}");
        all.insert(status.to_string(), component("responses", &name));
    }
    all.into()
}

pub(super) fn problems() -> Value {
    let problems = PROBLEMS.iter().map(|(status, description)| {
        let schema = if *status == 422 {
            "InvalidDocument"
        } else {
            "Problem"
        };
        let mut headers = json!({ "X-Request-Id": component("headers", "X-Request-Id") });
        match status {
            401 | 403 => headers["WWW-Authenticate"] = component("headers", "WWW-Authenticate"),
            503 => headers["Retry-After"] = component("headers", "Retry-After"),
            _ => {}
        }
        let problem = json!({
            "description": description,
            "headers": headers,
            "content": { "application/problem+json": { "schema": component("schemas", schema) } },
        });
        (format!("Problem{status}"), problem)
    });
    problems.collect::<Map<_, _>>().into()
}

pub(super) fn headers() -> Value {
    let tag = json!({ "type": "string", "pattern": "^\"[^\"]+\"$" });
    json!({
        "ETag": {
            "required": true,
            "description": "The strong entity tag of the settings as a whole",
            "schema": tag,
        },
        "ETagOfAChange": {
            "description": "The strong entity tag of the new settings; not there with dry_run",
            "schema": tag,
        },
        "X-Request-Id": {
            "required": true,
            "description": "The id of the request",
            "schema": { "type": "string" },
        },
        "WWW-Authenticate": {
            "required": true,
            "description": "As in RFC 6750",
            "schema": { "type": "string" },
        },
        "Retry-After": {
            "required": true,
            "description": "When to try again, in seconds",
            "schema": { "type": "integer" },
        },
    })
}
