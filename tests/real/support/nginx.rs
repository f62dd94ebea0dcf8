//! nginx with the configuration that is shipped, on a free port.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::Command;

use bearergate_testkit::process::Process;
use tempfile::TempDir;

const SHIPPED: &str = include_str!("../../../deploy/nginx/bearergate.conf");

/// A running nginx.
pub struct Nginx {
    pub address: SocketAddr,
    _process: Process,
    _directory: TempDir,
}

impl Nginx {
    /// Starts nginx between the two addresses. `locations` are added to the shipped server, as an
    /// administrator would.
    pub async fn start(gate: SocketAddr, confluence: SocketAddr, locations: &str) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        // nginx can't choose a free port itself, and somebody may take this one first.
        for _ in 0..5 {
            let address = free_address();
            let file = directory.path().join("nginx.conf");
            let server = adapt(address, gate, confluence, locations);
            fs::write(&file, around(directory.path(), &server)).expect("a writable directory");
            let process = Process::start("nginx", nginx().arg("-c").arg(&file));
            // Said once the sockets are open.
            let listens = |line: &str| line.contains("event method").then_some(());
            if process.find_line(listens).await.is_some() {
                return Self {
                    address,
                    _process: process,
                    _directory: directory,
                };
            }
            assert!(
                process.log().contains("Address already in use"),
                "nginx ended:\n{}",
                process.log()
            );
        }
        panic!("no port stayed free for nginx");
    }
}

/// Debian keeps nginx where only root's PATH looks.
fn nginx() -> Command {
    let in_sbin = Path::new("/usr/sbin/nginx");
    Command::new(if in_sbin.exists() {
        in_sbin
    } else {
        Path::new("nginx")
    })
}

fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("it is bound")
}

/// The shipped file with the addresses of this test.
fn adapt(listen: SocketAddr, gate: SocketAddr, confluence: SocketAddr, locations: &str) -> String {
    let mut server = SHIPPED.to_owned();
    for (shipped, ours) in [
        ("server 127.0.0.1:8080;", format!("server {gate};")),
        ("server 127.0.0.1:8090;", format!("server {confluence};")),
        ("listen 80;", format!("listen {listen};")),
        ("location / {", format!("{locations}\nlocation / {{")),
    ] {
        assert_eq!(server.matches(shipped).count(), 1, "{shipped}");
        server = server.replace(shipped, &ours);
    }
    server
}

/// The main file that includes it: one process in the foreground, all its files in `directory`.
fn around(directory: &Path, server: &str) -> String {
    let directory = directory.display();
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("{kind}_temp_path {directory}/{kind};"))
        .join("\n");
    format!(
        "daemon off; master_process off;\n\
         pid {directory}/nginx.pid; error_log stderr notice;\n\
         events {{}}\n\
         http {{\naccess_log off;\n{temporary}\n{server}}}\n"
    )
}
