//! A restore, seen by a process that uses the store.

use std::fs;
use std::time::{Duration, Instant};

use sqlx::{ConnectOptions as _, Connection as _};
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::SessionStore as _;

use super::*;

async fn clock_skew(config: &StoreConfig) -> (i64, u32) {
    let store = Store::open(config).await.unwrap();
    let stored = store.settings().await.unwrap();
    (stored.revision, stored.settings.global.clock_skew_seconds)
}

#[tokio::test]
async fn a_save_that_has_waited_for_a_restore_goes_into_the_restored_file() {
    let (directory, store) = store().await;
    let config = config(&directory);
    save(&store, 1).await;
    let backup = directory.path().join("a.db");
    config.back_up(&backup).await.unwrap();
    save(&store, 2).await;
    save(&store, 3).await;

    let mut lock = open::options(&config.database).connect().await.unwrap();
    let begin = sqlx::query("begin immediate");
    begin.execute(&mut lock).await.unwrap();
    let pool = store.pool().await.unwrap();
    let saving = tokio::spawn({
        let store = store.clone();
        async move { save(&store, 9).await }
    });
    // It has seen the former file, and has a connection to it.
    let deadline = Instant::now() + Duration::from_secs(10);
    while pool.num_idle() == pool.size() as usize {
        assert!(Instant::now() < deadline, "nothing is saved");
        tokio::task::yield_now().await;
    }
    for file in ["bearergate.db-wal", "bearergate.db-shm"] {
        fs::remove_file(config.data_dir.join(file)).unwrap();
    }
    fs::rename(&backup, &config.database).unwrap();
    lock.close().await.unwrap();

    assert_eq!(saving.await.unwrap().revision, 2);
    assert_eq!(clock_skew(&config).await, (2, 9));
}

#[tokio::test]
async fn what_is_saved_until_the_last_moment_stays_in_the_former_store() {
    let (directory, store) = store().await;
    let config = config(&directory);
    save(&store, 1).await;
    let backup = directory.path().join("a.db");
    config.back_up(&backup).await.unwrap();
    save(&store, 2).await;
    let restore = Restore::prepare(&config, &backup).await.unwrap();
    assert_eq!(restore.replaces(), Some(config.database.as_path()));
    // Saved between the check and the end.
    save(&store, 3).await;
    let kept = restore.finish().await.unwrap().unwrap();
    assert_eq!(store.latest_revision().await.unwrap(), 1);
    assert_eq!(clock_skew(&config.with_database(&kept)).await, (3, 3));
    assert_eq!(save(&store, 4).await.revision, 2);
}

#[tokio::test]
async fn sessions_do_not_come_back() {
    let (directory, store) = store().await;
    let config = config(&directory);
    let sessions = WebSessions::new(store.clone());
    let mut record = Record {
        id: Id::default(),
        data: std::collections::HashMap::new(),
        expiry_date: time::OffsetDateTime::now_utc() + time::Duration::hours(1),
    };
    sessions.create(&mut record).await.unwrap();
    let backup = directory.path().join("a.db");
    config.back_up(&backup).await.unwrap();
    assert!(sessions.load(&record.id).await.unwrap().is_some());
    let restore = Restore::prepare(&config, &backup).await.unwrap();
    restore.finish().await.unwrap();
    assert!(sessions.load(&record.id).await.unwrap().is_none());
}

#[tokio::test]
async fn a_backup_neither_changes_nor_updates_the_store_and_a_newer_one_is_refused() {
    let (directory, store) = store().await;
    let config = config(&directory);
    save(&store, 1).await;
    let pool = store.pool().await.unwrap();
    let newest: i64 = sqlx::query_scalar("select max(version) from _sqlx_migrations")
        .fetch_one(&pool)
        .await
        .unwrap();
    let as_if = async |sql: &'static str| {
        sqlx::query(sql).execute(&pool).await.unwrap();
    };
    // As an older program left it.
    as_if(
        "delete from _sqlx_migrations where version = (select max(version) from _sqlx_migrations)",
    )
    .await;
    let backup = directory.path().join("old.db");
    config.back_up(&backup).await.unwrap();
    let left: i64 = sqlx::query_scalar("select max(version) from _sqlx_migrations")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert!(left < newest);
    assert!(Restore::prepare(&config, &backup).await.is_ok());

    let backup = directory.path().join("new.db");
    fs::copy(directory.path().join("old.db"), &backup).unwrap();
    let mut copy = open::options(&backup).connect().await.unwrap();
    sqlx::query(
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
         values (9999, 'later', true, x'00', 0)",
    )
    .execute(&mut copy)
    .await
    .unwrap();
    copy.close().await.unwrap();
    let error = Restore::prepare(&config, &backup).await.unwrap_err();
    assert!(error.to_string().contains("newer"), "{error}");
}
