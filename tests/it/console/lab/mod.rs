//! The token lab: a token is got from the provider on the Test page.

mod refusals;
mod sign_in;
mod ways;

use bearergate_testkit::Client;
use bearergate_testkit::provider::{APPLICATION, Provider};
use reqwest::redirect::Policy;
use serde_json::json;
use url::Url;

use super::Site;
use super::browser::{Browser, Page};

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
