//! The providers' list and form.

use bearergate_testkit::provider::{APPLICATION, Behaviour, Endpoint, POLICY, Provider};
use serde_json::json;

use super::Site;
use super::browser::{Form, Page};

const NEW: &str = "/oauth/new";
const SECRET: &str = "the-client's-secret";

/// The guide's values for Azure B2C, typed into a new provider's form.
fn b2c(page: &Page, provider: &Provider) -> Form {
    let mut form = page.form(NEW);
    form.fill("Tenant Name", "contoso")
        .fill("Policy (User Flow)", POLICY)
        .fill("Application (Client) ID", APPLICATION)
        .fill("Client Secret", SECRET)
        .fill("Username Attribute", "givenName")
        .fill("Discovery URL", &provider.discovery_url());
    form
}

#[tokio::test]
async fn the_first_provider_is_taught_entered_and_shown_with_what_its_document_says() {
    let provider = Provider::start().await;
    let site = Site::start();
    let browser = site.signed_in().await;
    let page = browser.get("/oauth").await;
    assert!(page.text().contains("Three steps to the first provider"));
    assert!(
        page.texts("select[name=preset] option[selected]")
            .contains(&"Azure B2C".to_owned())
    );
    assert!(
        page.texts("form[method=get] button")
            .contains(&"Continue".to_owned())
    );
    assert!(
        page.html
            .contains(&format!("{}/oauth/callback", browser.origin()))
    );

    let saved = browser.submit(&b2c(&page, &provider)).await;
    assert_eq!(saved.location(), "/oauth/azure-b2c", "{}", saved.text());
    let page = browser.follow(&saved).await;
    assert_eq!(page.title(), "Azure B2C is healthy");
    let text = page.text();
    for part in [
        provider.issuer().as_str(),
        "RS256",
        "RSA 2048",
        &provider.signing_key().id,
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(
        text.contains("neither unique nor protected"),
        "the warning about givenName"
    );

    let stored = site.place.export()["providers"][0].clone();
    assert_eq!(stored["id"], "azure-b2c");
    assert_eq!(
        stored["parameters"],
        json!({"tenant": "contoso", "policy": POLICY})
    );
    assert_eq!(stored["username_attribute"], "givenName");
    assert_eq!(stored["token_validation"], "jwks");
    assert_eq!(stored["audiences"], json!([]));

    let list = browser.get("/oauth").await;
    assert_eq!(list.title(), "1 provider");
    assert!(list.texts(".pill").contains(&"Healthy".to_owned()));
    let second = browser.get("/oauth/new").await;
    let mut form = b2c(&second, &provider);
    form.fill("Policy (User Flow)", "B2C_1_other")
        .fill("Display Name", "The other");
    assert_eq!(browser.submit(&form).await.location(), "/oauth/azure-b2c-2");
}

#[tokio::test]
async fn a_saved_provider_opens_the_gate_for_the_next_request() {
    let provider = Provider::start().await;
    let site = Site::start();
    let browser = site.signed_in().await;
    let mut global = browser
        .get("/global-settings")
        .await
        .form("/global-settings");
    global
        .tick("Enable REST API Authentication")
        .tick("Disable Basic Authentication");
    assert_eq!(browser.submit(&global).await.status, 303);
    let token = provider.good_token();
    let ask = || {
        browser
            .request(reqwest::Method::GET, "/validate")
            .bearer_auth(&token)
    };
    assert_eq!(browser.send(ask()).await.status, 401);
    let page = browser.get(NEW).await;
    assert_eq!(browser.submit(&b2c(&page, &provider)).await.status, 303);
    let passed = browser.send(ask()).await;
    assert_eq!(
        (passed.status, passed.header("x-auth-username")),
        (200, "Alice")
    );
}

#[tokio::test]
async fn the_secret_is_never_shown_and_is_kept_replaced_or_removed() {
    let provider = Provider::start().await;
    let site = Site::start();
    let browser = site.signed_in().await;
    let mut form = b2c(&browser.get(NEW).await, &provider);
    form.fill("Tenant Name", "not a name!");
    let refused = browser.submit(&form).await;
    assert_eq!(refused.status, 422);
    assert!(
        !refused.html.contains(SECRET),
        "not even in the form that comes back"
    );
    assert!(
        refused
            .message("Client Secret")
            .contains("enter it once more")
    );
    assert!(!refused.message("Tenant Name").is_empty());
    assert_eq!(
        refused.form(NEW).value("Username Attribute"),
        Some("givenName")
    );

    form.fill("Tenant Name", "contoso");
    let page = browser.follow(&browser.submit(&form).await).await;
    assert!(!page.html.contains(SECRET));
    let news = |page: &Page| page.texts("[role=status]").join(" ");
    let kept = browser
        .follow(&browser.submit(&page.form("/oauth/azure-b2c")).await)
        .await;
    assert!(news(&kept).contains("Nothing changed"), "{}", news(&kept));
    let mut replace = kept.form("/oauth/azure-b2c");
    replace.fill("Client Secret", "another");
    let replaced = browser.follow(&browser.submit(&replace).await).await;
    assert!(
        news(&replaced).contains("set → changed"),
        "{}",
        news(&replaced)
    );
    let mut remove = replaced.form("/oauth/azure-b2c");
    remove.tick("Remove the stored secret");
    let removed = browser.follow(&browser.submit(&remove).await).await;
    assert!(news(&removed).contains("not set"), "{}", news(&removed));
    assert!(!removed.html.contains("Remove the stored secret"));
}

#[tokio::test]
async fn an_unreachable_provider_is_told_with_its_cure_and_saved_after_the_warning() {
    let provider = Provider::start().await;
    provider.behave(Endpoint::Discovery, Behaviour::Answer(404, "".into()));
    let site = Site::start();
    let browser = site.signed_in().await;
    let form = b2c(&browser.get(NEW).await, &provider);
    let warned = browser.submit(&form).await;
    assert_eq!(warned.status, 422);
    let warning = warned.texts("[role=alert]").join(" ");
    assert!(
        warning.contains("404") && warning.contains("tenant and policy"),
        "{warning}"
    );
    assert_eq!(site.place.export()["providers"], json!([]));

    let mut again = warned.form(NEW);
    again.tick("Save although the provider can't be reached");
    let page = browser.follow(&browser.submit(&again).await).await;
    assert_eq!(page.title(), "Azure B2C is unreachable");
    let list = browser.get("/oauth").await;
    assert_eq!(list.title(), "1 provider, 1 with trouble");
}

#[tokio::test]
async fn each_preset_has_its_own_fields_and_faults_open_advanced() {
    let site = Site::start();
    let browser = site.signed_in().await;
    let custom = browser.get("/oauth/new?preset=custom-oidc").await;
    assert!(custom.texts("label").contains(&"Discovery URL".to_owned()));
    assert!(!custom.texts("label").contains(&"Tenant Name".to_owned()));
    assert!(custom.texts("details[open]").is_empty());
    let mut form = custom.form(NEW);
    form.fill("Discovery URL", "ftp://x")
        .fill("Issuers", "https://a.example/\r\n")
        .fill("Allowed Networks", "here");
    let refused = browser.submit(&form).await;
    assert_eq!(refused.status, 422);
    for label in [
        "Discovery URL",
        "Audiences",
        "Username Attribute",
        "Allowed Networks",
    ] {
        assert!(
            !refused.message(label).is_empty(),
            "{label}: {}",
            refused.text()
        );
    }
    assert_eq!(refused.texts("details[open]").len(), 1);
    assert_eq!(refused.form(NEW).value("Discovery URL"), Some("ftp://x"));
}

#[tokio::test]
async fn a_provider_is_disabled_enabled_and_deleted_after_a_question() {
    let provider = Provider::start().await;
    let site = Site::start();
    let mut document = site.place.export();
    document["providers"] = json!([provider.settings()]);
    site.place.import(&document);
    let browser = site.signed_in().await;
    let list = browser.get("/oauth").await;
    let off = browser.submit(&list.form("/oauth/azure-b2c/disable")).await;
    let list = browser.follow(&off).await;
    assert!(
        list.texts("[role=status]")
            .join(" ")
            .contains("enabled → disabled"),
        "{}",
        list.text()
    );
    assert_eq!(list.title(), "1 provider, 1 disabled");
    let on = browser.submit(&list.form("/oauth/azure-b2c/enable")).await;
    assert_eq!(browser.follow(&on).await.texts(".pill").len(), 1);

    let question = browser.get("/oauth/azure-b2c/delete").await;
    assert!(
        question.text().contains("the only enabled provider"),
        "{}",
        question.text()
    );
    let stale = question.form("/oauth/azure-b2c/delete");
    document["global"]["clock_skew_seconds"] = 5.into();
    site.place.import(&document);
    let refused = browser.follow(&browser.submit(&stale).await).await;
    assert!(
        refused
            .text()
            .contains("saved other settings in the meantime"),
        "{}",
        refused.text()
    );
    let question = browser.get("/oauth/azure-b2c/delete").await;
    let gone = browser
        .submit(&question.form("/oauth/azure-b2c/delete"))
        .await;
    assert_eq!(browser.follow(&gone).await.title(), "No provider yet");
}

#[tokio::test]
async fn names_from_an_import_are_escaped_everywhere() {
    let provider = Provider::start().await;
    let site = Site::start();
    let mut document = site.place.export();
    let mut hostile = provider.settings();
    hostile["display_name"] = "\"><script>alert(1)</script>".into();
    hostile["audiences"] = json!(["</textarea><script>alert(2)</script>"]);
    hostile["username_attribute"] = "'><img src=x onerror=alert(3)>".into();
    document["providers"] = json!([hostile]);
    site.place.import(&document);
    let browser = site.signed_in().await;
    for path in ["/oauth", "/oauth/azure-b2c", "/oauth/azure-b2c/delete"] {
        let page = browser.get(path).await;
        assert_eq!(page.status, 200);
        for markup in ["<script>alert", "<img src=x"] {
            assert!(!page.html.contains(markup), "{path}");
        }
    }
    let shown = browser
        .get("/oauth/azure-b2c")
        .await
        .form("/oauth/azure-b2c");
    assert_eq!(
        shown.value("Display Name"),
        Some("\"><script>alert(1)</script>")
    );
}
