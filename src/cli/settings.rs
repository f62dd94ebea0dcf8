//! `settings export`, `settings import` and `settings set`.

use std::io::{Read as _, Write as _};
use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{CliError, create_unless_required, open, say};
use crate::config::StoreOptions;
use crate::environment::Environment;
use crate::impact::{self, Impact};
use crate::provider::unix_now;
use crate::saving;
use crate::settings::{Assignment, Change, Fault, ReadContext, Settings};
use crate::store::{Author, MissingStore, OpenError, Store, StoredSettings, UpdateError};

/// The most bytes that a settings document may have.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

#[derive(Debug, Subcommand)]
pub(super) enum SettingsCommand {
    /// Print the settings document; secrets are null
    Export(ExportOptions),
    /// Replace the settings, all or nothing; makes the store where it does not exist yet
    Import(ImportOptions),
    /// Change single values of the document, all or none
    Set(SetOptions),
}

#[derive(Args, Debug)]
pub(super) struct ExportOptions {
    #[command(flatten)]
    store: StoreOptions,
}

#[derive(Args, Debug)]
pub(super) struct ImportOptions {
    /// The settings document; `-` reads it from stdin
    file: PathBuf,

    /// Only say what would change, and whom it would hit
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    store: StoreOptions,
}

#[derive(Args, Debug)]
pub(super) struct SetOptions {
    /// A dotted path of the settings document and its new value: JSON, or else a text; a list's item is named by its
    /// id or its index
    #[arg(value_name = "KEY=VALUE", required = true)]
    assignments: Vec<Assignment>,

    #[command(flatten)]
    store: StoreOptions,
}

pub(super) async fn run(
    command: SettingsCommand,
    environment: &Environment,
) -> Result<(), CliError> {
    match command {
        SettingsCommand::Export(options) => export(options, environment).await,
        SettingsCommand::Import(options) => import(options, environment).await,
        SettingsCommand::Set(options) => set(options, environment).await,
    }
}

async fn export(options: ExportOptions, environment: &Environment) -> Result<(), CliError> {
    let store = open(&options.store, environment, MissingStore::Refuse).await?;
    let document = store.settings().await?.settings.export();
    writeln!(std::io::stdout(), "{document:#}")
        .map_err(|error| CliError::Failure(format!("cannot write to stdout: {error}")))
}

async fn import(options: ImportOptions, environment: &Environment) -> Result<(), CliError> {
    let document = read(&options.file)?;
    let read = |stored: &StoredSettings| Settings::read(&document, context(stored, environment));
    let store = match open(&options.store, environment, MissingStore::Refuse).await {
        Err(OpenError::Missing(_)) => {
            // A document with faults must leave nothing behind, no empty store either.
            let nothing = StoredSettings::default();
            let settings = read(&nothing).map_err(CliError::Faults)?;
            if options.dry_run {
                tell_prospect(&nothing.settings, &settings);
                return Ok(());
            }
            open(
                &options.store,
                environment,
                create_unless_required(environment),
            )
            .await?
        }
        opened => opened?,
    };
    if options.dry_run {
        let current = store.settings().await?;
        let settings = read(&current).map_err(CliError::Faults)?;
        tell_prospect(&current.settings, &settings);
        tell_impact(&saving::impact(&store, &current.settings, &settings, unix_now()).await?);
        return Ok(());
    }
    save(&store, "settings import", read).await
}

async fn set(options: SetOptions, environment: &Environment) -> Result<(), CliError> {
    let store = open(&options.store, environment, MissingStore::Refuse).await?;
    let read = |stored: &StoredSettings| {
        let mut document = stored.settings.export();
        let faults: Vec<_> = options
            .assignments
            .iter()
            .filter_map(|assignment| assignment.apply(&mut document).err())
            .collect();
        if !faults.is_empty() {
            return Err(faults);
        }
        Settings::read_value(&document, context(stored, environment))
    };
    save(&store, "settings set", read).await
}

fn context<'a>(stored: &'a StoredSettings, environment: &Environment) -> ReadContext<'a> {
    ReadContext {
        stored: &stored.settings,
        username_maps: &stored.username_maps,
        allow_http_providers: environment.allow_http_providers,
    }
}

/// Saves what `read` makes of the newest settings, and says what has changed.
async fn save(
    store: &Store,
    command: &str,
    read: impl FnOnce(&StoredSettings) -> Result<Settings, Vec<Fault>> + Send,
) -> Result<(), CliError> {
    let mut changes = Vec::new();
    let saved = store
        .update_settings(&Author::command(command), |current| {
            let settings = read(current)?;
            changes = current.settings.changes_to(&settings);
            Ok::<_, Vec<Fault>>(settings)
        })
        .await
        .map_err(|error| match error {
            UpdateError::Change(faults) => CliError::Faults(faults),
            UpdateError::Store(error) => error.into(),
        })?;
    say(format_args!(
        "revision {} is in force, {} changed",
        saved.revision,
        changes.len()
    ));
    tell(&changes);
    Ok(())
}

/// What an import would change, had it not been a dry run.
fn tell_prospect(before: &Settings, after: &Settings) {
    let changes = before.changes_to(after);
    say(format_args!(
        "nothing was changed, {} would change",
        changes.len()
    ));
    tell(&changes);
}

/// Who would be refused; nothing where nobody would.
fn tell_impact(impact: &Impact) {
    let days = impact::DAYS;
    if impact.calls > 0 {
        say(format_args!(
            "of the calls of the last {days} days, {} would be refused",
            impact.calls
        ));
    }
    for hit in &impact.hits {
        let named = [&hit.user, &hit.client_id].into_iter();
        let who: Vec<_> = named.filter(|name| !name.is_empty()).cloned().collect();
        let networks: Vec<_> = hit.networks.iter().cloned().collect();
        say(format_args!(
            "{} from {} with {}: {}, calls: {}",
            if who.is_empty() {
                "nobody who is named".to_owned()
            } else {
                who.join(" by ")
            },
            networks.join(", "),
            hit.credential,
            hit.reason,
            hit.calls
        ));
    }
    if impact.untold_calls > 0 {
        say(format_args!(
            "of {} calls it cannot be told",
            impact.untold_calls
        ));
    }
}

fn tell(changes: &[Change]) {
    for change in changes {
        say(format_args!(
            "{}: {} -> {}",
            change.what, change.old, change.new
        ));
    }
}

fn read(file: &PathBuf) -> Result<String, CliError> {
    let mut document = String::new();
    let result = if file.as_os_str() == "-" {
        std::io::stdin()
            .lock()
            .take(MAX_BYTES)
            .read_to_string(&mut document)
    } else {
        std::fs::File::open(file)
            .and_then(|file| file.take(MAX_BYTES).read_to_string(&mut document))
    };
    result
        .map_err(|error| CliError::Failure(format!("cannot read {}: {error}", file.display())))?;
    Ok(document)
}
