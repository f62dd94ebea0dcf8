//! The proxies that bearergate is shipped a configuration for, started from the shipped files.

pub mod apache;
pub mod caddy;
pub mod envoy;
pub mod haproxy;
pub mod nginx;
pub mod traefik;

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::Command;

use bearergate_testkit::process::Process;
use tempfile::TempDir;

/// The addresses that a configuration stands between.
#[derive(Clone, Copy, Debug)]
pub struct Between {
    /// Where bearergate answers `/validate…`; a relay listens there, so that a test sees what is asked.
    pub gate: SocketAddr,
    /// Where the stand-in for Confluence listens.
    pub confluence: SocketAddr,
}

/// A proxy that can be had: how it is started, and where it differs from the others.
pub trait Product {
    /// The status of a request while the gate can't be reached.
    const UNREACHABLE: u16 = 503;

    /// Starts the proxy from the files in `deploy/`, on a free port.
    async fn start(between: Between) -> Proxy;
}

/// A running proxy.
pub struct Proxy {
    pub address: SocketAddr,
    _process: Process,
    _directory: TempDir,
}

impl Proxy {
    /// Starts a program on a free port. `prepare` writes the configuration for that address into the
    /// directory and gives the command; the program is ready once it prints a line with `ready`.
    pub async fn launch(
        name: &'static str,
        ready: &str,
        prepare: impl Fn(SocketAddr, &Path) -> Command,
    ) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        // A proxy can't choose a free port itself, and somebody may take this one first.
        for _ in 0..5 {
            let address = free_address();
            let process = Process::start(name, &mut prepare(address, directory.path()));
            let is_ready = |line: &str| line.contains(ready).then_some(());
            if process.find_line(is_ready).await.is_some() {
                return Self {
                    address,
                    _process: process,
                    _directory: directory,
                };
            }
            let log = process.log();
            let taken = log.to_ascii_lowercase().contains("address already in use");
            assert!(taken, "{name} ended:\n{log}");
        }
        panic!("no port stayed free for {name}");
    }
}

fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("it is bound")
}

/// A program that Debian may keep where only root's PATH looks.
pub fn system_program(name: &str) -> Command {
    let in_sbin = Path::new("/usr/sbin").join(name);
    if in_sbin.exists() {
        Command::new(in_sbin)
    } else {
        Command::new(name)
    }
}

/// A shipped file with the addresses of a test. Each text to be replaced must be there exactly once,
/// as an administrator would find it.
pub fn adapted(shipped: &str, changes: &[(&str, String)]) -> String {
    let mut file = shipped.to_owned();
    for (shipped, ours) in changes {
        assert_eq!(file.matches(shipped).count(), 1, "{shipped}");
        file = file.replace(shipped, ours);
    }
    file
}
