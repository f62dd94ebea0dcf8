//! `/readyz`: which part is not ready.

use std::fs;

use bearergate_testkit::program::{PATIENCE, minimal_settings};
use bearergate_testkit::{Behaviour, Endpoint, Provider};
use serde_json::{Value, json};

use crate::validation::scene::{Scene, document};

async fn readiness(scene: &Scene) -> (u16, Value) {
    let answer = scene.ask("GET", "/readyz", &[]).await;
    assert_eq!(answer.header("cache-control"), "no-store");
    let body = serde_json::from_str(&answer.body).expect("JSON");
    (answer.status.as_u16(), body)
}

/// The parts, each with whether it is ready.
fn parts(body: &Value) -> Vec<(&str, bool)> {
    let parts = body["parts"].as_array().expect("a list").iter();
    parts
        .map(|part| {
            let ready = part["ready"].as_bool().expect("a boolean");
            assert_eq!(part.get("detail").is_some(), !ready, "{part}");
            (part["part"].as_str().expect("a name"), ready)
        })
        .collect()
}

#[tokio::test]
async fn a_provider_without_keys_is_told_and_takes_nothing_away() {
    let provider = Provider::start().await;
    provider.behave(Endpoint::Keys, Behaviour::Answer(500, "".into()));
    let settings = document(&json!({}), &[provider.settings()]);
    let scene = Scene::on(provider, &settings, &[]);
    let (status, body) = readiness(&scene).await;
    assert_eq!(
        (status, &body["ready"], &body["revision"]),
        (200, &json!(true), &json!(1))
    );
    let expected = [("store", true), ("settings", true), ("providers", false)];
    assert_eq!(parts(&body), expected);
    // Anybody may ask: neither the provider's name nor its address is told.
    let text = body.to_string();
    assert!(
        !text.contains("azure-b2c") && !text.contains("127.0.0.1"),
        "{text}"
    );

    scene.provider.behave(Endpoint::Keys, Behaviour::Healthy);
    let deadline = std::time::Instant::now() + PATIENCE;
    while parts(&readiness(&scene).await.1)[2] != ("providers", true) {
        assert!(std::time::Instant::now() < deadline);
    }
}

#[tokio::test]
async fn a_store_that_is_gone_is_told() {
    let mut scene = Scene::strict().await;
    let aside = scene.place.path("aside.db");
    fs::rename(scene.place.database(), &aside).unwrap();
    scene.server.wait_for("the store does not answer");
    let (status, body) = readiness(&scene).await;
    assert_eq!((status, &body["ready"]), (503, &json!(false)));
    assert_eq!(parts(&body)[..2], [("store", false), ("settings", true)]);
    let text = body.to_string();
    assert!(!text.contains("bearergate.db"), "{text}");
    let scrape = super::text::Scrape::of(&scene).await;
    assert_eq!(scrape.count("bearergate_store_up", &[]), 0);

    fs::rename(&aside, scene.place.database()).unwrap();
    scene.server.wait_for("the store answers again");
    assert_eq!(readiness(&scene).await.0, 200);
}

#[tokio::test]
async fn settings_that_cannot_be_read_are_told_and_the_former_stay_in_force() {
    let mut scene = Scene::strict().await;
    scene.place.import(&minimal_settings());
    scene.server.wait_for("new settings in force revision=2");
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(scene.place.database());
    let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
    sqlx::query("insert into settings_revisions select 3, '{', saved_at, saved_by, saved_from, 3, username_maps from settings_revisions where revision = 2")
        .execute(&pool)
        .await
        .unwrap();
    scene
        .server
        .wait_for("what is newest in the store can't be read");
    let (status, body) = readiness(&scene).await;
    assert_eq!((status, &body["revision"]), (503, &json!(2)));
    assert_eq!(parts(&body)[..2], [("store", true), ("settings", false)]);
    let scrape = super::text::Scrape::of(&scene).await;
    assert_eq!(scrape.count("bearergate_store_up", &[]), 1);
    assert_eq!(scrape.count("bearergate_settings_up_to_date", &[]), 0);
}
