//! What other processes do to the store, and to its file.

use std::fs;
use std::time::Duration;

use tokio::sync::mpsc;

use super::*;

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
            .follow(&known, |stored, _| drop(sender.send(stored)), drop)
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
        .update_settings(&Author::command("alice"), |now| {
            Ok::<_, Infallible>(now.settings.clone())
        })
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
