//! "Global Settings": what belongs to the gate as a whole.

mod consequences;
mod fields;
mod page;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use axum::{Form, Router};

pub use page::GlobalSettingsPage;

use super::Console;
use super::conflict::ConflictPage;
use super::error::Error;
use super::form::{FieldFaults, Typed};
use super::page::Tab;
use super::saving::Saved;
use super::session::{self, Administrator};

const PATH: &str = "/global-settings";

/// The page and its form.
pub fn routes() -> Router<Console> {
    Router::new().route(PATH, get(show).post(save))
}

async fn show(
    administrator: Administrator,
    State(console): State<Console>,
) -> Result<GlobalSettingsPage, Error> {
    let stored = console.store.settings().await?;
    let typed = Typed::from_document(&fields::specs(), &stored.settings.export()["global"]);
    let frame = administrator.frame().await?;
    let faults = FieldFaults::default();
    Ok(GlobalSettingsPage::new(
        frame,
        &stored.settings,
        stored.revision,
        &typed,
        faults,
    ))
}

async fn save(
    administrator: Administrator,
    State(console): State<Console>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Error> {
    let typed = Typed::posted(pairs);
    let seen = typed.revision()?;
    let specs = fields::specs();
    let edit = |_: &_, document: &mut serde_json::Value| {
        typed.write_to(&specs, &mut document["global"]);
    };
    match console.save(&administrator, seen, edit).await? {
        Saved::Done(flash) | Saved::Unchanged(flash) => {
            session::put_flash(&administrator.session, flash).await?;
            Ok(Redirect::to(PATH).into_response())
        }
        Saved::Faulty(faults, stored) => {
            let frame = administrator.frame().await?;
            let faults = FieldFaults::new(&faults, "/global");
            let page =
                GlobalSettingsPage::new(frame, &stored.settings, stored.revision, &typed, faults);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Saved::Stale(meeting) => {
            let frame = administrator.frame().await?;
            let form = (Tab::GlobalSettings, PATH, PATH);
            Ok(ConflictPage::new(frame, form, *meeting, &typed, &specs).answer())
        }
    }
}
