//! The username map: edited in the console, seen by the next request.

mod import;
mod large;
mod rows;

use bearergate_testkit::Provider;
use serde_json::{Value, json};

use super::Site;
use super::browser::{Browser, Page};

const MAP: &str = "/oauth/azure-b2c/username-map";
const ROW: &str = "/oauth/azure-b2c/username-map/row";
const REMOVE_ROW: &str = "/oauth/azure-b2c/username-map/row/remove";
const REMOVE: &str = "/oauth/azure-b2c/username-map/remove";
const IMPORT: &str = "/oauth/azure-b2c/username-map/import";
const APPLY: &str = "/oauth/azure-b2c/username-map/import/apply";
const EXPORT: &str = "/oauth/azure-b2c/username-map/export";

/// A gate that is on, with one provider whose users are named by `emails[0]`, and an administrator.
struct Scene {
    provider: Provider,
    site: Site,
    browser: Browser,
}

impl Scene {
    async fn start() -> Self {
        let provider = Provider::start().await;
        let site = Site::start();
        site.place.import(&document(&[settings(&provider)]));
        let browser = site.signed_in().await;
        let scene = Self {
            provider,
            site,
            browser,
        };
        // The import is followed within a second.
        scene
            .until("alice@example.com", "200 alice@example.com")
            .await;
        scene
    }

    /// What becomes of a user's token: "200 username", or "401 reason".
    async fn ask(&self, email: &str) -> String {
        self.ask_with(self.provider.token().with("emails", json!([email])))
            .await
    }

    async fn ask_with(&self, token: bearergate_testkit::Token) -> String {
        let token = self.provider.sign(token);
        let request = self.browser.request(reqwest::Method::GET, "/validate");
        answer(&self.browser.send(request.bearer_auth(token)).await)
    }

    /// Waits until a user's token gets this answer.
    async fn until(&self, email: &str, expected: &str) {
        let begun = std::time::Instant::now();
        loop {
            let answer = self.ask(email).await;
            if answer == expected {
                return;
            }
            let waited = begun.elapsed();
            assert!(waited < bearergate_testkit::program::PATIENCE, "{answer}");
        }
    }

    /// Adds a row by the form, and returns the page that follows.
    async fn add(&self, value: &str, username: &str) -> Page {
        let mut form = self.browser.get(MAP).await.form(ROW);
        form.fill("Attribute Value", value)
            .fill("Confluence Username", username);
        let answer = self.browser.submit(&form).await;
        self.browser.follow(&answer).await
    }

    /// Shows what a file would change.
    async fn preview(&self, mode: &str, file: &str) -> Page {
        let mut form = self.browser.get(MAP).await.form(IMPORT);
        form.fill("Rows That the File Does Not Name", mode);
        self.browser.upload(&form, file).await
    }

    /// Imports a file, and returns the page that follows.
    async fn import(&self, mode: &str, file: &str) -> Page {
        let preview = self.preview(mode, file).await;
        assert_eq!(preview.status, 200, "{}", preview.text());
        let answer = self.browser.submit(&preview.form(APPLY)).await;
        self.browser.follow(&answer).await
    }
}

fn answer(page: &Page) -> String {
    let header = match page.status {
        200 => "x-auth-username",
        _ => "x-auth-reason",
    };
    format!("{} {}", page.status, page.header(header))
}

fn settings(provider: &Provider) -> Value {
    let mut settings = provider.settings();
    settings["username_attribute"] = "emails[0]".into();
    settings
}

fn document(providers: &[Value]) -> Value {
    json!({
        "version": 1,
        "global": {
            "rest_api_authentication_enabled": true,
            "basic_authentication_disabled": true,
        },
        "providers": providers,
    })
}

/// The news of the last action.
fn news(page: &Page) -> String {
    page.texts("[role=status]").join(" ")
}
