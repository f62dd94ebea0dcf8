//! "Administrators": who may use the console, with which role, and where they are signed in. Nobody is ever
//! deleted: a disabled administrator can't sign in, and their name stays beside what they changed.

mod one;
mod page;
#[cfg(test)]
mod samples;
mod user_agent;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use secrecy::SecretString;
use serde::Deserialize;

#[cfg(test)]
pub use page::AdministratorPage;
pub use page::AdministratorsPage;

use self::page::{NewForm, Person};
use super::Console;
use super::error::Error;
use super::page::{Flash, Moment, Tone};
use super::session::{self, Administrator};
use super::sign_in::{NewPasswordErrors, judge_new_password};
use crate::store::{self, InsertError, OpenSession, Role, Username};

const PATH: &str = "/administrators";

pub fn routes() -> Router<Console> {
    Router::new()
        .route(PATH, get(show).post(add))
        .route("/administrators/{id}", get(one::show))
        .route("/administrators/{id}/role", post(one::set_role))
        .route("/administrators/{id}/disable", post(one::disable))
        .route("/administrators/{id}/enable", post(one::enable))
        .route("/administrators/{id}/password", post(one::reset_password))
        .route("/administrators/{id}/sessions", post(one::end_sessions))
}

/// The form of a new administrator.
#[derive(Deserialize)]
struct NewAdministrator {
    #[serde(default)]
    username: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    password: SecretString,
    #[serde(default)]
    confirmation: SecretString,
}

async fn show(
    administrator: Administrator,
    State(console): State<Console>,
) -> Result<AdministratorsPage, Error> {
    list(&administrator, &console, &NewForm::default()).await
}

async fn add(
    administrator: Administrator,
    State(console): State<Console>,
    Form(form): Form<NewAdministrator>,
) -> Result<Response, Error> {
    let role = Role::named(&form.role).ok_or(Error::BadRequest("no role"))?;
    let username = Username::parse(form.username.trim());
    let (password, confirmation) = judge_new_password(&form.password, &form.confirmation);
    let mut errors = NewPasswordErrors {
        username: username.as_ref().err().copied().unwrap_or_default(),
        password,
        confirmation,
        ..NewPasswordErrors::default()
    };
    if let (Ok(username), true) = (username, errors == NewPasswordErrors::default()) {
        let hash = console.passwords.hash(form.password).await?;
        let added = console.store.insert_administrator(&username, role, &hash);
        match added.await {
            Ok(added) => return tell_of(&administrator, &added).await,
            Err(InsertError::NameTaken) => errors.username = "Another administrator has this name.",
            Err(InsertError::NoAdmin) => return Err(Error::Internal("there is no admin")),
            Err(InsertError::Store(error)) => return Err(error.into()),
        }
    }
    let form = NewForm {
        username: form.username,
        role,
        errors,
    };
    let page = list(&administrator, &console, &form).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

async fn tell_of(by: &Administrator, added: &store::Administrator) -> Result<Response, Error> {
    tracing::info!(
        administrator = added.username,
        role = added.role.as_str(),
        by = by.account.username,
        "an administrator was added"
    );
    let title = format!(
        "{} can sign in, with the role {}",
        added.username, added.role
    );
    session::put_flash(&by.session, Flash::new(Tone::Good, title)).await?;
    Ok(Redirect::to(PATH).into_response())
}

async fn list(
    administrator: &Administrator,
    console: &Console,
    form: &NewForm,
) -> Result<AdministratorsPage, Error> {
    let accounts = console.store.administrators().await?;
    let sessions = console.store.open_sessions().await?;
    let people = accounts
        .into_iter()
        .map(|account| person(administrator, account, &sessions));
    let people = people.collect();
    let frame = administrator.frame().await?;
    Ok(AdministratorsPage::new(frame, people, form))
}

/// An administrator as whoever is signed in sees them, with those of the sessions that are theirs.
fn person(
    seen_by: &Administrator,
    account: store::Administrator,
    sessions: &[OpenSession],
) -> Person {
    let now = Moment::now().0;
    let theirs = sessions.iter().filter(|session| {
        session.sign_in.administrator_id == account.id && !session.sign_in.is_over(now, &account)
    });
    let own = seen_by.session.id().map(|id| id.to_string());
    let is_own = |session: &OpenSession| own.as_deref().is_some_and(|id| session.has_id(id));
    let sessions = theirs
        .map(|session| page::Session::new(session, is_own(session)))
        .collect();
    Person {
        is_self: account.id == seen_by.account.id,
        account,
        sessions,
    }
}
