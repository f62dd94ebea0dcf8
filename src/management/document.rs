//! A JSON document that is sent.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use serde_json::Value;

use super::problem::Problem;
use crate::json;

/// The largest document that is read, in bytes.
pub(super) const LIMIT: usize = 16 * 1024 * 1024;
/// How long it may take to arrive.
const TIMEOUT: Duration = Duration::from_secs(30);

/// What was sent: one JSON value without duplicate members.
pub(super) struct Document(pub(super) Value);

impl<S: Send + Sync> FromRequest<S> for Document {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Problem::NotJsonType);
        }
        let bytes = tokio::time::timeout(TIMEOUT, Bytes::from_request(request, state))
            .await
            .map_err(|_| Problem::Late)?
            .map_err(|rejection| match rejection.status() {
                StatusCode::PAYLOAD_TOO_LARGE => Problem::TooLarge,
                _ => Problem::NotJson,
            })?;
        // Without the parser's own words, which may repeat what was sent.
        let value = json::parse(&bytes).map_err(|_| Problem::NotJson)?;
        Ok(Self(value))
    }
}

/// Whether the content says that it is JSON; parameters such as a charset mean nothing (RFC 8259, section 11).
fn is_json(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(CONTENT_TYPE).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return false;
    };
    let value = value.to_str().unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}
