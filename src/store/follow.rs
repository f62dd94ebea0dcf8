//! Follows what other processes save into the same store, and what becomes of its file.

use std::time::Duration;

use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection};
use tokio::time::MissedTickBehavior;

use super::api_keys::latest_key_change;
use super::error::StoreError;
use super::pulse::Following;
use super::revisions::latest_revision;
use super::trouble::UNWRITABLE;
use super::{Store, StoredSettings, open};
use crate::api_key::Listing;
use crate::settings::UsernameMaps;

/// How often the newest revision is asked for: saves are followed within a second.
const INTERVAL: Duration = Duration::from_millis(500);

impl Store {
    /// Gives every revision that is newer than `known`, with its username maps, to `publish`, and the API keys at
    /// first and after each change to `publish_keys`, for ever. While the store can't answer, the caller keeps what it
    /// has; the log says once that it is so, and once that it is over. [`Store::following`] says what was found last.
    pub async fn follow(
        &self,
        known: &StoredSettings,
        publish: impl Fn(StoredSettings, UsernameMaps),
        publish_keys: impl Fn(Listing),
    ) {
        let mut follower = Follower {
            store: self,
            seen: (known.generation, known.revision),
            seen_keys: None,
            connection: None,
        };
        let mut ticks = tokio::time::interval(INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut before = Following::UpToDate;
        loop {
            ticks.tick().await;
            let looked = follower.look(&publish_keys).await.map(|newer| {
                if let Some((newer, maps)) = newer {
                    publish(newer, maps);
                }
            });
            before = self.note(&looked, before);
            if self.hindrance().is_some() {
                if self.has_become_writable() {
                    follower.let_go().await;
                    self.connect_anew().await;
                }
                self.try_to_write().await;
            }
        }
    }

    /// Whether the last write found a database that can't be written, and the operating system says by now that it can.
    fn has_become_writable(&self) -> bool {
        use rustix::fs::{Access, access};
        self.hindrance() == Some(UNWRITABLE)
            && access(&self.inner.config.database, Access::WRITE_OK).is_ok()
    }

    /// Writes what is there already, to find out whether the store can be written again.
    async fn try_to_write(&self) {
        let written = async {
            let mut transaction = self.begin().await?;
            sqlx::query("update key_check set sealed = sealed")
                .execute(&mut *transaction)
                .await?;
            self.commit(transaction).await
        };
        if let Err(error) = written.await {
            tracing::debug!(%error, "the store still can't be written");
        }
    }

    /// Notes what a look found, and logs it unless the one before found the same.
    fn note(&self, looked: &Result<(), Trouble>, before: Following) -> Following {
        let following = match looked {
            Ok(()) => Following::UpToDate,
            Err(Trouble::Silent(_)) => Following::Lost,
            Err(Trouble::Unreadable(_)) => Following::Behind,
        };
        self.inner.pulse.note(following);
        if following != before {
            match looked {
                Ok(()) => tracing::info!("the store answers again"),
                Err(trouble) => {
                    tracing::error!("{trouble}; the settings in force stay in force");
                }
            }
        }
        following
    }
}

/// Why a look at the store found nothing.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("the store does not answer: {0}")]
    Silent(StoreError),
    #[error("what is newest in the store can't be read: {0}")]
    Unreadable(StoreError),
}

/// What is newest in the store.
struct Newest {
    generation: u64,
    revision: i64,
    key_change: i64,
}

struct Follower<'a> {
    store: &'a Store,
    /// Generation and revision of what was published last.
    seen: (u64, i64),
    /// Generation and change of the API keys that were published last.
    seen_keys: Option<(u64, i64)>,
    /// One kept connection, and the generation that it belongs to: the question must not wait for the pool.
    connection: Option<(u64, SqliteConnection)>,
}

impl Follower<'_> {
    async fn let_go(&mut self) {
        if let Some((_, connection)) = self.connection.take() {
            drop(connection.close().await);
        }
    }

    async fn look(
        &mut self,
        publish_keys: impl Fn(Listing),
    ) -> Result<Option<(StoredSettings, UsernameMaps)>, Trouble> {
        let newest = self.ask().await.map_err(Trouble::Silent)?;
        let read = self.read(&newest, publish_keys).await;
        read.map_err(Trouble::Unreadable)
    }

    /// A connection that fails is not kept.
    async fn ask(&mut self) -> Result<Newest, StoreError> {
        let generation = self.store.database().await?.generation;
        let mut connection = match self.connection.take() {
            Some((of, connection)) if of == generation => connection,
            _ => {
                open::options(&self.store.inner.config.database)
                    .connect()
                    .await?
            }
        };
        open::forget_pages(&mut connection).await?;
        let revision = latest_revision(&mut connection).await?;
        let key_change = latest_key_change(&mut connection).await?;
        self.connection = Some((generation, connection));
        Ok(Newest {
            generation,
            revision,
            key_change,
        })
    }

    async fn read(
        &mut self,
        newest: &Newest,
        publish_keys: impl Fn(Listing),
    ) -> Result<Option<(StoredSettings, UsernameMaps)>, StoreError> {
        let &Newest {
            generation,
            revision,
            key_change,
        } = newest;
        // Published before the settings are read, which may fail: a revoked key stops all the same.
        if self.seen_keys != Some((generation, key_change)) {
            let listing = self.store.api_keys().await?;
            self.seen_keys = Some(listing.version);
            publish_keys(listing);
        }
        if (generation, revision) == self.seen {
            return Ok(None);
        }
        let (stored, maps) = self.store.in_force().await?;
        self.seen = (stored.generation, stored.revision);
        Ok(Some((stored, maps)))
    }
}
