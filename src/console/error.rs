//! Error pages: never a bare status, always a way back and an id that stands in the log.

use askama::Template;
use askama_web::WebTemplate;

use super::page::Frame;

/// What went wrong, in the administrator's words.
#[derive(Debug, Template, WebTemplate)]
#[template(path = "pages/error.html")]
pub struct ErrorPage {
    frame: Frame,
    status: u16,
    explanation: &'static str,
    back: &'static str,
    back_label: &'static str,
    request_id: String,
}

impl ErrorPage {
    /// The page for a status.
    pub fn new(status: u16, request_id: &str) -> Self {
        let (title, explanation) = words(status);
        Self {
            frame: Frame {
                title: title.to_owned(),
                ..Frame::default()
            },
            status,
            explanation,
            back: "/",
            back_label: "Back to the console",
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
            "The answer didn't come in time. Nothing was changed; try again.",
        ),
        409 => (
            "Somebody was faster",
            "The settings changed in the meantime. Nothing of yours was saved.",
        ),
        413 => (
            "That is too much",
            "What was sent is larger than any form of this console.",
        ),
        400..=499 => (
            "This request can't be understood",
            "What was sent doesn't fit the page. Nothing was changed.",
        ),
        503 => (
            "The settings can't be reached",
            "The store doesn't answer, so nothing can be shown or saved. Decisions go on by the \
             settings in memory. The log names the cause.",
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
        Self::new(500, "<script>id</script>")
    }
}
