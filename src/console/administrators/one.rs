//! `/administrators/{id}`: one administrator's role, state, password and sessions.

use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use secrecy::SecretString;
use serde::Deserialize;

use super::page::{AdministratorPage, Faults};
use super::{PATH, person};
use crate::console::Console;
use crate::console::error::Error;
use crate::console::page::{Flash, Tone};
use crate::console::session::{self, Administrator};
use crate::console::sign_in::{NewPasswordErrors, judge_new_password};
use crate::store::{self, ChangeError, Role};

const LAST_ADMIN: &str = "One enabled administrator with the role admin must remain, and this is the last one. \
                          Give somebody else that role first.";

/// The form of a role.
#[derive(Deserialize)]
pub struct NewRole {
    #[serde(default)]
    role: String,
}

/// The form of a new password.
#[derive(Deserialize)]
pub struct NewPassword {
    #[serde(default)]
    password: SecretString,
    #[serde(default)]
    confirmation: SecretString,
}

/// The form that ends a session, or, without one, all of them.
#[derive(Deserialize)]
pub struct Ended {
    #[serde(default)]
    session: String,
}

pub async fn show(
    administrator: Administrator,
    State(console): State<Console>,
    Path(id): Path<String>,
) -> Result<AdministratorPage, Error> {
    page(&administrator, &console, &id, &Faults::default()).await
}

pub async fn set_role(
    administrator: Administrator,
    State(console): State<Console>,
    Path(id): Path<String>,
    Form(form): Form<NewRole>,
) -> Result<Response, Error> {
    let role = Role::named(&form.role).ok_or(Error::BadRequest("no role"))?;
    let changed = console.store.set_role(&id, role).await;
    let faults = Faults {
        role: LAST_ADMIN,
        ..Faults::default()
    };
    let Some(changed) = unless_last(changed)? else {
        return refuse(&administrator, &console, &id, &faults).await;
    };
    let news = format!(
        "{} has the role {role} from the next request on",
        changed.username
    );
    tell(&administrator, &changed, "a role was given", news).await
}

pub async fn disable(
    administrator: Administrator,
    State(console): State<Console>,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let changed = console.store.disable_administrator(&id).await;
    let faults = Faults {
        state: LAST_ADMIN,
        ..Faults::default()
    };
    let Some(changed) = unless_last(changed)? else {
        return refuse(&administrator, &console, &id, &faults).await;
    };
    let news = format!(
        "{} is disabled, and signed out everywhere",
        changed.username
    );
    tell(
        &administrator,
        &changed,
        "an administrator was disabled",
        news,
    )
    .await
}

pub async fn enable(
    administrator: Administrator,
    State(console): State<Console>,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let changed = console.store.enable_administrator(&id).await?;
    let news = format!("{} can sign in again", changed.username);
    tell(
        &administrator,
        &changed,
        "an administrator was enabled",
        news,
    )
    .await
}

pub async fn reset_password(
    administrator: Administrator,
    State(console): State<Console>,
    Path(id): Path<String>,
    Form(form): Form<NewPassword>,
) -> Result<Response, Error> {
    // One's own takes the current one: a session left open must not be enough.
    if id == administrator.account.id {
        return Ok(Redirect::to("/account").into_response());
    }
    let (password, confirmation) = judge_new_password(&form.password, &form.confirmation);
    let errors = NewPasswordErrors {
        password,
        confirmation,
        ..NewPasswordErrors::default()
    };
    if errors != NewPasswordErrors::default() {
        let faults = Faults {
            password: errors,
            ..Faults::default()
        };
        return refuse(&administrator, &console, &id, &faults).await;
    }
    let hash = console.passwords.hash(form.password).await?;
    let changed = console.store.update_password(&id, &hash).await?;
    let news = format!(
        "The password of {} was replaced; their sessions have ended",
        changed.username
    );
    tell(&administrator, &changed, "a password was replaced", news).await
}

pub async fn end_sessions(
    administrator: Administrator,
    State(console): State<Console>,
    Path(id): Path<String>,
    Form(form): Form<Ended>,
) -> Result<Response, Error> {
    let account = console.store.administrator(&id).await?;
    let account = account.ok_or(Error::NotFound)?;
    // The session that asks stays: "Sign out" ends it.
    let own = administrator.session.id().map(|id| id.to_string());
    let ended = console.store.end_sessions(&id, |session| {
        let is_own = own.as_deref().is_some_and(|id| session.has_id(id));
        !is_own && (form.session.is_empty() || session.id_hash == form.session)
    });
    let news = match ended.await? {
        1 => format!("1 session of {} has ended", account.username),
        count => format!("{count} sessions of {} have ended", account.username),
    };
    tell(&administrator, &account, "sessions were ended", news).await
}

/// The change; none where it would leave nobody who may change something.
fn unless_last(
    changed: Result<store::Administrator, ChangeError>,
) -> Result<Option<store::Administrator>, Error> {
    match changed {
        Ok(changed) => Ok(Some(changed)),
        Err(ChangeError::LastAdmin) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Logs what was done, and tells it on the administrator's page.
async fn tell(
    by: &Administrator,
    changed: &store::Administrator,
    what: &'static str,
    news: String,
) -> Result<Response, Error> {
    tracing::info!(
        administrator = changed.username,
        role = changed.role.as_str(),
        by = by.account.username,
        "{what}"
    );
    session::put_flash(&by.session, Flash::new(Tone::Good, news)).await?;
    Ok(Redirect::to(&format!("{PATH}/{}", changed.id)).into_response())
}

async fn refuse(
    administrator: &Administrator,
    console: &Console,
    id: &str,
    faults: &Faults,
) -> Result<Response, Error> {
    let page = page(administrator, console, id, faults).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

async fn page(
    administrator: &Administrator,
    console: &Console,
    id: &str,
    faults: &Faults,
) -> Result<AdministratorPage, Error> {
    let account = console.store.administrator(id).await?;
    let account = account.ok_or(Error::NotFound)?;
    let sessions = console.store.open_sessions().await?;
    let person = person(administrator, account, &sessions);
    Ok(AdministratorPage::new(
        administrator.frame().await?,
        person,
        faults,
    ))
}
