//! The two servers that are compared, each with one worker thread on one core.

use std::path::PathBuf;
use std::process::Command;

use bearergate_testkit::Provider;
use bearergate_testkit::program::{self, Place};
use procfs::process::Process;
use reqwest::{Response, header};
use serde_json::json;

use super::Fault;
use super::machine::SERVER_CORE;

/// What the answer holds anew in each request, or hyper adds itself.
const NOT_REPEATED: [header::HeaderName; 3] = [
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::DATE,
];

/// A running server; it ends with this value.
pub struct Server {
    // Stands first to end first: the store must not be removed under a running server.
    running: program::Server,
    process: Process,
    /// The store, for bearergate.
    place: Option<Place>,
}

impl Server {
    /// bearergate with its gate on and Basic disabled, on a new store.
    pub fn gate(provider: &Provider) -> Result<Self, Fault> {
        let place = Place::new(built("bearergate")?);
        place.import(&json!({
            "version": 1,
            "global": {
                "rest_api_authentication_enabled": true,
                "basic_authentication_disabled": true,
            },
            "providers": [provider.settings()],
        }));
        let serve = place.command(["serve", "--listen", "127.0.0.1:0"]);
        Self::start(serve, Some(place))
    }

    /// The bare handler, which sends the same status and headers as this answer.
    pub fn bare(answer: &Response) -> Result<Self, Fault> {
        let mut bare = Command::new(built("examples/bare")?);
        bare.arg(answer.status().as_str());
        for (name, value) in answer.headers() {
            if !NOT_REPEATED.contains(name) {
                bare.arg(format!("{name}: {}", value.to_str()?));
            }
        }
        Self::start(bare, None)
    }

    fn start(mut command: Command, place: Option<Place>) -> Result<Self, Fault> {
        let running = program::Server::start(command.env("TOKIO_WORKER_THREADS", "1"));
        let id = running.id();
        let mut pin = Command::new("taskset");
        pin.args(["--all-tasks", "--cpu-list", "--pid", SERVER_CORE]);
        if !pin.arg(id.to_string()).output()?.status.success() {
            return Err("the server can't be pinned to its core".into());
        }
        Ok(Self {
            running,
            process: Process::new(id.try_into()?)?,
            place,
        })
    }

    /// Whether this is bearergate.
    pub fn is_gate(&self) -> bool {
        self.place.is_some()
    }

    /// What an nginx asks.
    pub fn url(&self) -> String {
        format!("http://{}/validate/auth-request", self.running.address)
    }

    /// Asks once, as `wrk` will.
    pub async fn ask(&self, authorization: Option<String>) -> Result<Response, Fault> {
        let client = reqwest::Client::builder().no_proxy().build()?;
        let mut request = client
            .get(self.url())
            .header("x-original-method", "GET")
            .header("x-original-uri", "/rest/api/content/1");
        if let Some(authorization) = authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        Ok(request.send().await?)
    }

    /// User and system time of the process so far.
    pub fn cpu_seconds(&self) -> Result<f64, Fault> {
        let stat = self.process.stat()?;
        let ticks = u32::try_from(stat.utime + stat.stime)?;
        let a_second = u32::try_from(procfs::ticks_per_second())?;
        Ok(f64::from(ticks) / f64::from(a_second))
    }

    /// The memory of the process that is in RAM now, in MiB.
    pub fn resident_mib(&self) -> Result<f64, Fault> {
        let kib = self.process.status()?.vmrss.ok_or("no memory is told")?;
        Ok(f64::from(u32::try_from(kib)?) / 1024.0)
    }
}

/// A program that the same build made; this one is among the examples of it.
fn built(name: &str) -> Result<PathBuf, Fault> {
    let this = std::env::current_exe()?;
    let examples = this.parent().ok_or("the program is nowhere")?;
    Ok(examples.with_file_name(name))
}
