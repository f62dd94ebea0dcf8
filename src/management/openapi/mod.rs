//! `/api/v1/openapi.json`: the description of the API (`OpenAPI` 3.1). Values that a setting may have are taken from the
//! lists that the settings themselves are read with.

mod document;
mod operations;
mod schemas;

use std::sync::LazyLock;

use axum::Json;
use serde_json::{Value, json};

static DESCRIPTION: LazyLock<Value> = LazyLock::new(describe);

pub(super) async fn show() -> Json<&'static Value> {
    Json(&DESCRIPTION)
}

fn describe() -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "bearergate management API",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Reads and changes the settings, with the same rules and the same history as the console.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "security": [{ "key": [] }],
        "paths": operations::paths(),
        "components": {
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A management API key: role viewer reads, role admin changes as well.",
                },
            },
            "headers": operations::headers(),
            "responses": operations::problems(),
            "schemas": schemas::all(),
        },
    })
}

/// A reference to a component.
fn component(kind: &str, name: &str) -> Value {
    json!({ "$ref": format!("#/components/{kind}/{name}") })
}
