//! Exceptions: Basic is disabled, but not for everybody.

use serde_json::{Value, json};

use super::scene::{Answer, Scene};

/// alice:secret
const ALICE: (&str, &str) = ("authorization", "Basic YWxpY2U6c2VjcmV0");
/// bob:secret
const BOB: (&str, &str) = ("authorization", "Basic Ym9iOnNlY3JldA==");

async fn scene(exception: Value) -> Scene {
    let mut whole = json!({
        "id": "jenkins", "owner": "Build team", "reason": "No OAuth yet", "ends_on": "2999-12-31",
    });
    for (name, value) in exception.as_object().expect("an object") {
        whole[name] = value.clone();
    }
    Scene::with(&json!({
        "basic_authentication_disabled": true, "basic_exceptions": [whole],
    }))
    .await
}

fn passes(answer: &Answer) {
    answer.passes("basic");
}

fn refused(answer: &Answer) {
    answer.refused(401, "basic_disabled");
}

#[tokio::test]
async fn a_user_may_go_on_with_basic() {
    let scene = scene(json!({ "users": ["Alice"] })).await;
    let answer = scene.target("/rest/api/content", &[ALICE]).await;
    passes(&answer);
    assert_eq!(answer.header("authorization"), ALICE.1);
    passes(
        &scene
            .target("/rest/?os_username=alice&os_password=x", &[])
            .await,
    );
    passes(&scene.target("/download/x", &[ALICE]).await);
    refused(&scene.target("/rest/api/content", &[BOB]).await);
    refused(&scene.target("/rest/?os_password=x", &[]).await);
    let twice = "/rest/?os_username=alice&os_username=bob&os_password=x";
    refused(&scene.target(twice, &[]).await);
}

#[tokio::test]
async fn a_path_and_a_network_may_be_named_too() {
    let scene = scene(json!({ "paths": ["/rest/hooks/"], "networks": ["10.0.0.0/8"] })).await;
    let inside = ("x-forwarded-for", "10.1.2.3");
    let outside = ("x-forwarded-for", "192.0.2.1");
    passes(&scene.target("/rest/hooks/1", &[BOB, inside]).await);
    refused(&scene.target("/rest/hooks/1", &[BOB, outside]).await);
    refused(&scene.target("/rest/hooks/../api", &[BOB, inside]).await);
    refused(&scene.target("/rest/hooks%2f1", &[BOB, inside]).await);
    // Without a path, as a script asks, it can't be said to be among the paths.
    refused(&scene.validate(&[BOB, inside]).await);
}

#[tokio::test]
async fn an_exception_whose_day_is_over_lets_nobody_in() {
    let scene = scene(json!({ "users": ["alice"], "ends_on": "2020-02-29" })).await;
    refused(&scene.target("/rest/", &[ALICE]).await);
}
