//! The page "Activity" in Chromium: a refusal arrives in the open page, with its reason.

use std::time::Instant;

use bearergate_testkit::http::send;
use bearergate_testkit::program::PATIENCE;

use crate::support::console;
use crate::support::gate::Gate;

#[tokio::test]
async fn a_refusal_arrives_in_the_open_page() {
    let gate = Gate::first_start().await;
    let administrator = console::set_up(&gate, true).await;
    let browser = &administrator.browser;
    browser.follow("Activity").await;
    browser.says("The gate has decided nothing yet").await;
    browser.picture("activity-none").await;
    administrator
        .switch_on("Enable REST API Authentication")
        .await;
    let client = reqwest::Client::new();
    let call = || client.get(format!("http://{}/validate", gate.validation));
    let basic = |user: &str| call().basic_auth(user, Some("secret"));
    for user in ["svc-jenkins", "svc-nagios"] {
        assert_eq!(send(basic(user)).await.status, 200);
    }
    administrator
        .switch_on("Disable Basic Authentication")
        .await;
    // The store is told each 10 seconds.
    let deadline = Instant::now() + PATIENCE;
    let counted = "2 calls allowed, 0 refused in the last hour";
    browser.follow("Activity").await;
    while !browser.text().await.contains(counted) {
        assert!(Instant::now() < deadline, "{}", browser.text().await);
        browser.follow("Activity").await;
    }
    browser.says("Live").await;

    let hostile = "<img src=x onerror=alert(1)>";
    let answer = send(basic("svc-jenkins").header("user-agent", hostile)).await;
    assert_eq!(answer.reason(), "basic_disabled");
    browser.says("basic_disabled").await;
    browser.says(hostile).await;
    assert_eq!(send(call()).await.reason(), "missing_credential");
    browser.says("This call needs a bearer token.").await;
    browser.picture("activity-live").await;
}
