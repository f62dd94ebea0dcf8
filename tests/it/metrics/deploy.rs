//! The dashboard and the alerts, against what `/metrics` really prints: each metric, label and label value.

use std::collections::BTreeSet;
use std::fs;

use bearergate_testkit::{Behaviour, Endpoint, Provider};
use serde_json::{Value, json};

use super::text::Scrape;
use crate::validation::scene::{Scene, document};

/// What Prometheus itself adds to each sample.
const OF_PROMETHEUS: [&str; 2] = ["job", "instance"];

/// A question to Prometheus, and the labels that are shown of its answer.
struct Query {
    text: String,
    shown: Vec<String>,
}

fn read(path: &str) -> String {
    let path = format!("{}/deploy/{path}", env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The texts between each pair of these marks.
fn between<'a>(text: &'a str, begin: &str, end: &str) -> Vec<&'a str> {
    let parts = text.split(begin).skip(1);
    parts
        .filter_map(|part| Some(part.split_once(end)?.0))
        .collect()
}

/// The words that stand in a list.
fn words(list: &str) -> impl Iterator<Item = String> {
    list.split(',').map(|word| word.trim().to_owned())
}

fn dashboard() -> Vec<Query> {
    let dashboard: Value = serde_json::from_str(&read("grafana/bearergate.json")).expect("JSON");
    let panels = dashboard["panels"].as_array().expect("panels").iter();
    let targets = panels.filter_map(|panel| panel["targets"].as_array());
    let queries = targets.flatten().map(|target| {
        let legend = target["legendFormat"].as_str().expect("a legend");
        Query {
            text: target["expr"].as_str().expect("an expression").to_owned(),
            shown: between(legend, "{{", "}}")
                .into_iter()
                .flat_map(words)
                .collect(),
        }
    });
    let variables = dashboard["templating"]["list"]
        .as_array()
        .expect("variables");
    let variables = variables
        .iter()
        .filter_map(|variable| variable["definition"].as_str());
    let variables = variables.map(|text| Query {
        text: text.to_owned(),
        shown: Vec::new(),
    });
    queries.chain(variables).collect()
}

fn alerts() -> Vec<Query> {
    let rules = read("prometheus/bearergate.rules.yml");
    let alerts = rules.split("- alert: ").skip(1);
    alerts
        .map(|alert| {
            let (_, rest) = alert.split_once("expr: ").expect("an expression");
            let (text, rest) = rest.split_once("labels: {").expect("labels after it");
            Query {
                text: text.to_owned(),
                shown: between(rest, "$labels.", " ")
                    .into_iter()
                    .flat_map(words)
                    .collect(),
            }
        })
        .collect()
}

impl Query {
    /// The names of metrics in it, each with the conditions on its labels.
    fn metrics(&self) -> Vec<(&str, &str)> {
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let mut found = Vec::new();
        let mut rest = self.text.as_str();
        while let Some(begin) = rest.find(is_part) {
            rest = &rest[begin..];
            let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            rest = after;
            let conditions = after
                .strip_prefix('{')
                .and_then(|after| after.split_once('}'));
            let conditions = conditions.map_or("", |(conditions, _)| conditions);
            if word.starts_with("bearergate_") || word.starts_with("process_") {
                found.push((word, conditions));
            }
        }
        found
    }

    /// What is wrong with it.
    fn faults(&self, scrape: &Scrape) -> Vec<String> {
        let mut faults = Vec::new();
        let mut known: BTreeSet<_> = OF_PROMETHEUS.map(str::to_owned).into();
        for (name, conditions) in self.metrics() {
            let samples: Vec<_> = scrape.0.iter().filter(|one| one.name == name).collect();
            if samples.is_empty() {
                faults.push(format!("{name} is not there"));
            }
            let is_printed = |label: &str, value: &str| {
                let mut own = samples.iter().filter_map(|one| one.labels.get(label));
                own.any(|own| format!("\"{own}\"") == value)
            };
            known.extend(samples.iter().flat_map(|one| one.labels.keys().cloned()));
            for condition in words(conditions).filter(|condition| !condition.is_empty()) {
                let label = condition.split(['=', '!']).next().expect("a label");
                let value = condition.rsplit('=').next().expect("a value");
                let is_there = if condition[label.len()..].starts_with("=\"") {
                    is_printed(label, value)
                } else {
                    known.contains(label)
                };
                if !is_there {
                    faults.push(format!("{name} has no {condition}"));
                }
            }
        }
        let kept: BTreeSet<_> = between(&self.text, "by (", ")")
            .into_iter()
            .flat_map(words)
            .collect();
        let shown = self.shown.iter().filter(|label| {
            let aggregated = self.text.contains("by (") || self.text.contains("sum(");
            aggregated && !kept.contains(*label)
        });
        let missing = kept
            .iter()
            .chain(&self.shown)
            .filter(|label| !known.contains(*label));
        faults.extend(
            missing
                .chain(shown)
                .map(|label| format!("{label} is no label of it")),
        );
        faults
    }
}

/// A gate that has decided everything that the queries tell apart.
async fn busy_gate() -> Scene {
    let provider = Provider::start().await;
    let asked = json!({
        "id": "asked", "preset": "custom-oauth2", "token_validation": "userinfo",
        "userinfo_endpoint": provider.userinfo_endpoint(), "audiences": ["*"],
        "username_attribute": "givenName",
    });
    let global = json!({ "basic_authentication_disabled": true, "basic_observed": true });
    let settings = document(&global, &[provider.settings(), asked]);
    let scene = Scene::on(provider, &settings, &[]);
    scene
        .token(&scene.provider.good_token())
        .await
        .passes("oauth");
    scene.token("unknown").await.refused(401, "inactive");
    let basic = ("authorization", "Basic YWxpY2U6c2VjcmV0");
    scene.validate(&[basic]).await.passes("observed");
    scene
        .provider
        .behave(Endpoint::Userinfo, Behaviour::Answer(500, "".into()));
    scene.token("T").await.refused(503, "provider_unavailable");
    scene
}

#[tokio::test]
async fn dashboard_and_alerts_ask_for_what_is_there() {
    let scrape = Scrape::of(&busy_gate().await).await;
    let (dashboard, alerts) = (dashboard(), alerts());
    assert!(dashboard.len() > 20 && alerts.len() > 5);
    let queries = dashboard.iter().chain(&alerts);
    let faults: Vec<_> = queries
        .flat_map(|query| {
            let faults = query.faults(&scrape).into_iter();
            faults.map(|fault| format!("{fault}: {}", query.text))
        })
        .collect();
    assert!(faults.is_empty(), "{faults:#?}");
}

#[tokio::test]
async fn a_query_for_what_is_not_there_is_found() {
    let scrape = Scrape::of(&busy_gate().await).await;
    for (text, shown) in [
        ("bearergate_nothing > 1", ""),
        ("rate(bearergate_decisions_total{nothing=~\"x\"}[5m])", ""),
        (
            "rate(bearergate_decisions_total{outcome=\"nothing\"}[5m])",
            "",
        ),
        ("sum by (nothing) (bearergate_keys)", ""),
        ("bearergate_keys", "outcome"),
        (
            "sum by (provider) (rate(bearergate_decisions_total[5m]))",
            "outcome",
        ),
    ] {
        let query = Query {
            text: text.to_owned(),
            shown: words(shown).filter(|word| !word.is_empty()).collect(),
        };
        assert!(!query.faults(&scrape).is_empty(), "{text}");
    }
}

#[tokio::test]
async fn the_readme_names_each_metric_and_no_other() {
    let scrape = Scrape::of(&busy_gate().await).await;
    let base = |name: &str| {
        let end = ["_bucket", "_sum", "_count"].into_iter();
        let mut bases = end.filter_map(|end| name.strip_suffix(end));
        bases.next().unwrap_or(name).to_owned()
    };
    let printed: BTreeSet<_> = scrape.0.iter().map(|one| base(&one.name)).collect();
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md"));
    let readme = readme.expect("README.md");
    let rows = readme
        .lines()
        .filter(|line| line.starts_with("| `bearergate_") || line.starts_with("| `process_"));
    let cells = rows.filter_map(|row| row.split(" | ").next());
    let named = cells.flat_map(|cell| cell.split('`').skip(1).step_by(2));
    assert_eq!(printed, named.map(str::to_owned).collect());
}

#[test]
fn each_alert_is_described() {
    let rules = read("prometheus/bearergate.rules.yml");
    let documented = read("prometheus/README.md");
    let alerts: Vec<_> = between(&rules, "- alert: ", "\n");
    let rows = documented
        .lines()
        .filter(|line| line.starts_with("| `Bearergate"));
    let rows: Vec<_> = rows.filter_map(|row| row.split('`').nth(1)).collect();
    assert_eq!(alerts, rows);
}
