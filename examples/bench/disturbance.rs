//! What goes on beside the load: saves, rotations, a store that others keep locked.

use std::convert::Infallible;
use std::time::Duration;

use bearergate::store::{Author, Store, StoreConfig, StoredSettings};
use bearergate_testkit::{Provider, SigningKey};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::time::{interval, sleep, timeout};

use super::Fault;
use super::answer::{Answer, Asker};

/// How long a new key may stay unknown: the server follows a save within a second, then fetches.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Clone, Copy, Debug)]
pub enum Disturbance {
    Saves,
    Rotations,
    SlowStore,
}

impl Disturbance {
    pub const ALL: &[Self] = &[Self::Saves, Self::Rotations, Self::SlowStore];

    /// For the table of targets.
    pub fn name(self) -> &'static str {
        match self {
            Self::Saves => "p99 while settings are saved each second",
            Self::Rotations => "p99 while a key is added each two seconds",
            Self::SlowStore => "p99 while the store is locked for 0.9 of each second",
        }
    }

    /// Disturbs until it is dropped, or until something fails.
    pub async fn go_on(self, config: &StoreConfig, provider: &Provider, asker: &Asker) -> Fault {
        let outcome = match self {
            Self::Saves => save(config).await,
            Self::Rotations => rotate(config, provider, asker).await,
            Self::SlowStore => lock(config).await,
        };
        outcome.map_or_else(|fault| fault, |never| match never {})
    }
}

/// Saves through the store, which the server follows as it follows the saves of another server.
async fn save(config: &StoreConfig) -> Result<Infallible, Fault> {
    let store = Store::open(config).await?;
    let mut seconds = interval(Duration::from_secs(1));
    for skew in (50..60).cycle() {
        seconds.tick().await;
        let change = |current: &StoredSettings| {
            let mut settings = current.settings.clone();
            settings.global.clock_skew_seconds = skew;
            Ok::<_, Infallible>(settings)
        };
        let author = Author::command("bench");
        store.update_settings(&author, change).await?;
    }
    Err("a cycle has ended".into())
}

/// Publishes another key beside the one that signs what `wrk` sends, and saves the provider, so that its keys are
/// read anew. A token of the new key must become good, and the one of the key before must be refused from then on.
async fn rotate(
    config: &StoreConfig,
    provider: &Provider,
    asker: &Asker,
) -> Result<Infallible, Fault> {
    let store = Store::open(config).await?;
    let mut turns = interval(Duration::from_secs(2));
    let mut withdrawn: Option<String> = None;
    for turn in 1.. {
        turns.tick().await;
        let another = SigningKey::p256(&format!("turn-{turn}"));
        provider.publish_keys([provider.signing_key().jwk(), another.jwk()]);
        let change = |current: &StoredSettings| {
            let mut settings = current.settings.clone();
            for provider in &mut settings.providers {
                provider.display_name = format!("turn {turn}");
            }
            Ok::<_, Infallible>(settings)
        };
        let author = Author::command("bench");
        store.update_settings(&author, change).await?;
        let user = format!("turn{turn}");
        let token = provider.token().with("given_name", user.clone());
        let bearer = format!("Bearer {}", token.signed_by(&another));
        let right = Answer::pass(user);
        timeout(PATIENCE, until_known(asker, &bearer, &right)).await??;
        if let Some(withdrawn) = withdrawn.replace(bearer) {
            let refused = Answer::refused("unknown_key");
            asker.expect(Some(withdrawn), &refused).await?;
        }
    }
    Err("there are no more numbers".into())
}

/// Asks until the token's key is known.
async fn until_known(asker: &Asker, bearer: &str, right: &Answer) -> Result<(), Fault> {
    let unknown = Answer::refused("unknown_key");
    while asker.ask(Some(bearer.to_owned())).await? == unknown {
        sleep(Duration::from_millis(50)).await;
    }
    asker.expect(Some(bearer.to_owned()), right).await
}

/// Holds the database's write lock for most of the time, as a disk does that takes as long for each write.
async fn lock(config: &StoreConfig) -> Result<Infallible, Fault> {
    let mut database = SqliteConnectOptions::new()
        .filename(&config.database)
        .busy_timeout(Duration::from_secs(5))
        .connect()
        .await?;
    loop {
        let held = database.begin_with("begin immediate").await?;
        sleep(Duration::from_millis(900)).await;
        held.rollback().await?;
        sleep(Duration::from_millis(100)).await;
    }
}
