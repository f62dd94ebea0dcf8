//! `/metrics`: what this process has counted, for Prometheus. A scrape asks neither the store nor a provider.
//!
//! Labels are bounded: names from fixed lists, and the ids of providers in the settings in force. No user, no
//! address, nothing secret.

mod encode;
mod process;
mod providers;
mod samples;

use std::fmt;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, prometheus_text, text};
use prometheus_client::registry::Registry;

use self::encode::Encoder;
use self::process::Process;
use crate::activity::Activity;
use crate::gate::Gate;
use crate::store::Store;

/// What a scrape reads.
#[derive(Debug)]
pub struct Metrics {
    gate: Arc<Gate>,
    activity: Arc<Activity>,
    store: Store,
    process: Process,
}

impl Metrics {
    /// The metrics of these parts and of this process.
    #[must_use]
    pub fn new(gate: Arc<Gate>, activity: Arc<Activity>, store: Store) -> Self {
        Self {
            gate,
            activity,
            store,
            process: Process::default(),
        }
    }

    /// `/metrics`. Nobody authenticates: whoever reaches the validation endpoint may read it.
    pub fn router(self) -> Router {
        let mut registry = Registry::default();
        registry.register_collector(Box::new(self));
        Router::new()
            .route("/metrics", get(scrape))
            .with_state(Arc::new(registry))
    }
}

impl Collector for Metrics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let encoder = &mut Encoder(&mut encoder);
        let snapshot = self.gate.snapshot();
        let settings = &snapshot.stored.settings;
        samples::decisions(encoder, &self.activity.totals(), settings)?;
        providers::encode(encoder, &snapshot.providers)?;
        samples::misconfigurations(encoder, self.gate.misconfigurations())?;
        samples::settings(encoder, &snapshot.stored)?;
        samples::store(encoder, self.store.following())?;
        self.process.encode(encoder)
    }
}

/// The media type of OpenMetrics 1.0.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The text format of Prometheus, or OpenMetrics for whoever accepts that.
async fn scrape(State(registry): State<Arc<Registry>>, headers: HeaderMap) -> Response {
    let mut accepted = headers.get_all(header::ACCEPT).iter();
    let is_open = accepted.any(|accept| {
        let accept = accept.to_str().unwrap_or_default();
        accept.contains("application/openmetrics-text")
    });
    let mut body = String::new();
    let (content_type, encoded) = if is_open {
        (OPEN_METRICS, text::encode(&mut body, &registry))
    } else {
        let content_type = prometheus_text::CONTENT_TYPE;
        (content_type, prometheus_text::encode(&mut body, &registry))
    };
    if encoded.is_err() {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, body).into_response()
}
