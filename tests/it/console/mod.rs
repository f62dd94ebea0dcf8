//! The console over HTTP: what an administrator's browser sends, and what it gets.

mod activity;
mod administrators;
mod api_keys;
mod basic_exceptions;
mod browser;
mod changes;
mod conflict;
mod confluence_access;
mod connect;
mod global_settings;
mod impact;
mod lab;
mod observe;
mod presets;
mod preview;
mod protection;
mod providers;
mod public_features;
mod sign_in;
mod sign_in_floods;
mod trial;
mod typed_again;
mod upkeep;
mod username_map;

use bearergate_testkit::program::{Place, Server};
use serde_json::{Value, json};

use self::browser::{Browser, Page};
use crate::support::new_place;

/// The password of the administrator `admin`.
const PASSWORD: &str = "correct horse battery";

/// A served console with an administrator.
struct Site {
    place: Place,
    server: Server,
}

impl Site {
    fn start() -> Self {
        Self::start_with(&[])
    }

    fn start_with(arguments: &[&str]) -> Self {
        let place = new_place();
        let server = Self::serve(&place, arguments);
        Self { place, server }
    }

    /// Stops the server, which then has saved all that it has seen, and serves again.
    fn restart(&mut self) {
        self.server.signal("TERM");
        self.server.wait();
        self.server = Self::serve(&self.place, &[]);
    }

    fn serve(place: &Place, arguments: &[&str]) -> Server {
        let all = ["serve", "--listen", "127.0.0.1:0"].iter().chain(arguments);
        let mut command = place.command(all);
        command.env("BEARERGATE_ADMIN_PASSWORD", PASSWORD);
        // Whatever the level, no secret may be logged; tests look.
        command.env("RUST_LOG", "trace");
        Server::start(&mut command)
    }

    /// A browser that has no session.
    fn browser(&self) -> Browser {
        Browser::new(&self.server.address)
    }

    /// A browser in which `admin` has signed in.
    async fn signed_in(&self) -> Browser {
        self.signed_in_as("admin").await
    }

    /// A browser in which this administrator has signed in, whose password is that of `admin`.
    async fn signed_in_as(&self, username: &str) -> Browser {
        let browser = self.browser();
        let mut form = browser.get("/login").await.form("/login");
        form.fill("Username", username).fill("Password", PASSWORD);
        let answer = browser.submit(&form).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        browser
    }

    /// A site with one provider, whose documents have been read.
    async fn with_provider(provider: &Value) -> Self {
        let site = Self::start();
        site.set_providers(json!([provider])).await;
        site
    }

    /// Imports these providers, and waits until the server has followed and read their documents.
    async fn set_providers(&self, providers: Value) {
        let mut document = self.place.export();
        document["providers"] = providers;
        self.place.import(&document);
        let browser = self.signed_in().await;
        // Another process imported: the server follows within a second.
        let is_read = |page: &Page| {
            let states = page.texts(".pill");
            !states.is_empty() && states.iter().all(|state| state == "Healthy")
        };
        browser.until("/oauth", is_read).await;
    }
}

/// Stops the site; all that it has logged and stored, as one text.
fn traces(mut site: Site) -> String {
    site.server.signal("TERM");
    site.server.wait();
    let mut traces = site.server.whole_log();
    let files = std::fs::read_dir(site.place.data_dir()).expect("the data directory");
    for file in files {
        let bytes = std::fs::read(file.expect("a file").path()).expect("readable");
        traces.push_str(&String::from_utf8_lossy(&bytes));
    }
    assert!(traces.contains("web_sessions"), "the database was read");
    traces
}

/// Tries a token on the Test page.
async fn test(browser: &Browser, token: &str) -> Page {
    let mut form = browser.get("/test").await.form("/test");
    form.fill("Access token", token);
    browser.submit(&form).await
}
