//! A new exception, and another content for one.

use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde_json::{Value, json};

use super::page::BasicExceptionPage;
use super::{PATH, fields, find};
use crate::console::Console;
use crate::console::conflict::ConflictPage;
use crate::console::error::Error;
use crate::console::form::{FieldFaults, Typed};
use crate::console::impact::ImpactPage;
use crate::console::page::Tab;
use crate::console::saving::Saved;
use crate::console::session::{self, Administrator};
use crate::settings::Settings;

pub async fn ask(
    administrator: Administrator,
    State(console): State<Console>,
) -> Result<BasicExceptionPage, Error> {
    let stored = console.store.settings().await?;
    Ok(BasicExceptionPage::new(
        administrator.frame().await?,
        None,
        stored.revision,
        &Typed::default(),
        FieldFaults::default(),
    ))
}

pub async fn ask_again(
    administrator: Administrator,
    State(console): State<Console>,
    Path(id): Path<String>,
) -> Result<BasicExceptionPage, Error> {
    let stored = console.store.settings().await?;
    let exception = json!(find(&stored.settings, &id)?);
    Ok(BasicExceptionPage::new(
        administrator.frame().await?,
        Some(&id),
        stored.revision,
        &Typed::from_document(&fields::specs(), &exception),
        FieldFaults::default(),
    ))
}

pub async fn add(
    administrator: Administrator,
    State(console): State<Console>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Error> {
    save(&administrator, &console, None, &Typed::posted(pairs)).await
}

pub async fn change(
    administrator: Administrator,
    State(console): State<Console>,
    Path(id): Path<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Error> {
    save(&administrator, &console, Some(&id), &Typed::posted(pairs)).await
}

async fn save(
    administrator: &Administrator,
    console: &Console,
    id: Option<&str>,
    typed: &Typed,
) -> Result<Response, Error> {
    let seen = typed.revision()?.ok_or(Error::BadRequest("no revision"))?;
    let edit = |settings: &Settings, document: &mut Value| {
        fields::write(typed, id, settings, document);
    };
    let action = action(id);
    let form = (Tab::GlobalSettings, action.as_str(), PATH);
    let specs = fields::new_specs();
    if typed.is_revised() {
        let (frame, faults) = (administrator.frame().await?, FieldFaults::default());
        return Ok(BasicExceptionPage::new(frame, id, seen, typed, faults).into_response());
    }
    if let Some(question) = console.question(typed, Some(seen), edit).await? {
        let frame = administrator.frame().await?;
        return Ok(ImpactPage::new(frame, form, question, typed, &specs).answer());
    }
    match console.save(administrator, Some(seen), edit).await? {
        Saved::Done(flash) | Saved::Unchanged(flash) => {
            session::put_flash(&administrator.session, flash).await?;
            Ok(Redirect::to(PATH).into_response())
        }
        Saved::Faulty(faults, stored) => {
            let place = fields::place(&stored.settings, id);
            let faults = fields::field_faults(faults, place, typed);
            let frame = administrator.frame().await?;
            let page = BasicExceptionPage::new(frame, id, stored.revision, typed, faults);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Saved::Stale(meeting) => {
            let frame = administrator.frame().await?;
            Ok(ConflictPage::new(frame, form, *meeting, typed, &specs).answer())
        }
    }
}

/// Where the form is sent.
pub fn action(id: Option<&str>) -> String {
    match id {
        Some(id) => format!("{PATH}/{id}/change"),
        None => format!("{PATH}/new"),
    }
}
