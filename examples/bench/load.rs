//! The client: `wrk`, with 32 connections that it keeps.

use std::path::PathBuf;
use std::process::Command;

use super::Fault;
use super::machine::CLIENT_CORE;

const CONNECTIONS: &str = "32";
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/wrk/authorization.lua");

/// What is sent, and how it has to be answered.
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

impl Load {
    /// Sends as much as the server takes.
    ///
    /// # Errors
    /// When one answer fails, or is not as it has to be.
    pub fn run(&self, url: &str, seconds: u64) -> Result<Outcome, Fault> {
        let output = Command::new("taskset")
            .args(["--cpu-list", CLIENT_CORE, "wrk", "--threads", "1"])
            .args(["--connections", CONNECTIONS, "--duration"])
            .arg(format!("{seconds}s"))
            .args(["--script", SCRIPT, url, "--"])
            .arg(&self.credentials)
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
