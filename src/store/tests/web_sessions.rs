//! Sessions of browsers.

use time::OffsetDateTime;
use tower_sessions::Session;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{ExpiredDeletion as _, SessionStore as _};

use super::*;

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

#[tokio::test]
async fn a_session_whose_id_is_renewed_lives_under_the_new_one_alone() {
    let (_directory, store) = store().await;
    let sessions = Arc::new(WebSessions::new(store));
    let session = Session::new(None, sessions.clone(), None);
    session.insert("user", "alice").await.unwrap();
    session.save().await.unwrap();
    let before = session.id().unwrap();

    session.cycle_id().await.unwrap();
    session.save().await.unwrap();
    let after = session.id().unwrap();
    assert!(sessions.load(&before).await.unwrap().is_none());
    let renewed = Session::new(Some(after), sessions, None);
    let user: Option<String> = renewed.get("user").await.unwrap();
    assert_eq!(user.as_deref(), Some("alice"));
}
