//! A CSV file is read, shown as what it would change, and applied after a yes.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Form;
use axum::extract::multipart::{Multipart, MultipartError};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::page::{ImportPage, Outcome};
use super::pending::Pending;
use super::{Subject, path, saving};
use crate::console::Console;
use crate::console::error::Error;
use crate::console::form::Typed;
use crate::console::page::{Flash, Tone};
use crate::console::session::{self, Administrator};
use crate::settings::{LineFault, MapUpdate, UsernameMap};

/// What an import does with rows that the file doesn't name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// They stay.
    Merge,
    /// They are removed.
    Replace,
}

/// What the form sent.
struct Upload {
    file: Vec<u8>,
    mode: Mode,
}

impl Upload {
    async fn read(mut form: Multipart) -> Result<Self, Error> {
        let (mut file, mut mode) = (Vec::new(), Mode::Merge);
        while let Some(field) = form.next_field().await.map_err(|error| refused(&error))? {
            match field.name() {
                Some("file") => file = field.bytes().await.map_err(|error| refused(&error))?.into(),
                Some("mode") => match field
                    .text()
                    .await
                    .map_err(|error| refused(&error))?
                    .as_str()
                {
                    "merge" => mode = Mode::Merge,
                    "replace" => mode = Mode::Replace,
                    _ => return Err(Error::BadRequest("no known mode")),
                },
                _ => {}
            }
        }
        Ok(Self { file, mode })
    }
}

fn refused(error: &MultipartError) -> Error {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Error::TooLarge,
        _ => Error::BadRequest("no form with a file"),
    }
}

pub async fn preview(
    administrator: Administrator,
    State(console): State<Console>,
    Path(id): Path<String>,
    form: Multipart,
) -> Result<Response, Error> {
    let subject = Subject::find(&console, &id).await?;
    let Upload { file, mode } = Upload::read(form).await?;
    let base = Arc::clone(&subject.map);
    let read = saving::work(move || update(&file, mode, &base)).await?;
    let (status, outcome) = match read {
        Err(faults) => (StatusCode::UNPROCESSABLE_ENTITY, Outcome::faulty(faults)),
        Ok(update) if update.changes().is_empty() => (StatusCode::OK, Outcome::Unchanged),
        Ok(update) => {
            let outcome = Outcome::changing(&update);
            let name = console.imports.keep(Pending {
                administrator_id: administrator.account.id.clone(),
                provider: id,
                update,
            });
            (StatusCode::OK, outcome.under(name))
        }
    };
    let page = ImportPage::new(administrator.frame().await?, &subject, mode, outcome);
    Ok((status, page).into_response())
}

fn update(file: &[u8], mode: Mode, base: &UsernameMap) -> Result<MapUpdate, Vec<LineFault>> {
    let rows = UsernameMap::read_csv(file)?;
    match mode {
        Mode::Merge => Ok(MapUpdate::merging(base, rows)),
        Mode::Replace => {
            refuse_empty(&rows)?;
            Ok(MapUpdate::replacing(base, rows))
        }
    }
}

/// No file opens the gate: without a map every value is a username.
fn refuse_empty(rows: &BTreeMap<String, String>) -> Result<(), Vec<LineFault>> {
    if !rows.is_empty() {
        return Ok(());
    }
    let detail = "the file has no row, and to replace all rows by none would remove the map; \
                  the map's page has a button for that";
    Err(vec![LineFault {
        line: 1,
        detail: detail.to_owned(),
    }])
}

pub async fn apply(
    administrator: Administrator,
    State(console): State<Console>,
    Path(id): Path<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Redirect, Error> {
    let subject = Subject::find(&console, &id).await?;
    let typed = Typed::posted(pairs);
    let account = &administrator.account;
    let flash = match console.imports.take(typed.get("import"), &account.id, &id) {
        None => Flash::new(
            Tone::Bad,
            "Nothing was imported: the preview is too old. Choose the file once more",
        ),
        Some(pending) => saving::save(&console, &administrator, &subject, &pending.update)
            .await?
            .unwrap_or_else(|| {
                Flash::new(
                    Tone::Bad,
                    "Nothing was imported: somebody else changed the map after the preview. Choose the file \
                     once more to see what it changes now",
                )
            }),
    };
    session::put_flash(&administrator.session, flash).await?;
    Ok(Redirect::to(&path(&id)))
}
