//! `/healthz`: the process lives. `/readyz`: the store answers and settings are in force.

use std::time::Duration;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::store::Store;

/// How long the store may take to answer before it counts as not answering.
const PATIENCE: Duration = Duration::from_secs(2);

/// The routes. The server listens only after the settings were loaded, so the store is all that can be missing.
pub fn routes(store: Store) -> Router {
    Router::new()
        .route(
            "/healthz",
            get(async || answer(StatusCode::OK, json!({ "status": "alive" }))),
        )
        .route("/readyz", get(ready))
        .with_state(store)
}

async fn ready(State(store): State<Store>) -> Response {
    let reason = match tokio::time::timeout(PATIENCE, store.latest_revision()).await {
        Ok(Ok(revision)) => {
            return answer(
                StatusCode::OK,
                json!({ "status": "ready", "revision": revision }),
            );
        }
        Ok(Err(error)) => error.to_string(),
        Err(_) => "the store takes too long to answer".to_owned(),
    };
    tracing::warn!(reason, "not ready");
    // The cause names paths of this machine: that is for the log, not for whoever asks.
    let body = json!({ "status": "not ready", "reason": "the store does not answer" });
    answer(StatusCode::SERVICE_UNAVAILABLE, body)
}

fn answer(status: StatusCode, body: Value) -> Response {
    (status, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}
