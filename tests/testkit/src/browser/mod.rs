//! Chromium by `WebDriver`, headless. Controls are found as people find them: by their labels.

mod picture;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::time::Duration;

use fantoccini::elements::Element;
use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use tempfile::TempDir;
use url::Url;

use crate::process::Process;
use crate::program::PATIENCE;

/// An open browser with a profile of its own.
pub struct Browser {
    client: Client,
    _driver: Driver,
    _profile: TempDir,
}

/// chromedriver; its end is also the browser's.
struct Driver {
    address: SocketAddr,
    _process: Process,
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Killed, chromedriver leaves its browsers behind; asked to shut down, it ends them.
        if let Ok(mut stream) = TcpStream::connect(self.address) {
            let _ = write!(
                stream,
                "GET /shutdown HTTP/1.1\r\nHost: {}\r\n\r\n",
                self.address
            );
            let _ = stream.read_to_end(&mut Vec::new());
        }
    }
}

impl Driver {
    /// Starts a driver on a free port.
    async fn start() -> Self {
        // The driver takes a port that is free on IPv6, which somebody may have on IPv4: it ends then.
        for _ in 0..5 {
            let mut command = Command::new("chromedriver");
            let process = Process::start("chromedriver", command.arg("--port=0"));
            let port = process.find_line(|line| -> Option<u16> {
                let (_, rest) = line.split_once("started successfully on port ")?;
                rest.trim_end_matches('.').parse().ok()
            });
            if let Some(port) = port.await {
                return Self {
                    address: ([127, 0, 0, 1], port).into(),
                    _process: process,
                };
            }
            let log = process.log();
            assert!(
                log.contains("Address already in use"),
                "chromedriver ended:\n{log}"
            );
        }
        panic!("no port stayed free for chromedriver");
    }
}

impl Browser {
    /// Opens a browser, with or without JavaScript.
    pub async fn open(javascript: bool) -> Self {
        let driver = Driver::start().await;
        let profile = tempfile::tempdir().expect("a temporary directory");
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities(&profile, javascript))
            .connect(&format!("http://{}", driver.address))
            .await
            .expect("Chromium starts");
        Self {
            client,
            _driver: driver,
            _profile: profile,
        }
    }

    /// Opens a page.
    pub async fn goto(&self, url: &Url) {
        self.client
            .goto(url.as_str())
            .await
            .expect("the page opens");
    }

    /// The page that is shown.
    pub async fn url(&self) -> Url {
        self.client.current_url().await.expect("a page is open")
    }

    /// Waits until the page says this.
    pub async fn says(&self, text: &str) {
        let text = literal(text);
        self.find(&format!("//body[contains(normalize-space(), {text})]"))
            .await;
    }

    /// All that can be read on the page.
    pub async fn text(&self) -> String {
        let body = self.client.find(Locator::Css("body")).await;
        body.expect("a page has a body").text().await.expect("text")
    }

    /// Types into the text field with this label, in place of what stands there.
    pub async fn fill(&self, label: &str, value: &str) {
        let field = self.field(label).await;
        field.clear().await.expect("it can be cleared");
        field.send_keys(value).await.expect("it can be typed into");
    }

    /// Ticks the checkbox with this label, or leaves it ticked.
    pub async fn tick(&self, label: &str) {
        let checkbox = self.field(label).await;
        if !checkbox.is_selected().await.expect("a checkbox") {
            checkbox.click().await.expect("it can be clicked");
        }
    }

    /// Whether the checkbox with this label is ticked.
    pub async fn is_ticked(&self, label: &str) -> bool {
        self.field(label)
            .await
            .is_selected()
            .await
            .expect("a checkbox")
    }

    /// What stands in the field with this label.
    pub async fn value(&self, label: &str) -> String {
        let value = self.field(label).await.prop("value").await;
        value.expect("it is on the page").expect("a field")
    }

    /// Chooses the option that reads so.
    pub async fn select(&self, label: &str, choice: &str) {
        self.click(&option(label, choice)).await;
    }

    /// Presses the button that reads so, which leads to another page, and waits for it.
    pub async fn press(&self, button: &str) {
        let button = literal(button);
        self.leave_by(&format!("//button[normalize-space()={button}]"))
            .await;
    }

    /// As [`press`](Self::press), of several such buttons the one that stands before this text.
    pub async fn press_before(&self, button: &str, text: &str) {
        let (button, text) = (literal(button), literal(text));
        self.leave_by(&format!(
            "//button[normalize-space()={button}][following-sibling::*[1][normalize-space()={text}]]"
        ))
        .await;
    }

    /// Follows the link that reads so, and waits for the other page.
    pub async fn follow(&self, link: &str) {
        let link = literal(link);
        self.leave_by(&format!("//a[normalize-space()={link}]"))
            .await;
    }

    /// Both pages may have what a test looks for next, so the first one must be gone.
    async fn leave_by(&self, xpath: &str) {
        let page = self.find("/html").await;
        self.click(xpath).await;
        let mut looks = tokio::time::interval(Duration::from_millis(20));
        let gone = async {
            while page.tag_name().await.is_ok() {
                looks.tick().await;
            }
        };
        let in_time = tokio::time::timeout(PATIENCE, gone).await;
        assert!(in_time.is_ok(), "{xpath} leads nowhere");
    }

    /// Waits until the page has this heading.
    pub async fn shows_heading(&self, heading: &str) {
        let heading = literal(heading);
        self.find(&format!("//h2[normalize-space()={heading}]"))
            .await;
    }

    /// Opens the folded part of the page whose summary begins so.
    pub async fn unfold(&self, summary: &str) {
        let summary = literal(summary);
        self.click(&format!(
            "//details[not(@open)]/summary[starts-with(normalize-space(), {summary})]"
        ))
        .await;
    }

    /// Whether a row of a table reads all of this.
    pub async fn shows_row(&self, texts: &[&str]) -> bool {
        let parts: Vec<_> = texts
            .iter()
            .map(|text| format!("contains(normalize-space(), {})", literal(text)))
            .collect();
        let xpath = format!("//tbody/tr[{}]", parts.join(" and "));
        self.client.find(Locator::XPath(&xpath)).await.is_ok()
    }

    /// Whether a button that reads so can be seen.
    pub async fn shows_button(&self, button: &str) -> bool {
        let xpath = format!("//button[normalize-space()={}]", literal(button));
        match self.client.find(Locator::XPath(&xpath)).await {
            Ok(button) => button.is_displayed().await.expect("it is on the page"),
            Err(_) => false,
        }
    }

    async fn click(&self, xpath: &str) {
        let element = self.find(xpath).await;
        element.click().await.expect("it can be clicked");
    }

    async fn field(&self, label: &str) -> Element {
        self.find(&field(label)).await
    }

    /// Waits for the element; a page that never shows it is a failure.
    async fn find(&self, xpath: &str) -> Element {
        match self.client.wait().for_element(Locator::XPath(xpath)).await {
            Ok(element) => element,
            Err(error) => panic!(
                "{error}: no {xpath} on {}\n{}",
                self.url().await,
                self.text().await
            ),
        }
    }
}

/// The field with this label.
fn field(label: &str) -> String {
    let label = literal(label);
    format!(
        "(//*[@id=//label[normalize-space()={label}]/@for] | //label[normalize-space()={label}]\
         //*[self::input or self::select or self::textarea])"
    )
}

/// The option that reads so.
fn option(label: &str, choice: &str) -> String {
    format!(
        "{}//option[normalize-space()={}]",
        field(label),
        literal(choice)
    )
}

/// A text as `XPath` 1.0 writes it, which has no escapes.
fn literal(text: &str) -> String {
    let quote = if text.contains('\'') { '"' } else { '\'' };
    assert!(!text.contains(quote), "XPath can't write {text}");
    format!("{quote}{text}{quote}")
}

fn capabilities(profile: &TempDir, javascript: bool) -> Capabilities {
    let profile = format!("--user-data-dir={}", profile.path().display());
    let scripts = if javascript { 1 } else { 2 };
    let options = json!({
        "args": [
            // Root has no sandbox, and containers have a small /dev/shm.
            "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--no-first-run", profile,
        ],
        "prefs": {"profile.managed_default_content_settings.javascript": scripts},
    });
    let mut capabilities = Capabilities::new();
    capabilities.insert("goog:chromeOptions".to_owned(), options);
    capabilities
}
