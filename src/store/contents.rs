//! What a copy of the database holds: looked at through and through, and never written to.

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection};

use super::error::{OpenError, StoreError};
use super::inspect::{self, Found};
use super::key;
use super::open::StoreConfig;
use crate::settings::Settings;

/// What a good copy of the database holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// The revision in force; 0 when nothing had been saved yet.
    pub revision: i64,
    /// The ids of its providers.
    pub providers: Vec<String>,
    /// The names of the administrators.
    pub administrators: Vec<String>,
}

/// Reads the copy that `config` names as its database: whole, ours, not newer than the program, and opened by the key.
/// Nobody may write to it meanwhile.
pub(super) async fn read(config: &StoreConfig) -> Result<Contents, StoreError> {
    let path = &config.database;
    std::fs::File::open(path).map_err(|error| OpenError::unreadable(path, error))?;
    let mut connection = SqliteConnectOptions::new()
        .filename(path)
        // Takes no locks, and makes no files beside the copy.
        .immutable(true)
        .read_only(true)
        .connect()
        .await
        .map_err(|error| inspect::fault(path, error))?;
    let contents = examine(config, &mut connection).await;
    connection.close().await?;
    contents
}

async fn examine(
    config: &StoreConfig,
    connection: &mut SqliteConnection,
) -> Result<Contents, StoreError> {
    let path = &config.database;
    let missing = || OpenError::Foreign(path.clone());
    if inspect::read(path, "pragma integrity_check(1)", connection).await? != Found::Ours {
        return Err(missing().into());
    }
    let check = key::check(connection).await?.ok_or_else(missing)?;
    let key = key::find(config, &check)?.key;
    let newest: Option<(i64, String)> = sqlx::query_as(
        "select revision, document from settings_revisions order by revision desc limit 1",
    )
    .fetch_optional(&mut *connection)
    .await?;
    let (revision, settings) = match newest {
        Some((revision, document)) => (revision, Settings::unseal(&document, &key)?),
        None => (0, Settings::default()),
    };
    let administrators =
        sqlx::query_scalar("select username from administrators order by username_key")
            .fetch_all(connection)
            .await?;
    let providers = settings.providers.into_iter();
    Ok(Contents {
        revision,
        providers: providers.map(|provider| provider.id).collect(),
        administrators,
    })
}
