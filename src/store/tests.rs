//! The store through its own methods, on a database in a temporary directory.

use std::convert::Infallible;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use secrecy::ExposeSecret as _;
use tempfile::TempDir;
use time::OffsetDateTime;
use tokio::sync::mpsc;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{ExpiredDeletion as _, SessionStore as _};

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
    store.update_settings("alice", change).await.unwrap()
}

fn name(text: &str) -> Username {
    Username::parse(text).unwrap()
}

async fn open_error(config: &StoreConfig) -> OpenError {
    Store::open(config)
        .await
        .err()
        .expect("the store must not open")
}

#[tokio::test]
async fn a_new_store_is_readable_by_its_owner_alone() {
    let (directory, store) = store().await;
    let mode = |path: &str| {
        let path = directory.path().join(path);
        fs::metadata(&path).unwrap().permissions().mode() & 0o777
    };
    save(&store, 1).await;
    assert_eq!(mode("data"), 0o700);
    for file in [
        "secret.key",
        "bearergate.db",
        "bearergate.db-wal",
        "bearergate.db-shm",
    ] {
        assert_eq!(mode(&format!("data/{file}")), 0o600, "{file}");
    }
}

#[tokio::test]
async fn settings_begin_with_the_defaults_and_every_save_is_a_revision() {
    let (directory, store) = store().await;
    assert_eq!(store.settings().await.unwrap(), StoredSettings::default());
    assert_eq!(store.latest_revision().await.unwrap(), 0);
    let saved = save(&store, 30).await;
    assert_eq!((saved.revision, saved.saved_by.as_str()), (1, "alice"));
    assert_eq!(save(&store, 31).await.revision, 2);

    let refused = store
        .update_settings("bob", |_| Err::<Settings, _>("no"))
        .await;
    assert!(matches!(refused, Err(UpdateError::Change("no"))));
    store.close().await;

    let again = Store::open(&config(&directory)).await.unwrap();
    let stored = again.settings().await.unwrap();
    assert_eq!(
        (stored.revision, stored.settings.global.clock_skew_seconds),
        (2, 31)
    );
}

#[tokio::test]
async fn concurrent_saves_of_two_processes_lose_nothing() {
    let (directory, store) = store().await;
    let other = Store::open(&config(&directory)).await.unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    for index in 0..20 {
        let store = if index % 2 == 0 {
            store.clone()
        } else {
            other.clone()
        };
        tasks.spawn(async move {
            let count = |current: &StoredSettings| {
                let mut settings = current.settings.clone();
                settings.global.clock_skew_seconds += 1;
                Ok::<_, Infallible>(settings)
            };
            store.update_settings("alice", count).await.unwrap()
        });
    }
    tasks.join_all().await;
    let stored = store.settings().await.unwrap();
    assert_eq!(
        (stored.revision, stored.settings.global.clock_skew_seconds),
        (20, 80)
    );
}

#[tokio::test]
async fn processes_that_start_together_make_one_store() {
    let directory = TempDir::new().unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..6 {
        let config = config(&directory);
        tasks.spawn(async move { Store::open(&config).await.unwrap() });
    }
    for store in tasks.join_all().await {
        save(&store, 5).await;
    }
    let store = Store::open(&config(&directory)).await.unwrap();
    assert_eq!(store.latest_revision().await.unwrap(), 6);
}

#[tokio::test]
async fn key_and_database_must_belong_together() {
    let (directory, store) = store().await;
    let config = config(&directory);
    store.close().await;
    let key = config.data_dir.join("secret.key");
    let text = fs::read(&key).unwrap();

    fs::remove_file(&key).unwrap();
    assert!(matches!(
        open_error(&config).await,
        OpenError::KeyMissing { .. }
    ));
    fs::write(&key, SecretKey::generate().unwrap().to_text()).unwrap();
    assert!(matches!(
        open_error(&config).await,
        OpenError::KeyMismatch { .. }
    ));
    fs::write(&key, "rubbish").unwrap();
    assert!(matches!(
        open_error(&config).await,
        OpenError::KeyMalformed(_)
    ));
    fs::write(&key, text).unwrap();
    Store::open(&config).await.unwrap().close().await;

    for lose in [|path| fs::write(path, ""), |path| fs::remove_file(path)] {
        lose(&config.database).unwrap();
        assert!(matches!(
            open_error(&config).await,
            OpenError::KeyWithoutDatabase { .. }
        ));
    }
}

#[tokio::test]
async fn a_provisioned_key_may_come_before_its_database() {
    let directory = TempDir::new().unwrap();
    let key = directory.path().join("provisioned");
    fs::write(&key, SecretKey::generate().unwrap().to_text()).unwrap();
    let config = StoreConfig {
        key_file: Some(key),
        ..config(&directory)
    };
    Store::open(&config).await.unwrap().close().await;
    assert!(!config.data_dir.join("secret.key").exists());
    Store::open(&config).await.unwrap();
}

/// What a kill leaves at each moment of a first start.
#[tokio::test]
async fn a_first_start_that_was_killed_is_finished_by_the_next() {
    let directory = TempDir::new().unwrap();
    let config = config(&directory);
    fs::create_dir(&config.data_dir).unwrap();
    fs::write(&config.database, "").unwrap();
    Store::open(&config).await.unwrap().close().await;

    // Tables and key, but no sealed text yet; then tables alone.
    for without_key in [false, true] {
        let pool = SqlitePool::connect_with(open::options(&config.database))
            .await
            .unwrap();
        sqlx::query("delete from key_check")
            .execute(&pool)
            .await
            .unwrap();
        pool.close().await;
        if without_key {
            fs::remove_file(config.data_dir.join("secret.key")).unwrap();
            fs::write(config.data_dir.join("secret.key.new"), "half").unwrap();
        }
        Store::open(&config).await.unwrap().close().await;
        Store::open(&config).await.unwrap().close().await;
    }
}

#[tokio::test]
async fn a_missing_store_is_made_only_where_it_may_be() {
    let directory = TempDir::new().unwrap();
    let config = |missing| StoreConfig {
        missing,
        ..config(&directory)
    };
    assert!(matches!(
        open_error(&config(MissingStore::Refuse)).await,
        OpenError::Missing(_)
    ));
    assert!(matches!(
        open_error(&config(MissingStore::Required)).await,
        OpenError::Required(_)
    ));
    assert!(!directory.path().join("data").exists());
    Store::open(&config(MissingStore::Create))
        .await
        .unwrap()
        .close()
        .await;
    Store::open(&config(MissingStore::Required)).await.unwrap();
}

#[tokio::test]
async fn a_database_that_is_not_usable_is_left_untouched() {
    let (directory, store) = store().await;
    let config = config(&directory);
    save(&store, 7).await;
    store.close().await;
    let good = fs::read(&config.database).unwrap();

    let statement = |sql: &'static str| {
        let database = config.database.clone();
        async move {
            let pool = SqlitePool::connect_with(open::options(&database))
                .await
                .unwrap();
            sqlx::query(sql).execute(&pool).await.unwrap();
            pool.close().await;
        }
    };
    let untouched = async |expected: fn(&OpenError) -> bool| {
        let before = fs::read(&config.database).unwrap();
        let error = open_error(&config).await;
        assert!(expected(&error), "{error}");
        assert_eq!(error.to_string().lines().count(), 1);
        assert!(fs::read(&config.database).unwrap() == before, "{error}");
        fs::write(&config.database, &good).unwrap();
    };

    fs::write(
        &config.database,
        "no database at all, but long enough for a header".repeat(40),
    )
    .unwrap();
    untouched(|error| matches!(error, OpenError::Corrupt { .. })).await;

    let mut damaged = good.clone();
    damaged[4096..8192].fill(0xa5);
    fs::write(&config.database, damaged).unwrap();
    untouched(|error| matches!(error, OpenError::Corrupt { .. })).await;

    fs::write(&config.database, &good[..good.len() / 2]).unwrap();
    untouched(|error| matches!(error, OpenError::Corrupt { .. })).await;

    statement(
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
         values (9999, 'later', true, x'00', 0)",
    )
    .await;
    untouched(|error| matches!(error, OpenError::Newer(_))).await;

    statement("update _sqlx_migrations set checksum = x'00' where version = 1").await;
    untouched(|error| matches!(error, OpenError::Foreign(_))).await;

    statement("drop table _sqlx_migrations").await;
    untouched(|error| matches!(error, OpenError::Foreign(_))).await;

    let store = Store::open(&config).await.unwrap();
    assert_eq!(store.latest_revision().await.unwrap(), 1);
}

#[tokio::test]
async fn the_first_administrator_is_made_once() {
    let (_directory, store) = store().await;
    let token = store.create_setup_link().await.unwrap();
    let token = token.expose_secret();
    let other = store.create_setup_link().await.unwrap();
    assert!(store.setup_link_is_open(token).await.unwrap());
    assert!(!store.setup_link_is_open("guess").await.unwrap());
    assert!(!store.has_administrator().await.unwrap());

    let refused = store
        .create_first_administrator(&name("eve"), "hash", Some("guess"))
        .await;
    assert!(matches!(refused, Err(FirstAdministratorError::UnknownLink)));

    let mut attempts = tokio::task::JoinSet::new();
    for _ in 0..5 {
        let (store, token) = (store.clone(), token.to_owned());
        attempts.spawn(async move {
            let alice = name("alice");
            store
                .create_first_administrator(&alice, "hash", Some(&token))
                .await
        });
    }
    let mut made = 0;
    for result in attempts.join_all().await {
        match result {
            Ok(_) => made += 1,
            Err(error) => assert!(matches!(error, FirstAdministratorError::Exists), "{error}"),
        }
    }
    assert_eq!(made, 1);
    assert!(store.has_administrator().await.unwrap());
    assert!(!store.setup_link_is_open(token).await.unwrap());
    assert!(
        !store
            .setup_link_is_open(other.expose_secret())
            .await
            .unwrap()
    );
}

#[tokio::test]
async fn names_are_unique_without_case() {
    let (_directory, store) = store().await;
    let alice = store
        .insert_administrator(&name("Älice"), "hash")
        .await
        .unwrap();
    let refused = store.insert_administrator(&name("äLICE"), "hash").await;
    assert!(matches!(refused, Err(InsertError::NameTaken)));
    let found = store.find_administrator("ÄLICE").await.unwrap().unwrap();
    assert_eq!(
        (found.id, found.username.as_str()),
        (alice.id.clone(), "Älice")
    );
    assert!(store.find_administrator("bob").await.unwrap().is_none());
    assert!(store.administrator(&alice.id).await.unwrap().is_some());
    for wrong in ["", " alice", "alice\n", "a\u{0}b", &"x".repeat(256)] {
        assert!(Username::parse(wrong).is_err(), "{wrong:?}");
    }
}

#[tokio::test]
async fn every_password_change_is_later_than_the_one_before() {
    let (_directory, store) = store().await;
    let alice = store
        .insert_administrator(&name("alice"), "one")
        .await
        .unwrap();
    let second = store
        .update_password(&alice.id, "two")
        .await
        .unwrap()
        .unwrap();
    let third = store
        .update_password(&alice.id, "three")
        .await
        .unwrap()
        .unwrap();
    assert!(alice.password_changed_at < second.password_changed_at);
    assert!(second.password_changed_at < third.password_changed_at);
    assert_eq!(third.password_hash, "three");
    assert!(!format!("{third:?}").contains("three"));
    assert!(
        store
            .update_password("nobody", "x")
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn web_sessions_live_until_they_expire_or_are_deleted() {
    let (_directory, store) = store().await;
    let sessions = WebSessions::new(store.clone());
    let record = |seconds| Record {
        id: Id::default(),
        data: [("user".to_owned(), serde_json::json!("alice"))].into(),
        expiry_date: OffsetDateTime::now_utc() + time::Duration::seconds(seconds),
    };

    let mut live = record(60);
    sessions.create(&mut live).await.unwrap();
    let loaded = sessions.load(&live.id).await.unwrap().unwrap();
    assert_eq!(loaded.data, live.data);
    let stored: String = sqlx::query_scalar("select id_hash || data from web_sessions")
        .fetch_one(&store.pool().await.unwrap())
        .await
        .unwrap();
    assert!(!stored.contains(&live.id.to_string()));

    let mut twin = live.clone();
    sessions.create(&mut twin).await.unwrap();
    assert_ne!(twin.id, live.id, "an id that is taken is replaced");

    let mut past = record(-1);
    sessions.create(&mut past).await.unwrap();
    assert!(sessions.load(&past.id).await.unwrap().is_none());
    sessions.delete_expired().await.unwrap();
    let count: i64 = sqlx::query_scalar("select count(*) from web_sessions")
        .fetch_one(&store.pool().await.unwrap())
        .await
        .unwrap();
    assert_eq!(count, 2);

    live.data
        .insert("user".to_owned(), serde_json::json!("bob"));
    sessions.save(&live).await.unwrap();
    assert_eq!(
        sessions.load(&live.id).await.unwrap().unwrap().data,
        live.data
    );
    sessions.delete(&live.id).await.unwrap();
    sessions.save(&live).await.unwrap();
    assert!(
        sessions.load(&live.id).await.unwrap().is_none(),
        "a late save revives nothing"
    );
}

async fn next(revisions: &mut mpsc::UnboundedReceiver<StoredSettings>) -> StoredSettings {
    tokio::time::timeout(Duration::from_secs(10), revisions.recv())
        .await
        .unwrap()
        .unwrap()
}

#[tokio::test]
async fn a_follower_sees_the_saves_of_others_and_another_file() {
    let (directory, store) = store().await;
    let config = config(&directory);
    let known = store.settings().await.unwrap();
    let (sender, mut revisions) = mpsc::unbounded_channel();
    let follower = store.clone();
    let task = tokio::spawn(async move {
        follower
            .follow(&known, |stored| drop(sender.send(stored)))
            .await;
    });

    let other = Store::open(&config).await.unwrap();
    save(&other, 40).await;
    assert_eq!(
        next(&mut revisions)
            .await
            .settings
            .global
            .clock_skew_seconds,
        40
    );
    other.close().await;
    let backup = directory.path().join("backup.db");
    sqlx::query("vacuum into $1")
        .bind(backup.to_str().unwrap())
        .execute(&store.pool().await.unwrap())
        .await
        .unwrap();
    save(&store, 41).await;
    assert_eq!(next(&mut revisions).await.revision, 2);

    // Gone: nothing can be written, and nothing is made in its place.
    fs::rename(&config.database, directory.path().join("gone.db")).unwrap();
    let refused = store
        .update_settings("alice", |now| Ok::<_, Infallible>(now.settings.clone()))
        .await;
    assert!(matches!(
        refused,
        Err(UpdateError::Store(StoreError::Gone(_)))
    ));
    assert!(!config.database.exists());

    // A backup takes its place: it is older by revision, and in force all the same.
    fs::rename(&backup, &config.database).unwrap();
    let restored = next(&mut revisions).await;
    assert_eq!((restored.generation, restored.revision), (1, 1));
    assert_eq!(restored.settings.global.clock_skew_seconds, 40);
    save(&store, 42).await;
    assert_eq!(
        next(&mut revisions)
            .await
            .settings
            .global
            .clock_skew_seconds,
        42
    );
    task.abort();
}

#[tokio::test]
async fn a_file_of_another_key_does_not_take_the_place_of_the_database() {
    let (directory, store) = store().await;
    let (other_directory, other) = self::store().await;
    save(&store, 50).await;
    save(&other, 51).await;
    other.close().await;
    let foreign = config(&other_directory).database;
    fs::rename(foreign, config(&directory).database).unwrap();
    let refused = store.settings().await;
    assert!(
        matches!(refused, Err(StoreError::Replaced(_))),
        "{refused:?}"
    );
}
