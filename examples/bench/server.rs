//! The two servers that are compared, each with one worker thread on one core.

use std::path::PathBuf;
use std::process::Command;

use bearergate::store::{MissingStore, StoreConfig};
use bearergate_testkit::Provider;
use bearergate_testkit::program::{self, Place};
use procfs::process::Process;
use reqwest::{Client, Response, header};
use serde_json::{Value, json};

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
        Self::gate_with(&[provider.settings()])
    }

    /// The same with these providers.
    pub fn gate_with(providers: &[Value]) -> Result<Self, Fault> {
        let place = place(providers)?;
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

    /// A bare handler without headers.
    pub fn fixed(status: &str) -> Result<Self, Fault> {
        let mut bare = Command::new(built("examples/bare")?);
        bare.arg(status);
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

    /// `host:port`.
    pub fn address(&self) -> &str {
        &self.running.address
    }

    /// bearergate's store.
    pub fn store_config(&self) -> Result<StoreConfig, Fault> {
        Ok(store_config(self.place.as_ref().ok_or("it has no store")?))
    }

    /// A key of bearergate's management API, made now.
    pub fn new_api_key(&self) -> Result<String, Fault> {
        let place = self.place.as_ref().ok_or("it has no store")?;
        let made = place.run(["api-key", "create", "bench", "--role", "admin"], "");
        Ok(made.stdout.trim_end().to_owned())
    }

    /// What an nginx asks.
    pub fn url(&self) -> String {
        validation_url(&self.running.address)
    }

    /// Asks once, as `wrk` will.
    pub async fn ask(&self, authorization: Option<String>) -> Result<Response, Fault> {
        ask(&client()?, &self.url(), authorization).await
    }

    /// User and system time of the process so far.
    pub fn cpu_seconds(&self) -> Result<f64, Fault> {
        let stat = self.process.stat()?;
        let ticks = u32::try_from(stat.utime + stat.stime)?;
        let a_second = u32::try_from(procfs::ticks_per_second())?;
        Ok(f64::from(ticks) / f64::from(a_second))
    }

    /// How many descriptors the process has open.
    pub fn descriptors(&self) -> Result<usize, Fault> {
        Ok(self.process.fd_count()?)
    }

    /// The memory of the process that is in RAM now, in MiB.
    pub fn resident_mib(&self) -> Result<f64, Fault> {
        let kib = self.process.status()?.vmrss.ok_or("no memory is told")?;
        Ok(f64::from(u32::try_from(kib)?) / 1024.0)
    }
}

/// A new store with these providers, the gate on and Basic disabled.
pub fn place(providers: &[Value]) -> Result<Place, Fault> {
    let place = Place::new(built("bearergate")?);
    place.import(&json!({
        "version": 1,
        "global": {
            "rest_api_authentication_enabled": true,
            "basic_authentication_disabled": true,
        },
        "providers": providers,
    }));
    Ok(place)
}

/// Where its store is.
pub fn store_config(place: &Place) -> StoreConfig {
    StoreConfig {
        data_dir: place.data_dir(),
        database: place.database(),
        key_file: None,
        missing: MissingStore::Refuse,
    }
}

pub fn validation_url(address: &str) -> String {
    format!("http://{address}/validate/auth-request")
}

/// A client that no proxy of the environment misleads.
pub fn client() -> Result<Client, Fault> {
    Ok(Client::builder().no_proxy().build()?)
}

/// Asks what an nginx asks.
pub async fn ask(
    client: &Client,
    url: &str,
    authorization: Option<String>,
) -> Result<Response, Fault> {
    let mut request = client
        .get(url)
        .header("x-original-method", "GET")
        .header("x-original-uri", "/rest/api/content/1");
    if let Some(authorization) = authorization {
        request = request.header(header::AUTHORIZATION, authorization);
    }
    Ok(request.send().await?)
}

/// A program that the same build made; this one is among the examples of it.
fn built(name: &str) -> Result<PathBuf, Fault> {
    let this = std::env::current_exe()?;
    let examples = this.parent().ok_or("the program is nowhere")?;
    Ok(examples.with_file_name(name))
}
