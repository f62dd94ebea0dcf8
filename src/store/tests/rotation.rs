//! A rotation of the key: each state that a kill can leave, and other processes on the same store.

use std::fs;

use super::*;
use crate::settings::{ReadContext, Secret};

const SECRET: &str = "the client's secret";

async fn save_secret(store: &Store) {
    let document = serde_json::json!({
        "version": 1,
        "global": {
            "rest_api_authentication_enabled": true,
            "basic_authentication_disabled": false,
        },
        "providers": [{
            "id": "azure-b2c",
            "preset": "azure-b2c",
            "parameters": { "tenant": "contoso", "policy": "B2C_1_signin" },
            "client_id": "00000000-0000-0000-0000-000000000001",
            "client_secret": SECRET,
            "username_attribute": "oid",
        }],
    });
    let read = |current: &StoredSettings| {
        let context = ReadContext {
            stored: &current.settings,
            username_maps: &current.username_maps,
            allow_http_providers: false,
        };
        Settings::read_value(&document, context)
    };
    let author = Author::command("alice");
    store.update_settings(&author, read).await.unwrap();
}

/// The secret of each revision, newest first.
async fn secrets(store: &Store) -> Vec<String> {
    let history = store.history(None, 100).await.unwrap();
    let secret = |entry: Entry| {
        let settings = entry.stored.unwrap().settings;
        let secret = settings.provider("azure-b2c")?.client_secret.clone();
        secret.as_ref().map(Secret::expose).map(str::to_owned)
    };
    history.into_iter().filter_map(secret).collect()
}

async fn documents(store: &Store) -> Vec<String> {
    let pool = store.pool().await.unwrap();
    sqlx::query_scalar("select document from settings_revisions order by revision")
        .fetch_all(&pool)
        .await
        .unwrap()
}

#[tokio::test]
async fn every_revision_is_sealed_anew_and_nothing_of_the_former_seal_stays() {
    let (directory, store) = store().await;
    let config = config(&directory);
    save_secret(&store).await;
    save_secret(&store).await;
    let before = documents(&store).await;
    let sealed: Vec<String> = before
        .iter()
        .map(|document| {
            let document: serde_json::Value = serde_json::from_str(document).unwrap();
            let sealed = &document["providers"][0]["client_secret"];
            sealed.as_str().unwrap().to_owned()
        })
        .collect();
    let rotation = store.rotate_key().await.unwrap();
    assert_eq!((rotation.revisions, rotation.unreadable), (2, vec![]));
    assert_eq!(secrets(&store).await, [SECRET, SECRET]);
    store.close().await;
    for file in fs::read_dir(&config.data_dir).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        assert!(!sealed.iter().any(|sealed| text.contains(sealed)));
    }
    let store = Store::open(&config).await.unwrap();
    assert_eq!(secrets(&store).await, [SECRET, SECRET]);
}

#[tokio::test]
async fn a_process_that_has_the_former_key_neither_fails_nor_seals_with_it() {
    let (directory, store) = store().await;
    save_secret(&store).await;
    let other = Store::open(&config(&directory)).await.unwrap();
    store.rotate_key().await.unwrap();
    // It writes before it has read anything.
    save_secret(&other).await;
    store.rotate_key().await.unwrap();
    assert_eq!(secrets(&other).await, [SECRET, SECRET]);
    store.rotate_key().await.unwrap();
    assert!(other.settings().await.is_ok());
    store.rotate_key().await.unwrap();
    assert!(other.settings_at(1).await.unwrap().is_some());
    let fresh = Store::open(&config(&directory)).await.unwrap();
    assert_eq!(secrets(&fresh).await, [SECRET, SECRET]);
}

#[tokio::test]
async fn a_rotation_that_was_killed_is_finished_or_forgotten_by_the_next_who_opens() {
    let (directory, store) = store().await;
    let config = config(&directory);
    save_secret(&store).await;
    let path = config.data_dir.join("secret.key");
    let next = config.data_dir.join("secret.key.new");
    let former = fs::read(&path).unwrap();

    // Killed before the commit: what stands beside the key file is of no use.
    fs::write(&next, SecretKey::generate().unwrap().to_text()).unwrap();
    let opened = Store::open(&config).await.unwrap();
    assert_eq!(secrets(&opened).await, [SECRET]);
    assert_eq!(fs::read(&path).unwrap(), former);

    // Killed after it: a server that runs uses the new key where it stands, the next start puts it in place.
    store.rotate_key().await.unwrap();
    fs::rename(&path, &next).unwrap();
    fs::write(&path, &former).unwrap();
    assert_eq!(secrets(&opened).await, [SECRET]);
    assert!(next.exists());
    let started = Store::open(&config).await.unwrap();
    assert_eq!(secrets(&started).await, [SECRET]);
    assert!(!next.exists());
    assert_ne!(fs::read(&path).unwrap(), former);

    // A rotation after that loses no key.
    opened.rotate_key().await.unwrap();
    assert_eq!(secrets(&started).await, [SECRET]);
}

#[tokio::test]
async fn an_old_revision_that_cannot_be_read_is_left_but_the_newest_must_be_good() {
    let (directory, store) = store().await;
    save_secret(&store).await;
    save_secret(&store).await;
    let damage = async |revision: i64| {
        let pool = store.pool().await.unwrap();
        sqlx::query("update settings_revisions set document = '{' where revision = $1")
            .bind(revision)
            .execute(&pool)
            .await
            .unwrap();
    };
    damage(1).await;
    let rotation = store.rotate_key().await.unwrap();
    assert_eq!((rotation.revisions, rotation.unreadable), (1, vec![1]));
    assert_eq!(documents(&store).await[0], "{");

    damage(2).await;
    let key = fs::read(config(&directory).data_dir.join("secret.key")).unwrap();
    assert!(store.rotate_key().await.is_err());
    let after = fs::read(config(&directory).data_dir.join("secret.key")).unwrap();
    assert_eq!(after, key);
}
