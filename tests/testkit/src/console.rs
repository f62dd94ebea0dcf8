//! What an administrator does in the console, step by step.

use url::Url;

use crate::browser::Browser;

const PASSWORD: &str = "correct horse battery staple";
/// The second click of a save that refuses what passes today.
const SAVE_ANYWAY: &str = "Save, and refuse these calls";

/// An administrator before the console.
pub struct Administrator {
    pub browser: Browser,
    console: Url,
}

impl Administrator {
    /// Follows the link of the first start and makes the first administrator.
    pub async fn set_up(link: &Url, javascript: bool) -> Self {
        let browser = Browser::open(javascript).await;
        browser.goto(link).await;
        browser.fill("Username", "admin").await;
        browser.fill("Password", PASSWORD).await;
        browser.fill("Confirm password", PASSWORD).await;
        browser.picture("set-up").await;
        browser.press("Create administrator").await;
        browser.says("Sign out").await;
        let console = link.join("/").expect("a URL");
        Self { browser, console }
    }

    /// Ticks a checkbox of Global Settings and saves.
    pub async fn switch_on(&self, label: &str) {
        self.browser.follow("Global Settings").await;
        self.browser.tick(label).await;
        self.browser.press("Save").await;
        // Where calls were seen that this refuses, it takes a second click.
        if self.browser.shows_button(SAVE_ANYWAY).await {
            self.browser.press(SAVE_ANYWAY).await;
        }
        self.browser.says("In force since").await;
        assert!(self.browser.is_ticked(label).await, "{label}");
    }

    /// Opens the form of a new provider of this kind.
    pub async fn new_provider(&self, kind: &str) {
        self.browser.follow("OAuth/OIDC").await;
        self.browser.select("OAuth Provider", kind).await;
        // Without JavaScript the choice takes a click.
        if self.browser.shows_button("Continue").await {
            self.browser.press("Continue").await;
        }
        self.browser.shows_heading(kind).await;
    }

    /// Signs out, and finds the console closed.
    pub async fn sign_out(&self) {
        self.browser.press("Sign out").await;
        let settings = self.console.join("global-settings").expect("a URL");
        self.browser.goto(&settings).await;
        let shown = self.browser.url().await;
        assert_eq!(shown.path(), "/login");
        assert!(
            shown
                .query()
                .is_some_and(|query| query.starts_with("next="))
        );
    }

    /// Signs in again.
    pub async fn sign_in(&self) {
        self.browser.fill("Username", "admin").await;
        self.browser.fill("Password", PASSWORD).await;
        self.browser.press("Sign in").await;
        self.browser.says("Sign out").await;
    }
}
