//! The control plane's pages: server-rendered, complete without scripts.
//!
//! Each feature mounts its own routes. A form becomes a part of the settings document, which the
//! settings' own reader judges; a save is stored, put in force, and told on the next page.

mod activity;
mod administrators;
mod api_keys;
mod assets;
mod basic_exceptions;
mod changes;
mod conflict;
mod confluence_access;
mod connect;
mod error;
mod field;
mod form;
mod global;
mod impact;
mod local_path;
mod observing;
mod page;
mod protect;
mod providers;
mod saving;
mod session;
mod sign_in;
mod trial;
mod typed_again;
mod username_map;
mod viewing;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

pub use activity::Readers;
pub use connect::{Checks, ValidationListener};
pub use observing::Observations;
pub use sign_in::Attempts;
pub use username_map::Imports;

use crate::activity::Activity;
use crate::api_key::ApiKeys;
use crate::gate::{Gate, RequestId};
use crate::password::Passwords;
use crate::peer::{Peer, TrustedProxies};
use crate::provider::Fetcher;
use crate::public_url::PublicUrl;
use crate::saving::Saver;
use crate::store::{Store, WebSessions};

/// The longest form that is read, in bytes.
const BODY_LIMIT: usize = 256 * 1024;
/// How long a page may take: longer than a provider may take to answer.
const TIMEOUT: Duration = Duration::from_secs(30);

/// What the console's handlers share; cheap to clone.
#[derive(Clone)]
pub struct Console {
    /// The store.
    pub store: Store,
    /// Decides by the settings in force.
    pub gate: Arc<Gate>,
    /// Hashes and verifies passwords.
    pub passwords: Passwords,
    /// The URL under which browsers reach the console.
    pub public_url: PublicUrl,
    /// The proxies that may speak for a client.
    pub trusted_proxies: TrustedProxies,
    /// Saves settings, and puts them in force.
    pub saver: Saver,
    /// Failed sign-ins.
    pub attempts: Attempts,
    /// Since when the gate only observes.
    pub observations: Observations,
    /// The listener that serves the validation endpoint.
    pub validation: ValidationListener,
    /// Checks of the connection to a proxy.
    pub checks: Checks,
    /// Imports of username maps that wait for a yes.
    pub imports: Imports,
    /// Asks Confluence whom it sees.
    pub fetcher: Fetcher,
    /// Where a key that is made or revoked here is put in force.
    pub api_keys: Arc<ApiKeys>,
    /// What is remembered of the gate's decisions.
    pub activity: Arc<Activity>,
    /// Who follows them live.
    pub readers: Readers,
    /// Cancelled when the process is told to stop: answers without an end of their own end then.
    pub stop: CancellationToken,
}

/// Where providers send users back to, below the public URL.
const CALLBACK_PATH: &str = "/oauth/callback";

impl Console {
    /// The callback (reply) URL to register at a provider.
    fn callback_url(&self) -> String {
        self.public_url.join(CALLBACK_PATH)
    }
}

/// The console's pages and files; every other path is a page that says so.
///
/// # Panics
/// Never: a public URL has an origin that browsers send.
pub fn router(console: Console) -> Router {
    let sessions = session::layer(WebSessions::new(console.store.clone()), &console.public_url);
    let csrf = protect::csrf(&console.public_url).expect("an http(s) URL has an origin");
    let pages = Router::new()
        .route("/", get(async || Redirect::to("/global-settings")))
        .merge(connect::routes())
        .merge(confluence_access::routes())
        .merge(activity::routes())
        .merge(administrators::routes())
        .merge(api_keys::routes())
        .merge(basic_exceptions::routes())
        .merge(changes::routes())
        .merge(global::routes())
        .merge(observing::routes())
        .merge(providers::routes())
        .merge(sign_in::routes())
        .merge(trial::routes())
        .merge(username_map::routes())
        .layer(RequestBodyLimitLayer::new(BODY_LIMIT))
        .merge(username_map::upload_routes())
        .fallback(async || error::Error::NotFound)
        .layer(middleware::from_fn_with_state(
            console.clone(),
            viewing::viewers_change_nothing,
        ))
        .layer(sessions)
        .layer(middleware::from_fn(typed_again::keep))
        .layer(csrf)
        .layer(TimeoutLayer::with_status_code(
            StatusCode::GATEWAY_TIMEOUT,
            TIMEOUT,
        ))
        .layer(middleware::from_fn_with_state(
            console.clone(),
            protect::one_name,
        ));
    // From the inside out: what fails becomes a page, which gets the headers and the id.
    pages
        .nest(assets::MOUNT, assets::routes())
        .layer(CatchPanicLayer::custom(
            |panic: Box<dyn std::any::Any + Send>| {
                let text = panic.downcast_ref::<&str>().copied();
                let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
                tracing::error!(
                    "a console page panicked: {}",
                    text.unwrap_or("without a text")
                );
                error::Error::Internal("a panic").into_response()
            },
        ))
        .layer(middleware::from_fn(error::pages))
        .layer(middleware::from_fn_with_state(
            console.clone(),
            protect::headers,
        ))
        .layer(middleware::from_fn_with_state(
            console.clone(),
            assign_request_id,
        ))
        .with_state(console)
}

/// Gives each request an id: for the answer, for error pages, for the log.
async fn assign_request_id(
    State(console): State<Console>,
    mut request: Request,
    next: Next,
) -> Response {
    let peer = request.extensions().get::<Peer>();
    let is_trusted = peer.is_some_and(|peer| console.trusted_proxies.trusts(peer));
    let id = RequestId::of(request.headers(), is_trusted);
    request.extensions_mut().insert(id.clone());
    let mut response = next.run(request).await;
    response
        .headers_mut()
        .insert("x-request-id", id.as_header().clone());
    response
}

#[cfg(test)]
mod pages_test;
