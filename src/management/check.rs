//! `/api/v1/check`: decides one request by the settings in force, and explains every step.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde::Serialize;
use serde_json::{Map, Value};

use super::Management;
use super::document::Document;
use super::problem::Problem;
use crate::decision::{Decision, Method as How, Reason, Step};
use crate::gate::{Explained, read_header};
use crate::settings::Fault;

/// The largest question that is read, in bytes: far more than the headers of a request. Viewers may ask, too, and a
/// document takes many times its size while it is read.
pub(super) const LIMIT: usize = 1024 * 1024;
/// The most headers that a request can have.
const MAX_HEADERS: usize = 200;

/// A decision, explained. It holds claims, but nothing of the credential.
#[derive(Serialize)]
pub(super) struct Checked {
    /// As `/validate` would answer.
    status: u16,
    /// Why the request is refused, or would be, did the gate not only observe.
    reason: Option<&'static str>,
    /// The user of a pass, where they are known here.
    username: Option<String>,
    /// Why the request passes.
    method: Option<&'static str>,
    steps: Vec<Step>,
}

pub(super) async fn check(
    State(management): State<Management>,
    Document(sent): Document,
) -> Result<Json<Checked>, Problem> {
    let question = Question::read(&sent).map_err(Problem::Invalid)?;
    let snapshot = management.saver.gate.snapshot();
    let explained = snapshot.explain(question.uri, &question.headers).await;
    Ok(Json(explained.into()))
}

impl From<Explained> for Checked {
    fn from(explained: Explained) -> Self {
        let (status, reason, method) = match &explained.decision {
            Decision::Allow(allowed) => (200, None, Some(allowed.method)),
            Decision::Observe(refusal) => (200, Some(refusal.reason), Some(How::Observed)),
            Decision::Refuse(refusal) => (refusal.reason.status(), Some(refusal.reason), None),
        };
        let principal = match explained.decision {
            Decision::Allow(allowed) => allowed.principal,
            Decision::Observe(_) | Decision::Refuse(_) => None,
        };
        Self {
            status,
            reason: reason.map(Reason::code),
            username: principal.map(|principal| principal.username),
            method: method.map(How::as_str),
            steps: explained.steps,
        }
    }
}

/// The request that is asked about. Every method is judged alike.
struct Question<'a> {
    uri: Option<&'a str>,
    headers: HeaderMap,
}

impl<'a> Question<'a> {
    /// Reads what was sent.
    ///
    /// # Errors
    /// Every fault, none with a value: it may be a credential.
    fn read(sent: &'a Value) -> Result<Self, Vec<Fault>> {
        let Some(members) = sent.as_object() else {
            return Err(vec![fault("", "must be an object")]);
        };
        let mut faults = unknown_members(members);
        let member = |name| members.get(name).filter(|value| !value.is_null());
        if let Some(method) = member("method") {
            let text = method.as_str().unwrap_or_default();
            if Method::from_bytes(text.as_bytes()).is_err() {
                faults.push(fault("/method", "must be a method, such as \"GET\""));
            }
        }
        let uri = member("uri").and_then(|uri| {
            let text = uri.as_str();
            if text.is_none() {
                faults.push(fault(
                    "/uri",
                    "must be a path with its query, such as \"/rest/api/content\"",
                ));
            }
            text
        });
        let headers = match member("headers") {
            Some(list) => headers(list, &mut faults),
            None => HeaderMap::new(),
        };
        if faults.is_empty() {
            Ok(Self { uri, headers })
        } else {
            Err(faults)
        }
    }
}

fn fault(pointer: impl Into<String>, detail: &str) -> Fault {
    Fault {
        pointer: pointer.into(),
        detail: detail.to_owned(),
    }
}

fn unknown_members(members: &Map<String, Value>) -> Vec<Fault> {
    let known = ["method", "uri", "headers"];
    let has_more = members.keys().any(|name| !known.contains(&name.as_str()));
    let more = has_more.then(|| fault("", "may have the members method, uri and headers alone"));
    more.into_iter().collect()
}

fn headers(list: &Value, faults: &mut Vec<Fault>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let pairs = list.as_array().filter(|pairs| pairs.len() <= MAX_HEADERS);
    let Some(pairs) = pairs else {
        let detail = "must be a list of at most 200 pairs such as [\"Accept\", \"text/html\"]";
        faults.push(fault("/headers", detail));
        return headers;
    };
    for (index, pair) in pairs.iter().enumerate() {
        match read_pair(pair) {
            Ok((name, value)) => {
                headers.append(name, value);
            }
            Err(detail) => faults.push(fault(format!("/headers/{index}"), detail)),
        }
    }
    headers
}

fn read_pair(pair: &Value) -> Result<(HeaderName, HeaderValue), &'static str> {
    let texts = pair.as_array().map(Vec::as_slice);
    let Some([Value::String(name), Value::String(value)]) = texts else {
        return Err("must be a name and a value, both strings");
    };
    read_header(name, value)
}
