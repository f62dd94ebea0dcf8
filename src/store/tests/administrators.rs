//! Administrators and the links that make the first one.

use secrecy::ExposeSecret as _;

use super::*;

fn name(text: &str) -> Username {
    Username::parse(text).unwrap()
}

#[test]
fn nobody_is_named_like_an_api_key_or_looks_like_somebody_else() {
    for name in ["admin", "Jane Doe", "jane@example.com"] {
        assert!(Username::parse(name).is_ok(), "{name}");
    }
    for name in [
        "",
        " admin",
        "api:deploy",
        "ad\u{200b}min",
        "\u{202e}nimda",
        "alice\n",
        "a\u{0}b",
        &"x".repeat(256),
    ] {
        assert!(Username::parse(name).is_err(), "{name:?}");
    }
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
        .insert_administrator(&name("Älice"), Role::Admin, "hash")
        .await
        .unwrap();
    let refused = store
        .insert_administrator(&name("äLICE"), Role::Viewer, "hash")
        .await;
    assert!(matches!(refused, Err(InsertError::NameTaken)));
    let found = store.find_administrator("ÄLICE").await.unwrap().unwrap();
    assert_eq!(
        (found.id, found.username.as_str()),
        (alice.id.clone(), "Älice")
    );
    assert!(store.find_administrator("bob").await.unwrap().is_none());
    assert!(store.administrator(&alice.id).await.unwrap().is_some());
}

#[tokio::test]
async fn every_password_change_is_later_than_the_one_before() {
    let (_directory, store) = store().await;
    let alice = store
        .insert_administrator(&name("alice"), Role::Admin, "one")
        .await
        .unwrap();
    let second = store.update_password(&alice.id, "two").await.unwrap();
    let third = store.update_password(&alice.id, "three").await.unwrap();
    assert!(alice.password_changed_at < second.password_changed_at);
    assert!(second.password_changed_at < third.password_changed_at);
    assert_eq!(third.password_hash, "three");
    assert!(!format!("{third:?}").contains("three"));
    let nobody = store.update_password("nobody", "x").await;
    assert!(matches!(nobody, Err(ChangeError::Unknown)));
}

#[tokio::test]
async fn one_enabled_admin_remains_also_when_two_act_at_once() {
    let (_directory, store) = store().await;
    let early = store
        .insert_administrator(&name("bob"), Role::Viewer, "hash")
        .await;
    assert!(matches!(early, Err(InsertError::NoAdmin)));
    assert!(!store.has_administrator().await.unwrap());
    let mut ids = Vec::new();
    for (username, role) in [
        ("alice", Role::Admin),
        ("bob", Role::Admin),
        ("carol", Role::Viewer),
    ] {
        let made = store
            .insert_administrator(&name(username), role, "hash")
            .await;
        ids.push(made.unwrap().id);
    }
    for round in 0..20 {
        let (first, second) = (store.clone(), store.clone());
        let (alice, bob) = (ids[0].clone(), ids[1].clone());
        let is_mixed = round % 2 == 0;
        let (one, other) = tokio::join!(
            tokio::spawn(async move { first.set_role(&alice, Role::Viewer).await }),
            tokio::spawn(async move {
                if is_mixed {
                    second.disable_administrator(&bob).await
                } else {
                    second.set_role(&bob, Role::Viewer).await
                }
            }),
        );
        let results = [one.unwrap(), other.unwrap()];
        let refused = results.iter().filter(|result| result.is_err());
        assert_eq!(refused.count(), 1, "{results:?}");
        let left = store.administrators().await.unwrap();
        let left = left
            .iter()
            .filter(|one| one.role == Role::Admin && !one.is_disabled());
        assert_eq!(left.count(), 1);
        for result in results {
            assert!(matches!(result, Ok(_) | Err(ChangeError::LastAdmin)));
        }
        for id in &ids[..2] {
            store.set_role(id, Role::Admin).await.unwrap();
            store.enable_administrator(id).await.unwrap();
        }
    }
    let unknown = store.set_role("nobody", Role::Viewer).await;
    assert!(matches!(unknown, Err(ChangeError::Unknown)));
}

#[tokio::test]
async fn a_sign_in_counts_only_for_the_account_whose_password_was_compared() {
    let (_directory, store) = store().await;
    let alice = store
        .insert_administrator(&name("alice"), Role::Admin, "one")
        .await
        .unwrap();
    let bob = store
        .insert_administrator(&name("bob"), Role::Viewer, "one")
        .await
        .unwrap();
    assert_eq!(bob.last_sign_in_at, None);
    let signed_in = store.note_sign_in(&bob, "192.0.2.1").await.unwrap();
    let signed_in = signed_in.expect("nothing has changed");
    assert!(signed_in.last_sign_in_at >= Some(bob.created_at));
    assert_eq!(signed_in.last_sign_in_from, "192.0.2.1");

    store.update_password(&bob.id, "two").await.unwrap();
    assert!(store.note_sign_in(&bob, "").await.unwrap().is_none());
    let bob = store.disable_administrator(&bob.id).await.unwrap();
    assert!(store.note_sign_in(&bob, "").await.unwrap().is_none());
    let enabled = store.enable_administrator(&bob.id).await.unwrap();
    assert_eq!(enabled.password_hash, "two");
    assert_eq!(enabled.last_sign_in_from, "192.0.2.1");
    let last = store.disable_administrator(&alice.id).await;
    assert!(matches!(last, Err(ChangeError::LastAdmin)));
}
