//! A save is in force at once and as a whole.

use std::time::{Duration, Instant};

use serde_json::json;

use super::scene::{Scene, changed, document};

#[tokio::test]
async fn an_import_is_in_force_within_a_second() {
    let scene = Scene::strict().await;
    scene
        .target("/rest/api", &[("authorization", "Basic YTpi")])
        .await
        .refused(401, "basic_disabled");
    scene
        .place
        .import(&document(&json!({}), &[scene.provider.settings()]));
    let begun = Instant::now();
    while scene
        .target("/rest/api", &[("authorization", "Basic YTpi")])
        .await
        .status
        != 200
    {
        assert!(
            begun.elapsed() < Duration::from_secs(2),
            "{:?}",
            begun.elapsed()
        );
    }
}

#[tokio::test]
async fn a_request_sees_one_revision_only() {
    // The two revisions differ in two settings; a mixture would show as a third kind of answer.
    let scene = Scene::strict().await;
    let one = document(
        &json!({ "basic_authentication_disabled": true }),
        &[scene.provider.settings()],
    );
    let attribute = changed(
        scene.provider.settings(),
        &json!({ "username_attribute": "oid", "id": "b2c" }),
    );
    let other = document(
        &json!({ "basic_authentication_disabled": true }),
        &[attribute],
    );
    let bearer = format!("Bearer {}", scene.provider.good_token());
    let mut seen = std::collections::BTreeSet::new();
    for round in 0..6 {
        scene
            .place
            .import(if round % 2 == 0 { &other } else { &one });
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_millis(700) {
            let answer = scene.validate(&[("authorization", &bearer)]).await;
            answer.passes("oauth");
            seen.insert((
                answer.header("x-auth-provider").to_owned(),
                answer.header("x-auth-username").to_owned(),
            ));
        }
    }
    let expected = [
        ("azure-b2c", "Alice"),
        ("b2c", "0b1f3c1e-8f3a-4a53-9d61-7d2c5a6f4e01"),
    ];
    let expected = expected.map(|(provider, user)| (provider.to_owned(), user.to_owned()));
    assert_eq!(seen, expected.into());
}
