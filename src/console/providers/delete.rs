//! `/oauth/{id}/delete`: the question, and the deed.

use axum::Form;
use axum::extract::{Path, State};
use axum::response::Response;

use super::page::DeleteProviderPage;
use super::{PATH, document, find};
use crate::console::Console;
use crate::console::error::Error;
use crate::console::form::Typed;
use crate::console::page::Tab;
use crate::console::session::Administrator;

pub async fn ask(
    administrator: Administrator,
    State(console): State<Console>,
    Path(id): Path<String>,
) -> Result<DeleteProviderPage, Error> {
    let stored = console.store.settings().await?;
    let provider = find(&stored.settings, &id)?;
    let others = stored
        .settings
        .providers
        .iter()
        .filter(|other| other.id != id);
    let is_last_enabled = provider.enabled && others.filter(|other| other.enabled).count() == 0;
    let frame = administrator.frame().await?;
    Ok(DeleteProviderPage::new(
        frame,
        provider,
        is_last_enabled,
        stored.revision,
    ))
}

pub async fn delete(
    administrator: Administrator,
    State(console): State<Console>,
    Path(id): Path<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Error> {
    find(&console.store.settings().await?.settings, &id)?;
    let typed = Typed::posted(pairs);
    let seen = typed.revision()?;
    let edit = |_: &_, document: &mut _| document::remove(document, &id);
    let action = format!("{PATH}/{id}/delete");
    let form = (Tab::Oauth, action.as_str(), PATH);
    console
        .save_or_ask(&administrator, &typed, seen, form, edit)
        .await
}
