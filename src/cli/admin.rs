//! `admin create` and `admin reset-password`.

use std::io::{BufRead as _, IsTerminal as _};

use clap::{Args, Subcommand};
use secrecy::{ExposeSecret as _, SecretString};

use super::{CliError, create_unless_required, open, say};
use crate::config::StoreOptions;
use crate::environment::Environment;
use crate::password::{self, Passwords};
use crate::store::{InsertError, MissingStore, Username};

#[derive(Debug, Subcommand)]
pub(super) enum AdminCommand {
    /// Add an administrator; the password comes from a prompt, or from one line of stdin
    Create(AdminOptions),
    /// Replace an administrator's password, and end that administrator's sessions
    ResetPassword(AdminOptions),
}

#[derive(Args, Debug)]
pub(super) struct AdminOptions {
    /// The administrator's name
    name: String,

    #[command(flatten)]
    store: StoreOptions,
}

pub(super) async fn run(command: AdminCommand, environment: &Environment) -> Result<(), CliError> {
    match command {
        AdminCommand::Create(options) => create(options, environment).await,
        AdminCommand::ResetPassword(options) => reset_password(options, environment).await,
    }
}

async fn create(options: AdminOptions, environment: &Environment) -> Result<(), CliError> {
    let username = Username::parse(&options.name).map_err(|rule| {
        CliError::Usage(format!("NAME `{}`: {rule}", options.name.escape_debug()))
    })?;
    let hash = hash(read_password()?).await?;
    let store = open(
        &options.store,
        environment,
        create_unless_required(environment),
    )
    .await?;
    store.insert_administrator(&username, &hash).await.map_err(|error| match error {
        InsertError::NameTaken => CliError::Failure(format!(
            "there is an administrator {username} already; use `bearergate admin reset-password` for a new password"
        )),
        InsertError::Store(error) => error.into(),
    })?;
    say(format_args!("administrator {username} created"));
    Ok(())
}

async fn reset_password(options: AdminOptions, environment: &Environment) -> Result<(), CliError> {
    let store = open(&options.store, environment, MissingStore::Refuse).await?;
    let unknown = || {
        CliError::Failure(format!(
            "there is no administrator `{}`; add one with `bearergate admin create`",
            options.name.escape_debug()
        ))
    };
    let found = store
        .find_administrator(&options.name)
        .await?
        .ok_or_else(unknown)?;
    let hash = hash(read_password()?).await?;
    store
        .update_password(&found.id, &hash)
        .await?
        .ok_or_else(unknown)?;
    say(format_args!("password of {} replaced", found.username));
    Ok(())
}

async fn hash(password: SecretString) -> Result<String, CliError> {
    Passwords::new()
        .hash(password)
        .await
        .map_err(CliError::failure)
}

/// The password: prompted for twice on a terminal, else one line of stdin.
fn read_password() -> Result<SecretString, CliError> {
    let unreadable =
        |error: std::io::Error| CliError::Failure(format!("cannot read the password: {error}"));
    if !std::io::stdin().is_terminal() {
        let mut line = String::new();
        std::io::stdin()
            .lock()
            .read_line(&mut line)
            .map_err(unreadable)?;
        let password = line.strip_suffix('\n').unwrap_or(&line);
        return Ok(password.strip_suffix('\r').unwrap_or(password).into());
    }
    let prompt = |text| {
        rpassword::prompt_password(text)
            .map(SecretString::from)
            .map_err(unreadable)
    };
    let first = prompt("Password: ")?;
    password::check(&first).map_err(CliError::failure)?;
    let again = prompt("Confirm password: ")?;
    if first.expose_secret() != again.expose_secret() {
        return Err(CliError::Failure(
            "the two passwords differ; try again".to_owned(),
        ));
    }
    Ok(first)
}
