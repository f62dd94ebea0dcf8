//! `POST /introspect` (RFC 7662): tells another resource server whether a token is good here.

mod active;
mod caller;
mod problem;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest as _, Request, State};
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;

use self::problem::Problem;
use super::{Gate, RequestId, Trial};
use crate::api_key::{ApiKeys, Caller};
use crate::decision::Reason;
use crate::peer::{Peer, TrustedProxies};

/// The largest form that is read, in bytes.
const FORM_LIMIT: usize = 64 * 1024;
/// How long a form may take to arrive.
const FORM_TIMEOUT: Duration = Duration::from_secs(10);

struct Endpoint {
    gate: Arc<Gate>,
    api_keys: Arc<ApiKeys>,
    trusted_proxies: TrustedProxies,
}

/// `/introspect`.
pub fn introspection_router(
    gate: Arc<Gate>,
    api_keys: Arc<ApiKeys>,
    trusted_proxies: TrustedProxies,
) -> Router {
    let endpoint = Endpoint {
        gate,
        api_keys,
        trusted_proxies,
    };
    Router::new()
        .route("/introspect", any(introspect))
        .layer(DefaultBodyLimit::max(FORM_LIMIT))
        .with_state(Arc::new(endpoint))
}

async fn introspect(State(endpoint): State<Arc<Endpoint>>, request: Request) -> Response {
    let peer = request.extensions().get::<Peer>();
    let peer_is_trusted = peer.is_some_and(|peer| endpoint.trusted_proxies.trusts(peer));
    let id = RequestId::of(request.headers(), peer_is_trusted);
    let answered = endpoint.answer(request, &id).await;
    let mut response = answered.unwrap_or_else(Problem::into_response);
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert("x-request-id", id.as_header().clone());
    response
}

impl Endpoint {
    async fn answer(&self, request: Request, id: &RequestId) -> Result<Response, Problem> {
        if request.method() != Method::POST {
            return Err(Problem::NotPost);
        }
        // Before the form is read: a stranger costs as little as can be.
        let caller = caller::of(request.headers(), &self.api_keys)?;
        let token = token_of(request).await?;
        let outcome = self.judge(&token).await;
        log(&caller, outcome.as_ref().err().copied(), id);
        match outcome {
            Ok(active) => Ok(active),
            Err(Reason::ProviderUnavailable) => Err(Problem::Undecided),
            Err(_) => Ok(axum::Json(serde_json::json!({ "active": false })).into_response()),
        }
    }

    /// As a protected call with this bearer token would be judged, also while the gate is off. Where the
    /// client is, nobody says here: a provider that allows some networks alone lets no token in.
    async fn judge(&self, token: &str) -> Result<Response, Reason> {
        let snapshot = self.gate.snapshot();
        // Such a token would pass, to be checked by Confluence: nothing is known of it here, and no
        // provider may see it.
        if snapshot.rules.is_atlassian_token(token) {
            return Err(Reason::UnknownToken);
        }
        let Trial {
            told,
            outcome,
            claims,
        } = snapshot.try_token(token).await;
        let allowed = outcome.map_err(|refusal| refusal.reason)?;
        let provider = told.provider.and_then(|id| snapshot.provider(&id));
        let validation = provider.map(|provider| provider.rules.validation);
        let statements = active::Statements {
            validation,
            claims: claims.as_ref(),
            answer: told.attributes.as_ref(),
        };
        Ok(active::body(&allowed, &statements))
    }
}

/// The form's one token.
async fn token_of(request: Request) -> Result<String, Problem> {
    let form = tokio::time::timeout(FORM_TIMEOUT, Bytes::from_request(request, &()))
        .await
        .map_err(|_| Problem::Late)?
        .map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Problem::TooLarge,
            _ => Problem::NoToken,
        })?;
    let mut tokens = url::form_urlencoded::parse(&form)
        .filter(|(name, _)| name == "token")
        .map(|(_, value)| value);
    let token = tokens.next().filter(|token| !token.is_empty());
    match (token, tokens.next()) {
        (Some(token), None) => Ok(token.into_owned()),
        _ => Err(Problem::NoToken),
    }
}

/// At the level that is off by default, as for `/validate`.
fn log(caller: &Caller, refused: Option<Reason>, id: &RequestId) {
    tracing::debug!(
        request.id = id.as_str(),
        endpoint = "introspect",
        caller = caller.name,
        decision.outcome = if refused.is_none() { "allow" } else { "refuse" },
        decision.reason = refused.map_or("", Reason::code),
        "decided"
    );
}
