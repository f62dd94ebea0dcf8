//! Saves of settings.

use super::*;

#[tokio::test]
async fn settings_begin_with_the_defaults_and_every_save_is_a_revision() {
    let (directory, store) = store().await;
    assert_eq!(store.settings().await.unwrap(), StoredSettings::default());
    assert_eq!(store.latest_revision().await.unwrap(), 0);
    let saved = save(&store, 30).await;
    assert_eq!((saved.revision, saved.saved_by.as_str()), (1, "alice"));
    assert_eq!(save(&store, 31).await.revision, 2);

    let refused = store
        .update_settings(&Author::command("bob"), |_| Err::<Settings, _>("no"))
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
            store
                .update_settings(&Author::command("alice"), count)
                .await
                .unwrap()
        });
    }
    tasks.join_all().await;
    let stored = store.settings().await.unwrap();
    assert_eq!(
        (stored.revision, stored.settings.global.clock_skew_seconds),
        (20, 80)
    );
}
