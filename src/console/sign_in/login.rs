//! `/login` and `/logout`.

use axum::Form;
use axum::extract::{Query, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use secrecy::SecretString;
use serde::Deserialize;
use tower_sessions::Session;

use super::page::LoginPage;
use crate::console::error::Error;
use crate::console::session::{self, Administrator, Client};
use crate::console::{Console, local_path};

const WRONG: &str = "The name or the password is wrong.";
const TOO_MANY: &str = "Too many tries. Wait a few minutes before the next one.";

/// Where to go afterwards.
#[derive(Deserialize)]
pub struct Next {
    #[serde(default)]
    next: String,
}

/// The form.
#[derive(Deserialize)]
pub struct Credentials {
    #[serde(default)]
    next: String,
    #[serde(default)]
    username: String,
    #[serde(default)]
    password: SecretString,
}

pub async fn show(
    administrator: Option<Administrator>,
    session: Session,
    Query(query): Query<Next>,
) -> Result<Response, Error> {
    let next = local_path::or_root(&query.next);
    if administrator.is_some() {
        return Ok(Redirect::to(&next).into_response());
    }
    let flash = session::take_flash(&session).await?;
    Ok(LoginPage::new(&next, "", "", flash).into_response())
}

pub async fn sign_in(
    State(console): State<Console>,
    session: Session,
    parts: Parts,
    Form(form): Form<Credentials>,
) -> Result<Response, Error> {
    let next = local_path::or_root(&form.next);
    let username = form.username.trim();
    let refuse = |status: StatusCode, message| {
        (status, LoginPage::new(&next, &form.username, message, None))
    };
    let from = Client::of(&console, &parts);
    let client = from.address.map(tracing::field::display);
    let attempt = match console.attempts.begin(from.address, username) {
        Ok(attempt) => attempt,
        Err(too_many) => {
            tracing::warn!(client, "too many failed sign-ins");
            let wait = [(header::RETRY_AFTER, too_many.retry_after.to_string())];
            return Ok((wait, refuse(StatusCode::TOO_MANY_REQUESTS, TOO_MANY)).into_response());
        }
    };
    let account = console.store.find_administrator(username).await?;
    let hash = account
        .as_ref()
        .map(|account| account.password_hash.as_str());
    // Also without an account, so that the time doesn't tell which names exist.
    let is_right = console.passwords.verify(form.password, hash).await;
    // Nobody learns that the password of a disabled account was right.
    let account = account.filter(|account| is_right && !account.is_disabled());
    let signed_in = match &account {
        Some(account) => session::sign_in(&console, &session, account, from).await?,
        None => false,
    };
    let (Some(account), true) = (account, signed_in) else {
        tracing::warn!(client, "a sign-in failed");
        return Ok(refuse(StatusCode::UNAUTHORIZED, WRONG).into_response());
    };
    attempt.succeeded();
    tracing::info!(client, administrator = account.username, "signed in");
    Ok(Redirect::to(&next).into_response())
}

pub async fn sign_out(session: Session) -> Result<Redirect, Error> {
    session.flush().await?;
    Ok(Redirect::to("/login"))
}
