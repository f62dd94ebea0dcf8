//! `/healthz`: the process lives. `/readyz`: which parts are ready. Neither asks the store nor a provider.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use serde_json::json;

use crate::gate::{Gate, GateProvider};
use crate::store::{Following, Store};

/// What readiness is judged by.
#[derive(Clone)]
struct Health {
    store: Store,
    gate: Arc<Gate>,
}

#[derive(Serialize)]
struct Readiness {
    ready: bool,
    /// The revision of the settings in force.
    revision: i64,
    parts: [Part; 3],
}

#[derive(Serialize)]
struct Part {
    #[serde(rename = "part")]
    name: &'static str,
    ready: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

impl Part {
    /// A part that is ready unless there is something to say.
    const fn new(name: &'static str, trouble: Option<String>) -> Self {
        Self {
            name,
            ready: trouble.is_none(),
            detail: trouble,
        }
    }
}

/// The routes. The server listens only after the settings were loaded.
pub fn routes(store: Store, gate: Arc<Gate>) -> Router {
    Router::new()
        .route(
            "/healthz",
            get(async || answer(StatusCode::OK, &json!({ "status": "alive" }))),
        )
        .route("/readyz", get(ready))
        .with_state(Health { store, gate })
}

async fn ready(State(health): State<Health>) -> Response {
    let readiness = Readiness::of(&health);
    let status = if readiness.ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    answer(status, &readiness)
}

impl Readiness {
    /// Whoever asks may be anybody: no path, address or name is told. Those are in the log and the metrics.
    fn of(health: &Health) -> Self {
        let following = health.store.following();
        let snapshot = health.gate.snapshot();
        let silent = "It does not answer; the settings in force stay in force.";
        let behind = "The newest can't be read; older ones are in force.";
        let is_lost = following == Following::Lost;
        let hindrance = health.store.hindrance();
        let store = if is_lost { Some(silent) } else { hindrance };
        let store = store.map(ToOwned::to_owned);
        let settings = (following == Following::Behind).then(|| behind.to_owned());
        let parts = [
            Part::new("store", store),
            Part::new("settings", settings),
            Part::new("providers", unequipped(&snapshot.providers)),
        ];
        let [_, settings, _] = &parts;
        Self {
            // A provider that is out of order must not take the gate away from the users of the others; nor must a disk
            // that is full, while the newest settings are in force.
            ready: !is_lost && settings.ready,
            revision: snapshot.stored.revision,
            parts,
        }
    }
}

fn unequipped(enabled: &[GateProvider]) -> Option<String> {
    let lacking = enabled.iter().filter(|one| !one.is_equipped()).count();
    (lacking > 0).then(|| {
        format!(
            "The keys or the endpoint of {lacking} of {} enabled providers are not known.",
            enabled.len()
        )
    })
}

fn answer(status: StatusCode, body: &impl Serialize) -> Response {
    (status, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}
