//! `api-key create`, `api-key list` and `api-key revoke`.

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::{CliError, create_unless_required, open, say};
use crate::api_key::{ApiKey, KeyName, NewKey, Role};
use crate::config::StoreOptions;
use crate::environment::Environment;
use crate::store::{CreateKeyError, MissingStore};

/// Who made a key that was made here.
const MAKER: &str = "command line";

#[derive(Debug, Subcommand)]
pub(super) enum ApiKeyCommand {
    /// Make a key, and print it, once
    Create(CreateOptions),
    /// List the keys that are not revoked: name, prefix, role, created, last used
    List(ListOptions),
    /// Revoke a key for ever; running servers follow within a second
    Revoke(RevokeOptions),
}

#[derive(Args, Debug)]
pub(super) struct CreateOptions {
    /// The key's name
    name: String,

    /// What the key may do: read the settings, everything, or introspect tokens alone
    #[arg(long, default_value = Role::ALL[0].as_str(),
        value_parser = PossibleValuesParser::new(Role::ALL.iter().map(|role| role.as_str())))]
    role: String,

    #[command(flatten)]
    store: StoreOptions,
}

#[derive(Args, Debug)]
pub(super) struct ListOptions {
    #[command(flatten)]
    store: StoreOptions,
}

#[derive(Args, Debug)]
pub(super) struct RevokeOptions {
    /// The key's name
    name: String,

    #[command(flatten)]
    store: StoreOptions,
}

pub(super) async fn run(command: ApiKeyCommand, environment: &Environment) -> Result<(), CliError> {
    match command {
        ApiKeyCommand::Create(options) => create(options, environment).await,
        ApiKeyCommand::List(options) => list(options, environment).await,
        ApiKeyCommand::Revoke(options) => revoke(options, environment).await,
    }
}

async fn create(options: CreateOptions, environment: &Environment) -> Result<(), CliError> {
    let shown = options.name.escape_debug();
    let name = KeyName::parse(&options.name)
        .map_err(|rule| CliError::Usage(format!("NAME `{shown}`: {rule}")))?;
    let role = Role::named(&options.role)
        .ok_or_else(|| CliError::Usage("--role: there is no such role".to_owned()))?;
    let missing = create_unless_required(environment);
    let store = open(&options.store, environment, missing).await?;
    let key = NewKey::generate();
    store
        .create_api_key(&name, role, &key, MAKER)
        .await
        .map_err(|error| match error {
            CreateKeyError::NameTaken => CliError::Failure(format!(
                "there is an API key `{shown}` already; revoke it with `bearergate api-key revoke`, or choose another name"
            )),
            CreateKeyError::Store(error) => error.into(),
        })?;
    say(key.expose());
    Ok(())
}

async fn list(options: ListOptions, environment: &Environment) -> Result<(), CliError> {
    let store = open(&options.store, environment, MissingStore::Refuse).await?;
    say("NAME\tPREFIX\tROLE\tCREATED\tLAST USED");
    for key in store.api_keys().await?.keys {
        let ApiKey {
            name, prefix, role, ..
        } = key;
        let created = date(key.created_at);
        let last_used = key.last_used_at.map_or("never".to_owned(), date);
        say(format_args!(
            "{name}\t{prefix}\t{role}\t{created}\t{last_used}"
        ));
    }
    Ok(())
}

async fn revoke(options: RevokeOptions, environment: &Environment) -> Result<(), CliError> {
    let store = open(&options.store, environment, MissingStore::Refuse).await?;
    let shown = options.name.escape_debug();
    if !store.revoke_api_key(&options.name).await? {
        return Err(CliError::Failure(format!(
            "there is no API key `{shown}`; see `bearergate api-key list`"
        )));
    }
    say(format_args!("API key {shown} revoked"));
    Ok(())
}

fn date(seconds: i64) -> String {
    let at = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    at.format(&Rfc3339).unwrap_or_default()
}
