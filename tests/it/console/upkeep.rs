//! What is known of a provider's documents, and the clicks that change it.

use bearergate_testkit::SigningKey;
use bearergate_testkit::provider::{Behaviour, Endpoint, Provider};
use serde_json::{Value, json};

use super::browser::{Browser, Page};
use super::{Site, test};

const PAGE: &str = "/oauth/azure-b2c";

/// Presses a button below the provider's page, and goes where that leads.
async fn press(browser: &Browser, page: &str, button: &str) -> Page {
    let form = browser.get(page).await.form(&format!("{PAGE}/{button}"));
    let answer = browser.submit(&form).await;
    assert_eq!(answer.location(), page, "back to where the button was");
    browser.follow(&answer).await
}

fn discovery_of(issuer: &str, provider: &Provider) -> Behaviour {
    let policy = format!("{}/contoso.onmicrosoft.com/b2c_1_signin", provider.base());
    let document = json!({
        "issuer": issuer,
        "jwks_uri": format!("{policy}/discovery/v2.0/keys"),
    });
    Behaviour::Answer(200, document.to_string().into())
}

#[tokio::test]
async fn keys_are_shown_with_their_ages_and_read_anew_in_one_click() {
    let provider = Provider::start().await;
    let site = Site::with_provider(&provider.settings()).await;
    let browser = site.signed_in().await;
    let facts = browser.get(PAGE).await.texts(".facts").join(" ");
    for expected in [
        provider.issuer().as_str(),
        "Last read",
        "Next refresh",
        &provider.signing_key().id,
        "RSA 2048",
        "known since",
        "UTC",
    ] {
        assert!(facts.contains(expected), "{expected}: {facts}");
    }
    provider.rotate(SigningKey::rsa("the-new-key"));
    for page in [PAGE, "/oauth"] {
        let shown = press(&browser, page, "refresh").await;
        let news = shown.texts(".note[role=status]");
        assert_eq!(news, ["Read anew: 1 key"]);
        assert!(shown.texts(".facts").join(" ").contains("the-new-key"));
    }
}

#[tokio::test]
async fn forgotten_keys_are_gone_at_once_also_those_in_their_grace() {
    let provider = Provider::start().await;
    let mut settings = provider.settings();
    settings["key_grace_seconds"] = 3600.into();
    let site = Site::with_provider(&settings).await;
    let browser = site.signed_in().await;
    let old = provider.good_token();
    provider.rotate(SigningKey::rsa("the-new-key"));
    let shown = press(&browser, PAGE, "refresh").await;
    assert!(shown.text().contains("withdrawn by the provider"));
    assert!(test(&browser, &old).await.title().contains("passes"));

    let shown = press(&browser, PAGE, "forget-keys").await;
    assert!(!shown.text().contains("withdrawn by the provider"));
    let refused = test(&browser, &old).await.title();
    assert_eq!(refused, "This token is refused: 401 unknown_key");
    assert!(
        test(&browser, &provider.good_token())
            .await
            .title()
            .contains("passes")
    );
    // A provider that can't be reached brings none back.
    provider.behave(Endpoint::Keys, Behaviour::Answer(503, "".into()));
    let shown = press(&browser, PAGE, "forget-keys").await;
    assert!(shown.text().contains("the answer has the status 503"));
    assert!(shown.texts(".facts").join(" ").contains("Last failure"));
    let refused = test(&browser, &provider.good_token()).await.title();
    assert_eq!(refused, "This token is refused: 503 provider_unavailable");
}

#[tokio::test]
async fn forget_all_has_every_token_judged_as_if_it_were_new() {
    let provider = Provider::start().await;
    let site = Site::with_provider(&provider.settings()).await;
    let mut document = site.place.export();
    document["global"]["rest_api_authentication_enabled"] = true.into();
    site.place.import(&document);
    let browser = site.signed_in().await;
    browser.until("/validate", |page| page.status == 401).await;
    let old = provider.good_token();
    let good = || async {
        let bearer = format!("Bearer {old}");
        let request = browser.request(reqwest::Method::GET, "/validate");
        browser
            .send(request.header("authorization", bearer))
            .await
            .status
    };
    for _ in 0..2 {
        assert_eq!(good().await, 200);
    }
    // The provider withdraws the key; what is in memory goes on until it is forgotten.
    provider.rotate(SigningKey::rsa("the-new-key"));
    assert_eq!(good().await, 200);
    let form = browser.get("/oauth").await.form("/forget-all");
    let answer = browser.submit(&form).await;
    let shown = browser.follow(&answer).await;
    assert!(
        shown
            .texts(".note[role=status]")
            .join(" ")
            .starts_with("All is forgotten")
    );
    assert!(shown.texts(".facts").join(" ").contains("the-new-key"));
    assert_eq!(good().await, 401);
}

#[tokio::test]
async fn another_issuer_is_reported_and_followed_only_when_it_is_accepted() {
    let provider = Provider::start().await;
    let site = Site::with_provider(&provider.settings()).await;
    let browser = site.signed_in().await;
    let new_issuer = format!("{}/another-tenant/v2.0/", provider.base());
    let token = |issuer: &str| provider.sign(provider.token().with("iss", issuer));
    let verdict = async |issuer: &str| test(&browser, &token(issuer)).await.title();
    provider.behave(Endpoint::Discovery, discovery_of(&new_issuer, &provider));
    let shown = press(&browser, PAGE, "refresh").await;
    assert!(
        shown.title().ends_with("is issuer changed"),
        "{}",
        shown.title()
    );
    let note = shown.texts(".note.bad").join(" ");
    assert!(note.contains(&new_issuer) && note.contains(&provider.issuer()));
    // The provider goes on as before, its keys are read all the same.
    provider.rotate(SigningKey::rsa("the-new-key"));
    let shown = press(&browser, "/oauth", "refresh").await;
    assert!(shown.texts(".facts").join(" ").contains("the-new-key"));
    assert!(verdict(&provider.issuer()).await.contains("passes"));
    let refused = "This token is refused: 401 unknown_issuer";
    assert_eq!(verdict(&new_issuer).await, refused);

    let shown = press(&browser, PAGE, "accept-issuer").await;
    assert!(shown.text().contains("In force since"), "{}", shown.text());
    assert!(shown.texts(".aside .note").is_empty());
    let stored = &site.place.export()["providers"][0]["issuers"];
    assert_eq!(*stored, json!([new_issuer]));
    assert!(verdict(&new_issuer).await.contains("passes"));
    assert_eq!(verdict(&provider.issuer()).await, refused);
}

#[tokio::test]
async fn a_document_that_leads_to_metadata_is_not_followed_and_health_says_why() {
    let provider = Provider::start().await;
    let site = Site::with_provider(&provider.settings()).await;
    let browser = site.signed_in().await;
    let document = json!({
        "issuer": provider.issuer(),
        "jwks_uri": "http://169.254.169.254/latest/meta-data/",
    });
    let document = Behaviour::Answer(200, document.to_string().into());
    provider.behave(Endpoint::Discovery, document);
    let shown = press(&browser, PAGE, "forget-keys").await;
    assert_eq!(shown.title(), "Azure B2C is not refreshed");
    let note = shown.texts(".note.bad").join(" ");
    let why = "The key set can't be read: the URL must not lead to 169.254.169.254: that is a \
               link-local address";
    assert!(note.contains(why), "{note}");
    let verdict = test(&browser, &provider.good_token()).await.title();
    assert_eq!(verdict, "This token is refused: 503 provider_unavailable");
}

#[tokio::test]
async fn nothing_can_be_done_about_a_provider_that_is_disabled_or_unknown() {
    let provider = Provider::start().await;
    let site = Site::with_provider(&provider.settings()).await;
    let browser = site.signed_in().await;
    let mut form = browser.get("/oauth").await.form(&format!("{PAGE}/disable"));
    browser.submit(&form).await;
    let shown = browser.get("/oauth").await;
    assert!(shown.texts(".upkeep").is_empty());
    form.action = format!("{PAGE}/refresh");
    assert_eq!(browser.submit(&form).await.status, 404);
    form.action = "/oauth/nobody/accept-issuer".to_owned();
    form.set("issuer", "https://login.example.com/");
    assert_eq!(browser.submit(&form).await.status, 404);
    let stored: Value = site.place.export();
    assert_eq!(stored["providers"][0]["issuers"], json!([]));
}
