//! The validation endpoints.

use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use super::Gate;
use super::answer::{Asker, answer};
use super::original::Family;
use super::record::Decided;
use super::request_id::RequestId;
use super::sighting::{Seen, Sighting};
use crate::activity::Activity;
use crate::decision::{self, Decision};
use crate::peer::{Peer, TrustedProxies};
use crate::provider::unix_now;

struct Endpoint {
    gate: Arc<Gate>,
    activity: Arc<Activity>,
    trusted_proxies: TrustedProxies,
    hands_over: bool,
}

/// `/validate` and what is below it. One fallback serves all: a route would decode the path that
/// Envoy appends, and refuse what it can't decode.
///
/// `hands_over`: whether upstream credentials leave here, to trusted proxies. They must not where the
/// console is served as well, on a Unix socket either: whoever publishes the console must not publish tokens.
pub fn router(
    gate: Arc<Gate>,
    activity: Arc<Activity>,
    trusted_proxies: TrustedProxies,
    hands_over: bool,
) -> Router {
    let endpoint = Endpoint {
        gate,
        activity,
        trusted_proxies,
        hands_over,
    };
    Router::new()
        .fallback(validate)
        .with_state(Arc::new(endpoint))
}

async fn validate(State(endpoint): State<Arc<Endpoint>>, request: Request) -> Response {
    let begin = Instant::now();
    // The body is kept, unread, until the answer is made.
    let (request, _body) = request.into_parts();
    let headers = &request.headers;
    let watches = endpoint.gate.watches();
    // A request that came without a peer came from nobody who is trusted.
    let peer = request.extensions.get::<Peer>().copied();
    let peer_is_trusted = peer.is_some_and(|peer| endpoint.trusted_proxies.trusts(&peer));
    let mut seen = Seen {
        request: &request,
        family: Family::of_path(request.uri.path()),
        peer_is_trusted,
        target: Ok(None),
        client: None,
        decision: None,
    };
    let Some(family) = seen.family else {
        if watches.is_any_open() {
            watches.show(&Sighting::of(&seen));
        }
        return StatusCode::NOT_FOUND.into_response();
    };
    let id = RequestId::of(headers, peer_is_trusted);
    seen.target = family.target(&request.uri, headers, peer_is_trusted);
    if let (Err(unknown), Some(peer)) = (seen.target, peer) {
        let misconfigurations = endpoint.gate.misconfigurations();
        misconfigurations.note(unknown, family, &peer);
    }
    let forwarded_for = headers.get_all("x-forwarded-for");
    seen.client = peer.and_then(|peer| endpoint.trusted_proxies.client(&peer, forwarded_for));
    let snapshot = endpoint.gate.snapshot();
    let target = seen.target.unwrap_or_default();
    let judged = decision::Request {
        target,
        headers,
        client: seen.client,
        now: unix_now(),
    };
    let outcome = endpoint.gate.decide(&snapshot, judged).await;
    let decision = outcome.decision();
    log(decision, family, seen.client, &id);
    let decided = Decided {
        parts: &request,
        family,
        request: judged,
        decision,
        id: &id,
        begin,
    };
    decided.record(&snapshot.rules, &endpoint.activity);
    if watches.is_any_open() {
        seen.decision = Some(decision);
        watches.show(&Sighting::of(&seen));
    }
    let may_hand_over = peer_is_trusted && endpoint.hands_over;
    answer(
        &outcome,
        &Asker {
            headers,
            peer_is_trusted,
            handover: may_hand_over.then_some(&snapshot.handover),
            id: &id,
        },
    )
}

/// At the level that is off by default: the validation path writes nothing.
fn log(decision: &Decision, family: Family, client: Option<std::net::IpAddr>, id: &RequestId) {
    let (outcome, why) = match decision {
        Decision::Allow(allowed) => ("allow", allowed.method.as_str()),
        Decision::Observe(refusal) => ("observe", refusal.reason.code()),
        Decision::Refuse(refusal) => ("refuse", refusal.reason.code()),
    };
    tracing::debug!(
        request.id = id.as_str(),
        endpoint = family.name(),
        client = client.map(tracing::field::display),
        decision.outcome = outcome,
        decision.reason = why,
        "decided"
    );
}
