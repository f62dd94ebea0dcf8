//! From a decision to the answer that a proxy obeys (`interface.md`, section 2).

use std::sync::LazyLock;

use axum::body::{Body, Bytes};
use axum::http::header::{
    ACCEPT, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Serialize;

use super::RequestId;
use super::decide::Decided;
use super::handover::Handover;
use super::verified::Identity;
use crate::decision::{Allowed, Decision, Method, Principal, Reason, Refusal};

/// When a request may be tried again that could not be decided, in seconds.
pub const RETRY_AFTER_SECONDS: u64 = 5;

/// Headers of an answer, with those that the server adds.
const HEADERS: usize = 12;

const MAX_GROUPS_BYTES: usize = 8 * 1024;

const USERNAME: HeaderName = HeaderName::from_static("x-auth-username");
const PROVIDER: HeaderName = HeaderName::from_static("x-auth-provider");
const METHOD: HeaderName = HeaderName::from_static("x-auth-method");
const GROUPS: HeaderName = HeaderName::from_static("x-auth-groups");
const EXPECTED_USER: HeaderName = HeaderName::from_static("x-auth-expected-user");
const REASON: HeaderName = HeaderName::from_static("x-auth-reason");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// All that is not visible ASCII, and the escape character itself.
const NOT_VISIBLE: &AsciiSet = &CONTROLS.add(b' ').add(b'%');
/// In a list of names, what separates them as well.
const NOT_VISIBLE_IN_LIST: &AsciiSet = &NOT_VISIBLE.add(b',');

/// What of the validation request shapes its answer.
pub(super) struct Asker<'a> {
    pub(super) headers: &'a HeaderMap,
    pub(super) peer_is_trusted: bool,
    /// The upstream credentials, where they may leave over this connection.
    pub(super) handover: Option<&'a Handover>,
    pub(super) id: &'a RequestId,
}

pub(super) fn answer(decided: &Decided, asker: &Asker<'_>) -> Response {
    let mut response = match decided.decision() {
        Decision::Allow(allowed) => pass(allowed, identity(decided, allowed), asker),
        Decision::Observe(_) => {
            let observed = Allowed::unidentified(Method::Observed);
            pass(&observed, Identity::nobody(), asker)
        }
        Decision::Refuse(refusal) => refuse(refusal),
    };
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REQUEST_ID, asker.id.as_header().clone());
    response
}

/// Made once for a token that is remembered.
fn identity(decided: &Decided, allowed: &Allowed) -> Identity {
    match (decided, &allowed.principal) {
        (Decided::Verified(known), _) => known.identity.clone(),
        (Decided::Otherwise(_), Some(principal)) => Identity::of(principal),
        (Decided::Otherwise(_), None) => Identity::nobody(),
    }
}

/// Each identity header is there, so that the proxy overwrites whatever the client sent under its
/// name.
fn pass(allowed: &Allowed, identity: Identity, asker: &Asker<'_>) -> Response {
    // Without a body: nginx opens a new connection for each subrequest that is answered with one.
    let mut response = if wants_json(asker.headers) {
        axum::Json(Passed::from(allowed)).into_response()
    } else {
        Response::new(Body::empty())
    };
    let empty = || HeaderValue::from_static("");
    let handed_over = asker.handover.and_then(|handover| handover.of(allowed));
    let expected_user = handed_over.as_ref().and_then(|one| one.expected_user);
    let authorization = handed_over.map(|one| one.authorization.clone());
    let headers = response.headers_mut();
    headers.reserve(HEADERS);
    headers.insert(USERNAME, identity.username);
    headers.insert(PROVIDER, identity.provider);
    headers.insert(METHOD, HeaderValue::from_static(allowed.method.as_str()));
    headers.insert(GROUPS, identity.groups);
    headers.insert(EXPECTED_USER, expected_user.map_or_else(empty, encoded));
    headers.insert(
        AUTHORIZATION,
        authorization
            .or_else(|| own_authorization(allowed, asker))
            .unwrap_or_else(empty),
    );
    response
}

/// The client's own credential where Confluence itself checks it; a foreign token that was judged
/// here must not reach Confluence, and a stranger is told nothing.
fn own_authorization(allowed: &Allowed, asker: &Asker<'_>) -> Option<HeaderValue> {
    if !(asker.peer_is_trusted && allowed.method.passes_the_credential_on()) {
        return None;
    }
    let mut values = asker.headers.get_all(AUTHORIZATION).iter();
    values.next().filter(|_| values.next().is_none()).cloned()
}

/// A refusal whose reason says all.
struct Prepared {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

/// Whoever calls without a good credential costs no more than has to be: what a reason says is written once.
static PREPARED: LazyLock<Vec<Prepared>> =
    LazyLock::new(|| Reason::ALL.iter().map(|&one| Prepared::of(one)).collect());

fn refuse(refusal: &Refusal) -> Response {
    // In the order in which the reasons are declared.
    let prepared = &PREPARED[refusal.reason as usize];
    let mut response = Response::new(Body::from(prepared.body.clone()));
    *response.status_mut() = prepared.status;
    let headers = response.headers_mut();
    headers.clone_from(&prepared.headers);
    if let Some(scope) = &refusal.scope
        && let Some(challenge) = challenge(refusal.reason, Some(scope))
    {
        headers.insert(WWW_AUTHENTICATE, challenge);
    }
    response
}

impl Prepared {
    fn of(reason: Reason) -> Self {
        let status = StatusCode::from_u16(reason.status()).unwrap_or(StatusCode::UNAUTHORIZED);
        let problem = Problem {
            kind: format!("urn:bearergate:reason:{}", reason.code()),
            title: status.canonical_reason().unwrap_or_default(),
            status: status.as_u16(),
            detail: reason.sentence(),
            reason: reason.code(),
        };
        let body = serde_json::to_vec(&problem).expect("texts and a number are JSON");
        let mut headers = HeaderMap::with_capacity(HEADERS);
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.insert(REASON, HeaderValue::from_static(reason.code()));
        if let Some(challenge) = challenge(reason, None) {
            headers.insert(WWW_AUTHENTICATE, challenge);
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(RETRY_AFTER, RETRY_AFTER_SECONDS.into());
        }
        Self {
            status,
            headers,
            body: body.into(),
        }
    }
}

/// The body of a refusal (RFC 9457).
#[derive(Serialize)]
struct Problem {
    #[serde(rename = "type")]
    kind: String,
    title: &'static str,
    status: u16,
    detail: &'static str,
    reason: &'static str,
}

/// RFC 6750, section 3. No scheme but Bearer is offered, and nothing of the request is repeated.
fn challenge(reason: Reason, scope: Option<&str>) -> Option<HeaderValue> {
    const REALM: &str = "Bearer realm=\"REST API\"";
    let text = match (reason.status(), reason) {
        (401, Reason::MissingCredential) => REALM.to_owned(),
        (401, _) => format!(
            "{REALM}, error=\"invalid_token\", error_description=\"{}\"",
            reason.sentence()
        ),
        (403, Reason::InsufficientScope) => {
            let scope = scope.filter(|scope| is_scope(scope));
            let scope = scope
                .map(|scope| format!(", scope=\"{scope}\""))
                .unwrap_or_default();
            format!("{REALM}, error=\"insufficient_scope\"{scope}")
        }
        _ => return None,
    };
    HeaderValue::from_str(&text).ok()
}

/// RFC 6749, section 3.3.
fn is_scope(text: &str) -> bool {
    text.bytes()
        .all(|byte| matches!(byte, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e))
}

pub(super) fn encoded(text: &str) -> HeaderValue {
    let text = utf8_percent_encode(text, NOT_VISIBLE).to_string();
    HeaderValue::from_str(&text).expect("percent-encoding leaves visible ASCII alone")
}

/// Whole names, as many as fit.
pub(super) fn groups(principal: &Principal) -> HeaderValue {
    let mut list = String::new();
    for group in principal.groups.iter().filter(|group| !group.is_empty()) {
        let name = utf8_percent_encode(group, NOT_VISIBLE_IN_LIST).to_string();
        if list.len() + name.len() + 1 > MAX_GROUPS_BYTES {
            continue;
        }
        if !list.is_empty() {
            list.push(',');
        }
        list.push_str(&name);
    }
    HeaderValue::from_str(&list).expect("percent-encoding leaves visible ASCII alone")
}

/// Whether a 200 should have a JSON body: `application/json` is named and not refused.
fn wants_json(headers: &HeaderMap) -> bool {
    let accepts = |range: &str| {
        let mut parts = range.split(';').map(str::trim);
        parts
            .next()
            .is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"))
            && !parts.any(|parameter| matches!(parameter, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    };
    let values = headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(accepts)
}

/// The JSON body of a 200.
#[derive(Serialize)]
struct Passed<'a> {
    allowed: bool,
    username: Option<&'a str>,
    provider: Option<&'a str>,
    method: &'static str,
    groups: &'a [String],
    expires_at: Option<i64>,
}

impl<'a> From<&'a Allowed> for Passed<'a> {
    fn from(allowed: &'a Allowed) -> Self {
        let principal = allowed.principal.as_ref();
        Self {
            allowed: true,
            username: principal.map(|one| one.username.as_str()),
            provider: principal.map(|one| &*one.provider),
            method: allowed.method.as_str(),
            groups: principal.map_or(&[], |one| one.groups.as_slice()),
            expires_at: allowed.expires_at,
        }
    }
}
