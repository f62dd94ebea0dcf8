//! The fear and the relief: who breaks when Basic goes, seen before it goes, and taken back after.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Instant;

use bearergate_testkit::http::send;
use bearergate_testkit::program::PATIENCE;
use reqwest::{Client, StatusCode};
use serde_json::json;

use crate::support::console;
use crate::support::gate::Gate;
use crate::support::oidc::{ALICE, oidc};
use crate::support::proxies::Product;
use crate::support::proxies::nginx::Nginx;
use crate::support::site::{Site, azure_b2c, settings};

const CONTENT: &str = "/rest/api/content";
/// The last clients that still use Basic.
const ON_BASIC: [&str; 3] = ["svc-jenkins", "svc-bamboo", "carol"];

/// What a client shows with its calls.
#[derive(Clone)]
enum Shows {
    Token(String),
    Session,
    Basic(&'static str),
}

/// Twelve clients, each with an address of its own.
struct Traffic(Vec<(Client, Shows)>);

impl Traffic {
    fn new(token: &str) -> Self {
        let tokens = std::iter::repeat_n(Shows::Token(token.to_owned()), 7);
        let others = [Shows::Session, Shows::Session];
        let basic = ON_BASIC.into_iter().map(Shows::Basic);
        let clients = tokens.chain(others).chain(basic).zip(1..);
        let clients = clients.map(|(shows, number)| {
            let address = IpAddr::V4(Ipv4Addr::new(127, 0, number, 1));
            let client = Client::builder().local_address(address).no_proxy();
            (client.build().expect("a client"), shows)
        });
        Self(clients.collect())
    }

    /// Each client calls once; the names of those on Basic who were refused.
    async fn call(&self, site: &Site) -> Vec<&'static str> {
        let mut refused = Vec::new();
        for (client, shows) in &self.0 {
            let request = client.get(format!("http://{}{CONTENT}", site.proxy.address));
            let request = match shows {
                Shows::Token(token) => request.bearer_auth(token),
                Shows::Session => request.header("Cookie", "JSESSIONID=0123456789ABCDEF"),
                Shows::Basic(name) => request.basic_auth(name, Some("secret")),
            };
            let answer = send(request).await;
            match (answer.status, shows) {
                (StatusCode::OK, _) => {}
                (StatusCode::UNAUTHORIZED, Shows::Basic(name)) => {
                    assert_eq!(answer.reason(), "basic_disabled");
                    refused.push(*name);
                }
                _ => panic!("{answer:?}"),
            }
        }
        refused
    }
}

#[tokio::test]
async fn an_administrator_dares_to_switch_basic_off_and_takes_it_back() {
    let oidc = oidc().await;
    let mut observing = settings(&[azure_b2c(oidc)]);
    observing["global"]["mode"] = json!("observe");
    observing["global"]["basic_authentication_disabled"] = json!(false);
    let gate = Gate::with_settings(&observing).await;
    let site = Site::around(gate, Nginx::start).await;
    let traffic = Traffic::new(&oidc.access_token(&ALICE).await);
    let nobody: [&str; 0] = [];

    // The gate observes: Basic is switched off, and nobody is refused.
    let administrator = console::set_up(&site.gate, true).await;
    let browser = &administrator.browser;
    browser.says("the gate only observes").await;
    administrator
        .switch_on("Disable Basic Authentication")
        .await;
    assert_eq!(traffic.call(&site).await, nobody);
    // The store is told each 10 seconds.
    let deadline = Instant::now() + PATIENCE;
    browser.follow("Activity").await;
    while !browser.shows_row(&["carol", "Basic"]).await {
        assert!(Instant::now() < deadline, "{}", browser.text().await);
        browser.follow("Activity").await;
    }
    browser.picture("daring-observed").await;

    // Enforcing would hit three of the twelve, and says so before it does.
    browser.press("Enforce now").await;
    browser.says("This refuses 3 calls").await;
    let warned = browser.text().await;
    for name in ON_BASIC {
        assert!(warned.contains(name), "{name} in {warned}");
    }
    assert!(!warned.contains(ALICE.given_name), "{warned}");
    browser.picture("daring-impact").await;

    // One of them can't change in time.
    browser.follow("exceptions").await;
    browser.follow("Add an exception").await;
    browser.fill("Short name", "jenkins").await;
    browser.fill("Users", "svc-jenkins").await;
    browser.fill("Owner", "Build team").await;
    browser.fill("Reason", "Plugin without OAuth").await;
    // As an American keyboard enters a day.
    browser.fill("Last day", "12312099").await;
    browser.press("Add").await;
    browser.says("2099-12-31").await;
    browser.picture("daring-exceptions").await;

    // Two are left, and are told.
    browser.press("Enforce now").await;
    browser.says("This refuses 2 calls").await;
    browser.press("Save, and refuse these calls").await;
    browser.says("In force since").await;

    // Their refusals arrive live, with the reason.
    browser.follow("Activity").await;
    browser.says("Live").await;
    assert_eq!(traffic.call(&site).await, ["svc-bamboo", "carol"]);
    let deadline = Instant::now() + PATIENCE;
    for name in ["svc-bamboo", "carol"] {
        while !browser
            .shows_row(&[name, "basic_disabled", "Refused"])
            .await
        {
            assert!(Instant::now() < deadline, "{}", browser.text().await);
        }
    }
    browser.picture("daring-activity").await;

    // One revision back, and everybody passes again.
    browser.follow("Changes").await;
    browser.follow("Go back to this: revision 3").await;
    browser.press("Go back to this").await;
    assert_eq!(traffic.call(&site).await, nobody);
    browser.says("the gate only observes").await;
}
