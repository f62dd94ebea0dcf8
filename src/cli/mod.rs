//! The command line: which command runs, and what the caller learns of its end.
//!
//! Exit code 2 is a wrong option, 1 any other failure; each is one line on stderr, faults of a settings document
//! are one line each.

mod activity;
mod admin;
mod api_key;
mod backup;
mod check;
mod rotate_key;
mod serve;
mod settings;

use std::error::Error as _;
use std::fmt;
use std::io::Write as _;
use std::process::ExitCode;

use clap::error::{ContextKind, ErrorKind};
use clap::{Parser, Subcommand};

use crate::config::{ServeOptions, StoreOptions};
use crate::environment::{ENVIRONMENT_HELP, Environment};
use crate::settings::Fault;
use crate::store::{MissingStore, OpenError, Store, StoreConfig, StoreError};

/// OAuth 2.0 / OpenID Connect in front of the REST APIs of Atlassian Data Center
#[derive(Debug, Parser)]
#[command(
    name = "bearergate",
    version,
    args_conflicts_with_subcommands = true,
    after_help = ENVIRONMENT_HELP,
    after_long_help = ENVIRONMENT_HELP
)]
struct CommandLine {
    #[command(subcommand)]
    command: Option<Command>,

    #[command(flatten)]
    serve: ServeOptions,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve console and validation; what happens without a command
    #[command(after_help = ENVIRONMENT_HELP)]
    Serve(Box<ServeOptions>),
    /// Read or replace the settings
    #[command(subcommand)]
    Settings(settings::SettingsCommand),
    /// Manage the people who may use the console
    #[command(subcommand)]
    Admin(admin::AdminCommand),
    /// Manage the keys of scripts and of servers that introspect tokens
    #[command(subcommand)]
    ApiKey(api_key::ApiKeyCommand),
    /// Copy the store into one file, also while servers use it; the secret key is not in it
    Backup(backup::BackupOptions),
    /// Put a backup in the store's place; running servers follow within a second
    Restore(backup::RestoreOptions),
    /// Replace the secret key, and seal every stored secret anew; running servers go on
    RotateKey(rotate_key::RotateKeyOptions),
    /// Decide one request by the stored settings, and explain every step
    Check(check::CheckOptions),
}

/// Why a command failed.
#[derive(Debug)]
pub(crate) enum CliError {
    /// A wrong option.
    Usage(String),
    /// Anything else.
    Failure(String),
    /// A settings document with faults.
    Faults(Vec<Fault>),
}

impl CliError {
    fn failure(error: impl fmt::Display) -> Self {
        Self::Failure(error.to_string())
    }

    fn report(&self) -> ExitCode {
        let code = match self {
            Self::Usage(_) => ExitCode::from(2),
            Self::Failure(_) | Self::Faults(_) => ExitCode::FAILURE,
        };
        let mut stderr = std::io::stderr();
        let written = match self {
            Self::Usage(message) | Self::Failure(message) => writeln!(stderr, "error: {message}"),
            Self::Faults(faults) => faults
                .iter()
                .try_for_each(|fault| writeln!(stderr, "{fault}")),
        };
        // The code says it as well, should nobody read.
        drop(written);
        code
    }
}

/// Says on stdout what was done. That stays done, though nobody may read it.
fn say(line: impl fmt::Display) {
    drop(writeln!(std::io::stdout(), "{line}"));
}

impl From<OpenError> for CliError {
    fn from(error: OpenError) -> Self {
        Self::failure(error)
    }
}

impl From<StoreError> for CliError {
    fn from(error: StoreError) -> Self {
        Self::failure(error)
    }
}

/// Runs the command that the process was started with.
#[must_use]
pub fn run() -> ExitCode {
    let result = match CommandLine::try_parse() {
        Ok(line) => execute(line),
        Err(error) => match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
                // Nobody is left to tell when stdout is closed.
                drop(error.print());
                return ExitCode::SUCCESS;
            }
            _ => Err(CliError::Usage(one_line(&error))),
        },
    };
    match result {
        Ok(code) => code,
        Err(error) => error.report(),
    }
}

fn execute(line: CommandLine) -> Result<ExitCode, CliError> {
    let environment = Environment::read().map_err(CliError::Usage)?;
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| CliError::Failure(format!("cannot start the runtime: {error}")))?;
    runtime.block_on(async {
        match line.command {
            None => serve::serve(line.serve, environment).await?,
            Some(Command::Serve(options)) => serve::serve(*options, environment).await?,
            Some(Command::Settings(command)) => settings::run(command, &environment).await?,
            Some(Command::Admin(command)) => admin::run(command, &environment).await?,
            Some(Command::ApiKey(command)) => api_key::run(command, &environment).await?,
            Some(Command::Backup(options)) => backup::backup(options, &environment).await?,
            Some(Command::Restore(options)) => backup::restore(options, &environment).await?,
            Some(Command::RotateKey(options)) => rotate_key::run(options, &environment).await?,
            Some(Command::Check(options)) => return check::run(options, &environment).await,
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// What clap has to say, without its line breaks and usage texts.
fn one_line(error: &clap::Error) -> String {
    let text = error.to_string();
    let cause = text.split("\n\n").next().unwrap_or(&text);
    let words: Vec<&str> = cause.split_whitespace().collect();
    let cause = words.join(" ");
    let cause = cause.strip_prefix("error: ").unwrap_or(&cause);
    match error.kind() {
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            "a command is missing; see `bearergate --help`".to_owned()
        }
        // Its own text repeats the value, which may hold a password.
        ErrorKind::ValueValidation => {
            let option = error.get(ContextKind::InvalidArg).map(ToString::to_string);
            let why = error.source().map(ToString::to_string);
            format!(
                "{}: {}; see `bearergate --help`",
                option.unwrap_or_default(),
                why.unwrap_or_default()
            )
        }
        _ => format!("{cause}; see `bearergate --help`"),
    }
}

fn store_config(
    options: &StoreOptions,
    environment: &Environment,
    missing: MissingStore,
) -> StoreConfig {
    let default = || options.data_dir.join("bearergate.db");
    StoreConfig {
        data_dir: options.data_dir.clone(),
        database: options
            .database_url
            .clone()
            .map_or_else(default, |url| url.0),
        key_file: environment.secret_key_file.clone(),
        missing,
    }
}

/// What a command does that may make a store.
fn create_unless_required(environment: &Environment) -> MissingStore {
    if environment.require_store {
        MissingStore::Required
    } else {
        MissingStore::Create
    }
}

async fn open(
    options: &StoreOptions,
    environment: &Environment,
    missing: MissingStore,
) -> Result<Store, OpenError> {
    Store::open(&store_config(options, environment, missing)).await
}
