//! Observe mode and the exceptions in Chromium: what is shown when, and that a banner ends it.

use crate::support::console;
use crate::support::gate::Gate;

const DISABLE_BASIC: &str = "Disable Basic Authentication";
const ONLY_OBSERVE: &str = "Only observe";

#[tokio::test]
async fn only_observe_comes_with_the_end_of_basic() {
    let gate = Gate::first_start().await;
    let administrator = console::set_up(&gate, true).await;
    let browser = &administrator.browser;
    assert!(!browser.text().await.contains(ONLY_OBSERVE));
    browser.tick(DISABLE_BASIC).await;
    browser.says("What happens after Save").await;
    assert!(browser.text().await.contains(ONLY_OBSERVE));
    browser.tick("Enable REST API Authentication").await;
    browser.tick(ONLY_OBSERVE).await;
    // The panel follows before anything is saved.
    let followed = "Would be refused, passes for now: Confluence checks the password.";
    assert!(browser.text().await.contains(followed));
    browser.press("Save").await;
    browser.says("Basic is only observed").await;
    browser.picture("basic-observed").await;

    browser.tick("Observe").await;
    browser.press("Save").await;
    browser
        .says("Nothing is refused: the gate only observes")
        .await;
    browser.picture("observe").await;
    browser.press("Enforce now").await;
    browser.says("Mode: observe → enforce").await;
}

#[tokio::test]
async fn an_exception_is_added_and_removed() {
    let gate = Gate::first_start().await;
    let administrator = console::set_up(&gate, true).await;
    let browser = &administrator.browser;
    browser.follow("Basic exceptions").await;
    browser.says("What an exception is for").await;
    browser.picture("basic-exceptions-none").await;
    browser.follow("Add an exception").await;
    browser.press("Add").await;
    browser.says("Nothing was saved").await;
    browser.picture("basic-exception-faults").await;
    browser.fill("Short name", "jenkins").await;
    browser.fill("Users", "svc-jenkins").await;
    browser.fill("Client networks", "10.20.0.0/16").await;
    browser.fill("Owner", "Build team").await;
    browser.fill("Reason", "Plugin without OAuth").await;
    // As an American keyboard enters a day.
    browser.fill("Last day", "01312099").await;
    assert_eq!(browser.value("Last day").await, "2099-01-31");
    browser.press("Add").await;
    browser.says("1 Basic exception").await;
    browser.picture("basic-exceptions").await;
    browser.follow("Change jenkins").await;
    browser.picture("basic-exception").await;
    browser.follow("Keep it as it was").await;
    browser.follow("Remove jenkins").await;
    browser.picture("basic-exception-remove").await;
    browser.press("Remove the exception").await;
    browser.says("No Basic exception").await;
}
