//! The token lab: a token is got from the provider on the Test page.

use bearergate_testkit::provider::{APPLICATION, Behaviour, Endpoint, Provider};
use bearergate_testkit::{Client, SigningKey};
use reqwest::redirect::Policy;
use serde_json::{Value, json};
use url::Url;

use super::browser::{Browser, Page};
use super::{Site, traces};

const API_SCOPE: &str = "openid https://contoso.onmicrosoft.com/api/demo.read";
/// A secret that breaks whatever is not encoded.
const SECRET: &str = "s3cret:with %41&=+é and blanks";
const NOT_EXPECTED: &str = "This sign-in is not expected";

/// A provider whose application has this secret, and a site that knows both.
async fn scene(secret: Option<&str>) -> (Provider, Site) {
    let provider = Provider::start().await;
    let client = Client {
        secret: secret.map(ToOwned::to_owned),
        redirect_uri: None,
    };
    provider.register(APPLICATION, client);
    let mut settings = provider.settings();
    settings["client_secret"] = json!(secret);
    settings["scopes"] = json!(API_SCOPE.split(' ').collect::<Vec<_>>());
    let site = Site::with_provider(&settings).await;
    (provider, site)
}

/// The link to the provider.
fn sign_in_link(page: &Page) -> String {
    let links = page.links("a[data-sign-in]");
    assert_eq!(links.len(), 1, "{}", page.text());
    links[0].clone()
}

/// What the provider sends a browser back with, as a path of the console.
async fn sign_in(browser: &Browser, link: &str) -> String {
    let begun = browser.get(link).await;
    assert_eq!(begun.status, 303, "{}", begun.text());
    let client = reqwest::Client::builder().redirect(Policy::none()).build();
    let request = client.expect("a client").get(begun.location());
    let answer = request.send().await.expect("an answer");
    let back = answer.headers().get("location").expect("the way back");
    let back = back.to_str().expect("a URL");
    let path = back.strip_prefix(browser.origin());
    path.unwrap_or_else(|| panic!("{back} is another site"))
        .to_owned()
}

fn query(url: &str, name: &str) -> String {
    let url = Url::options()
        .base_url(Some(&"http://localhost/".parse().expect("a URL")))
        .parse(url)
        .expect("a URL");
    let found = url.query_pairs().find(|(known, _)| known == name);
    found.map_or(String::new(), |(_, value)| value.into_owned())
}

fn is_hidden(token: &str, traces: &str) -> bool {
    token.split('.').all(|part| !traces.contains(part))
}

#[tokio::test]
async fn a_sign_in_leads_from_the_link_to_the_tokens_story_and_leaves_no_trace() {
    let (provider, site) = scene(None).await;
    let browser = site.signed_in().await;
    let link = sign_in_link(&browser.get("/test").await);
    let begun = browser.get(&link).await;
    let asked = begun.location().to_owned();
    assert!(asked.starts_with(provider.base()), "{asked}");
    assert_eq!(query(&asked, "scope"), API_SCOPE);
    assert_eq!(query(&asked, "response_type"), "code");
    assert_eq!(query(&asked, "code_challenge_method"), "S256");
    let callback = format!("{}/oauth/callback", browser.origin());
    assert_eq!(query(&asked, "redirect_uri"), callback);

    let back = sign_in(&browser, &link).await;
    let page = browser.get(&back).await;
    assert_eq!(page.status, 200, "{}", page.text());
    assert_eq!(page.title(), "This token passes, as Alice");
    assert_eq!(page.header("cache-control"), "no-store");
    let token = provider.issued_tokens().pop().expect("one was issued");
    let form = page.form("/test");
    assert_eq!(form.value("Access token"), Some(token.as_str()));
    assert!(
        !page.html.contains(&query(&back, "code")),
        "the code is used up"
    );
    // From here on as with a pasted one.
    let mut form = page.form("/test");
    form.set("use_attribute", "oid");
    let page = browser.submit(&form).await;
    assert!(page.title().starts_with("This token passes, as 0b1f"));

    let again = browser.get(&back).await;
    assert_eq!(
        (again.status, again.title()),
        (400, NOT_EXPECTED.to_owned())
    );
    assert_eq!(provider.requests(Endpoint::Token), 1);
    let traces = traces(site);
    assert!(is_hidden(&token, &traces), "the token left a trace");
    assert!(!traces.contains(&query(&back, "code")));
}

#[tokio::test]
async fn an_answer_counts_once_in_the_session_that_began_and_for_its_own_sign_in() {
    let (provider, site) = scene(None).await;
    let (browser, other) = (site.signed_in().await, site.signed_in().await);
    let link = sign_in_link(&browser.get("/test").await);
    let back = sign_in(&browser, &link).await;
    let state = query(&back, "state");
    for wrong in [
        back.replace(&state, "guessed"),
        back.replace("state=", "former="),
        "/oauth/callback".to_owned(),
    ] {
        let page = browser.get(&wrong).await;
        assert_eq!((page.status, page.title()), (400, NOT_EXPECTED.to_owned()));
    }
    assert_eq!(other.get(&back).await.title(), NOT_EXPECTED);
    // Without a session the sign-in comes first, and the code goes no further.
    let stranger = site.browser().get(&back).await;
    assert_eq!(stranger.location(), "/login?next=%2Ftest");
    assert_eq!(provider.requests(Endpoint::Token), 0);
    // A few at once, of which the oldest goes.
    for _ in 0..3 {
        sign_in(&browser, &link).await;
    }
    assert!(browser.get(&back).await.title().contains("passes"));
    let oldest = sign_in(&browser, &link).await;
    for _ in 0..4 {
        sign_in(&browser, &link).await;
    }
    assert_eq!(browser.get(&oldest).await.title(), NOT_EXPECTED);
}

#[tokio::test]
async fn the_secret_goes_where_the_provider_takes_it() {
    let (provider, site) = scene(Some(SECRET)).await;
    let browser = site.signed_in().await;
    let link = sign_in_link(&browser.get("/test").await);
    // A discovery document without a list means Basic (RFC 8414).
    let by_basic = browser.get(&sign_in(&browser, &link).await).await;
    assert!(by_basic.title().contains("passes"), "{}", by_basic.text());

    provider.list_auth_methods(&["private_key_jwt", "client_secret_post"]);
    let refresh = browser.get("/oauth").await.form("/oauth/azure-b2c/refresh");
    browser.submit(&refresh).await;
    let by_form = browser.get(&sign_in(&browser, &link).await).await;
    assert!(by_form.title().contains("passes"), "{}", by_form.text());

    let wrong = Client {
        secret: Some("another".to_owned()),
        redirect_uri: None,
    };
    provider.register(APPLICATION, wrong);
    let refused = browser.get(&sign_in(&browser, &link).await).await;
    assert_eq!(refused.title(), "The provider gave no token");
    let text = refused.text();
    assert!(text.contains("its value, not its ID"), "{text}");
    assert!(
        text.contains("invalid_client: the client's secret is wrong"),
        "{text}"
    );
    assert!(!refused.html.contains("s3cret"));
    assert!(!traces(site).contains("s3cret"));
}

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

#[tokio::test]
async fn endpoints_by_hand_win_and_keep_their_query() {
    let (provider, site) = scene(None).await;
    let mut settings = provider.settings();
    let authorize = format!("{}/x/oauth2/v2.0/authorize?p=b2c_1_signin", provider.base());
    settings["authorization_endpoint"] = authorize.into();
    let mut opaque = settings.clone();
    opaque["id"] = "by-hand".into();
    opaque["preset"] = "custom-oauth2".into();
    opaque["parameters"] = json!({});
    opaque["discovery_url"] = Value::Null;
    opaque["token_validation"] = "userinfo".into();
    opaque["userinfo_endpoint"] = provider.userinfo_endpoint().into();
    opaque["authorization_endpoint"] = Value::Null;
    opaque["audiences"] = json!(["*"]);
    let mut document = site.place.export();
    document["providers"] = json!([settings, opaque]);
    site.place.import(&document);
    let browser = site.signed_in().await;
    browser
        .until("/test", |page| page.texts("option").len() == 2)
        .await;
    let begun = browser.get("/test/authorize?provider=azure-b2c").await;
    assert_eq!(query(begun.location(), "p"), "b2c_1_signin");
    let unknown = browser.get("/test/authorize?provider=by-hand").await;
    assert_eq!(
        unknown.title(),
        "The provider's authorization endpoint is not known"
    );
    assert_eq!(
        browser.get("/test/authorize?provider=nobody").await.status,
        404
    );
    let signed_out = site
        .browser()
        .get("/test/authorize?provider=azure-b2c")
        .await;
    assert_eq!(signed_out.status, 303);
    assert!(signed_out.location().starts_with("/login"));
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
