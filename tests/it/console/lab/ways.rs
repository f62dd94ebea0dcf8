//! The other ways to a token: without a user, by hand, by pasting.

use bearergate_testkit::SigningKey;
use bearergate_testkit::provider::Endpoint;

use super::{SECRET, is_hidden, scene};
use crate::console::{Site, traces};

#[tokio::test]
async fn an_application_gets_a_token_of_its_own() {
    let (provider, site) = scene(Some(SECRET)).await;
    let browser = site.signed_in().await;
    let mut form = browser.get("/test").await.get_form("/test");
    form.action = "/test/client-credentials".to_owned();
    let page = browser.submit(&form).await;
    assert_eq!(page.title(), "This token is refused: 401 no_user");
    let token = provider.issued_tokens().pop().expect("one was issued");
    assert_eq!(
        page.form("/test").value("Access token"),
        Some(token.as_str())
    );
    let reloaded = browser.get("/test/client-credentials").await;
    assert_eq!(reloaded.location(), "/test");
    form.set("provider", "nobody");
    assert_eq!(browser.submit(&form).await.status, 404);
    assert!(is_hidden(&token, &traces(site)));
}

#[tokio::test]
async fn without_a_secret_there_is_no_token_without_a_user() {
    let (provider, site) = scene(None).await;
    let browser = site.signed_in().await;
    let page = browser.get("/test").await;
    assert!(page.texts("[formaction]").is_empty());
    let mut form = page.get_form("/test");
    form.action = "/test/client-credentials".to_owned();
    let page = browser.submit(&form).await;
    assert_eq!(page.title(), "There is no client secret");
    assert_eq!(provider.requests(Endpoint::Token), 0);
}

#[tokio::test]
async fn every_step_is_there_for_a_shell_without_the_secret() {
    let (provider, site) = scene(Some(SECRET)).await;
    let browser = site.signed_in().await;
    let page = browser.get("/test").await;
    let lines = page.texts("textarea[readonly]").join("\n");
    for expected in [
        "grant_type=authorization_code",
        "grant_type=client_credentials",
        "code_challenge_method=S256",
        "\"$CLIENT_SECRET\"",
        "Authorization: Bearer $ACCESS_TOKEN",
        &provider.userinfo_endpoint(),
        "https://confluence.example.com/rest/api/content",
        "b2c_1_signin/oauth2/v2.0/token'",
    ] {
        assert!(lines.contains(expected), "{expected}: {lines}");
    }
    assert!(!page.html.contains("s3cret"));
}

#[tokio::test]
async fn without_an_enabled_provider_a_token_can_only_be_pasted() {
    let site = Site::start();
    let browser = site.signed_in().await;
    let page = browser.get("/test").await;
    assert!(page.links("a[data-sign-in]").is_empty());
    assert!(
        page.text().contains("No provider is enabled"),
        "{}",
        page.text()
    );
    let key = SigningKey::rsa("nobody's");
    let token = bearergate_testkit::Token::of_user("https://nobody.example/", "x", "p");
    let mut form = page.form("/test");
    form.fill("Access token", &token.signed_by(&key));
    let page = browser.submit(&form).await;
    assert_eq!(page.title(), "This token is refused: 401 unknown_issuer");
}
