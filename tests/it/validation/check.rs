//! The `check` command: one decision, explained.

use serde_json::json;

use super::scene::Scene;

#[tokio::test(flavor = "multi_thread")]
async fn check_tells_every_step_and_its_exit_code_the_outcome() {
    let scene = Scene::strict().await;
    let good = format!("Authorization: Bearer {}", scene.provider.good_token());
    let ended = scene
        .place
        .run(["check", "--uri", "/rest/api", "--header", &good], "");
    assert_eq!(ended.code, Some(0), "{}", ended.stdout);
    for line in [
        "GET /rest/api",
        "pass  Signature: ",
        "200 oauth, as \"Alice\"",
    ] {
        assert!(ended.stdout.contains(line), "{}", ended.stdout);
    }
    let foreign = scene
        .provider
        .sign(scene.provider.token().with("aud", "other"));
    let foreign = format!("Authorization: Bearer {foreign}");
    let ended = scene
        .place
        .run(["check", "--method", "POST", "--header", &foreign], "");
    assert_eq!(ended.code, Some(1));
    for line in [
        "POST a protected call",
        "FAIL  Audience: The token is for \"other\"",
        "401 wrong_audience",
    ] {
        assert!(ended.stdout.contains(line), "{}", ended.stdout);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn check_never_repeats_a_credential() {
    let scene = Scene::with(&json!({})).await;
    let secret = "c2VjcmV0OnBhc3N3b3Jk";
    for arguments in [
        [
            "check",
            "--uri",
            "/rest/?os_password=c2VjcmV0OnBhc3N3b3Jk",
            "--header",
            "X: y",
        ],
        [
            "check",
            "--uri",
            "/rest/",
            "--header",
            "Authorization: Basic c2VjcmV0OnBhc3N3b3Jk",
        ],
        [
            "check",
            "--uri",
            "/rest/",
            "--header",
            "Authorization Basic c2VjcmV0OnBhc3N3b3Jk",
        ],
        [
            "check",
            "--uri",
            "/rest/",
            "--header",
            "Authori zation: c2VjcmV0OnBhc3N3b3Jk",
        ],
    ] {
        let ended = scene.place.run(arguments, "");
        assert!(!ended.stdout.contains(secret), "{}", ended.stdout);
        assert!(!ended.stderr.contains(secret), "{}", ended.stderr);
    }
}
