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
        let changes = [
            ("127.0.0.1:8081 {", format!("{gate} {{")),
            ("127.0.0.1:8090 {", format!("{confluence} {{")),
        ];
        Self::pasted(&adapted(SHIPPED, &changes)).await
    }
}

impl Caddy {
    /// Starts it with this configuration, which stands between the right addresses already.
    pub async fn pasted(configuration: &str) -> Proxy {
        Proxy::launch(
            "caddy",
            "serving initial configuration",
            |address, directory| {
                // On a free port, and without a certificate.
                let site = format!("http://:{} {{\nbind {}", address.port(), address.ip());
                let server = adapted(configuration, &[("confluence.example.com {", site)]);
                // Several run at once, and none leaves anything behind.
                let options = "{\nadmin off\npersist_config off\n}\n";
                let file = directory.join("Caddyfile");
                fs::write(&file, format!("{options}{server}")).expect("a writable directory");
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
