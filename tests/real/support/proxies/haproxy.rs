//! HAProxy with the configuration and the script that are shipped.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use super::{Between, Product, Proxy, adapted, free_address, system_program};

const SHIPPED: &str = include_str!("../../../../deploy/haproxy/haproxy.cfg");
const SCRIPT: &str = include_str!("../../../../deploy/haproxy/bearergate.lua");

/// Debian's HAProxy.
pub struct Haproxy;

impl Product for Haproxy {
    async fn start(between: Between) -> Proxy {
        Self::with_script(between, SCRIPT).await
    }
}

impl Haproxy {
    /// Starts it with this script in the place of the one that is shipped.
    pub async fn with_script(between: Between, script: &str) -> Proxy {
        // Said by the master once its worker has opened the sockets.
        Proxy::launch("haproxy", "Loading success", |address, directory| {
            let script_file = directory.join("bearergate.lua");
            fs::write(&script_file, script).expect("a writable directory");
            let file = directory.join("haproxy.cfg");
            let configuration = adapt(address, between, &script_file);
            fs::write(&file, configuration).expect("a writable directory");
            let mut command = system_program("haproxy");
            command.arg("-W").arg("-f").arg(&file);
            command
        })
        .await
    }
}

fn adapt(listen: SocketAddr, between: Between, script: &Path) -> String {
    let Between { gate, confluence } = between;
    let script = script.display();
    // Where its script asks its own listener.
    let inner = free_address();
    let changes = [
        // Another test must not get the same port.
        (
            "global\n    log",
            "global\n    noreuseport\n    log".to_owned(),
        ),
        (
            "lua-load-per-thread /etc/haproxy/bearergate.lua",
            format!("lua-load-per-thread {script}"),
        ),
        (
            "lua.bearergate http://127.0.0.1:8082",
            format!("lua.bearergate http://{inner}"),
        ),
        ("bind 127.0.0.1:8082", format!("bind {inner}")),
        (
            "server bearergate 127.0.0.1:8081",
            format!("server bearergate {gate}"),
        ),
        (
            "server confluence 127.0.0.1:8090",
            format!("server confluence {confluence}"),
        ),
        ("bind :80", format!("bind {listen}")),
    ];
    adapted(SHIPPED, &changes)
}
