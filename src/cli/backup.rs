//! `backup` and `restore`.

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;

use super::{CliError, say, store_config};
use crate::config::StoreOptions;
use crate::environment::Environment;
use crate::store::{Contents, CopyError, MissingStore, Restore};

#[derive(Args, Debug)]
pub(super) struct BackupOptions {
    /// The file to make; one that exists is never overwritten
    file: PathBuf,

    #[command(flatten)]
    store: StoreOptions,
}

#[derive(Args, Debug)]
pub(super) struct RestoreOptions {
    /// The backup
    file: PathBuf,

    /// Replace a store that exists without asking
    #[arg(long)]
    yes: bool,

    #[command(flatten)]
    store: StoreOptions,
}

impl From<CopyError> for CliError {
    fn from(error: CopyError) -> Self {
        Self::failure(error)
    }
}

pub(super) async fn backup(
    options: BackupOptions,
    environment: &Environment,
) -> Result<(), CliError> {
    let config = store_config(&options.store, environment, MissingStore::Refuse);
    let contents = config.back_up(&options.file).await?;
    describe(&options.file, &contents);
    say(format_args!(
        "the key {} is not in it and is needed to restore it; keep a copy of the key in another place",
        config.key_path().display()
    ));
    Ok(())
}

pub(super) async fn restore(
    options: RestoreOptions,
    environment: &Environment,
) -> Result<(), CliError> {
    let config = store_config(&options.store, environment, MissingStore::Refuse);
    let restore = Restore::prepare(&config, &options.file).await?;
    describe(&options.file, restore.contents());
    if let Some(database) = restore.replaces().filter(|_| !options.yes) {
        confirm(database)?;
    }
    let kept = restore.finish().await?;
    say("restored; everybody has to sign in to the console again");
    if let Some(kept) = kept {
        say(format_args!(
            "the former store is kept as {}",
            kept.display()
        ));
    }
    Ok(())
}

fn describe(file: &Path, contents: &Contents) {
    let list = |names: &[String]| match names {
        [] => "none".to_owned(),
        names => names.join(", "),
    };
    say(format_args!(
        "{} is a good backup: revision {}; providers: {}; administrators: {}",
        file.display(),
        contents.revision,
        list(&contents.providers),
        list(&contents.administrators)
    ));
}

/// Goes on after a "yes" on a terminal alone.
fn confirm(database: &Path) -> Result<(), CliError> {
    let refused = |why| {
        let database = database.display();
        CliError::Failure(format!(
            "there is a store already, {database}; {why}; nothing was changed"
        ))
    };
    if !std::io::stdin().is_terminal() {
        return Err(refused("give --yes to replace it"));
    }
    let mut answer = String::new();
    write!(
        std::io::stderr(),
        "This replaces {}. Type yes to go on: ",
        database.display()
    )
    .and_then(|()| std::io::stdin().read_line(&mut answer))
    .map_err(CliError::failure)?;
    if answer.trim() == "yes" {
        Ok(())
    } else {
        Err(refused("the answer was not yes"))
    }
}
