//! "Test": the whole story of a token that an administrator pastes. The token is read from the
//! request, judged, and given back in the form of this one answer; it is neither stored nor logged.

mod page;
mod story;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Form, Router};
use serde_json::Value;

pub use page::TestPage;

use super::Console;
use super::error::Error;
use super::form::Typed;
use super::page::Flash;
use super::providers;
use super::saving::Saved;
use super::session::Administrator;
use crate::settings::Settings;

const PATH: &str = "/test";

/// The page, and its form with one-click changes.
pub fn routes() -> Router<Console> {
    Router::new().route(PATH, get(show).post(judge))
}

async fn show(
    administrator: Administrator,
    State(console): State<Console>,
) -> Result<TestPage, Error> {
    let revision = console.gate.snapshot().stored.revision;
    Ok(TestPage::new(
        administrator.frame().await?,
        revision,
        "",
        None,
    ))
}

async fn judge(
    administrator: Administrator,
    State(console): State<Console>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Error> {
    let typed = Typed::posted(pairs);
    let mut frame = administrator.frame().await?;
    let mut status = StatusCode::OK;
    if let Some(saved) = change(&typed, &administrator, &console).await? {
        status = match &saved {
            Saved::Done(_) | Saved::Unchanged(_) => StatusCode::OK,
            Saved::Faulty(..) => StatusCode::UNPROCESSABLE_ENTITY,
            Saved::Stale(_) => StatusCode::CONFLICT,
        };
        frame.flash = Some(Flash::from(saved));
    }
    let token = without_scheme(typed.trimmed("token"));
    let snapshot = console.gate.snapshot();
    let story = match token {
        "" => None,
        token => Some(story::tell(snapshot.try_token(token).await, &snapshot)),
    };
    let page = TestPage::new(frame, snapshot.stored.revision, token, story);
    Ok((status, page).into_response())
}

/// Makes the change of the button that was pressed, if it was one.
async fn change(
    typed: &Typed,
    administrator: &Administrator,
    console: &Console,
) -> Result<Option<Saved>, Error> {
    let provider = typed.trimmed("provider");
    let edit = |settings: &Settings, document: &mut Value| {
        if typed.is_on("use_attribute") {
            providers::use_attribute(document, provider, typed.get("use_attribute"));
        } else {
            let audience = typed.get("accept_audience");
            providers::accept_audience(settings, document, provider, audience);
        }
    };
    if !typed.is_on("use_attribute") && !typed.is_on("accept_audience") {
        return Ok(None);
    }
    console
        .save(administrator, typed.revision()?, edit)
        .await
        .map(Some)
}

/// The token of a copied `Authorization` header, or of what was copied without one.
fn without_scheme(text: &str) -> &str {
    let text = match text.split_once(':') {
        Some((name, value)) if name.eq_ignore_ascii_case("authorization") => value.trim_start(),
        _ => text,
    };
    match text.split_once(char::is_whitespace) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim_start(),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::without_scheme;

    #[test]
    fn a_copied_header_is_understood() {
        for text in [
            "a.b.c",
            "Bearer a.b.c",
            "bearer  a.b.c",
            "Authorization: Bearer a.b.c",
        ] {
            assert_eq!(without_scheme(text), "a.b.c");
        }
        assert_eq!(without_scheme("two words"), "two words");
    }
}
