//! Who may use the console: set-up, sign-in, sign-out, one's own password.

mod account;
mod attempts;
mod login;
mod page;
mod setup;

use axum::Router;
use axum::routing::{get, post};
use secrecy::SecretString;

pub use attempts::Attempts;
#[cfg(test)]
pub use page::{AccountPage, LoginPage, SetupPage};
pub use page::{NewPasswordErrors, new_password_fields};

use super::Console;
use crate::password;

/// The pages before and about the sign-in.
pub fn routes() -> Router<Console> {
    Router::new()
        .route("/setup", get(setup::show).post(setup::create))
        .route("/login", get(login::show).post(login::sign_in))
        .route("/logout", post(login::sign_out))
        .route(
            "/account",
            get(account::show).post(account::change_password),
        )
}

/// What is wrong with a new password and its repetition; empty where nothing is.
pub fn judge_new_password(
    password: &SecretString,
    confirmation: &SecretString,
) -> (String, &'static str) {
    use secrecy::ExposeSecret as _;
    let fault = password::check(password)
        .err()
        .map(|error| sentence(&error.to_string()));
    let differs = password.expose_secret() != confirmation.expose_secret();
    (
        fault.unwrap_or_default(),
        if differs {
            "The two differ: type the same again."
        } else {
            ""
        },
    )
}

/// With a capital and a full stop.
fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(characters).chain(['.']).collect()
}
