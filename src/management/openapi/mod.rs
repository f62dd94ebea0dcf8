//! `/api/v1/openapi.json`.

use axum::Json;
use serde_json::{Value, json};

pub(super) async fn show() -> Json<Value> {
    Json(json!({}))
}
