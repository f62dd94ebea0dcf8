//! The benchmark, which `./bench` builds and runs: bearergate against a handler that does nothing.
//!
//! Each scenario is measured with both, one right after the other, each in a new process on a core of
//! its own; `wrk` has the other core. Prints a table in Markdown. `docs/performance.md` says how to read it.

mod answer;
mod checker;
mod credentials;
mod disturbance;
mod further;
mod load;
mod machine;
mod million;
mod nginx;
mod scenario;
mod server;
mod soak;
mod start;
mod table;
mod target;
mod verification;

use std::error::Error;
use std::fmt::Display;
use std::process::ExitCode;

use bearergate_testkit::Provider;

use credentials::Credentials;
use load::Load;
use scenario::Scenario;
use server::Server;
use table::{Figures, Table};
use target::Target;

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
    /// Distinct tokens after which the memory is measured.
    distinct: usize,
    starts: usize,
}

const FULL: Extent = Extent {
    rounds: 3,
    seconds: 5,
    seconds_once: 3,
    once: 150_000,
    distinct: 1_000_000,
    starts: 9,
};

const QUICK: Extent = Extent {
    rounds: 1,
    seconds: 1,
    seconds_once: 1,
    once: 70_000,
    distinct: 200_000,
    starts: 3,
};

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let extent = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => FULL,
        ["quick"] => QUICK,
        ["soak"] => return told(soak::run(soak::MINUTES).await),
        ["soak", minutes] => match minutes.parse() {
            Ok(minutes) => return told(soak::run(minutes).await),
            Err(_) => return misused(),
        },
        [verification::ARGUMENT] => return told(verification::measure()),
        _ => return misused(),
    };
    told(measure(&extent).await)
}

fn misused() -> ExitCode {
    eprintln!("usage: ./bench [quick | soak [MINUTES]]");
    ExitCode::from(2)
}

fn told(outcome: Result<impl Display, Fault>) -> ExitCode {
    match outcome {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(fault) => {
            eprintln!("error: {fault}");
            ExitCode::FAILURE
        }
    }
}

async fn measure(extent: &Extent) -> Result<String, Fault> {
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
    let verification = verification::on_the_servers_core()?;
    let mut targets = table.targets(verification);
    eprintln!("behind nginx");
    let (nginx, nginx_lines) = further::behind_nginx(&provider, &credentials, extent).await?;
    targets.add(nginx);
    eprintln!("at half of the rate");
    let (half, half_lines) = further::half_rate(&provider, &credentials, extent).await?;
    targets.add(half);
    eprintln!("under disturbances");
    further::disturbed(&provider, &credentials, extent, &mut targets).await?;
    eprintln!("starting with many providers and users");
    targets.add(Target {
        what: "start to the first answer, 20 providers, 100,000 mapped users",
        limit: 150.0,
        measured: start::milliseconds(&provider, extent.starts).await?,
        unit: "ms",
    });
    targets.add(Target {
        what: "memory when idle",
        limit: 20.0,
        measured: start::idle_mib(&provider).await?,
        unit: "MiB",
    });
    eprintln!("memory after {} tokens", extent.distinct);
    targets.add(Target {
        what: "memory after distinct tokens",
        limit: 128.0,
        measured: million::mib_after(&provider, extent.distinct)?,
        unit: "MiB",
    });
    let machine = machine::description();
    Ok(format!(
        "{machine}; one RS256 verification takes {verification:.1} µs\n\n{targets}\n{table}\n{nginx_lines}\n{half_lines}"
    ))
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
        load.run_through(&server.url(), scenario.distinct(extent.once))?;
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
