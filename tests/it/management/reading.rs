//! What may be read, and with which tag.

use bearergate::settings::{MapUpdate, UsernameMap};
use bearergate::store::Author;
use serde_json::{Value, json};

use super::{OPENAPI, PROVIDERS, SETTINGS, Site, good, problem, provider};

#[tokio::test]
async fn the_settings_are_what_an_export_prints() {
    let site = Site::start();
    let answer = site.ask("GET", SETTINGS).await;
    assert_eq!(good(&answer), site.place.export());
    let providers = site.ask("GET", PROVIDERS).await;
    assert_eq!(good(&providers), good(&answer)["providers"]);
    assert_eq!(good(&providers)[0]["client_secret"], Value::Null);
    let second = site.ask("GET", "/api/v1/providers/second").await;
    assert_eq!(good(&second), good(&providers)[1]);
    let tag = answer.header("etag");
    assert!(tag.starts_with('"') && tag.ends_with('"'), "{tag}");
    assert_eq!(tag, providers.header("etag"));
    assert_eq!(tag, second.header("etag"));
    let head = site.ask("HEAD", SETTINGS).await;
    assert_eq!((head.header("etag"), head.body.as_str()), (tag, ""));
    for unknown in ["/api/v1/providers/third", "/api/v1/providers/%ff"] {
        problem(&site.ask("GET", unknown).await, 404);
    }
}

#[tokio::test]
async fn the_tag_changes_with_the_document_alone_and_is_that_of_every_server() {
    let site = Site::start();
    let tag = async || site.ask("GET", SETTINGS).await.header("etag").to_owned();
    let first = tag().await;
    let other = site.place.serve();
    let url = format!("http://{}{SETTINGS}", other.address);
    let request = site.client.get(url).bearer_auth(&site.viewer);
    let elsewhere = bearergate_testkit::http::send(request).await;
    assert_eq!(elsewhere.header("etag"), first);

    // A row of a username map is a revision, but no other document.
    let row = MapUpdate::of_row(&UsernameMap::default(), "7", Some("alice"));
    let author = Author::command("test");
    let store = site.store().await;
    let saved = store.update_username_map(&author, "first", &row).await;
    assert_eq!(saved.expect("a row").revision, 2);
    store.close().await;
    assert_eq!(tag().await, first);

    // A secret is not shown, and yet another one is another document.
    let mut changed = provider("first");
    changed["client_secret"] = json!("another");
    good(
        &site
            .send("PUT", "/api/v1/providers/first", &changed, &[])
            .await,
    );
    let second = tag().await;
    assert_ne!(second, first);
    // What was there before is another revision all the same.
    good(
        &site
            .send("PUT", "/api/v1/providers/first", &provider("first"), &[])
            .await,
    );
    let third = tag().await;
    assert!(third != first && third != second);
}

#[tokio::test]
async fn a_viewer_reads_all_that_there_is_to_read() {
    let site = Site::start();
    for path in [SETTINGS, PROVIDERS, "/api/v1/providers/first", OPENAPI] {
        let request = site.request("GET", path).bearer_auth(&site.viewer);
        good(&bearergate_testkit::http::send(request).await);
    }
}

#[tokio::test]
async fn the_api_stands_beside_the_console_alone() {
    let options = ["--validation-listen", "127.0.0.1:0"];
    let mut site = Site::start_with(&options);
    good(&site.ask("GET", SETTINGS).await);
    let line = site.until_log("listening on ");
    let (_, validation) = line.split_once("http://").expect("its address");
    let url = format!("http://{validation}{SETTINGS}");
    let request = site.client.get(url).bearer_auth(&site.admin);
    let answer = bearergate_testkit::http::send(request).await;
    assert_eq!(answer.status, 404);
    assert!(answer.body.is_empty());
}
