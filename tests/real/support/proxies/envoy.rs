//! Envoy with the configuration that is shipped.

use std::fs;
use std::net::SocketAddr;
use std::process::Command;

use super::{Between, Product, Proxy, adapted};

const SHIPPED: &str = include_str!("../../../../deploy/envoy/envoy.yaml");

/// Where `./test` puts the program.
const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/envoy/envoy");

/// Envoy as its package for Python brings it.
pub struct Envoy;

impl Product for Envoy {
    async fn start(between: Between) -> Proxy {
        // Its listeners are open by then.
        Proxy::launch(
            "envoy",
            "starting main dispatch loop",
            |address, directory| {
                let file = directory.join("envoy.yaml");
                fs::write(&file, adapt(address, between)).expect("a writable directory");
                let mut command = Command::new(PROGRAM);
                command.arg("--config-path").arg(&file);
                // One thread, so that one connection to the gate is enough; no region of memory that a
                // second Envoy would ask for.
                command.args(["--concurrency", "1", "--disable-hot-restart"]);
                command
            },
        )
        .await
    }
}

fn adapt(listen: SocketAddr, between: Between) -> String {
    let Between { gate, confluence } = between;
    let socket = |address: SocketAddr| {
        let (ip, port) = (address.ip(), address.port());
        format!("socket_address: {{address: {ip}, port_value: {port}}}")
    };
    let changes = [
        (
            "socket_address: {address: 0.0.0.0, port_value: 80}",
            // Another test must not get the same port.
            format!("{}\n    enable_reuse_port: false", socket(listen)),
        ),
        (
            "socket_address: {address: 127.0.0.1, port_value: 8081}",
            socket(gate),
        ),
        (
            "socket_address: {address: 127.0.0.1, port_value: 8090}",
            socket(confluence),
        ),
    ];
    adapted(SHIPPED, &changes)
}
