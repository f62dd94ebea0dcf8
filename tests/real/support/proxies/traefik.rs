//! Traefik with the two configuration files that are shipped.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use tokio::time::{interval, timeout};

use super::{Between, Product, Proxy, adapted};
use crate::support::raw;

const STATIC: &str = include_str!("../../../../deploy/traefik/traefik.yml");
const DYNAMIC: &str = include_str!("../../../../deploy/traefik/bearergate.yml");

/// The Traefik that `./test` gets from its package.
const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/traefik/traefik");

/// How long it may take to read its routers; generous, because CI is slow.
const READY: Duration = Duration::from_mins(1);

/// A current Traefik.
pub struct Traefik;

impl Product for Traefik {
    // Its own answer when it can't ask, which no setting changes.
    const UNREACHABLE: u16 = 500;

    async fn start(between: Between) -> Proxy {
        let proxy = Proxy::launch("traefik", "Starting TCP Server", |address, directory| {
            let routers = directory.join("bearergate.yml");
            fs::write(&routers, dynamic(between)).expect("a writable directory");
            let file = directory.join("traefik.yml");
            fs::write(&file, statics(address, &routers)).expect("a writable directory");
            let mut command = Command::new(PROGRAM);
            command.arg(format!("--configFile={}", file.display()));
            command
        })
        .await;
        has_routers(proxy.address).await;
        proxy
    }
}

/// A router of the tests alone, that asks nobody and leads nowhere.
const READY_PATH: &str = "/has-routers";
const READY_ROUTER: &str = "  routers:
    ready:
      rule: \"Path(`/has-routers`)\"
      priority: 100
      service: nobody
";

/// It listens before it has routers, and no line of its log says when they serve: until then all is
/// 404.
async fn has_routers(address: SocketAddr) {
    let asked = async {
        let mut pace = interval(Duration::from_millis(20));
        while raw::status(address, "GET", READY_PATH, &[]).await == 404 {
            pace.tick().await;
        }
    };
    timeout(READY, asked).await.expect("routers");
}

fn statics(listen: SocketAddr, routers: &Path) -> String {
    let changes = [
        ("address: \":80\"", format!("address: \"{listen}\"")),
        (
            "filename: /etc/traefik/bearergate.yml",
            format!("filename: {}\n    watch: false", routers.display()),
        ),
        ("global:", "log:\n  level: DEBUG\n\nglobal:".to_owned()),
    ];
    adapted(STATIC, &changes)
}

fn dynamic(between: Between) -> String {
    let Between { gate, confluence } = between;
    let changes = [
        ("  routers:\n", READY_ROUTER.to_owned()),
        (
            "address: http://127.0.0.1:8081/",
            format!("address: http://{gate}/"),
        ),
        (
            "url: http://127.0.0.1:8090",
            format!("url: http://{confluence}"),
        ),
    ];
    adapted(DYNAMIC, &changes)
}
