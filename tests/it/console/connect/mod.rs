//! The page "Connect": the filled configuration, and the check of the connection.

mod configuration;
mod faults;
mod green;

use reqwest::{Client, Method};

use super::browser::{Browser, Page};
use super::{Site, traces};

const SECRET: &str = "s3cret-that-nobody-shows";

/// A site whose validation has a listener of its own, and that listener's address.
fn with_validation_listener(arguments: &[&str]) -> (Site, String) {
    let separate = ["--validation-listen", "127.0.0.1:0"];
    let mut site = Site::start_with(&[&separate[..], arguments].concat());
    let line = site.server.wait_for("listening on http://");
    let (_, address) = line.split_once("http://").expect("an address");
    (site, address.to_owned())
}

/// A check that has begun.
struct Check {
    browser: Browser,
    path: String,
}

impl Check {
    async fn begin(site: &Site) -> Self {
        Self::begin_for(site, "nginx").await
    }

    async fn begin_for(site: &Site, proxy: &str) -> Self {
        let browser = site.signed_in().await;
        let page = browser.get(&format!("/connect?proxy={proxy}")).await;
        let form = page.form("/connect/check");
        let answer = browser.submit(&form).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        let path = answer.location().to_owned();
        let waiting = browser.get(&path).await;
        assert_eq!(waiting.title(), "Waiting for the proxy's next request");
        assert!(waiting.html.contains("http-equiv=\"refresh\""));
        Self { browser, path }
    }

    async fn page(&self) -> Page {
        self.browser.get(&self.path).await
    }

    fn mark(&self) -> &str {
        self.path.rsplit('/').next().expect("an id")
    }

    /// The target of the command that the page shows.
    fn target(&self) -> String {
        format!("/rest/api/user/current?bearergate_check={}", self.mark())
    }
}

/// Sends a validation request as a proxy would.
async fn ask(address: &str, path: &str, headers: &[(&str, &str)]) {
    let mut request = Client::new().request(Method::GET, format!("http://{address}{path}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.expect("an answer");
}

/// What the page says of one thing that it looked at, and whether that is a pass.
fn finding(page: &Page, name: &str) -> (bool, String) {
    let all = page.texts(".checks li");
    let text = all.iter().find(|text| text.starts_with(name));
    let text = text.unwrap_or_else(|| panic!("no {name:?} in {all:#?}"));
    let others = page.texts(".checks li:is(.failed, .warned)");
    (!others.contains(text), text.clone())
}

fn passes(page: &Page, names: &[&str]) {
    for name in names {
        let (is_pass, text) = finding(page, name);
        assert!(is_pass, "{text}");
    }
}

fn fails(page: &Page, name: &str, says: &[&str]) {
    let (is_pass, text) = finding(page, name);
    assert!(!is_pass, "{text}");
    for part in says {
        assert!(text.contains(part), "{part:?} in {text:?}");
    }
}

const BEARER: (&str, &str) = ("authorization", "Bearer s3cret-that-nobody-shows");
const CLIENT: (&str, &str) = ("x-forwarded-for", "203.0.113.9");
