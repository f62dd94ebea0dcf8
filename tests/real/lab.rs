//! The token lab in Chromium: from the console to the provider's sign-in page and back to the story.

use crate::support::console;
use crate::support::gate::Gate;
use crate::support::oidc::{ALICE, oidc};

#[tokio::test]
async fn a_token_is_got_and_the_username_chosen_with_javascript() {
    lab(true).await;
}

#[tokio::test]
async fn a_token_is_got_and_the_username_chosen_without_javascript() {
    lab(false).await;
}

async fn lab(javascript: bool) {
    let oidc = oidc().await;
    let gate = Gate::first_start().await;
    let administrator = console::set_up(&gate, javascript).await;
    let browser = &administrator.browser;
    console::enter_azure_b2c(&administrator, oidc, "givenName").await;

    browser.follow("Test").await;
    // The preset's scope alone brings no access token, and the page says so before.
    browser.says("bring no access token").await;
    browser.picture("lab").await;
    browser
        .fill("Scopes", &format!("openid {}", oidc.api_scope))
        .await;
    // Without JavaScript the link takes them over with a click.
    if browser.shows_button("Take over provider and scopes").await {
        browser.press("Take over provider and scopes").await;
    }
    browser.follow("Sign in at Azure B2C").await;
    browser.says("Sign in to Contoso").await;
    assert!(
        oidc.issuer
            .starts_with(&browser.url().await.origin().ascii_serialization())
    );
    browser.fill("Username", ALICE.username).await;
    browser.fill("Password", ALICE.password).await;
    browser.press("Sign in").await;
    browser.says("This token passes, as Alice").await;
    browser.picture("lab-story").await;
    // The code is used up, and with JavaScript gone from the address bar.
    let path = browser.url().await.path().to_owned();
    let expected = if javascript {
        "/test"
    } else {
        "/oauth/callback"
    };
    assert_eq!(path, expected);

    browser.fill("Attribute", "emails[0]").await;
    browser
        .select("Transform", "What stands before the @ of an e-mail address")
        .await;
    if browser.shows_button("Show what becomes of it").await {
        browser.press("Show what becomes of it").await;
    }
    browser.says("becomes alice").await;
    browser.picture("lab-preview").await;
    browser.press("Save attribute and transform").await;
    browser.says("This token passes, as alice").await;
    browser.says("In force since").await;
    browser.unfold("The same by hand").await;
    browser.picture("lab-by-hand").await;

    browser.follow("OAuth/OIDC").await;
    browser.press("Refresh now: Azure B2C").await;
    browser.says("Read anew: 3 keys").await;
    browser.picture("providers").await;
    // No part of a JSON Web Token, whose header begins so.
    assert!(!gate.log().contains("eyJ"), "a token is in the log");
}

#[tokio::test]
async fn a_cancelled_sign_in_is_told_with_its_cure_and_an_old_answer_is_not_used() {
    let oidc = oidc().await;
    let gate = Gate::first_start().await;
    let administrator = console::set_up(&gate, true).await;
    let browser = &administrator.browser;
    console::enter_azure_b2c(&administrator, oidc, "oid").await;
    browser.follow("Test").await;
    browser.follow("Sign in at Azure B2C").await;
    browser.press("Cancel").await;
    browser.says("The provider gave no token").await;
    browser.says("AADB2C90091").await;
    browser.says("Try again, perhaps as another user").await;
    browser.picture("lab-refused").await;
    let answer = browser.url().await;
    assert_eq!(answer.path(), "/oauth/callback");
    browser.goto(&answer).await;
    browser.says("This sign-in is not expected").await;
}
