//! Why a question about a token gets no answer (RFC 9457).

use axum::http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};

use crate::decision::Reason;
use crate::gate::RETRY_AFTER_SECONDS;

/// Why there is no answer.
#[derive(Clone, Copy, Debug)]
pub(super) enum Problem {
    NotPost,
    NoKey,
    BadKey,
    WrongRole,
    NoToken,
    TooLarge,
    Late,
    Undecided,
}

impl Problem {
    const fn status(self) -> StatusCode {
        match self {
            Self::NotPost => StatusCode::METHOD_NOT_ALLOWED,
            Self::NoKey | Self::BadKey => StatusCode::UNAUTHORIZED,
            Self::WrongRole => StatusCode::FORBIDDEN,
            Self::NoToken => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Late => StatusCode::REQUEST_TIMEOUT,
            Self::Undecided => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    const fn detail(self) -> &'static str {
        match self {
            Self::NotPost => "Tokens are introspected by POST.",
            Self::NoKey => {
                "This needs a management API key, as Bearer token or as HTTP Basic password."
            }
            Self::BadKey => "This is no management API key, or no longer.",
            Self::WrongRole => "This key may not introspect tokens.",
            Self::NoToken => "The form needs one field \"token\".",
            Self::TooLarge => "The form is larger than 64 KB.",
            Self::Late => "The form did not arrive in time.",
            Self::Undecided => Reason::ProviderUnavailable.sentence(),
        }
    }

    /// A header that this problem's status asks for.
    fn header(self) -> Option<(HeaderName, HeaderValue)> {
        let challenge = |text| (WWW_AUTHENTICATE, HeaderValue::from_static(text));
        match self {
            Self::NotPost => Some((ALLOW, HeaderValue::from_static("POST"))),
            Self::NoKey => Some(challenge("Bearer realm=\"bearergate\"")),
            Self::BadKey => Some(challenge(
                "Bearer realm=\"bearergate\", error=\"invalid_token\"",
            )),
            Self::WrongRole => Some(challenge(
                "Bearer realm=\"bearergate\", error=\"insufficient_scope\"",
            )),
            Self::Undecided => Some((RETRY_AFTER, RETRY_AFTER_SECONDS.into())),
            Self::NoToken | Self::TooLarge | Self::Late => None,
        }
    }

    pub(super) fn into_response(self) -> Response {
        let status = self.status();
        let body = serde_json::json!({
            "type": "about:blank",
            "title": status.canonical_reason(),
            "status": status.as_u16(),
            "detail": self.detail(),
        });
        let mut response = (status, axum::Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.extend(self.header());
        response
    }
}
