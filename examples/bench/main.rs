//! The benchmark, which `./bench` builds and runs: bearergate against a handler that does nothing.
//!
//! Each scenario is measured with both, one right after the other, each in a new process on a core of
//! its own; `wrk` has the other core. Prints a table in Markdown. `docs/performance.md` says how to read it.

mod credentials;
mod load;
mod machine;
mod scenario;
mod server;
mod table;

use std::error::Error;
use std::process::ExitCode;

use bearergate_testkit::Provider;

use credentials::Credentials;
use load::Load;
use scenario::Scenario;
use server::Server;
use table::{Figures, Table};

type Fault = Box<dyn Error + Send + Sync>;

/// How much is measured.
struct Extent {
    rounds: usize,
    /// Seconds of load on a server, where credentials may come again.
    seconds: u64,
    /// Seconds of load where each credential may come once.
    seconds_once: u64,
    /// Credentials that come once: more than a server takes in that time.
    once: usize,
}

const FULL: Extent = Extent {
    rounds: 3,
    seconds: 5,
    seconds_once: 3,
    once: 150_000,
};

const QUICK: Extent = Extent {
    rounds: 1,
    seconds: 1,
    seconds_once: 1,
    once: 40_000,
};

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let extent = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => FULL,
        ["quick"] => QUICK,
        _ => {
            eprintln!("usage: ./bench [quick]");
            return ExitCode::from(2);
        }
    };
    match measure(&extent).await {
        Ok(table) => {
            println!("{}\n\n{table}", machine::description());
            ExitCode::SUCCESS
        }
        Err(fault) => {
            eprintln!("error: {fault}");
            ExitCode::FAILURE
        }
    }
}

async fn measure(extent: &Extent) -> Result<Table, Fault> {
    let provider = Provider::start().await;
    eprintln!("signing {} tokens", extent.once);
    let credentials = Credentials::make(&provider, extent.once)?;
    let mut table = Table::default();
    for round in 1..=extent.rounds {
        for scenario in Scenario::ALL {
            eprintln!("round {round} of {}: {}", extent.rounds, scenario.name());
            let (bare, gate) = compare(*scenario, &provider, &credentials, extent).await?;
            table.add(*scenario, bare, gate);
        }
    }
    Ok(table)
}

/// Both servers under one scenario. bearergate starts first, because the bare handler sends the
/// headers that it sends, and is idle while the bare handler is measured.
async fn compare(
    scenario: Scenario,
    provider: &Provider,
    credentials: &Credentials,
    extent: &Extent,
) -> Result<(Figures, Figures), Fault> {
    let gate = Server::gate(provider)?;
    let answer = gate.ask(scenario.probe(credentials)?).await?;
    scenario.check(&answer)?;
    let bare = Server::bare(&answer)?;
    let load = Load {
        credentials: scenario.file(credentials),
        is_refused: !answer.status().is_success(),
    };
    let bare = figures(scenario, &bare, &load, extent)?;
    let gate = figures(scenario, &gate, &load, extent)?;
    Ok((bare, gate))
}

/// What one server needs under one load.
fn figures(
    scenario: Scenario,
    server: &Server,
    load: &Load,
    extent: &Extent,
) -> Result<Figures, Fault> {
    let seconds = if scenario.is_warm() {
        // Until each credential has been seen.
        let mut seen = 0;
        while seen < scenario.distinct(extent.once) {
            seen += load.run(&server.url(), 1)?.requests as usize;
        }
        extent.seconds
    } else {
        extent.seconds_once
    };
    let before = server.cpu_seconds()?;
    let outcome = load.run(&server.url(), seconds)?;
    let cpu_seconds = server.cpu_seconds()? - before;
    if server.is_gate()
        && !scenario.is_warm()
        && outcome.requests as usize > scenario.distinct(extent.once)
    {
        return Err("the credentials that come once did not last: make more of them".into());
    }
    Ok(Figures::new(&outcome, cpu_seconds, server.resident_mib()?))
}
