//! What goes wrong on the way to a token, in words.

use bearergate_testkit::provider::{Behaviour, Endpoint, Provider};

use super::{API_SCOPE, is_hidden, scene, sign_in, sign_in_link};

#[tokio::test]
async fn an_answer_to_another_sign_in_is_not_used() {
    let (provider, site) = scene(None).await;
    let browser = site.signed_in().await;
    let link = sign_in_link(&browser.get("/test").await);
    let back = sign_in(&browser, &link).await;
    let page = browser
        .get(&format!("{back}&iss=https%3A%2F%2Fevil.example%2F"))
        .await;
    assert!(
        page.title().contains("it names another issuer"),
        "{}",
        page.title()
    );
    assert_eq!(provider.requests(Endpoint::Token), 0);

    provider.confuse_nonce("of-another-sign-in");
    let back = sign_in(&browser, &link).await;
    let page = browser.get(&back).await;
    assert!(page.title().contains("nonce"), "{}", page.title());
    let token = provider.issued_tokens().pop().expect("one was issued");
    assert!(is_hidden(&token, &page.html), "it is not shown either");
}

#[tokio::test]
async fn what_the_provider_refuses_is_told_with_its_cure() {
    let (provider, site) = scene(None).await;
    let browser = site.signed_in().await;
    let link = sign_in_link(&browser.get("/test").await);
    provider.refuse_sign_ins("invalid_request", "AADSTS50011: <script>alert(1)</script>");
    let page = browser.get(&sign_in(&browser, &link).await).await;
    assert_eq!(page.title(), "The provider gave no token");
    assert!(!page.html.contains("<script>alert"));
    let text = page.text();
    assert!(
        text.contains("AADSTS50011: <script>alert(1)</script>"),
        "{text}"
    );
    assert!(text.contains("Register the Callback URL"), "{text}");
    assert_eq!(
        page.form_value("Callback URL"),
        format!("{}/oauth/callback", browser.origin())
    );
    assert_eq!(
        page.form_value("Scopes"),
        API_SCOPE,
        "as they were asked for"
    );
}

#[tokio::test]
async fn scopes_without_an_api_bring_no_access_token_and_the_page_says_so() {
    let (provider, site) = scene(None).await;
    let browser = site.signed_in().await;
    let page = browser
        .get("/test?provider=azure-b2c&scopes_for=azure-b2c&scopes=+openid++profile+")
        .await;
    assert_eq!(page.form_value("Scopes"), "openid profile");
    assert!(
        page.text().contains("bring no access token"),
        "{}",
        page.text()
    );
    let page = browser
        .get(&sign_in(&browser, &sign_in_link(&page)).await)
        .await;
    assert_eq!(page.title(), "The provider gave no access token");
    assert!(
        page.text().contains("Ask for a scope of your API"),
        "{}",
        page.text()
    );
    assert!(provider.issued_tokens().is_empty());
    // Scopes that were typed for another provider don't count.
    let page = browser
        .get("/test?provider=azure-b2c&scopes_for=other&scopes=x")
        .await;
    assert_eq!(page.form_value("Scopes"), API_SCOPE);
    assert!(!page.text().contains("bring no access token"));
}

#[tokio::test]
async fn a_token_endpoint_that_does_not_work_is_told_with_its_cure() {
    let (provider, site) = scene(None).await;
    let browser = site.signed_in().await;
    let link = sign_in_link(&browser.get("/test").await);
    let elsewhere = Provider::start().await;
    let cases = [
        (
            Behaviour::Redirect(elsewhere.base().to_owned()),
            "status 302",
        ),
        (Behaviour::Answer(500, "<html>".into()), "status 500"),
        (Behaviour::Answer(200, "<html>".into()), "no JSON object"),
        (
            Behaviour::Answer(200, "x".repeat(2_000_000).into()),
            "too long",
        ),
    ];
    for (behaviour, expected) in cases {
        provider.behave(Endpoint::Token, behaviour);
        let page = browser.get(&sign_in(&browser, &link).await).await;
        let title = page.title();
        assert!(title.contains(expected), "{expected}: {title}");
        assert!(
            page.text().contains("Check the Token Endpoint"),
            "{}",
            page.text()
        );
    }
}
