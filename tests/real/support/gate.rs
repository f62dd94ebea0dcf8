//! The program under test, started as a user starts it.

use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};

use bearergate_testkit::process::Process;
use serde_json::Value;
use tempfile::TempDir;
use url::Url;

/// A running bearergate with a data directory of its own.
pub struct Gate {
    /// The address that proxies ask.
    pub validation: SocketAddr,
    /// `http://localhost:<port>`, as the program prints it in links.
    pub public_url: Url,
    process: Process,
    _directory: TempDir,
}

impl Gate {
    /// Imports the settings into a new store, then serves.
    pub async fn with_settings(settings: &Value) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        import(directory.path(), settings);
        Self::serve(directory).await
    }

    /// As [`with_settings`](Self::with_settings), with an API key of this role.
    pub async fn with_key(settings: &Value, role: &str) -> (Self, String) {
        let directory = tempfile::tempdir().expect("a temporary directory");
        import(directory.path(), settings);
        let key = new_key(directory.path(), role);
        (Self::serve(directory).await, key)
    }

    /// Serves from an empty data directory: the very first start.
    pub async fn first_start() -> Self {
        Self::serve(tempfile::tempdir().expect("a temporary directory")).await
    }

    async fn serve(directory: TempDir) -> Self {
        let mut command = bearergate(directory.path());
        let process = Process::start(
            "bearergate",
            command
                .args(["serve", "--listen", "127.0.0.1:0"])
                .args(["--validation-listen", "127.0.0.1:0"]),
        );
        let address: SocketAddr = process.line(listening_address).await;
        let another = |line: &str| listening_address(line).filter(|found| *found != address);
        let validation = process.line(another).await;
        let public_url = format!("http://localhost:{}", address.port());
        Self {
            validation,
            public_url: public_url.parse().expect("a URL"),
            process,
            _directory: directory,
        }
    }

    /// The single-use link that the first start prints.
    pub async fn setup_link(&self) -> Url {
        let setup = format!("{}setup?token=", self.public_url);
        let link = |line: &str| {
            let link = line
                .split_whitespace()
                .find(|word| word.starts_with(&setup))?;
            link.parse().ok()
        };
        self.process.line(link).await
    }

    /// Waits until the log has a line with this.
    pub async fn logs(&self, text: &str) {
        let found = |line: &str| line.contains(text).then_some(());
        self.process.line(found).await;
    }

    /// All that the server has logged so far.
    pub fn log(&self) -> String {
        self.process.log()
    }
}

/// The program with its data directory, and nothing of the caller's environment that steers it.
fn bearergate(data_dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bearergate"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("BEARERGATE_") {
            command.env_remove(name);
        }
    }
    command.env("BEARERGATE_DATA_DIR", data_dir);
    // Whatever the level, no secret may be logged; the tests look.
    command.env("RUST_LOG", "trace");
    command
}

fn import(data_dir: &Path, settings: &Value) {
    let mut child = bearergate(data_dir)
        .args(["settings", "import", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut input = child.stdin.take().expect("it is piped");
    input
        .write_all(settings.to_string().as_bytes())
        .expect("the program reads the settings");
    drop(input);
    let output = child.wait_with_output().expect("the program ends");
    assert!(
        output.status.success(),
        "settings import: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn new_key(data_dir: &Path, role: &str) -> String {
    let output = bearergate(data_dir)
        .args(["api-key", "create", "a-key", "--role", role])
        .output()
        .expect("the program starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "api-key create: {errors}");
    let key = String::from_utf8(output.stdout).expect("a key is text");
    key.trim_end().to_owned()
}

fn listening_address(line: &str) -> Option<SocketAddr> {
    let (_, rest) = line.split_once("listening on http://")?;
    rest.split_whitespace().next()?.parse().ok()
}
