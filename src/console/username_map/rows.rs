//! The rows of a map: looked at, searched, and changed one at a time.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use super::page::{Found, RowForm, UsernameMapPage};
use super::{Subject, path, saving};
use crate::console::Console;
use crate::console::error::Error;
use crate::console::form::Typed;
use crate::console::session::{self, Administrator};
use crate::settings::{MapUpdate, UsernameMap, username_fault};

/// Rows on one page.
const PAGE_ROWS: usize = 50;

/// Which rows are asked for, and which one is to be changed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    search: String,
    /// Counted from 1.
    page: Option<usize>,
    change: Option<String>,
}

pub async fn show(
    administrator: Administrator,
    State(console): State<Console>,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<UsernameMapPage, Error> {
    let subject = Subject::find(&console, &id).await?;
    let form = match &asked.change {
        None => RowForm::default(),
        Some(value) => {
            let username = subject.map.get(value).ok_or(Error::NotFound)?;
            RowForm::of_row(value, username)
        }
    };
    let found = find(Arc::clone(&subject.map), asked).await?;
    Ok(UsernameMapPage::new(
        administrator.frame().await?,
        &subject,
        found,
        form,
    ))
}

async fn find(map: Arc<UsernameMap>, asked: Asked) -> Result<Found, Error> {
    saving::work(move || {
        let search = asked.search.trim();
        let page = asked.page.unwrap_or(1).max(1);
        let needle = search.to_lowercase();
        let fits = |text: &str| needle.is_empty() || text.to_lowercase().contains(&needle);
        let mut count = 0;
        let mut rows = Vec::new();
        for (value, username) in map.rows().filter(|row| fits(row.0) || fits(row.1)) {
            if count / PAGE_ROWS == page - 1 {
                rows.push((value.to_owned(), username.to_owned()));
            }
            count += 1;
        }
        Found {
            search: search.to_owned(),
            page,
            pages: count.div_ceil(PAGE_ROWS).max(1),
            count,
            rows,
        }
    })
    .await
}

/// Adds a row, or changes the one that the form was opened on.
pub async fn set(
    administrator: Administrator,
    State(console): State<Console>,
    Path(id): Path<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Error> {
    let typed = Typed::posted(pairs);
    let (value, username) = (typed.trimmed("value"), typed.trimmed("username"));
    // Somebody else's change of another row is no reason to refuse this one.
    loop {
        let subject = Subject::find(&console, &id).await?;
        let form = check(&typed, &subject.map);
        if form.is_faulty() {
            let found = find(Arc::clone(&subject.map), Asked::default()).await?;
            let page = UsernameMapPage::new(administrator.frame().await?, &subject, found, form);
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
        let update = row_update(&subject.map, value, Some(username)).await?;
        if let Some(flash) = saving::save(&console, &administrator, &subject, &update).await? {
            session::put_flash(&administrator.session, flash).await?;
            return Ok(Redirect::to(&path(&id)).into_response());
        }
    }
}

async fn row_update(
    map: &Arc<UsernameMap>,
    value: &str,
    username: Option<&str>,
) -> Result<MapUpdate, Error> {
    let map = Arc::clone(map);
    let (value, username) = (value.to_owned(), username.map(ToOwned::to_owned));
    saving::work(move || MapUpdate::of_row(&map, &value, username.as_deref())).await
}

/// The form with what is wrong with it; `old` is the username that the row had when the form was opened.
fn check(typed: &Typed, map: &UsernameMap) -> RowForm {
    let (value, username) = (typed.trimmed("value"), typed.trimmed("username"));
    let old = Some(typed.get("old")).filter(|old| !old.is_empty());
    let stored = map.get(value);
    let mut form = match old {
        Some(_) => RowForm::of_row(value, stored.unwrap_or_default()),
        None => RowForm::default(),
    };
    value.clone_into(&mut form.value);
    username.clone_into(&mut form.username);
    let fault = |text| username_fault(text).map(|fault| format!("What you typed {fault}"));
    form.value_error = fault(value).unwrap_or_default();
    form.username_error = fault(username).unwrap_or_default();
    if form.is_faulty() {
        return form;
    }
    match (old, stored) {
        (None, Some(taken)) => {
            form.value_error = format!("Its username is \"{taken}\" already. Change that row");
        }
        (Some(old), Some(stored)) if stored != old => {
            form.username_error = format!(
                "Somebody else made it \"{stored}\" in the meantime. Save again to change that"
            );
        }
        (Some(_), None) => {
            "Somebody else removed this row in the meantime. Save again to add it"
                .clone_into(&mut form.username_error);
        }
        _ => {}
    }
    form
}

/// Removes one row; before the last one there is a question.
pub async fn remove(
    administrator: Administrator,
    State(console): State<Console>,
    Path(id): Path<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Redirect, Error> {
    let typed = Typed::posted(pairs);
    let value = typed.get("value");
    loop {
        let subject = Subject::find(&console, &id).await?;
        if subject.map.len() == 1 && subject.map.get(value).is_some() {
            return Ok(Redirect::to(&format!("{}/remove", path(&id))));
        }
        let update = row_update(&subject.map, value, None).await?;
        if let Some(flash) = saving::save(&console, &administrator, &subject, &update).await? {
            session::put_flash(&administrator.session, flash).await?;
            return Ok(Redirect::to(&path(&id)));
        }
    }
}
