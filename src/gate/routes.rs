//! The validation endpoints.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use super::Gate;
use super::answer::{Asker, answer};
use super::original::Family;
use super::record::DecidedRequest;
use super::request_id::RequestId;
use super::sighting::{Seen, Sighting};
use crate::activity::Activity;
use crate::decision::{self, Decision};
use crate::peer::{Peer, TrustedProxies};
use crate::provider::unix_now;

/// The validation endpoints: `/validate` and what is below it.
#[derive(Debug)]
pub struct Validation {
    gate: Arc<Gate>,
    activity: Arc<Activity>,
    trusted_proxies: TrustedProxies,
    hands_over: bool,
}

impl Validation {
    /// Answers by `gate`, and tells `activity`.
    ///
    /// `hands_over`: whether upstream credentials leave here, to trusted proxies. They must not where the
    /// console is served as well, on a Unix socket either: whoever publishes the console must not publish tokens.
    #[must_use]
    pub fn new(
        gate: Arc<Gate>,
        activity: Arc<Activity>,
        trusted_proxies: TrustedProxies,
        hands_over: bool,
    ) -> Self {
        Self {
            gate,
            activity,
            trusted_proxies,
            hands_over,
        }
    }

    /// Answers one request of this peer.
    ///
    /// No router is asked: it would decode the path that Envoy appends, refuse what it can't decode, and cost as much as
    /// all that is decided about a token that is known.
    pub async fn answer(&self, request: Request, peer: Peer) -> Response {
        let begin = Instant::now();
        // The body is kept, unread, until the answer is made.
        let (request, _body) = request.into_parts();
        let headers = &request.headers;
        let watches = self.gate.watches();
        let peer_is_trusted = self.trusted_proxies.trusts(&peer);
        let mut seen = Seen {
            request: &request,
            family: Family::of_path(request.uri.path()),
            peer,
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
        if let Err(unknown) = seen.target {
            let misconfigurations = self.gate.misconfigurations();
            misconfigurations.note(unknown, family, &peer);
        }
        let forwarded_for = headers.get_all("x-forwarded-for");
        seen.client = self.trusted_proxies.client(&peer, forwarded_for);
        let snapshot = self.gate.snapshot();
        let target = seen.target.unwrap_or_default();
        let judged = decision::Request {
            target,
            headers,
            client: seen.client,
            now: unix_now(),
        };
        let outcome = self.gate.decide(&snapshot, judged).await;
        let decision = outcome.decision();
        log(decision, family, seen.client, &id);
        let decided = DecidedRequest {
            parts: &request,
            family,
            request: judged,
            decision,
            id: &id,
            begin,
        };
        decided.record(&snapshot.rules, &self.activity);
        if watches.is_any_open() {
            seen.decision = Some(decision);
            watches.show(&Sighting::of(&seen));
        }
        let may_hand_over = peer_is_trusted && self.hands_over;
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
