//! Username maps: changes are revisions, and nobody reads rows twice.

use serde_json::{Value, json};

use super::*;
use crate::settings::{MapUpdate, ReadContext, UsernameMap};

/// Saves settings with these providers.
async fn save_providers(store: &Store, ids: &[&str]) -> StoredSettings {
    let provider = |id: &&str| {
        json!({
            "id": id, "preset": "azure-b2c", "username_attribute": "oid", "client_id": id,
            "parameters": {"tenant": "contoso", "policy": "B2C_1_signin"},
            "issuers": [format!("https://{id}.example.com/")],
        })
    };
    let document = json!({
        "version": 1,
        "global": {
            "rest_api_authentication_enabled": true,
            "basic_authentication_disabled": true,
        },
        "providers": ids.iter().map(provider).collect::<Vec<Value>>(),
    });
    let change = |current: &StoredSettings| {
        let context = ReadContext {
            stored: &current.settings,
            username_maps: &current.username_maps,
            allow_http_providers: false,
        };
        Settings::read_value(&document, context)
    };
    store
        .update_settings(&Author::command("alice"), change)
        .await
        .unwrap()
}

/// Sets one row as the map stands, or removes it.
async fn set(store: &Store, provider: &str, value: &str, username: Option<&str>) -> StoredSettings {
    let (_, maps) = store.in_force().await.unwrap();
    let base = maps.of(provider).cloned().unwrap_or_default();
    let update = MapUpdate::of_row(&base, value, username);
    store
        .update_username_map(&Author::command("bob"), provider, &update)
        .await
        .unwrap()
}

async fn rows<T>(store: &Store, sql: &'static str) -> Vec<T>
where
    T: for<'r> sqlx::FromRow<'r, sqlx::sqlite::SqliteRow> + Send + Unpin,
{
    let pool = store.pool().await.unwrap();
    sqlx::query_as(sql).fetch_all(&pool).await.unwrap()
}

type Change = (i64, String, String, Option<String>, Option<String>);
const CHANGES: &str = "select revision, provider, value, old, new from username_map_changes
                       order by revision, value";
const ROWS: &str = "select provider, value, username from username_map_rows
                    order by provider, value";

#[tokio::test]
async fn a_change_of_a_map_is_a_revision_that_tells_its_rows() {
    let (directory, store) = store().await;
    save_providers(&store, &["a", "b"]).await;
    set(&store, "a", "x", Some("xenia")).await;
    set(&store, "b", "x", Some("xaver")).await;
    set(&store, "a", "y", Some("yves")).await;
    set(&store, "a", "x", Some("xanthippe")).await;
    let last = set(&store, "a", "y", None).await;
    assert_eq!((last.revision, last.saved_by.as_str()), (6, "bob"));
    assert_eq!(last.document_revision, 1, "the document is the first one's");

    let text = |text: &str| Some(text.to_owned());
    let change = |revision, provider: &str, value: &str, old, new| -> Change {
        (revision, provider.to_owned(), value.to_owned(), old, new)
    };
    let changes: Vec<Change> = rows(&store, CHANGES).await;
    assert_eq!(
        changes,
        [
            change(2, "a", "x", None, text("xenia")),
            change(3, "b", "x", None, text("xaver")),
            change(4, "a", "y", None, text("yves")),
            change(5, "a", "x", text("xenia"), text("xanthippe")),
            change(6, "a", "y", text("yves"), None),
        ]
    );
    // Another process reads the same.
    let other = Store::open(&config(&directory)).await.unwrap();
    let (stored, maps) = other.in_force().await.unwrap();
    assert_eq!(stored, last);
    let map = maps.of("a").unwrap();
    assert_eq!(map.rows().collect::<Vec<_>>(), [("x", "xanthippe")]);
    assert_eq!(stored.username_maps.get("a"), Some(map.digest()));
    assert_eq!(maps, store.in_force().await.unwrap().1);

    // The last row takes the map with it.
    let emptied = set(&store, "a", "x", None).await;
    assert!(!emptied.username_maps.contains_key("a"));
    assert!(store.in_force().await.unwrap().1.of("a").is_none());
}

#[tokio::test]
async fn an_update_made_for_another_map_changes_nothing() {
    let (_directory, store) = store().await;
    save_providers(&store, &["a"]).await;
    let late = MapUpdate::of_row(&UsernameMap::default(), "x", Some("mallory"));
    set(&store, "a", "x", Some("xenia")).await;
    for (provider, conflict) in [("a", MapConflict::Changed), ("c", MapConflict::NoProvider)] {
        let refused = store
            .update_username_map(&Author::command("bob"), provider, &late)
            .await;
        let Err(UpdateError::Change(found)) = refused else {
            panic!("{refused:?}");
        };
        assert_eq!(found, conflict);
    }
    assert_eq!(store.latest_revision().await.unwrap(), 2);
    let (_, maps) = store.in_force().await.unwrap();
    assert_eq!(maps.of("a").unwrap().get("x"), Some("xenia"));
}

#[tokio::test]
async fn a_provider_that_goes_takes_its_map_along_and_no_other() {
    let (_directory, store) = store().await;
    save_providers(&store, &["a", "b"]).await;
    set(&store, "a", "x", Some("xenia")).await;
    set(&store, "b", "x", Some("xaver")).await;
    let saved = save_providers(&store, &["b"]).await;
    assert!(saved.username_maps.keys().eq(["b"]));
    let left: Vec<(String, String, String)> = rows(&store, ROWS).await;
    assert_eq!(left, [("b".into(), "x".into(), "xaver".into())]);
    let changes: Vec<Change> = rows(&store, CHANGES).await;
    let gone = (4, "a".into(), "x".into(), Some("xenia".into()), None);
    assert_eq!(changes.last(), Some(&gone));
    // Its namesake begins without one.
    save_providers(&store, &["a", "b"]).await;
    assert!(store.in_force().await.unwrap().1.of("a").is_none());
}

#[tokio::test]
async fn rows_that_were_not_saved_here_are_noticed_but_not_by_a_save_of_settings() {
    let (directory, store) = store().await;
    save_providers(&store, &["a"]).await;
    set(&store, "a", "x", Some("xenia")).await;
    sqlx::query("update username_map_rows set username = 'admin'")
        .execute(&store.pool().await.unwrap())
        .await
        .unwrap();
    let other = Store::open(&config(&directory)).await.unwrap();
    let refused = other.in_force().await;
    assert!(
        matches!(&refused, Err(StoreError::UsernameMap(id)) if id == "a"),
        "{refused:?}"
    );
    // Who knows the map does not read its rows again, and a save of settings never does.
    let (_, maps) = store.in_force().await.unwrap();
    assert_eq!(maps.of("a").unwrap().get("x"), Some("xenia"));
    let saved = save(&other, 17).await;
    assert_eq!(
        saved.username_maps.get("a"),
        Some(maps.of("a").unwrap().digest())
    );
}
