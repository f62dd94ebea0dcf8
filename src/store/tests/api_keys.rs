//! Keys of the management API.

use super::*;
use crate::api_key::{KeyName, NewKey, Role};

fn name(text: &str) -> KeyName {
    KeyName::parse(text).expect("a name")
}

#[tokio::test]
async fn a_key_is_kept_as_a_hash_and_its_name_is_free_once_it_is_revoked() {
    let (_directory, store) = store().await;
    let empty = store.api_keys().await.unwrap();
    assert!(empty.keys.is_empty());

    let key = NewKey::generate();
    let create = async |text, key: &NewKey| {
        store
            .create_api_key(&name(text), Role::Introspect, key, "alice")
            .await
    };
    create("Wiki", &key).await.unwrap();
    let taken = create("wiki", &NewKey::generate()).await;
    assert!(matches!(taken, Err(CreateKeyError::NameTaken)), "{taken:?}");
    let made = store.api_keys().await.unwrap();
    assert!(made.version > empty.version);
    let [stored] = &made.keys[..] else {
        panic!("{made:?}")
    };
    assert_eq!(
        (&*stored.name, stored.role, &*stored.created_by),
        ("Wiki", Role::Introspect, "alice")
    );
    assert_eq!(stored.prefix, key.prefix());
    let row: String = sqlx::query_scalar("select name || key_hash || prefix from api_keys")
        .fetch_one(&store.pool().await.unwrap())
        .await
        .unwrap();
    assert!(!row.contains(key.expose()));

    assert!(store.revoke_api_key("WIKI").await.unwrap());
    assert!(!store.revoke_api_key("wiki").await.unwrap());
    assert!(!store.revoke_api_key_by_id(&stored.id).await.unwrap());
    let revoked = store.api_keys().await.unwrap();
    assert!(revoked.keys.is_empty() && revoked.version > made.version);
    create("wiki", &NewKey::generate()).await.unwrap();
}

#[tokio::test]
async fn the_latest_use_stays() {
    let (_directory, store) = store().await;
    let key = NewKey::generate();
    store
        .create_api_key(&name("wiki"), Role::Viewer, &key, "alice")
        .await
        .unwrap();
    let of_the_key = async || store.api_keys().await.unwrap().keys.remove(0);
    let id = of_the_key().await.id;
    assert_eq!(of_the_key().await.last_used_at, None);
    for (told, known) in [(20, 20), (10, 20), (30, 30)] {
        store
            .note_api_key_uses(&[(id.clone(), told)])
            .await
            .unwrap();
        assert_eq!(of_the_key().await.last_used_at, Some(known));
    }
}
