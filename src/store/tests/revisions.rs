//! Saves of settings.

use super::*;
use crate::settings::BasicException;

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

#[tokio::test]
async fn what_could_not_be_read_again_is_not_saved() {
    let (_directory, store) = store().await;
    save(&store, 30).await;
    let endless = |current: &StoredSettings| {
        let mut settings = current.settings.clone();
        settings.global.basic_exceptions = vec![BasicException {
            id: "jenkins".to_owned(),
            users: vec!["svc-jenkins".to_owned()],
            paths: Vec::new(),
            networks: Vec::new(),
            owner: "Build team".to_owned(),
            reason: "No OAuth yet".to_owned(),
            // Its year has a minus, which no document may have.
            ends_on: time::Date::MIN,
        }];
        Ok::<_, Infallible>(settings)
    };
    let refused = store
        .update_settings(&Author::command("bob"), endless)
        .await;
    assert!(matches!(
        refused,
        Err(UpdateError::Store(StoreError::Settings(_)))
    ));
    assert_eq!(store.settings().await.unwrap().revision, 1);
}
