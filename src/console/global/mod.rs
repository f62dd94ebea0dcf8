//! "Global Settings": what belongs to the gate as a whole.

mod consequences;
mod features;
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
use super::form::{FieldFaults, Spec, Typed};
use super::impact::ImpactPage;
use super::page::Tab;
use super::saving::Saved;
use super::session::{self, Administrator};
use crate::settings::{Fault, Settings};

const PATH: &str = "/global-settings";

/// The page and its form.
pub fn routes() -> Router<Console> {
    Router::new().route(PATH, get(show).post(save))
}

/// Every control of the form.
fn controls() -> Vec<Spec> {
    [fields::specs(), features::specs()].concat()
}

/// The form as the settings fill it.
fn stored_form(settings: &Settings) -> Typed {
    let global = features::shown(settings.export()["global"].take());
    Typed::from_document(&controls(), &global)
}

async fn show(
    administrator: Administrator,
    State(console): State<Console>,
) -> Result<GlobalSettingsPage, Error> {
    let stored = console.store.settings().await?;
    let typed = stored_form(&stored.settings);
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
    let edit = |current: &Settings, document: &mut serde_json::Value| {
        typed.write_to(&specs, &mut document["global"]);
        features::write(
            &typed,
            &current.global.public_paths,
            &mut document["global"],
        );
    };
    if typed.is_revised() {
        let stored = console.store.settings().await?;
        let (frame, faults) = (administrator.frame().await?, FieldFaults::default());
        let revision = seen.unwrap_or(stored.revision);
        let page = GlobalSettingsPage::new(frame, &stored.settings, revision, &typed, faults);
        return Ok(page.into_response());
    }
    if let Some(question) = console.question(&typed, seen, &edit).await? {
        let frame = administrator.frame().await?;
        let form = (Tab::GlobalSettings, PATH, PATH);
        return Ok(ImpactPage::new(frame, form, question, &typed, &specs).answer());
    }
    match console.save(&administrator, seen, edit).await? {
        Saved::Done(flash) | Saved::Unchanged(flash) => {
            session::put_flash(&administrator.session, flash).await?;
            Ok(Redirect::to(PATH).into_response())
        }
        Saved::Faulty(faults, stored) => {
            let frame = administrator.frame().await?;
            let faults = field_faults(faults);
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

/// The faults by their fields. This form can put a stored credential in danger by one field alone, so
/// what has to be done about it stands there, once.
fn field_faults(mut faults: Vec<Fault>) -> FieldFaults {
    let is_of_a_credential = |fault: &mut Fault| {
        fault.pointer.starts_with("/upstream_credentials/")
            && fault.pointer.ends_with("/authorization")
    };
    let are_credentials_in_danger = faults.extract_if(.., is_of_a_credential).count() > 0;
    let mut by_field = FieldFaults::new(&faults, "/global");
    if are_credentials_in_danger {
        by_field.add(
            "confluence_url",
            "Credentials are stored under Confluence access, and \"Test\" must not send them to a new \
             address. Remove them there, save this address, then add them again",
        );
    }
    by_field
}
