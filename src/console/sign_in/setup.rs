//! `/setup`: the first administrator, made by whoever holds the link from the log.

use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Redirect, Response};
use secrecy::SecretString;
use serde::Deserialize;
use tower_sessions::Session;

use super::judge_new_password;
use super::page::{ClosedSetupPage, NewPasswordErrors, SetupPage};
use crate::console::Console;
use crate::console::error::Error;
use crate::console::session::{self, Client};
use crate::store::{FirstAdministratorError, Username};

/// The link's query.
#[derive(Deserialize)]
pub struct Link {
    #[serde(default)]
    token: String,
}

/// The form.
#[derive(Deserialize)]
pub struct NewAdministrator {
    #[serde(default)]
    token: String,
    #[serde(default)]
    username: String,
    #[serde(default)]
    password: SecretString,
    #[serde(default)]
    confirmation: SecretString,
}

pub async fn show(
    State(console): State<Console>,
    Query(link): Query<Link>,
) -> Result<Response, Error> {
    if console.store.setup_link_is_open(&link.token).await? {
        let page = SetupPage::new(&link.token, "admin", &NewPasswordErrors::default());
        return Ok(page.into_response());
    }
    closed(&console).await
}

pub async fn create(
    State(console): State<Console>,
    session: Session,
    parts: Parts,
    Form(form): Form<NewAdministrator>,
) -> Result<Response, Error> {
    if !console.store.setup_link_is_open(&form.token).await? {
        return closed(&console).await;
    }
    let username = Username::parse(form.username.trim());
    let (password, confirmation) = judge_new_password(&form.password, &form.confirmation);
    let errors = NewPasswordErrors {
        username: username.as_ref().err().copied().unwrap_or_default(),
        password,
        confirmation,
        ..NewPasswordErrors::default()
    };
    let (Ok(username), true) = (username, errors == NewPasswordErrors::default()) else {
        let page = SetupPage::new(&form.token, &form.username, &errors);
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    };
    let hash = console.passwords.hash(form.password).await?;
    match console
        .store
        .create_first_administrator(&username, &hash, Some(&form.token))
        .await
    {
        Ok(administrator) => {
            tracing::info!(
                administrator = username.as_str(),
                "the first administrator was created"
            );
            let client = Client::of(&console, &parts);
            session::sign_in(&console, &session, &administrator, client).await?;
            Ok(Redirect::to("/").into_response())
        }
        Err(FirstAdministratorError::Store(error)) => Err(error.into()),
        Err(FirstAdministratorError::Exists | FirstAdministratorError::UnknownLink) => {
            closed(&console).await
        }
    }
}

/// The link was used, or never was one.
async fn closed(console: &Console) -> Result<Response, Error> {
    let is_set_up = console.store.has_administrator().await?;
    Ok((StatusCode::NOT_FOUND, ClosedSetupPage::new(is_set_up)).into_response())
}
