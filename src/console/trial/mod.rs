//! "Test": a token is got from its provider or pasted, and its whole story told. The token is read
//! from the request or the provider's answer, judged, and given back in the form of this one answer;
//! it is neither stored nor logged.

mod curl;
mod grant;
mod lab;
mod page;
mod pending;
mod preview;
mod story;
mod trouble;

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

pub use page::TestPage;

use self::lab::{Chosen, Lab};
use self::page::Content;
use self::trouble::Trouble;
use super::error::Error;
use super::form::Typed;
use super::page::{Flash, Frame};
use super::providers;
use super::saving::Saved;
use super::session::Administrator;
use super::{CALLBACK_PATH, Console};
use crate::gate::Snapshot;
use crate::settings::Settings;

const PATH: &str = "/test";

/// The page, its form with one-click changes, and the ways to a token.
pub fn routes() -> Router<Console> {
    Router::new()
        .route(PATH, get(show).post(judge))
        .route("/test/preview", post(preview))
        .route("/test/save", get(grant::begin_anew).post(save))
        .route("/test/authorize", get(grant::authorize))
        .route(
            "/test/client-credentials",
            get(grant::begin_anew).post(grant::client_credentials),
        )
        .route(CALLBACK_PATH, get(grant::callback))
}

async fn show(
    administrator: Administrator,
    State(console): State<Console>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<TestPage, Error> {
    let typed = Typed::posted(pairs);
    let bench = Bench::new(&administrator, &console, &typed);
    bench
        .page(administrator.frame().await?, Content::Nothing)
        .await
}

async fn judge(
    administrator: Administrator,
    State(console): State<Console>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<TestPage, Error> {
    let typed = Typed::posted(pairs);
    let bench = Bench::new(&administrator, &console, &typed);
    let content = bench.judged_as_typed().await;
    bench.page(administrator.frame().await?, content).await
}

/// The one-click changes of the page: what a button names is saved, and the token judged once more.
async fn save(
    administrator: Administrator,
    State(console): State<Console>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Error> {
    let typed = Typed::posted(pairs);
    let mut frame = administrator.frame().await?;
    let saved = change(&typed, &administrator, &console).await?;
    let status = match &saved {
        Saved::Done(_) | Saved::Unchanged(_) => StatusCode::OK,
        Saved::Faulty(..) => StatusCode::UNPROCESSABLE_ENTITY,
        Saved::Stale(_) => StatusCode::CONFLICT,
    };
    frame.flash = Some(Flash::from(saved));
    let bench = Bench::new(&administrator, &console, &typed);
    let content = bench.judged_as_typed().await;
    Ok((status, bench.page(frame, content).await?).into_response())
}

/// What the attribute and the transform in the form make of the token's user: the part of the page
/// that scripts put in its place.
async fn preview(
    _: Administrator,
    State(console): State<Console>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Response {
    let typed = Typed::posted(pairs);
    let snapshot = console.gate.snapshot();
    let trial = snapshot
        .try_token(without_scheme(typed.trimmed("token")))
        .await;
    let judge = trial.told.provider.as_deref();
    let judge = judge.and_then(|id| Chosen::find(&snapshot, id));
    let preview = judge.and_then(|judge| preview::of(&trial, judge, &typed));
    match preview {
        Some(preview) => preview.outcome.into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    }
}

/// What the handlers of this page share: who asks, what was typed, and the settings in force.
struct Bench<'a> {
    administrator: &'a Administrator,
    console: &'a Console,
    typed: &'a Typed,
    snapshot: Arc<Snapshot>,
}

impl<'a> Bench<'a> {
    fn new(administrator: &'a Administrator, console: &'a Console, typed: &'a Typed) -> Self {
        Self {
            administrator,
            console,
            typed,
            snapshot: console.gate.snapshot(),
        }
    }

    /// The provider that the form or the link names.
    fn chosen(&self) -> Result<Chosen<'_>, Error> {
        Chosen::find(&self.snapshot, self.typed.trimmed("provider")).ok_or(Error::NotFound)
    }

    async fn page(&self, frame: Frame, content: Content) -> Result<TestPage, Error> {
        let lab = Lab::new(self.console, &self.snapshot, self.typed).await;
        let revision = self.snapshot.stored.revision;
        Ok(TestPage::new(frame, revision, lab, content))
    }

    /// The page that says why there is no token.
    async fn trouble(&self, trouble: Trouble) -> Result<Response, Error> {
        let frame = self.administrator.frame().await?;
        let page = self.page(frame, Content::Trouble(trouble)).await?;
        Ok(page.into_response())
    }

    /// The page with the story of a token that the provider gave.
    async fn story(&self, token: &SecretString) -> Result<Response, Error> {
        let frame = self.administrator.frame().await?;
        let page = self.page(frame, self.judged(token).await).await?;
        Ok(page.into_response())
    }

    /// The story of the token in the form.
    async fn judged_as_typed(&self) -> Content {
        match without_scheme(self.typed.trimmed("token")) {
            "" => Content::Nothing,
            token => self.judged(&token.into()).await,
        }
    }

    async fn judged(&self, token: &SecretString) -> Content {
        let trial = self.snapshot.try_token(token.expose_secret()).await;
        let story = story::tell(trial, &self.snapshot, self.typed);
        Content::Story(token.clone(), Box::new(story))
    }
}

/// Makes the change of the button that was pressed.
async fn change(
    typed: &Typed,
    administrator: &Administrator,
    console: &Console,
) -> Result<Saved, Error> {
    let buttons = ["use_attribute", "use_preview", "accept_audience"];
    if !buttons.iter().any(|button| typed.is_on(button)) {
        return Err(Error::BadRequest("no button"));
    }
    let provider = typed.trimmed("provider");
    let edit = |settings: &Settings, document: &mut Value| {
        if typed.is_on("use_attribute") {
            providers::use_attribute(document, provider, typed.get("use_attribute"));
        } else if typed.is_on("use_preview") {
            providers::use_attribute(document, provider, typed.trimmed("attribute"));
            providers::use_transform(document, provider, typed.get("transform"));
        } else {
            let audience = typed.get("accept_audience");
            providers::accept_audience(settings, document, provider, audience);
        }
    };
    console.save(administrator, typed.revision()?, edit).await
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
