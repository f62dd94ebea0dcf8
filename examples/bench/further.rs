//! What is measured beside the table of scenarios: below saturation, behind nginx, under disturbances.

use std::fmt::Write as _;

use bearergate_testkit::Provider;
use serde_json::json;

use super::answer::Asker;
use super::checker::Checker;
use super::credentials::Credentials;
use super::disturbance::Disturbance;
use super::load::{Load, Outcome};
use super::nginx::Nginx;
use super::scenario::Scenario;
use super::server::Server;
use super::table::median;
use super::target::{Target, Targets};
use super::{Extent, Fault};

/// So long at least, that each disturbance comes twice.
const SECONDS_DISTURBED: u64 = 3;

/// The p99 of both at half of what bearergate takes at most, the one to the other; and which rates it really was,
/// because a client that waits for answers sends less where they come late.
pub async fn half_rate(
    provider: &Provider,
    credentials: &Credentials,
    extent: &Extent,
) -> Result<(Target, String), Fault> {
    let (gate, bare, load) = pair(provider, credentials).await?;
    let mut ratios = Vec::new();
    let mut lines = String::from(
        "| half rate | meant, requests/s | bare | bearergate |\n|---|---:|---:|---:|\n",
    );
    for round in 1..=extent.rounds {
        let half = load.run(&gate.url(), 1)?.rate() / 2.0;
        let bare = load.run_at(&bare.url(), extent.seconds, half)?;
        let gate = load.run_at(&gate.url(), extent.seconds, half)?;
        let (of_bare, of_gate) = (bare.rate(), gate.rate());
        writeln!(
            lines,
            "| round {round} | {half:.0} | {of_bare:.0} | {of_gate:.0} |"
        )?;
        ratios.push(gate.p99 / bare.p99);
    }
    let target = Target {
        what: "p99 at half of the saturation rate",
        limit: 1.5,
        measured: median(ratios),
        unit: "× bare",
    };
    Ok((target, lines))
}

/// What a request through nginx costs with bearergate, to what it costs with the bare handler in its place, and
/// what the decision costs at all.
pub async fn behind_nginx(
    provider: &Provider,
    credentials: &Credentials,
    extent: &Extent,
) -> Result<(Target, String), Fault> {
    let (gate, bare, load) = pair(provider, credentials).await?;
    let upstream = Server::fixed("200")?;
    let direct = Nginx::start(None, upstream.address())?;
    let with_bare = Nginx::start(Some(bare.address()), upstream.address())?;
    let with_gate = Nginx::start(Some(gate.address()), upstream.address())?;
    let mut ratios = Vec::new();
    let mut lines =
        String::from("| nginx | requests/s | p50, µs | p99, µs |\n|---|---:|---:|---:|\n");
    for round in 1..=extent.rounds {
        let mut outcomes = Vec::new();
        for (name, nginx) in [
            ("alone", &direct),
            ("with the bare handler", &with_bare),
            ("with bearergate", &with_gate),
        ] {
            let outcome = load.run(&nginx.url(), extent.seconds)?;
            let Outcome { p50, p99, .. } = outcome;
            let rate = outcome.rate();
            writeln!(
                lines,
                "| {name}, round {round} | {rate:.0} | {p50:.0} | {p99:.0} |"
            )?;
            outcomes.push(outcome);
        }
        ratios.push(outcomes[1].rate() / outcomes[2].rate());
    }
    let target = Target {
        what: "time a request through nginx",
        limit: 1.05,
        measured: median(ratios),
        unit: "× bare in its place",
    };
    Ok((target, lines))
}

/// The p99 of one token with each disturbance, to the p99 without one right before. `wrk` counts refusals and what
/// fails; beside it, a checker looks at each of its own answers.
///
/// # Errors
/// When one answer is wrong.
pub async fn disturbed(
    provider: &Provider,
    credentials: &Credentials,
    extent: &Extent,
    targets: &mut Targets,
) -> Result<(), Fault> {
    for disturbance in Disturbance::ALL {
        let (gate, _, load) = pair(provider, credentials).await?;
        let config = gate.store_config()?;
        let asker = Asker::new(gate.url())?;
        let checker = Checker::new(asker.clone(), credentials)?;
        let mut ratios = Vec::new();
        for _ in 0..extent.rounds {
            let calm = load.run(&gate.url(), extent.seconds)?;
            let (load, url) = (load.clone(), gate.url());
            let seconds = extent.seconds.max(SECONDS_DISTURBED);
            let loaded = tokio::task::spawn_blocking(move || load.run(&url, seconds));
            let outcome = tokio::select! {
                outcome = loaded => outcome??,
                fault = disturbance.go_on(&config, provider, &asker) => return Err(fault),
                fault = checker.go_on() => return Err(fault),
            };
            ratios.push(outcome.p99 / calm.p99);
        }
        targets.add(Target {
            what: disturbance.name(),
            limit: 1.2,
            measured: median(ratios),
            unit: "× without",
        });
    }
    Ok(())
}

/// bearergate, the bare handler that answers alike, and one token for both.
async fn pair(
    provider: &Provider,
    credentials: &Credentials,
) -> Result<(Server, Server, Load), Fault> {
    let mut settings = provider.settings();
    // Keys that come and go are on P-256: such a key is made in no time.
    settings["algorithms"] = json!(["RS256", "ES256"]);
    let gate = Server::gate_with(&[settings])?;
    let answer = gate.ask(Scenario::Hot.probe(credentials)?).await?;
    Scenario::Hot.check(&answer)?;
    let bare = Server::bare(&answer)?;
    let load = Load {
        credentials: Scenario::Hot.file(credentials),
        is_refused: false,
    };
    Ok((gate, bare, load))
}
