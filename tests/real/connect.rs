//! The page "Connect" in Chromium, before a real proxy: from the configuration to the green check.

use std::process::Command;

use bearergate_testkit::browser::Browser;
use bearergate_testkit::http::send;
use reqwest::StatusCode;

use crate::support::console;
use crate::support::gate::Gate;
use crate::support::oidc::{ALICE, oidc};
use crate::support::proxies::caddy::Caddy;
use crate::support::proxies::nginx::Nginx;
use crate::support::proxies::{Product, Proxy, adapted};
use crate::support::site::{Site, azure_b2c, settings};

#[tokio::test]
async fn the_connection_is_checked_with_javascript() {
    connect(true).await;
}

#[tokio::test]
async fn the_connection_is_checked_without_javascript() {
    connect(false).await;
}

async fn connect(javascript: bool) {
    let site = Site::around(Gate::first_start().await, Nginx::start).await;
    let administrator = console::set_up(&site.gate, javascript).await;
    administrator
        .switch_on("Enable REST API Authentication")
        .await;
    let browser = &administrator.browser;
    browser.follow("Connect").await;
    browser.picture("connect").await;
    let confluence = site.confluence.address.to_string();
    browser.fill("Confluence's address", &confluence).await;
    browser.press("Fill in").await;
    let shipped = include_str!("../../deploy/nginx/bearergate.conf");
    let (gate, confluence) = (site.gate.validation, format!("server {confluence};"));
    let changes = [
        ("server 127.0.0.1:8081;", format!("server {gate};")),
        ("server 127.0.0.1:8090;", confluence),
    ];
    let shown = browser.value("bearergate.conf").await;
    assert_eq!(shown, adapted(shipped, &changes).trim_start());

    check(browser, &site.proxy).await;
    browser.picture("connect-seen").await;
    browser.follow("Back to the configuration").await;
    browser.says("What to do next").await;
}

/// Presses "Check the connection", sends the request that the page asks for, and waits for its green.
async fn check(browser: &Browser, proxy: &Proxy) {
    browser.press("Check the connection").await;
    browser.says("Send one request through the proxy").await;
    browser.picture("connect-waiting").await;
    let command = browser.value("A request to send through the proxy").await;
    let proxy = format!("http://{}/", proxy.address);
    let command = adapted(&command, &[("https://confluence.example.com/", proxy)]);
    // The parts of the site run on this very thread, which must not wait.
    let run = move || Command::new("sh").arg("-c").arg(command).output();
    let answer = tokio::task::spawn_blocking(run).await.expect("it ends");
    let answer = answer.expect("a POSIX shell and curl");
    assert_eq!(String::from_utf8_lossy(&answer.stdout).trim(), "401");
    browser.says("The proxy asks as it should").await;
    browser.says("POST /rest/api/user/current").await;
}

#[tokio::test]
async fn caddy_is_connected_from_its_page_alone() {
    let oidc = oidc().await;
    let gate = Gate::with_settings(&settings(&[azure_b2c(oidc)])).await;
    // The Caddy of the site has another file; what is pasted is asked below.
    let site = Site::around(gate, Caddy::start).await;
    let administrator = console::set_up(&site.gate, true).await;
    let browser = &administrator.browser;
    browser.follow("Connect").await;
    browser.select("Proxy", "Caddy").await;
    browser.says("Connect Caddy to bearergate").await;
    let confluence = site.confluence.address.to_string();
    browser.fill("Confluence's address", &confluence).await;
    browser.press("Fill in").await;
    let pasted = Caddy::pasted(&browser.value("Caddyfile").await).await;

    check(browser, &pasted).await;
    let content = format!("http://{}/rest/api/content", pasted.address);
    let client = reqwest::Client::new();
    let token = oidc.access_token(&ALICE).await;
    let answer = send(client.get(&content).bearer_auth(token)).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let received = site.confluence.take_one();
    assert_eq!(received.header("X-Auth-Username"), Some(ALICE.given_name));
    let answer = send(client.get(&content)).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}
