//! The store through its own methods, on a database in a temporary directory.

mod activity;
mod activity_size;
mod administrators;
mod api_keys;
mod follow;
mod opening;
mod restore;
mod revisions;
mod rotation;
mod username_maps;
mod web_sessions;

use std::convert::Infallible;

use tempfile::TempDir;

use super::*;
use crate::settings::Settings;

fn config(directory: &TempDir) -> StoreConfig {
    let data_dir = directory.path().join("data");
    StoreConfig {
        database: data_dir.join("bearergate.db"),
        data_dir,
        key_file: None,
        missing: MissingStore::Create,
    }
}

async fn store() -> (TempDir, Store) {
    let directory = TempDir::new().unwrap();
    let store = Store::open(&config(&directory)).await.unwrap();
    (directory, store)
}

async fn save(store: &Store, clock_skew_seconds: u32) -> StoredSettings {
    let change = |current: &StoredSettings| {
        let mut settings = current.settings.clone();
        settings.global.clock_skew_seconds = clock_skew_seconds;
        Ok::<_, Infallible>(settings)
    };
    store
        .update_settings(&Author::command("alice"), change)
        .await
        .unwrap()
}
