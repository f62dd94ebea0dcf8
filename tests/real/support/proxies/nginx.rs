//! nginx with the configuration that is shipped.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use super::{Between, Product, Proxy, adapted, system_program};

const SHIPPED: &str = include_str!("../../../../deploy/nginx/bearergate.conf");

/// Debian's nginx.
pub struct Nginx;

impl Product for Nginx {
    async fn start(between: Between) -> Proxy {
        Self::with_locations(between, "").await
    }
}

impl Nginx {
    /// Starts it with `locations` added to the shipped server, as an administrator would.
    pub async fn with_locations(between: Between, locations: &str) -> Proxy {
        // Said once the sockets are open.
        Proxy::launch("nginx", "event method", |address, directory| {
            let server = adapt(address, between, locations);
            let file = directory.join("nginx.conf");
            fs::write(&file, around(directory, &server)).expect("a writable directory");
            let mut command = system_program("nginx");
            command.arg("-c").arg(&file);
            command
        })
        .await
    }
}

fn adapt(listen: SocketAddr, between: Between, locations: &str) -> String {
    let Between { gate, confluence } = between;
    let changes = [
        ("server 127.0.0.1:8081;", format!("server {gate};")),
        ("server 127.0.0.1:8090;", format!("server {confluence};")),
        ("listen 80;", format!("listen {listen};")),
        ("location / {", format!("{locations}\nlocation / {{")),
    ];
    adapted(SHIPPED, &changes)
}

/// The main file that includes it: one process in the foreground, all its files in `directory`.
fn around(directory: &Path, server: &str) -> String {
    let directory = directory.display();
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("{kind}_temp_path {directory}/{kind};"))
        .join("\n");
    format!(
        "load_module /usr/lib/nginx/modules/ndk_http_module.so;\n\
         load_module /usr/lib/nginx/modules/ngx_http_lua_module.so;\n\
         daemon off; master_process off;\n\
         pid {directory}/nginx.pid; error_log stderr notice;\n\
         events {{}}\n\
         http {{\naccess_log off;\n{temporary}\n{server}}}\n"
    )
}
