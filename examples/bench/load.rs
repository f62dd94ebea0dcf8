//! The client: `wrk`, with 32 connections that it keeps.

use std::path::PathBuf;
use std::process::Command;

use super::Fault;
use super::machine::CLIENT_CORE;

/// As many as an nginx keeps.
const CONNECTIONS: u32 = 32;
/// Where each of them waits before each request.
const PAUSING_CONNECTIONS: u32 = 256;
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/wrk/authorization.lua");

/// What is sent, and how it has to be answered.
#[derive(Clone)]
pub struct Load {
    /// A file with one value of `Authorization` a line.
    pub credentials: PathBuf,
    /// Whether every answer has to be a refusal; else none may be.
    pub is_refused: bool,
}

/// What `wrk` counted.
#[derive(Clone, Copy, Debug)]
pub struct Outcome {
    pub requests: u32,
    pub seconds: f64,
    /// Half of the answers came within this many microseconds.
    pub p50: f64,
    /// 99 of 100 answers came within this many microseconds.
    pub p99: f64,
}

impl Outcome {
    /// Requests a second.
    pub fn rate(&self) -> f64 {
        f64::from(self.requests) / self.seconds
    }
}

impl Load {
    /// Sends as much as the server takes.
    ///
    /// # Errors
    /// When one answer fails, or is not as it has to be.
    pub fn run(&self, url: &str, seconds: u64) -> Result<Outcome, Fault> {
        self.send(url, seconds, None)
    }

    /// Sends about so many requests a second: each connection waits a random while before each request.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub fn run_at(&self, url: &str, seconds: u64, rate: f64) -> Result<Outcome, Fault> {
        let pause = f64::from(PAUSING_CONNECTIONS) * 1000.0 / rate;
        self.send(url, seconds, Some(pause.round().max(1.0)))
    }

    /// Sends until each of so many credentials was sent: `wrk` begins with the first again in each run.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub fn run_through(&self, url: &str, distinct: usize) -> Result<(), Fault> {
        let mut seconds = 1;
        while (self.run(url, seconds)?.requests as usize) < distinct {
            seconds *= 2;
        }
        Ok(())
    }

    /// `pause`: the mean of what a connection waits before a request, in milliseconds.
    fn send(&self, url: &str, seconds: u64, pause: Option<f64>) -> Result<Outcome, Fault> {
        let connections = pause.map_or(CONNECTIONS, |_| PAUSING_CONNECTIONS);
        let output = Command::new("taskset")
            .args(["--cpu-list", CLIENT_CORE, "wrk", "--threads", "1"])
            .args(["--connections", &connections.to_string(), "--duration"])
            .arg(format!("{seconds}s"))
            .args(["--script", SCRIPT, url, "--"])
            .arg(&self.credentials)
            .args(pause.map(|pause| pause.to_string()))
            .output()?;
        let text = String::from_utf8(output.stdout)?;
        let line = text.lines().find_map(|line| line.strip_prefix("figures "));
        let Some(line) = line else {
            let fault = String::from_utf8_lossy(&output.stderr);
            return Err(format!("wrk has counted nothing: {text}{fault}").into());
        };
        let figures: Vec<u32> = line.split(' ').map(str::parse).collect::<Result<_, _>>()?;
        let [requests, refusals, failures, micros, p50, p99] = figures[..] else {
            return Err(format!("wrk's figures are {line}").into());
        };
        let expected = if self.is_refused { requests } else { 0 };
        if requests == 0 || failures > 0 || refusals != expected {
            return Err(format!("not every answer is as it should be: {text}").into());
        }
        Ok(Outcome {
            requests,
            seconds: f64::from(micros) / 1e6,
            p50: p50.into(),
            p99: p99.into(),
        })
    }
}
