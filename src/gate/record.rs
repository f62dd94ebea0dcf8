//! Tells what was decided to the memory of decisions.

use std::borrow::Cow;
use std::time::Instant;

use axum::http::header::USER_AGENT;
use axum::http::request::Parts;

use super::RequestId;
use super::original::Family;
use crate::activity::{Activity, Outcome, Record, Vouched};
use crate::decision::credential::Kind;
use crate::decision::{Decision, GateRules, Method, Request, TokenFacts};

/// A request that has been decided.
pub(super) struct DecidedRequest<'a> {
    pub(super) parts: &'a Parts,
    pub(super) family: Family,
    pub(super) request: Request<'a>,
    pub(super) decision: &'a Decision,
    pub(super) id: &'a RequestId,
    /// When its decision began.
    pub(super) begin: Instant,
}

impl DecidedRequest<'_> {
    /// Records it.
    pub(super) fn record(&self, rules: &GateRules, activity: &Activity) {
        let kind = rules.kind(self.request, self.decision);
        let Verdict {
            outcome,
            method,
            reason,
            provider,
            user,
            token,
            exception,
        } = Verdict::of(self.decision);
        let user = match (user, kind) {
            (None, Kind::Basic) => self.request.carrier().basic_user().map(Cow::Owned),
            (user, _) => user.map(Cow::Borrowed),
        };
        let headers = self.request.headers;
        let user_agent = headers.get(USER_AGENT);
        activity.record(&Record {
            at: self.request.now,
            outcome,
            method,
            reason,
            credential: kind.as_str(),
            provider: provider.unwrap_or_default(),
            user: user.as_deref().unwrap_or_default(),
            vouched: token.map(vouched),
            exception: exception.unwrap_or_default(),
            client: self.request.client,
            user_agent: user_agent.map_or(b"", |value| value.as_bytes()),
            http_method: self.family.method(self.parts),
            target: self.request.target,
            request_id: self.id.as_str(),
            duration: self.begin.elapsed(),
        });
    }
}

/// What a decision says by itself.
struct Verdict<'a> {
    outcome: Outcome,
    method: &'static str,
    reason: &'static str,
    provider: Option<&'a str>,
    user: Option<&'a str>,
    token: Option<&'a TokenFacts>,
    exception: Option<&'a str>,
}

impl<'a> Verdict<'a> {
    fn of(decision: &'a Decision) -> Self {
        let (outcome, method, refusal) = match decision {
            Decision::Allow(allowed) => {
                let principal = allowed.principal.as_ref();
                return Self {
                    outcome: Outcome::Allowed,
                    method: allowed.method.as_str(),
                    reason: "",
                    provider: principal.map(|one| &*one.provider),
                    user: principal.map(|one| &*one.username),
                    token: allowed.token.as_deref(),
                    exception: allowed.exception.as_deref(),
                };
            }
            Decision::Observe(refusal) => (Outcome::Observed, Method::Observed.as_str(), refusal),
            Decision::Refuse(refusal) => (Outcome::Refused, "", refusal),
        };
        Self {
            outcome,
            method,
            reason: refusal.reason.code(),
            provider: refusal.provider.as_deref(),
            user: refusal.username.as_deref(),
            token: refusal.token.as_deref(),
            exception: None,
        }
    }
}

fn vouched(token: &TokenFacts) -> Vouched<'_> {
    Vouched {
        client_id: &token.client_id,
        issuer: &token.issuer,
        audience: &token.audience,
        scopes: &token.scopes,
    }
}
