//! The schemas of what is sent and answered, and of what they are made of.

use serde_json::{Value, json};

use super::{component, document};
use crate::decision::Reason;

pub(super) fn all() -> Value {
    json!({
        "Settings": document::settings(),
        "Global": document::global(),
        "BasicException": document::basic_exception(),
        "Providers": list(&component("schemas", "Provider")),
        "Provider": document::provider(),
        "UpstreamCredential": document::upstream_credential(),
        "Id": {
            "type": "string",
            "pattern": "^[a-z0-9][a-z0-9-]{0,62}$",
            "examples": ["keycloak"],
        },
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
pub(super) fn object(required: &[&str], properties: &Value) -> Value {
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

pub(super) fn list(of: &Value) -> Value {
    json!({ "type": "array", "items": of })
}

pub(super) fn texts() -> Value {
    list(&json!({ "type": "string" }))
}

pub(super) fn text_or_null() -> Value {
    json!({ "type": ["string", "null"] })
}

pub(super) fn secret() -> Value {
    let description =
        "Write-only: an answer shows null. null or nothing keeps the stored one, \"\" removes it";
    json!({ "type": ["string", "null"], "description": description })
}

pub(super) fn switch() -> Value {
    json!({ "type": "boolean" })
}

pub(super) fn number(least: u32, most: u32) -> Value {
    json!({ "type": "integer", "minimum": least, "maximum": most })
}

pub(super) fn map() -> Value {
    json!({ "type": "object", "additionalProperties": { "type": "string" } })
}

fn prospect() -> Value {
    let text = json!({ "type": "string" });
    let change = whole(&json!({ "what": text, "old": text, "new": text }));
    let count = json!({ "type": "integer", "minimum": 0 });
    let hit = whole(&json!({
        "user": text,
        "client_id": text,
        "credential": text,
        "networks": texts(),
        "reason": text,
        "calls": count,
        "last_at": { "type": "integer", "description": "Unix seconds" },
    }));
    let impact = whole(&json!({
        "hits": list(&hit),
        "calls": count,
        "untold_calls": count,
    }));
    whole(&json!({ "changes": list(&change), "impact": impact }))
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
