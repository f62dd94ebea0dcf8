//! Chromium by `WebDriver`, headless. Controls are found as people find them: by their labels.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;
use std::{env, fs};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use url::{ParseError, Url};

use super::process::Process;

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

impl Browser {
    /// Opens a browser, with or without JavaScript.
    pub async fn open(javascript: bool) -> Self {
        let process = Process::start("chromedriver", Command::new("chromedriver").arg("--port=0"));
        let port: u16 = process
            .line(|line| {
                let (_, rest) = line.split_once("started successfully on port ")?;
                rest.trim_end_matches('.').parse().ok()
            })
            .await;
        let driver = Driver {
            address: ([127, 0, 0, 1], port).into(),
            _process: process,
        };
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
        self.find(&format!("//body[contains(normalize-space(), '{text}')]"))
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

    /// Chooses the option that reads so.
    pub async fn select(&self, label: &str, option: &str) {
        let select = self.field(label).await;
        select
            .select_by_label(option)
            .await
            .expect("it has this option");
    }

    /// Presses the button that reads so, which leads to another page, and waits for it.
    pub async fn press(&self, button: &str) {
        self.leave_by(&format!("//button[normalize-space()='{button}']"))
            .await;
    }

    /// Follows the link that reads so, and waits for the other page.
    pub async fn follow(&self, link: &str) {
        self.leave_by(&format!("//a[normalize-space()='{link}']"))
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
        let in_time = tokio::time::timeout(Duration::from_secs(30), gone).await;
        assert!(in_time.is_ok(), "{xpath} leads nowhere");
    }

    /// Waits until the page has this heading.
    pub async fn shows_heading(&self, heading: &str) {
        self.find(&format!("//h2[normalize-space()='{heading}']"))
            .await;
    }

    /// Opens the folded part of the page whose summary begins so.
    pub async fn unfold(&self, summary: &str) {
        self.click(&format!(
            "//details[not(@open)]/summary[starts-with(normalize-space(), '{summary}')]"
        ))
        .await;
    }

    /// Whether a button that reads so can be seen.
    pub async fn shows_button(&self, button: &str) -> bool {
        let xpath = format!("//button[normalize-space()='{button}']");
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
        self.find(&format!(
            "//*[@id=//label[normalize-space()='{label}']/@for] | //label[normalize-space()='{label}']\
             //*[self::input or self::select or self::textarea]"
        ))
        .await
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

    /// Takes pictures of the page, light and dark, wide and narrow, and checks that the narrow one
    /// does not scroll sideways.
    pub async fn picture(&self, name: &str) {
        for (size, width, height) in [("wide", 1280, 800), ("narrow", 360, 740)] {
            let metrics = json!({
                "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false,
            });
            self.devtools("Emulation.setDeviceMetricsOverride", metrics)
                .await;
            let layout = self.devtools("Page.getLayoutMetrics", json!({})).await;
            let content = layout["cssContentSize"]["width"].as_u64();
            assert!(
                content <= Some(width),
                "{name} at {width} px scrolls sideways: {content:?}"
            );
            for scheme in ["light", "dark"] {
                let media = [
                    json!({"name": "prefers-color-scheme", "value": scheme}),
                    // Or the picture shows colours on their way from one scheme to the other.
                    json!({"name": "prefers-reduced-motion", "value": "reduce"}),
                ];
                self.devtools("Emulation.setEmulatedMedia", json!({"features": media}))
                    .await;
                let whole = json!({"captureBeyondViewport": true});
                let picture = self.devtools("Page.captureScreenshot", whole).await;
                let picture = picture["data"].as_str().expect("a picture");
                let picture = STANDARD.decode(picture).expect("base64");
                let file = pictures().join(format!("{name}-{size}-{scheme}.png"));
                fs::write(file, picture).expect("a writable directory");
            }
        }
        self.devtools("Emulation.clearDeviceMetricsOverride", json!({}))
            .await;
    }

    async fn devtools(&self, command: &'static str, params: Value) -> Value {
        let answer: Result<Value, CmdError> =
            self.client.issue_cmd(DevTools { command, params }).await;
        answer.expect("Chromium knows the command")
    }
}

/// Into the documentation when asked for, else beside the build, to be looked at.
fn pictures() -> PathBuf {
    let directory = if env::var_os("BEARERGATE_SCREENSHOTS").is_some() {
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/screenshots")
    } else {
        PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("screenshots")
    };
    fs::create_dir_all(&directory).expect("a writable directory");
    directory
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

/// Chromium's own commands, by chromedriver's extension of `WebDriver`.
#[derive(Debug)]
struct DevTools {
    command: &'static str,
    params: Value,
}

impl WebDriverCompatibleCommand for DevTools {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        let session = session.expect("a browser is open");
        base.join(&format!("session/{session}/goog/cdp/execute"))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        let body = json!({"cmd": self.command, "params": self.params});
        (Method::POST, Some(body.to_string()))
    }
}
