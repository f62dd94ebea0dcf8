//! A form that met a store which can't be read or written: what was typed goes back to its sender, to be sent again.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use url::form_urlencoded;

use super::error::Error;
use super::{BODY_LIMIT, local_path};

/// The controls of any form that hold a secret, which is never shown again.
pub const SECRETS: &[&str] = &[
    "client_secret",
    "confirmation",
    "current",
    "password",
    "token",
];

/// A form as it was sent, but for its secrets.
#[derive(Debug)]
pub struct SentForm {
    /// The path that it was sent to, of this console.
    pub action: String,
    /// Names of controls with what stood in them.
    pub typed: Vec<(String, String)>,
    /// Whether a secret stood in it.
    pub secret_was_typed: bool,
}

impl SentForm {
    fn new(target: &str, content: &[u8]) -> Self {
        let pairs = form_urlencoded::parse(content).into_owned();
        let (secret, typed): (Vec<_>, Vec<_>) =
            pairs.partition(|(name, _)| SECRETS.contains(&name.as_str()));
        Self {
            action: local_path::or_root(target),
            typed,
            secret_was_typed: secret.iter().any(|(_, value)| !value.is_empty()),
        }
    }
}

/// Leaves a [`SentForm`] for [`super::error::pages`] where the answer to a form is that the store can't be reached.
pub async fn keep(request: Request, next: Next) -> Response {
    if !is_form(request.method(), request.headers()) {
        return next.run(request).await;
    }
    let target = request.uri().path_and_query().map(ToString::to_string);
    let (parts, body) = request.into_parts();
    let Ok(content) = axum::body::to_bytes(body, BODY_LIMIT).await else {
        return Error::BadRequest("the form did not arrive").into_response();
    };
    let request = Request::from_parts(parts, Body::from(content.clone()));
    let mut response = next.run(request).await;
    let error = response.extensions().get::<Arc<Error>>();
    if error.is_some_and(|error| error.is_of_the_store()) {
        let form = SentForm::new(target.as_deref().unwrap_or("/"), &content);
        response.extensions_mut().insert(Arc::new(form));
    }
    response
}

/// Whether this is a form of a size that is read at all; a file is still where it was chosen.
fn is_form(method: &Method, headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let length = text(header::CONTENT_LENGTH).and_then(|length| length.parse::<usize>().ok());
    method == Method::POST
        && text(header::CONTENT_TYPE)
            .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"))
        && length.is_some_and(|length| length <= BODY_LIMIT)
}

#[cfg(test)]
impl SentForm {
    /// Hostile names and values, and a secret.
    pub fn sample() -> Self {
        let pairs = [
            ("protected_paths", "</textarea><script>"),
            ("\"><script>", "\"><script>"),
            ("client_secret", "s3cret-in-the-store"),
        ];
        let mut content = form_urlencoded::Serializer::new(String::new());
        content.extend_pairs(pairs);
        Self::new(
            "/oauth/\"><script>?x=\"><script>",
            content.finish().as_bytes(),
        )
    }
}
