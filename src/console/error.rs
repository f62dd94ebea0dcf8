//! What goes wrong in a handler, and the pages that say so: never a bare status, always a way back
//! and an id that stands in the log.

use std::sync::Arc;

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::page::Frame;
use super::typed_again::SentForm;
use crate::gate::RequestId;
use crate::password::PasswordError;
use crate::store::{ChangeError, StoreError};

/// Why a handler can't answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such page, or no longer.
    #[error("there is no such page")]
    NotFound,
    /// What was sent doesn't come from a form of this console.
    #[error("the request doesn't fit the page: {0}")]
    BadRequest(&'static str),
    /// A viewer asked for a change.
    #[error("the role viewer changes nothing")]
    Viewer,
    /// More was sent than the page takes.
    #[error("more was sent than the page takes")]
    TooLarge,
    /// The store can't answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The web session can't be read or written.
    #[error("the web session failed: {0}")]
    Session(#[from] tower_sessions::session::Error),
    /// A password can't be hashed.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// A mistake of ours.
    #[error("{0}")]
    Internal(&'static str),
}

impl From<ChangeError> for Error {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Unknown => Self::NotFound,
            ChangeError::LastAdmin => Self::Internal("a change left nobody with the role admin"),
            ChangeError::Store(error) => Self::Store(error),
        }
    }
}

impl Error {
    /// Whether the store can't be read or written at the moment.
    pub fn is_of_the_store(&self) -> bool {
        matches!(self, Self::Store(_) | Self::Session(_))
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::Viewer => StatusCode::FORBIDDEN,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Store(_) | Self::Session(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Password(_) | Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl IntoResponse for Error {
    /// A bare status: [`pages`] makes the page and the line in the log.
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// Gives every refusal and failure that has no page of its own one, and logs failures once.
pub async fn pages(request: Request, next: Next) -> Response {
    let id = request.extensions().get::<RequestId>().cloned();
    let id = id.as_ref().map_or("", RequestId::as_str);
    let path = request.uri().path().to_owned();
    let response = next.run(request).await;
    let status = response.status();
    let error = response.extensions().get::<Arc<Error>>().cloned();
    if status.is_server_error() {
        let cause = error.as_ref().map(ToString::to_string).unwrap_or_default();
        tracing::error!(
            request.id = id,
            path,
            status = status.as_u16(),
            "a console page failed: {cause}"
        );
    }
    let is_error = status.is_client_error() || status.is_server_error();
    if !is_error || is_page(&response) {
        return response;
    }
    let form = response.extensions().get::<Arc<SentForm>>().cloned();
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    let mut page = match error.as_deref() {
        Some(Error::Viewer) => ErrorPage::viewer(id),
        Some(Error::Store(error)) => ErrorPage::store(error, id),
        _ => ErrorPage::new(status, id),
    };
    page.form = form;
    let (page, body) = page.into_response().into_parts();
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    let html = page
        .headers
        .get(header::CONTENT_TYPE)
        .cloned()
        .unwrap_or(html);
    parts.headers.insert(header::CONTENT_TYPE, html);
    Response::from_parts(parts, body)
}

fn is_page(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE);
    kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
}

/// What went wrong, in the administrator's words.
#[derive(Debug, Template, WebTemplate)]
#[template(path = "pages/error.html")]
pub struct ErrorPage {
    frame: Frame,
    status: u16,
    explanation: &'static str,
    /// The cause and the cure, where both are known.
    cause: &'static str,
    /// What was sent, to be sent again.
    form: Option<Arc<SentForm>>,
    request_id: String,
}

impl ErrorPage {
    /// The page for a status.
    pub fn new(status: StatusCode, request_id: &str) -> Self {
        Self::saying(status, words(status.as_u16()), request_id)
    }

    /// The page for a viewer who asked for a change.
    fn viewer(request_id: &str) -> Self {
        let words = (
            "You may look, not change",
            "Your role is viewer. Nothing was changed. Whoever has the role admin can make the \
             change, or give you that role on the page Administrators.",
        );
        Self::saying(StatusCode::FORBIDDEN, words, request_id)
    }

    /// The page for a store that can't answer or save.
    fn store(error: &StoreError, request_id: &str) -> Self {
        let (title, explanation) = words(StatusCode::SERVICE_UNAVAILABLE.as_u16());
        let mut page = Self::saying(
            StatusCode::SERVICE_UNAVAILABLE,
            (title, explanation),
            request_id,
        );
        page.cause = error.words();
        page
    }

    fn saying(
        status: StatusCode,
        (title, explanation): (&str, &'static str),
        request_id: &str,
    ) -> Self {
        Self {
            frame: Frame {
                title: title.to_owned(),
                ..Frame::default()
            },
            status: status.as_u16(),
            explanation,
            cause: "",
            form: None,
            request_id: request_id.to_owned(),
        }
    }
}

fn words(status: u16) -> (&'static str, &'static str) {
    match status {
        403 => (
            "This request was not yours",
            "It came from another site, or through a proxy that changes the Host or Origin header. \
             Nothing was changed. Open the console by its public URL and try again.",
        ),
        404 => (
            "There is no such page",
            "It may have been removed, or the address has a mistake.",
        ),
        405 => (
            "This page can't be used like that",
            "It was opened in a way that it doesn't offer.",
        ),
        408 | 504 => (
            "That took too long",
            "The answer didn't come in time. Look whether the change was made before you try again.",
        ),
        429 => ("Too many tries", "Wait a few minutes before the next one."),
        413 => (
            "That is too much",
            "What was sent is larger than any form (256 KB) or file (16 MB) that this console takes. Nothing was changed.",
        ),
        400..=499 => (
            "This request can't be understood",
            "What was sent doesn't fit the page. Nothing was changed.",
        ),
        503 => (
            "The store can't be reached",
            "Nothing can be shown or saved at the moment. Decisions go on by the settings in \
             memory. The log names the cause.",
        ),
        _ => (
            "Something went wrong here",
            "It's our fault, not yours. The log names the cause.",
        ),
    }
}

#[cfg(test)]
impl ErrorPage {
    /// A failure with a hostile id.
    pub fn sample() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "<script>id</script>")
    }

    /// A store that can't be written, with a hostile form.
    pub fn form_sample() -> Self {
        let mut page = Self::new(StatusCode::SERVICE_UNAVAILABLE, "<script>id</script>");
        page.form = Some(Arc::new(SentForm::sample()));
        page
    }
}
