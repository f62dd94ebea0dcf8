//! Prometheus with the shipped configuration scrapes the gate: what the dashboard and the alerts ask it has answers.

use std::fs;
use std::io::Write as _;
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use bearergate_testkit::process::Process;
use bearergate_testkit::program::PATIENCE;
use bearergate_testkit::{Behaviour, Endpoint, Provider};
use reqwest::{Client, Url};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::interval;

use crate::support::gate::Gate;

const CONFIGURATION: &str = include_str!("../../deploy/prometheus/prometheus.yml");
const ALERTS: &str = include_str!("../../deploy/prometheus/bearergate.rules.yml");
const DASHBOARD: &str = include_str!("../../deploy/grafana/bearergate.json");

/// A running Prometheus that scrapes a gate.
struct Prometheus {
    address: SocketAddr,
    client: Client,
    _process: Process,
    _directory: TempDir,
}

impl Prometheus {
    async fn scraping(gate: &Gate) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let at = |name: &str| directory.path().join(name);
        let configuration = CONFIGURATION
            .replace("127.0.0.1:8081", &gate.validation.to_string())
            .replace("15s", "200ms");
        fs::write(at("prometheus.yml"), configuration).expect("a writable directory");
        fs::write(at("bearergate.rules.yml"), ALERTS).expect("a writable directory");
        let mut command = Command::new("prometheus");
        command
            .arg(format!("--config.file={}", at("prometheus.yml").display()))
            .arg(format!("--storage.tsdb.path={}", at("data").display()))
            .arg("--web.listen-address=127.0.0.1:0");
        let process = Process::start("prometheus", &mut command);
        let listening = |line: &str| {
            let (_, address) = line.split_once("\"Listening on\" address=")?;
            address.trim().parse().ok()
        };
        Self {
            address: process.line(listening).await,
            client: Client::builder().no_proxy().build().expect("a client"),
            _process: process,
            _directory: directory,
        }
    }

    async fn get(&self, path: &str, parameters: &[(&str, &str)]) -> Value {
        let url = format!("http://{}/api/v1/{path}", self.address);
        let url = Url::parse_with_params(&url, parameters).expect("a URL");
        let answer = self.client.get(url).send().await.expect("an answer");
        let answer = answer.text().await.expect("a body");
        serde_json::from_str(&answer).expect("JSON")
    }

    /// Waits until a query has an answer that is a number.
    async fn wait_for(&self, query: &str) {
        let deadline = Instant::now() + PATIENCE;
        let mut pace = interval(Duration::from_millis(100));
        loop {
            pace.tick().await;
            let answer = self.get("query", &[("query", query)]).await;
            assert_eq!(answer["status"], "success", "{query}: {answer}");
            let result = answer["data"]["result"].as_array().expect("a list");
            if result.iter().any(|sample| sample["value"][1] != "NaN") {
                return;
            }
            assert!(Instant::now() < deadline, "no answer to {query}: {answer}");
        }
    }

    /// Waits until every alert has been looked at without a fault, and these are in these states.
    async fn wait_for_alerts(&self, expected: &[(&str, &str)]) {
        let deadline = Instant::now() + PATIENCE;
        let mut pace = interval(Duration::from_millis(100));
        loop {
            pace.tick().await;
            let answer = self.get("rules", &[]).await;
            let rules = answer["data"]["groups"][0]["rules"].as_array();
            let rules = rules.map_or(&[][..], Vec::as_slice);
            let is_there = |&(name, state): &(&str, &str)| {
                let mut rules = rules.iter();
                rules.any(|rule| rule["name"] == name && rule["state"] == state)
            };
            if rules.len() == ALERTS.matches("- alert: ").count()
                && rules.iter().all(|rule| rule["health"] == "ok")
                && expected.iter().all(is_there)
            {
                return;
            }
            assert!(Instant::now() < deadline, "{answer:#}");
        }
    }
}

/// A gate with a provider that has keys, one that has none, and one that is asked.
async fn gate(provider: &Provider, lost: &Provider) -> Gate {
    lost.behave(Endpoint::Keys, Behaviour::Answer(500, "".into()));
    let mut without_keys = lost.settings();
    without_keys["id"] = "lost".into();
    let asked = json!({
        "id": "asked", "preset": "custom-oauth2", "token_validation": "userinfo",
        "userinfo_endpoint": provider.userinfo_endpoint(), "audiences": ["*"],
        "username_attribute": "givenName",
    });
    Gate::with_settings(&json!({
        "version": 1,
        "global": {
            "rest_api_authentication_enabled": true,
            "basic_authentication_disabled": true,
            "basic_observed": true,
        },
        "providers": [provider.settings(), without_keys, asked],
    }))
    .await
}

/// Calls that the queries tell apart.
async fn calls(gate: &Gate, provider: &Provider) {
    let client = Client::builder().no_proxy().build().expect("a client");
    let ask = async |path: &str, authorization: &str| {
        let url = format!("http://{}{path}", gate.validation);
        let request = client.get(url).header("authorization", authorization);
        request.send().await.expect("an answer").status().as_u16()
    };
    let good = format!("Bearer {}", provider.good_token());
    assert_eq!(ask("/validate", &good).await, 200);
    assert_eq!(ask("/validate", "Basic YWxpY2U6c2VjcmV0").await, 200);
    assert_eq!(ask("/validate", "Bearer unknown").await, 401);
    // The proxy does not say what it is about.
    assert_eq!(ask("/validate/auth-request", &good).await, 200);
    provider.behave(Endpoint::Userinfo, Behaviour::Answer(500, "".into()));
    assert_eq!(ask("/validate", "Bearer another").await, 503);
    provider.behave(Endpoint::Userinfo, Behaviour::Healthy);
}

#[tokio::test]
async fn each_query_of_the_dashboard_has_an_answer_and_each_alert_works() {
    let (provider, lost) = (Provider::start().await, Provider::start().await);
    let gate = gate(&provider, &lost).await;
    calls(&gate, &provider).await;
    let prometheus = Prometheus::scraping(&gate).await;
    prometheus.wait_for("bearergate_build_info").await;
    // Only what grows between two scrapes has a rate.
    calls(&gate, &provider).await;

    let dashboard: Value = serde_json::from_str(DASHBOARD).expect("JSON");
    let panels = dashboard["panels"].as_array().expect("panels").iter();
    let targets = panels.filter_map(|panel| panel["targets"].as_array());
    let mut asked = 0;
    for target in targets.flatten() {
        let query = target["expr"].as_str().expect("an expression");
        let query = query
            .replace("$__rate_interval", "1m")
            .replace("$job", "bearergate")
            .replace("$instance", ".*");
        prometheus.wait_for(&query).await;
        asked += 1;
    }
    assert!(asked > 20, "{asked}");

    let expected = [
        ("BearergateDown", "inactive"),
        ("BearergateStoreDown", "inactive"),
        ("BearergateKeysMissing", "pending"),
        ("BearergateProxyMisconfigured", "firing"),
        ("BearergateObserving", "pending"),
        ("BearergateOff", "inactive"),
    ];
    prometheus.wait_for_alerts(&expected).await;
}

#[tokio::test]
async fn promtool_finds_nothing_wrong_with_the_metrics() {
    let (provider, lost) = (Provider::start().await, Provider::start().await);
    let gate = gate(&provider, &lost).await;
    calls(&gate, &provider).await;
    let client = Client::builder().no_proxy().build().expect("a client");
    let url = format!("http://{}/metrics", gate.validation);
    let metrics = client.get(url).send().await.expect("an answer");
    let metrics = metrics.text().await.expect("a body");
    let mut promtool = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("promtool: run ./test once");
    let mut stdin = promtool.stdin.take().expect("it is piped");
    stdin.write_all(metrics.as_bytes()).expect("it reads");
    drop(stdin);
    let ended = promtool.wait_with_output().expect("it ends");
    let found = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success() && found.is_empty(), "{found}");
}
