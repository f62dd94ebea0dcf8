//! Administrators and the links that make the first one.

use secrecy::ExposeSecret as _;

use super::*;

fn name(text: &str) -> Username {
    Username::parse(text).unwrap()
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
