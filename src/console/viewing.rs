//! The one place that keeps viewers from changing anything: whatever may change something is refused to them, but
//! for the few forms that only look.

use axum::extract::{OptionalFromRequestParts as _, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::Console;
use super::error::Error;
use super::session::Administrator;

/// What a viewer may send: the sign-in as somebody else, the sign-out, their own password; a token to be judged, and
/// the check of a connection. To get a token with a stored client secret is not among them: it would hand out what
/// that secret opens.
const LOOKS: &[&str] = &[
    "/login",
    "/logout",
    "/account",
    "/test",
    "/test/preview",
    "/connect/check",
];

/// Refuses a viewer's request for a change.
pub async fn viewers_change_nothing(
    State(console): State<Console>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    if request.method().is_safe() || LOOKS.contains(&path) {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    match Administrator::from_request_parts(&mut parts, &console).await {
        Err(error) => error.into_response(),
        Ok(Some(administrator)) if administrator.is_viewer() => Error::Viewer.into_response(),
        Ok(_) => next.run(Request::from_parts(parts, body)).await,
    }
}
