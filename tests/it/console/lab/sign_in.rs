//! Authorization code with PKCE, from the link to the story.

use bearergate_testkit::Client;
use bearergate_testkit::provider::{APPLICATION, Endpoint};
use serde_json::{Value, json};

use super::{API_SCOPE, NOT_EXPECTED, SECRET, is_hidden, query, scene, sign_in, sign_in_link};
use crate::console::traces;

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
    form.press("use_attribute", "oid");
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
