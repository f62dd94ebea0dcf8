//! `admin create` and `admin reset-password`.

use std::io::{BufRead as _, IsTerminal as _};

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use secrecy::{ExposeSecret as _, SecretString};

use super::{CliError, create_unless_required, open, say};
use crate::config::StoreOptions;
use crate::environment::Environment;
use crate::password::{self, Passwords};
use crate::store::{ChangeError, InsertError, MissingStore, Role, Username};

#[derive(Debug, Subcommand)]
pub(super) enum AdminCommand {
    /// Add an administrator; the password comes from a prompt, or from one line of stdin
    Create(CreateOptions),
    /// Replace an administrator's password, and end that administrator's sessions
    ResetPassword(ResetOptions),
}

#[derive(Args, Debug)]
pub(super) struct CreateOptions {
    /// The administrator's name
    name: String,

    /// What they may do: see and change everything, or see everything and change nothing
    #[arg(long, default_value = Role::ALL[0].as_str(),
        value_parser = PossibleValuesParser::new(Role::ALL.iter().map(|role| role.as_str())))]
    role: String,

    #[command(flatten)]
    store: StoreOptions,
}

#[derive(Args, Debug)]
pub(super) struct ResetOptions {
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

async fn create(options: CreateOptions, environment: &Environment) -> Result<(), CliError> {
    let username = Username::parse(&options.name).map_err(|rule| {
        CliError::Usage(format!("NAME `{}`: {rule}", options.name.escape_debug()))
    })?;
    let role = Role::named(&options.role)
        .ok_or_else(|| CliError::Usage("--role: there is no such role".to_owned()))?;
    let hash = hash(read_password()?).await?;
    let store = open(
        &options.store,
        environment,
        create_unless_required(environment),
    )
    .await?;
    let inserted = store.insert_administrator(&username, role, &hash).await;
    inserted.map_err(|error| match error {
        InsertError::NameTaken => CliError::Failure(format!(
            "there is an administrator {username} already; use `bearergate admin reset-password` for a new password"
        )),
        InsertError::NoAdmin => CliError::Failure(format!(
            "nobody could change anything: {error}; create one without --role"
        )),
        InsertError::Store(error) => error.into(),
    })?;
    say(format_args!("administrator {username} created"));
    Ok(())
}

async fn reset_password(options: ResetOptions, environment: &Environment) -> Result<(), CliError> {
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
    let updated = store.update_password(&found.id, &hash).await;
    let updated = updated.map_err(|error| match error {
        ChangeError::Store(error) => error.into(),
        ChangeError::Unknown | ChangeError::LastAdmin => unknown(),
    })?;
    say(format_args!("password of {} replaced", updated.username));
    if updated.is_disabled() {
        say(
            "the account is disabled: enable it on the page Administrators, or add another with `bearergate admin create`",
        );
    }
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
