//! `rotate-key`.

use clap::Args;

use super::{CliError, open, say};
use crate::config::StoreOptions;
use crate::environment::Environment;
use crate::store::MissingStore;

#[derive(Args, Debug)]
pub(super) struct RotateKeyOptions {
    #[command(flatten)]
    store: StoreOptions,
}

pub(super) async fn run(
    options: RotateKeyOptions,
    environment: &Environment,
) -> Result<(), CliError> {
    let store = open(&options.store, environment, MissingStore::Refuse).await?;
    let rotation = store.rotate_key().await?;
    say(format_args!(
        "the secret key is replaced; revisions with secrets, sealed anew: {}",
        rotation.revisions
    ));
    for revision in rotation.unreadable {
        say(format_args!(
            "revision {revision} could not be read before either, and was left as it is"
        ));
    }
    say("the former key is kept beside it: backups made before need it, remove it with them");
    Ok(())
}
