//! The schemas of what is sent and answered. The settings have more rules than a schema can say.

use serde_json::{Map, Value, json};

use super::component;
use crate::decision::Reason;
use crate::settings::{Algorithm, PRESETS, TokenValidation, UsernameTransform};

pub(super) fn all() -> Value {
    json!({
        "Settings": settings(),
        "Global": global(),
        "Providers": list(&component("schemas", "Provider")),
        "Provider": provider(),
        "UpstreamCredential": upstream_credential(),
        "Id": { "type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,62}$" },
        "Prospect": prospect(),
        "Question": question(),
        "Decision": decision(),
        "Description": {
            "type": "object",
            "required": ["openapi", "info", "paths"],
            "properties": { "openapi": { "const": "3.1.0" } },
        },
        "Problem": problem(),
        "InvalidDocument": invalid_document(),
    })
}

/// An object that has no other members than these.
fn object(required: &[&str], properties: &Value) -> Value {
    json!({
        "type": "object",
        "required": required,
        "properties": properties,
        "additionalProperties": false,
    })
}

/// As [`object`], all of whose members are there.
fn whole(properties: &Value) -> Value {
    let names = properties
        .as_object()
        .map(|members| members.keys().cloned().collect::<Vec<_>>());
    let mut object = object(&[], properties);
    object["required"] = json!(names);
    object
}

fn list(of: &Value) -> Value {
    json!({ "type": "array", "items": of })
}

fn texts() -> Value {
    list(&json!({ "type": "string" }))
}

fn text_or_null() -> Value {
    json!({ "type": ["string", "null"] })
}

fn secret() -> Value {
    let description =
        "Write-only: an answer shows null. null or nothing keeps the stored one, \"\" removes it";
    json!({ "type": ["string", "null"], "description": description })
}

fn switch() -> Value {
    json!({ "type": "boolean" })
}

fn seconds(most: u32) -> Value {
    json!({ "type": "integer", "minimum": 0, "maximum": most })
}

fn map() -> Value {
    json!({ "type": "object", "additionalProperties": { "type": "string" } })
}

fn settings() -> Value {
    object(
        &["version", "global"],
        &json!({
            "version": { "const": 1 },
            "global": component("schemas", "Global"),
            "providers": component("schemas", "Providers"),
            "upstream_credentials": list(&component("schemas", "UpstreamCredential")),
        }),
    )
}

fn global() -> Value {
    object(
        &[
            "rest_api_authentication_enabled",
            "basic_authentication_disabled",
        ],
        &json!({
            "rest_api_authentication_enabled": switch(),
            "basic_authentication_disabled": switch(),
            "context_path": text_or_null(),
            "protected_paths": texts(),
            "public_paths": texts(),
            "allow_anonymous": switch(),
            "allow_browser_sessions": switch(),
            "session_cookie_names": texts(),
            "allow_atlassian_tokens": switch(),
            "allow_oauth1": switch(),
            "clock_skew_seconds": seconds(300),
            "confluence_url": text_or_null(),
        }),
    )
}

fn provider() -> Value {
    let presets: Vec<_> = PRESETS.iter().map(|preset| preset.id).collect();
    let validations: Vec<_> = TokenValidation::ALL
        .iter()
        .map(|one| one.as_str())
        .collect();
    let transforms: Vec<_> = UsernameTransform::ALL
        .iter()
        .map(|one| one.as_str())
        .collect();
    let algorithms: Vec<_> = Algorithm::ALL.iter().map(|one| one.as_str()).collect();
    object(
        &["id", "preset", "username_attribute"],
        &json!({
            "id": component("schemas", "Id"),
            "preset": { "enum": presets },
            "display_name": { "type": "string", "maxLength": 100 },
            "enabled": switch(),
            "parameters": map(),
            "discovery_url": text_or_null(),
            "issuers": texts(),
            "jwks_uri": text_or_null(),
            "authorization_endpoint": text_or_null(),
            "token_endpoint": text_or_null(),
            "userinfo_endpoint": text_or_null(),
            "introspection_endpoint": text_or_null(),
            "client_id": text_or_null(),
            "client_secret": secret(),
            "scopes": texts(),
            "token_validation": { "enum": validations },
            "algorithms": list(&json!({ "enum": algorithms })),
            "audiences": texts(),
            "authorized_clients": texts(),
            "required_scopes": texts(),
            "username_attribute": { "type": "string", "minLength": 1 },
            "username_transform": { "enum": transforms },
            "groups_attribute": text_or_null(),
            "allowed_groups": texts(),
            "allowed_networks": texts(),
            "service_accounts": map(),
            "key_grace_seconds": seconds(172_800),
            "cache_seconds": seconds(86_400),
        }),
    )
}

fn upstream_credential() -> Value {
    let text = json!({ "type": "string", "minLength": 1 });
    let of_a_provider = |member: &str| {
        let mut members = Map::new();
        members.insert("provider".to_owned(), text_or_null());
        members.insert(member.to_owned(), text.clone());
        object(&[member], &members.into())
    };
    let everyone = object(&["everyone"], &json!({ "everyone": { "const": true } }));
    object(
        &["id", "match"],
        &json!({
            "id": component("schemas", "Id"),
            "match": { "oneOf": [of_a_provider("username"), of_a_provider("group"), everyone] },
            "authorization": secret(),
        }),
    )
}

fn prospect() -> Value {
    let text = json!({ "type": "string" });
    let change = whole(&json!({ "what": text, "old": text, "new": text }));
    whole(&json!({ "changes": list(&change) }))
}

fn question() -> Value {
    let name = json!({ "type": "string", "pattern": "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$" });
    let value = json!({ "type": "string", "pattern": r"^[^\u0000-\u0008\u000A-\u001F\u007F]*$" });
    let pair = json!({
        "type": "array",
        "prefixItems": [name, value],
        "items": false,
        "minItems": 2,
    });
    let example = json!({
        "method": "GET",
        "uri": "/rest/api/content",
        "headers": [["Authorization", "Bearer <token>"]],
    });
    let mut question = object(
        &[],
        &json!({
            "method": { "type": ["string", "null"], "pattern": "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$" },
            "uri": {
                "type": ["string", "null"],
                "description": "Path and query; without, a protected call is judged",
            },
            "headers": { "type": ["array", "null"], "items": pair, "maxItems": 200 },
        }),
    );
    question["examples"] = json!([example]);
    question
}

fn decision() -> Value {
    let reasons: Vec<_> = Reason::ALL
        .iter()
        .map(|reason| Some(reason.code()))
        .collect();
    let reasons = [reasons, vec![None]].concat();
    let text = json!({ "type": "string" });
    let step = whole(&json!({ "check": text, "passed": switch(), "detail": text }));
    whole(&json!({
        "status": { "enum": [200, 401, 403, 503] },
        "reason": { "enum": reasons },
        "username": text_or_null(),
        "method": text_or_null(),
        "steps": list(&step),
    }))
}

/// RFC 9457.
fn problem() -> Value {
    whole(&json!({
        "type": { "type": "string" },
        "title": { "type": "string" },
        "status": { "type": "integer" },
        "detail": { "type": "string" },
    }))
}

fn invalid_document() -> Value {
    let text = json!({ "type": "string" });
    let mut schema = problem();
    let pointer = json!({ "type": "string", "description": "JSON pointer into what was sent" });
    let fault = whole(&json!({ "pointer": pointer, "detail": text }));
    schema["properties"]["errors"] = list(&fault);
    schema["required"] = json!(["type", "title", "status", "detail", "errors"]);
    schema
}
