//! `/oauth/{id}/username-map/remove`: without a map every value is a username, so that is asked before.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, State};
use axum::response::Redirect;

use super::page::RemoveMapPage;
use super::{Subject, path, saving};
use crate::console::Console;
use crate::console::error::Error;
use crate::console::form::Typed;
use crate::console::page::{Flash, Tone};
use crate::console::session::{self, Administrator};
use crate::settings::MapUpdate;

pub async fn ask(
    administrator: Administrator,
    State(console): State<Console>,
    Path(id): Path<String>,
) -> Result<RemoveMapPage, Error> {
    let subject = Subject::find(&console, &id).await?;
    if subject.map.is_empty() {
        return Err(Error::NotFound);
    }
    Ok(RemoveMapPage::new(administrator.frame().await?, &subject))
}

pub async fn remove(
    administrator: Administrator,
    State(console): State<Console>,
    Path(id): Path<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Redirect, Error> {
    let subject = Subject::find(&console, &id).await?;
    let is_the_one_shown = Typed::posted(pairs).get("map") == subject.map.digest().as_str();
    let saved = if is_the_one_shown {
        let map = Arc::clone(&subject.map);
        let update = saving::work(move || MapUpdate::replacing(&map, BTreeMap::new())).await?;
        saving::save(&console, &administrator, &subject, &update).await?
    } else {
        None
    };
    let flash = saved.unwrap_or_else(|| {
        Flash::new(
            Tone::Bad,
            "Nothing was changed: somebody else changed the map in the meantime. Look at it and try again",
        )
    });
    session::put_flash(&administrator.session, flash).await?;
    Ok(Redirect::to(&path(&id)))
}
