//! Making, refusing and opening stores.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::*;

async fn open_error(config: &StoreConfig) -> OpenError {
    Store::open(config)
        .await
        .expect_err("the store must not open")
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

/// As the version before the roles of administrators left it.
#[tokio::test]
async fn a_store_without_roles_keeps_its_administrators_and_their_sessions() {
    let directory = TempDir::new().unwrap();
    let config = config(&directory);
    fs::create_dir(&config.data_dir).unwrap();
    fs::write(&config.database, "").unwrap();
    let pool = SqlitePool::connect_with(open::options(&config.database))
        .await
        .unwrap();
    let mut before = sqlx::migrate::Migrator::DEFAULT;
    let migrations = open::MIGRATIONS.iter().filter(|one| one.version <= 5);
    before.migrations = migrations.cloned().collect();
    before.run(&pool).await.unwrap();
    let id = tower_sessions::session::Id::default();
    let session = r#"{"signed_in":{"administrator_id":"1","password_changed_at":100,"since":1000,"touched_at":1000}}"#;
    sqlx::query(
        "insert into administrators
            (id, username, username_key, password_hash, password_changed_at, created_at)
         values ('1', 'Alice', 'alice', 'hash', 100, 90)",
    )
    .execute(&pool)
    .await
    .unwrap();
    sqlx::query("insert into web_sessions (id_hash, data, expires_at) values ($1, $2, $3)")
        .bind(sha256(&id.to_string()))
        .bind(session)
        .bind(now() + 60)
        .execute(&pool)
        .await
        .unwrap();
    pool.close().await;

    let store = Store::open(&config).await.unwrap();
    let alice = store.find_administrator("alice").await.unwrap().unwrap();
    assert_eq!((alice.role, alice.is_disabled()), (Role::Admin, false));
    assert_eq!(alice.password_hash, "hash");
    assert_eq!(alice.last_sign_in_at, None);
    let open = store.open_sessions().await.unwrap();
    assert!(open[0].has_id(&id.to_string()));
    assert!(!open[0].sign_in.is_over(1001, &alice));
    let signed_in = store.note_sign_in(&alice, "192.0.2.1").await.unwrap();
    assert_eq!(signed_in.unwrap().last_sign_in_from, "192.0.2.1");
}

/// What an acknowledged save needs to survive a power cut.
#[tokio::test]
async fn every_connection_waits_until_the_disk_has_written() {
    let (_directory, store) = store().await;
    let pool = store.pool().await.unwrap();
    let synchronous: i64 = sqlx::query_scalar("pragma synchronous")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(synchronous, 2, "full");
}
