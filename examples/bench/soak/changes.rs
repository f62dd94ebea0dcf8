//! What goes on beside the requests: saves, rotations, outages. Each is told to the world before it is done.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bearergate::store::{Author, Store, StoreConfig, StoredSettings};
use bearergate_testkit::{Behaviour, SigningKey};
use reqwest::Client;
use serde_json::{Value, json};
use tokio::time::{interval, sleep};

use super::super::{Fault, server};
use super::providers::{Providers, REUSED};
use super::traffic::{Traffic, signed_by};
use super::world::{Saved, World};

const BETWEEN_SAVES: Duration = Duration::from_secs(5);
/// A save of another process is followed within a second; the rest is for a busy machine.
const FOLLOWED: Duration = Duration::from_secs(2);
const BETWEEN_ROTATIONS: Duration = Duration::from_secs(40);
/// For an unknown key the keys are fetched once in 30 s at most.
const LEARNED: Duration = Duration::from_secs(32);
const BETWEEN_ENDING_TOKENS: Duration = Duration::from_secs(8);
const UP: Duration = Duration::from_secs(25);
const DOWN: Duration = Duration::from_secs(15);
/// An answer of before is not reused for longer.
const REMEMBERED: Duration = REUSED.saturating_add(Duration::from_secs(1));
/// A call that hangs ends after 5 s, and so long again a provider that failed is not asked.
const RECOVERED: Duration = Duration::from_secs(12);

/// Those who change something.
pub struct Changes {
    pub world: World,
    pub providers: Arc<Providers>,
    pub traffic: Arc<Traffic>,
    pub store: StoreConfig,
    /// The server's management API.
    pub settings_url: String,
    /// A key of it.
    pub api_key: String,
}

impl Changes {
    /// Changes for ever, or until something fails.
    pub async fn go_on(self) -> Fault {
        let outcome = tokio::select! {
            outcome = self.save() => outcome,
            outcome = self.rotate() => outcome,
            outcome = self.fail() => outcome,
            outcome = self.renew() => outcome,
        };
        outcome.map_or_else(|fault| fault, |never| match never {})
    }

    /// Saves, in turn by the server itself and by another process on its store.
    async fn save(&self) -> Result<Infallible, Fault> {
        let store = Store::open(&self.store).await?;
        let mut turns = interval(BETWEEN_SAVES);
        turns.tick().await;
        for turn in 1_usize.. {
            turns.tick().await;
            let saved = &Saved::BOTH[turn % 2];
            self.world.inside().saved.begin(saved.clone());
            let last = if turn % 4 < 2 {
                self.save_by_api(saved).await?;
                Instant::now()
            } else {
                save_in(&store, saved).await?;
                Instant::now() + FOLLOWED
            };
            self.world.inside().saved.settle(saved, last);
        }
        Err("there are no more numbers".into())
    }

    /// What is saved so is in force for the next request.
    async fn save_by_api(&self, saved: &Saved) -> Result<(), Fault> {
        let client: Client = server::client()?;
        let current = client.get(&self.settings_url).bearer_auth(&self.api_key);
        let mut document: Value = current.send().await?.error_for_status()?.json().await?;
        document["global"]["basic_authentication_disabled"] = json!(saved.is_basic_disabled);
        document["providers"][0]["username_attribute"] = json!(saved.attribute);
        let put = client.put(&self.settings_url).bearer_auth(&self.api_key);
        put.json(&document).send().await?.error_for_status()?;
        Ok(())
    }

    /// Signs with a new key, and publishes it alone.
    async fn rotate(&self) -> Result<Infallible, Fault> {
        let mut turns = interval(BETWEEN_ROTATIONS);
        turns.tick().await;
        for number in 1.. {
            turns.tick().await;
            let providers = Arc::clone(&self.providers);
            let (key, signed) = tokio::task::spawn_blocking(move || {
                let key = SigningKey::rsa(&format!("key-{number}"));
                let signed = signed_by(&providers, number, &key);
                (key, signed)
            })
            .await?;
            self.world.inside().key.begin(number);
            self.providers.rotating.rotate(key);
            self.traffic.rotate(signed);
            let last = Instant::now() + LEARNED;
            self.world.inside().key.settle(&number, last);
        }
        Err("there are no more numbers".into())
    }

    /// Lets providers fail, in turn by an answer and by none.
    async fn fail(&self) -> Result<Infallible, Fault> {
        loop {
            for broken in [Behaviour::Answer(503, "".into()), Behaviour::Hang] {
                sleep(UP).await;
                self.world.inside().is_up.begin(false);
                self.providers.behave(&broken);
                self.world
                    .inside()
                    .is_up
                    .settle(&false, Instant::now() + REMEMBERED);
                sleep(DOWN).await;
                self.world.inside().is_up.begin(true);
                self.providers.behave(&Behaviour::Healthy);
                self.world
                    .inside()
                    .is_up
                    .settle(&true, Instant::now() + RECOVERED);
            }
        }
    }

    /// Sees to it that there is always a token that ends soon, or has just ended.
    async fn renew(&self) -> Result<Infallible, Fault> {
        let mut turns = interval(BETWEEN_ENDING_TOKENS);
        loop {
            turns.tick().await;
            self.traffic.renew_ending(&self.providers.lasting);
        }
    }
}

async fn save_in(store: &Store, saved: &Saved) -> Result<(), Fault> {
    let change = |current: &StoredSettings| {
        let mut settings = current.settings.clone();
        settings.global.basic_authentication_disabled = saved.is_basic_disabled;
        if let Some(rotating) = settings.providers.first_mut() {
            saved.attribute.clone_into(&mut rotating.username_attribute);
        }
        Ok::<_, Infallible>(settings)
    };
    store
        .update_settings(&Author::command("soak"), change)
        .await?;
    Ok(())
}
