//! A stored credential gets another secret, or goes.

use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde_json::Value;

use super::add::field_faults;
use super::page::{RemoveCredentialPage, ReplaceCredentialPage};
use super::{PATH, document, find};
use crate::console::Console;
use crate::console::error::Error;
use crate::console::form::{FieldFaults, Typed};
use crate::console::page::Flash;
use crate::console::saving::Saved;
use crate::console::session::{self, Administrator};

pub async fn ask_for_another(
    administrator: Administrator,
    State(console): State<Console>,
    Path(id): Path<String>,
) -> Result<ReplaceCredentialPage, Error> {
    let stored = console.store.settings().await?;
    let credential = find(&stored.settings, &id)?;
    Ok(ReplaceCredentialPage::new(
        administrator.frame().await?,
        credential,
        stored.revision,
        FieldFaults::default(),
    ))
}

pub async fn replace(
    administrator: Administrator,
    State(console): State<Console>,
    Path(id): Path<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Error> {
    find(&console.store.settings().await?.settings, &id)?;
    let typed = Typed::posted(pairs);
    let edit = |_: &_, document: &mut Value| {
        let authorization = document::authorization_of(typed.get("token"));
        document::set_authorization(document, &id, &authorization);
    };
    match console
        .save(&administrator, typed.revision()?, edit)
        .await?
    {
        Saved::Faulty(faults, stored) => {
            let credential = find(&stored.settings, &id)?;
            let all = &stored.settings.upstream_credentials;
            let place = all.iter().position(|one| one.id == id).unwrap_or_default();
            let page = ReplaceCredentialPage::new(
                administrator.frame().await?,
                credential,
                stored.revision,
                field_faults(faults, place, typed.get("token")),
            );
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        saved => {
            session::put_flash(&administrator.session, Flash::from(saved)).await?;
            Ok(Redirect::to(PATH).into_response())
        }
    }
}

pub async fn ask_to_remove(
    administrator: Administrator,
    State(console): State<Console>,
    Path(id): Path<String>,
) -> Result<RemoveCredentialPage, Error> {
    let stored = console.store.settings().await?;
    let credential = find(&stored.settings, &id)?;
    let frame = administrator.frame().await?;
    Ok(RemoveCredentialPage::new(
        frame,
        credential,
        stored.revision,
    ))
}

pub async fn remove(
    administrator: Administrator,
    State(console): State<Console>,
    Path(id): Path<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Redirect, Error> {
    find(&console.store.settings().await?.settings, &id)?;
    let seen = Typed::posted(pairs).revision()?;
    let edit = |_: &_, document: &mut Value| document::remove(document, &id);
    let saved = console.save(&administrator, seen, edit).await?;
    session::put_flash(&administrator.session, Flash::from(saved)).await?;
    Ok(Redirect::to(PATH))
}
