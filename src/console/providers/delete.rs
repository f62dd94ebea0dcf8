//! `/oauth/{id}/delete`: the question, and the deed.

use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};

use super::page::DeleteProviderPage;
use super::{PATH, document, find};
use crate::console::Console;
use crate::console::error::Error;
use crate::console::form::Typed;
use crate::console::impact::ImpactPage;
use crate::console::page::{Flash, Tab};
use crate::console::session::{self, Administrator};

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
    if let Some(question) = console.question(&typed, seen, edit).await? {
        let action = format!("{PATH}/{id}/delete");
        let form = (Tab::Oauth, action.as_str(), PATH);
        let frame = administrator.frame().await?;
        return Ok(ImpactPage::new(frame, form, question, &typed, &[]).answer());
    }
    let saved = console.save(&administrator, seen, edit).await?;
    session::put_flash(&administrator.session, Flash::from(saved)).await?;
    Ok(Redirect::to(PATH).into_response())
}
