//! An nginx in front, on the server's core as well: then requests a second tell what all of it costs.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::Fault;
use super::machine::SERVER_CORE;

/// How long nginx may take to listen.
const PATIENCE: Duration = Duration::from_secs(10);

/// A running nginx; it ends with this value.
pub struct Nginx {
    child: Child,
    address: String,
    _directory: TempDir,
}

impl Nginx {
    /// Asks `validator` (`host:port`, if any) about each request and passes what is good to `upstream`.
    pub fn start(validator: Option<&str>, upstream: &str) -> Result<Self, Fault> {
        let directory = tempfile::Builder::new()
            .prefix("bearergate-bench-")
            .tempdir()?;
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
        let file = directory.path().join("nginx.conf");
        fs::write(&file, configuration(&address, validator, upstream))?;
        let child = Command::new("taskset")
            .args(["--cpu-list", SERVER_CORE, "nginx", "-p"])
            .arg(directory.path())
            .arg("-c")
            .arg(&file)
            .args(["-e", "error.log"])
            .spawn()?;
        let nginx = Self {
            child,
            address,
            _directory: directory,
        };
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(&nginx.address).is_err() {
            if Instant::now() > deadline {
                return Err("nginx does not listen".into());
            }
            thread::yield_now();
        }
        Ok(nginx)
    }

    /// What a client of Confluence's REST API asks for.
    pub fn url(&self) -> String {
        format!("http://{}/rest/api/content/1", self.address)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The shape of `deploy/nginx/bearergate.conf`: what costs a request something, without its Lua.
fn configuration(address: &str, validator: Option<&str>, upstream: &str) -> String {
    let (pool, ask) = validator.map_or_else(Default::default, |validator| {
        let pool = format!("upstream validator {{ server {validator}; keepalive 32; }}");
        (pool, ASK)
    });
    format!(
        r#"daemon off;
master_process off;
pid nginx.pid;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    keepalive_requests 100000000;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    {pool}
    upstream confluence {{ server {upstream}; keepalive 32; }}
    server {{
        listen {address};
        large_client_header_buffers 8 32k;
        {ask}
        proxy_http_version 1.1;
        proxy_set_header Host $http_host;
        proxy_set_header Connection "";
        location / {{ proxy_pass http://confluence; }}
    }}
}}
"#
    )
}

const ASK: &str = r#"
        auth_request /validate/auth-request;
        auth_request_set $bearergate_username $upstream_http_x_auth_username;
        auth_request_set $bearergate_method $upstream_http_x_auth_method;
        auth_request_set $bearergate_authorization $upstream_http_authorization;
        location = /validate/auth-request {
            internal;
            auth_request off;
            proxy_pass http://validator;
            proxy_method HEAD;
            proxy_pass_request_body off;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Content-Length "";
            proxy_set_header X-Original-Method $request_method;
            proxy_set_header X-Original-URI $request_uri;
            proxy_set_header X-Forwarded-For $remote_addr;
            proxy_set_header X-Request-Id $request_id;
            proxy_buffer_size 64k;
            proxy_buffers 4 64k;
            proxy_busy_buffers_size 128k;
        }"#;
