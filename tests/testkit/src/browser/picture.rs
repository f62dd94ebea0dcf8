//! Pictures of a page, by Chromium's own commands.

use std::path::{Path, PathBuf};
use std::{env, fs};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fantoccini::error::CmdError;
use fantoccini::wd::WebDriverCompatibleCommand;
use reqwest::Method;
use serde_json::{Value, json};
use url::{ParseError, Url};

use super::Browser;

impl Browser {
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
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let directory = root.join(if env::var_os("BEARERGATE_SCREENSHOTS").is_some() {
        "docs/screenshots"
    } else {
        "target/tmp/screenshots"
    });
    fs::create_dir_all(&directory).expect("a writable directory");
    directory
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
