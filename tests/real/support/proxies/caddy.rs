//! Caddy with the configuration that is shipped.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{Between, Product, Proxy, adapted};

const SHIPPED: &str = include_str!("../../../../deploy/caddy/Caddyfile");

/// The Caddy that `./test` gets from its package.
const PROGRAM: &str = "target/caddy/caddy";

/// A current Caddy.
pub struct Caddy;

impl Product for Caddy {
    async fn start(between: Between) -> Proxy {
        let Between { gate, confluence } = between;
        Proxy::launch(
            "caddy",
            "serving initial configuration",
            |address, directory| {
                let site = format!("http://:{} {{\nbind {}", address.port(), address.ip());
                let changes = [
                    ("confluence.example.com {", site),
                    (
                        "reverse_proxy 127.0.0.1:8081 {",
                        format!("reverse_proxy {gate} {{"),
                    ),
                    (
                        "reverse_proxy 127.0.0.1:8090 {",
                        format!("reverse_proxy {confluence} {{"),
                    ),
                ];
                // Several run at once, and none leaves anything behind.
                let options = "{\nadmin off\npersist_config off\n}\n";
                let file = directory.join("Caddyfile");
                let server = format!("{options}{}", adapted(SHIPPED, &changes));
                fs::write(&file, server).expect("a writable directory");
                let mut command = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join(PROGRAM));
                command
                    .args(["run", "--adapter", "caddyfile", "--config"])
                    .arg(&file);
                command
                    .env("XDG_DATA_HOME", directory)
                    .env("XDG_CONFIG_HOME", directory);
                command
            },
        )
        .await
    }
}
