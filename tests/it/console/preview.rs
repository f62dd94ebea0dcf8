//! The preview of the username on the Test page.

use bearergate_testkit::provider::Provider;
use serde_json::json;

use super::browser::{Browser, Form, Page};
use super::{Site, test};

async fn scene() -> (Provider, Site) {
    let provider = Provider::start().await;
    let site = Site::with_provider(&provider.settings()).await;
    (provider, site)
}

/// The outcome that a script would put into the page, and the one that a page without scripts shows.
async fn outcome(browser: &Browser, form: &Form) -> String {
    let mut asked = form.clone();
    "/test/preview".clone_into(&mut asked.action);
    let part = browser.submit(&asked).await;
    assert_eq!(part.status, 200, "{}", part.html);
    assert!(!part.html.contains("<html"), "a part of the page");
    let whole = browser.submit(form).await.texts(".outcome").join(" ");
    assert_eq!(part.text(), whole);
    whole
}

fn previewed(page: &Page, attribute: &str, transform: &str) -> Form {
    let mut form = page.form("/test");
    form.fill("Attribute", attribute);
    form.fill("Transform", transform);
    form
}

#[tokio::test]
async fn an_attribute_and_a_transform_are_tried_before_they_are_saved() {
    let (provider, site) = scene().await;
    let browser = site.signed_in().await;
    let token = provider
        .token()
        .with("emails", json!(["Al.Ice@example.com"]));
    let page = test(&browser, &provider.sign(token)).await;
    let begun = page.texts(".outcome").join(" ");
    assert!(begun.contains("Alice → becomes Alice"), "{begun}");
    assert!(begun.contains("in force"), "{begun}");
    let cases = [
        (
            "emails[0]",
            "none",
            "Al.Ice@example.com → becomes Al.Ice@example.com",
        ),
        (
            "emails[0]",
            "lowercase",
            "Al.Ice@example.com → becomes al.ice@example.com",
        ),
        (
            "emails[0]",
            "email_local_part",
            "Al.Ice@example.com → becomes Al.Ice",
        ),
        (
            "emails",
            "none",
            "[\"Al.Ice@example.com\"] → becomes Al.Ice@example.com",
        ),
        ("surname", "none", "Liddell → becomes Liddell"),
        (
            "given_name",
            "email_local_part",
            "Alice → The username attribute's value cannot be",
        ),
        ("nothing", "none", "no value → No username is known"),
        ("emails[", "none", "no value → The attribute has an index"),
    ];
    for (attribute, transform, expected) in cases {
        let shown = outcome(&browser, &previewed(&page, attribute, transform)).await;
        assert!(
            shown.contains(expected),
            "{attribute}, {transform}: {shown}"
        );
    }
    // A click on a claim's name.
    let mut form = page.form("/test");
    form.set("pick", "oid");
    let picked = browser.submit(&form).await;
    assert_eq!(picked.form_value("Attribute"), "oid");
    assert!(
        picked
            .texts(".outcome")
            .join(" ")
            .contains("becomes 0b1f3c1e")
    );
    let stored = &site.place.export()["providers"][0];
    assert_eq!(
        stored["username_attribute"], "givenName",
        "nothing is saved"
    );

    let mut form = previewed(&page, "emails[0]", "email_local_part");
    form.press("use_preview", "on");
    let saved = browser.submit(&form).await;
    assert_eq!(saved.title(), "This token passes, as Al.Ice");
    let stored = &site.place.export()["providers"][0];
    assert_eq!(stored["username_attribute"], "emails[0]");
    assert_eq!(stored["username_transform"], "email_local_part");
}

#[tokio::test]
async fn a_wrong_attribute_is_not_saved_and_a_preview_needs_a_session() {
    let (provider, site) = scene().await;
    let browser = site.signed_in().await;
    let page = test(&browser, &provider.good_token()).await;
    let mut form = previewed(&page, "emails[", "none");
    let mut asked = form.clone();
    "/test/preview".clone_into(&mut asked.action);
    assert_eq!(site.browser().submit(&asked).await.status, 303);
    form.press("use_preview", "on");
    let refused = browser.submit(&form).await;
    assert_eq!(refused.status, 422);
    assert!(
        refused.text().contains("Nothing was changed"),
        "{}",
        refused.text()
    );
    let stored = &site.place.export()["providers"][0];
    assert_eq!(stored["username_attribute"], "givenName");
}

#[tokio::test]
async fn the_userinfo_answer_stands_beside_the_tokens_own_claims() {
    let provider = Provider::start().await;
    let mut settings = provider.settings();
    settings["token_validation"] = "userinfo".into();
    settings["username_attribute"] = "login".into();
    let site = Site::with_provider(&settings).await;
    let browser = site.signed_in().await;
    let token = provider.good_token();
    provider.know_user(
        &token,
        json!({ "login": "Alice.L", "hostile": "<script>alert(1)</script>" }),
    );
    let page = test(&browser, &token).await;
    assert_eq!(page.title(), "This token passes, as Alice.L");
    assert!(
        page.text()
            .contains("The answer of the provider's userinfo endpoint")
    );
    let rows = page.texts("tbody tr");
    assert!(rows.iter().any(|row| row.starts_with("login")), "{rows:?}");
    let own = page.texts("details.more tbody tr");
    assert!(
        own.iter().any(|row| row.starts_with("given_name Alice")),
        "{own:?}"
    );
    let shown = outcome(&browser, &previewed(&page, "hostile", "none")).await;
    assert!(
        shown.contains("<script>alert(1)</script>"),
        "as text: {shown}"
    );
    // What only the token says is no attribute of the userinfo answer.
    let shown = outcome(&browser, &previewed(&page, "given_name", "none")).await;
    assert!(shown.contains("no value"), "{shown}");
}

#[tokio::test]
async fn the_username_map_has_the_last_word_in_the_preview_too() {
    let (provider, site) = scene().await;
    let browser = site.signed_in().await;
    let map = "/oauth/azure-b2c/username-map";
    let mut row = browser.get(map).await.form(&format!("{map}/row"));
    row.fill("Attribute Value", "alice@example.com");
    row.fill("Confluence Username", "aliddell");
    assert_eq!(browser.submit(&row).await.status, 303);
    let page = test(&browser, &provider.good_token()).await;
    let shown = page.texts(".outcome").join(" ");
    assert!(shown.contains("Alice → No username is known"), "{shown}");
    assert!(shown.contains("is not in the map"), "{shown}");
    let shown = outcome(&browser, &previewed(&page, "emails[0]", "none")).await;
    assert!(
        shown.contains("alice@example.com → becomes aliddell"),
        "{shown}"
    );
    assert!(
        shown.contains("\"alice@example.com\" is \"aliddell\""),
        "{shown}"
    );
}
