//! `/basic-exceptions/{id}/remove`: the question, and the deed.

use axum::Form;
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::Value;

use super::page::RemoveExceptionPage;
use super::{PATH, find};
use crate::console::Console;
use crate::console::error::Error;
use crate::console::form::Typed;
use crate::console::page::Tab;
use crate::console::session::Administrator;
use crate::settings::Settings;

pub async fn ask(
    administrator: Administrator,
    State(console): State<Console>,
    Path(id): Path<String>,
) -> Result<RemoveExceptionPage, Error> {
    let stored = console.store.settings().await?;
    let exception = find(&stored.settings, &id)?;
    let uses = console.store.exception_uses().await?;
    Ok(RemoveExceptionPage::new(
        administrator.frame().await?,
        &stored.settings,
        exception,
        &uses,
        stored.revision,
    ))
}

pub async fn remove(
    administrator: Administrator,
    State(console): State<Console>,
    Path(id): Path<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Error> {
    find(&console.store.settings().await?.settings, &id)?;
    let typed = Typed::posted(pairs);
    let seen = typed.revision()?.ok_or(Error::BadRequest("no revision"))?;
    let edit = |_: &Settings, document: &mut Value| {
        if let Some(list) = document["global"]["basic_exceptions"].as_array_mut() {
            list.retain(|exception| exception["id"] != id);
        }
    };
    let action = format!("{PATH}/{id}/remove");
    let form = (Tab::GlobalSettings, action.as_str(), PATH);
    console
        .save_or_ask(&administrator, &typed, Some(seen), form, edit)
        .await
}
