//! Apache with the virtual host for API clients that is shipped. It asks `/introspect`.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use super::{Between, Proxy, adapted, system_program};

const HOST: &str = include_str!("../../../../deploy/apache/bearergate.conf");
const KEY: &str = include_str!("../../../../deploy/apache/bearergate-key.conf.example");

/// What Debian's packages hold and the shipped host needs.
const MODULES: [&str; 8] = [
    "mpm_event",
    "authn_core",
    "authz_core",
    "authz_user",
    "headers",
    "proxy",
    "proxy_http",
    "oauth2",
];

/// Starts Debian's Apache, with this API key. The module names its library when the socket is open.
pub async fn start(between: Between, api_key: &str) -> Proxy {
    Proxy::launch("apache2", "liboauth2", |address, directory| {
        let key = directory.join("key.conf");
        fs::write(&key, question(between, api_key)).expect("a writable directory");
        let file = directory.join("apache2.conf");
        let server = around(directory, address, &host(between, address, &key));
        fs::write(&file, server).expect("a writable directory");
        // One process: no child of it outlives the test.
        let mut command = system_program("apache2");
        command.arg("-X").arg("-f").arg(&file);
        command
    })
    .await
}

fn question(between: Between, api_key: &str) -> String {
    let changes = [
        ("//127.0.0.1:8081/", format!("//{}/", between.gate)),
        ("API-KEY", api_key.to_owned()),
    ];
    adapted(KEY, &changes)
}

fn host(between: Between, listen: SocketAddr, key: &Path) -> String {
    let confluence = between.confluence;
    let changes = [
        ("<VirtualHost *:80>", format!("<VirtualHost {listen}>")),
        (
            "/etc/apache2/bearergate-key.conf",
            key.display().to_string(),
        ),
        (
            "ProxyPass \"/\" \"http://127.0.0.1:8090/\"",
            format!("ProxyPass \"/\" \"http://{confluence}/\""),
        ),
    ];
    adapted(HOST, &changes)
}

/// The main file, with all its files in `directory`.
fn around(directory: &Path, listen: SocketAddr, host: &str) -> String {
    let modules = MODULES
        .map(|name| format!("LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n"))
        .concat();
    let directory = directory.display();
    format!(
        "ServerRoot {directory}\nDefaultRuntimeDir {directory}\nPidFile {directory}/apache2.pid\n\
         ServerName localhost\nListen {listen}\nErrorLog /dev/stderr\nLogLevel info\n\
         {modules}User www-data\nGroup www-data\n{host}"
    )
}
