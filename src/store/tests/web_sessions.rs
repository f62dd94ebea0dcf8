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

fn signed_in(administrator: &Administrator, since: i64) -> SignIn {
    SignIn {
        administrator_id: administrator.id.clone(),
        password_changed_at: administrator.password_changed_at,
        since,
        touched_at: since,
        from: "192.0.2.1".to_owned(),
        user_agent: "Firefox/128".to_owned(),
    }
}

#[tokio::test]
async fn a_sign_in_is_over_after_half_a_day_with_another_password_and_with_the_account() {
    let (_directory, store) = store().await;
    let alice = Username::parse("alice").unwrap();
    let alice = store
        .insert_administrator(&alice, Role::Admin, "hash")
        .await;
    let alice = alice.unwrap();
    let sign_in = signed_in(&alice, 1000);
    let half_a_day = 12 * 60 * 60;
    assert!(!sign_in.is_over(1000 + half_a_day - 1, &alice));
    assert!(sign_in.is_over(1000 + half_a_day, &alice));
    let other = store.update_password(&alice.id, "other").await.unwrap();
    assert!(sign_in.is_over(1001, &other));

    let bob = Username::parse("bob").unwrap();
    let bob = store.insert_administrator(&bob, Role::Viewer, "hash").await;
    let bob = bob.unwrap();
    let sign_in = signed_in(&bob, 1000);
    assert!(!sign_in.is_over(1001, &bob));
    let disabled = store.disable_administrator(&bob.id).await.unwrap();
    assert!(sign_in.is_over(1001, &disabled));
    let again = signed_in(&disabled, 1000);
    assert!(again.is_over(1001, &disabled), "nobody signs in meanwhile");
    let enabled = store.enable_administrator(&bob.id).await.unwrap();
    assert!(sign_in.is_over(1001, &enabled), "nothing comes back");
}

#[tokio::test]
async fn the_sessions_of_an_administrator_are_listed_and_ended() {
    let (_directory, store) = store().await;
    let sessions = WebSessions::new(store.clone());
    let mut people = Vec::new();
    for name in ["alice", "bob"] {
        let name = Username::parse(name).unwrap();
        let made = store.insert_administrator(&name, Role::Admin, "hash").await;
        people.push(made.unwrap());
    }
    let mut ids = Vec::new();
    for (person, since, seconds) in [(0, 10, 60), (0, 20, 60), (0, 30, -1), (1, 40, 60)] {
        let sign_in = serde_json::to_value(signed_in(&people[person], since)).unwrap();
        let mut record = Record {
            id: Id::default(),
            data: [(SignIn::NAME.to_owned(), sign_in)].into(),
            expiry_date: OffsetDateTime::now_utc() + time::Duration::seconds(seconds),
        };
        sessions.create(&mut record).await.unwrap();
        ids.push(record.id);
    }
    let mut nobody = Record {
        id: Id::default(),
        data: [("news".to_owned(), serde_json::json!("for the sign-in"))].into(),
        expiry_date: OffsetDateTime::now_utc() + time::Duration::seconds(60),
    };
    sessions.create(&mut nobody).await.unwrap();

    let since = async || -> Vec<i64> {
        let open = store.open_sessions().await.unwrap();
        open.iter().map(|session| session.sign_in.since).collect()
    };
    assert_eq!(since().await, [40, 20, 10]);
    let first = ids[0].to_string();
    let ended = store.end_sessions(&people[0].id, |session| session.has_id(&first));
    assert_eq!(ended.await.unwrap(), 1);
    assert!(sessions.load(&ids[0]).await.unwrap().is_none());
    assert_eq!(since().await, [40, 20]);
    assert_eq!(
        store.end_sessions(&people[0].id, |_| true).await.unwrap(),
        1
    );
    assert_eq!(since().await, [40]);
    assert!(sessions.load(&nobody.id).await.unwrap().is_some());
}
