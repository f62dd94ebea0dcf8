//! `/account`: one's own password.

use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use secrecy::SecretString;
use serde::Deserialize;

use super::judge_new_password;
use super::page::{AccountPage, NewPasswordErrors};
use crate::console::Console;
use crate::console::error::Error;
use crate::console::page::{Flash, Tone};
use crate::console::session::{self, Administrator};

/// The form.
#[derive(Deserialize)]
pub struct PasswordChange {
    #[serde(default)]
    current: SecretString,
    #[serde(default)]
    password: SecretString,
    #[serde(default)]
    confirmation: SecretString,
}

pub async fn show(administrator: Administrator) -> Result<AccountPage, Error> {
    let frame = administrator.frame().await?;
    Ok(AccountPage::new(frame, &NewPasswordErrors::default()))
}

pub async fn change_password(
    administrator: Administrator,
    State(console): State<Console>,
    Form(form): Form<PasswordChange>,
) -> Result<Response, Error> {
    let account = &administrator.account;
    let (password, confirmation) = judge_new_password(&form.password, &form.confirmation);
    // A stolen session must not become a place to guess the password. Trying here counts with no
    // address: the session is one place.
    let Ok(attempt) = console.attempts.begin(None, &account.id) else {
        return Ok(StatusCode::TOO_MANY_REQUESTS.into_response());
    };
    let is_known = console
        .passwords
        .verify(form.current, Some(&account.password_hash))
        .await;
    if is_known {
        attempt.succeeded();
    }
    let errors = NewPasswordErrors {
        current: if is_known {
            ""
        } else {
            "That is not your password."
        },
        password,
        confirmation,
        ..NewPasswordErrors::default()
    };
    if errors != NewPasswordErrors::default() {
        let page = AccountPage::new(administrator.frame().await?, &errors);
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    let hash = console.passwords.hash(form.password).await?;
    let updated = console.store.update_password(&account.id, &hash).await?;
    session::renew(&administrator.session, &updated).await?;
    let flash = Flash::new(
        Tone::Good,
        "Your password was changed; your other sessions have ended",
    );
    session::put_flash(&administrator.session, flash).await?;
    Ok(Redirect::to("/account").into_response())
}
