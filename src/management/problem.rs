//! Why a request gets no answer (RFC 9457).

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::gate::RETRY_AFTER_SECONDS;
use crate::settings::Fault;
use crate::store::StoreError;

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Problem {
    NoKey,
    BadKey,
    MayNotRead,
    MayNotWrite,
    NotFound,
    NotAllowed,
    BadQuery,
    NotJsonType,
    NotJson,
    TooLarge,
    Late,
    /// The settings are not those that `If-Match` names.
    Stale,
    /// A document with these faults.
    Invalid(Vec<Fault>),
    Store(StoreError),
    Slow,
    /// Of ours.
    Mistake,
}

impl Problem {
    const fn status(&self) -> StatusCode {
        match self {
            Self::NoKey | Self::BadKey => StatusCode::UNAUTHORIZED,
            Self::MayNotRead | Self::MayNotWrite => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::NotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::BadQuery | Self::NotJson => StatusCode::BAD_REQUEST,
            Self::NotJsonType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Late => StatusCode::REQUEST_TIMEOUT,
            Self::Stale => StatusCode::PRECONDITION_FAILED,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Store(_) | Self::Slow => StatusCode::SERVICE_UNAVAILABLE,
            Self::Mistake => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn detail(&self) -> &'static str {
        match self {
            Self::NoKey => "This needs a management API key as Bearer token.",
            Self::BadKey => "This is no management API key, or no longer.",
            Self::MayNotRead => "This key may introspect tokens, and nothing else.",
            Self::MayNotWrite => "This key may read the settings, not change them.",
            Self::NotFound => "There is nothing at this path.",
            Self::NotAllowed => "This path does not know this method.",
            Self::BadQuery => {
                "The query may hold \"dry_run=true\" or \"dry_run=false\" once, and nothing else."
            }
            Self::NotJsonType => "The content must be application/json.",
            Self::NotJson => "The content is no JSON that can be read.",
            Self::TooLarge => "The content is too large: a check takes 1 MiB, all else 16 MiB.",
            Self::Late => "The content did not arrive in time.",
            Self::Stale => {
                "The settings have changed since. Get them again, and make the change on what they are now."
            }
            Self::Invalid(_) => "The document has faults; nothing was changed.",
            Self::Store(error) => error.words(),
            Self::Slow => "There was no answer in time.",
            Self::Mistake => "This is a mistake of the program; its log says more.",
        }
    }

    /// A header that this problem's status asks for.
    fn header(&self) -> Option<(HeaderName, HeaderValue)> {
        let challenge = |text| (WWW_AUTHENTICATE, HeaderValue::from_static(text));
        match self {
            Self::NoKey => Some(challenge("Bearer realm=\"bearergate\"")),
            Self::BadKey => Some(challenge(
                "Bearer realm=\"bearergate\", error=\"invalid_token\"",
            )),
            Self::MayNotRead | Self::MayNotWrite => Some(challenge(
                "Bearer realm=\"bearergate\", error=\"insufficient_scope\"",
            )),
            Self::Store(_) | Self::Slow => Some((RETRY_AFTER, RETRY_AFTER_SECONDS.into())),
            _ => None,
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        if let Self::Store(error) = &self {
            tracing::error!(%error, "the management API can't answer");
        }
        let status = self.status();
        let mut body = json!({
            "type": "about:blank",
            "title": status.canonical_reason(),
            "status": status.as_u16(),
            "detail": self.detail(),
        });
        let header = self.header();
        if let Self::Invalid(faults) = self {
            body["errors"] = json!(faults);
        }
        let mut response = (status, axum::Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.extend(header);
        response
    }
}
