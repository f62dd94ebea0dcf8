//! The management API (`interface.md`, section 5): scripts read and change the settings as the console does.
//!
//! It stands on the console's listener, outside of all that is there for browsers: no cookies, no redirects, no
//! permission for other origins. Every answer is JSON, every error a problem document.

mod caller;
mod check;
mod document;
mod if_match;
mod openapi;
mod problem;
mod providers;
mod saving;
mod settings;

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, X_CONTENT_TYPE_OPTIONS};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use tower_http::catch_panic::CatchPanicLayer;

use self::problem::Problem;
use crate::api_key::ApiKeys;
use crate::gate::RequestId;
use crate::peer::{Peer, TrustedProxies};
use crate::saving::Saver;

/// How long an answer may take: longer than a decision, which may ask a provider.
const TIMEOUT: Duration = Duration::from_mins(1);

/// What the handlers share; cheap to clone.
#[derive(Clone)]
pub struct Management {
    /// Saves settings, and puts them in force.
    pub saver: Saver,
    /// The keys in force.
    pub api_keys: Arc<ApiKeys>,
    /// The proxies that may speak for a client.
    pub trusted_proxies: TrustedProxies,
}

/// `/api/v1/…`; all else below `/api` is unknown.
pub fn router(management: Management) -> Router {
    Router::new()
        .route(
            "/api/v1/settings",
            get(settings::show).put(settings::replace),
        )
        .route("/api/v1/providers", get(providers::list))
        .route(
            "/api/v1/providers/{id}",
            get(providers::show)
                .put(providers::replace)
                .delete(providers::delete),
        )
        .route(
            "/api/v1/check",
            post(check::check).layer(DefaultBodyLimit::max(check::LIMIT)),
        )
        .route("/api/v1/openapi.json", get(openapi::show))
        .method_not_allowed_fallback(async || Problem::NotAllowed)
        .fallback(async || Problem::NotFound)
        .layer(DefaultBodyLimit::max(document::LIMIT))
        .layer(middleware::from_fn_with_state(
            management.clone(),
            caller::identify,
        ))
        .layer(middleware::from_fn(in_time))
        .layer(CatchPanicLayer::custom(|panic: Box<dyn Any + Send>| {
            panicked(panic.as_ref())
        }))
        .layer(middleware::from_fn_with_state(
            management.clone(),
            add_headers,
        ))
        .with_state(management)
}

async fn in_time(request: Request, next: Next) -> Response {
    let answer = tokio::time::timeout(TIMEOUT, next.run(request)).await;
    answer.unwrap_or_else(|_| Problem::Slow.into_response())
}

fn panicked(panic: &(dyn Any + Send)) -> Response {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    tracing::error!(
        "the management API panicked: {}",
        text.unwrap_or("without a text")
    );
    Problem::Mistake.into_response()
}

/// The headers that every answer has.
async fn add_headers(
    State(management): State<Management>,
    mut request: Request,
    next: Next,
) -> Response {
    let peer = request.extensions().get::<Peer>();
    let is_trusted = peer.is_some_and(|peer| management.trusted_proxies.trusts(peer));
    let id = RequestId::of(request.headers(), is_trusted);
    request.extensions_mut().insert(id.clone());
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert("x-request-id", id.as_header().clone());
    response
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;
    use axum::http::StatusCode;

    use super::*;

    #[tokio::test]
    async fn a_panic_is_a_problem_document_without_its_text() {
        let secret: Box<dyn Any + Send> = Box::new("s3cret");
        let response = panicked(secret.as_ref());
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let kind = response.headers()["content-type"].clone();
        assert_eq!(kind, "application/problem+json");
        let body = to_bytes(response.into_body(), 1_000).await.expect("a body");
        assert!(!String::from_utf8_lossy(&body).contains("s3cret"));
    }
}
