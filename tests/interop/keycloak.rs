//! Keycloak, one server for all tests of the program.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use bearergate_testkit::process::Process;
use tokio::sync::{OnceCell, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// The administrator of a server that lives as long as the tests.
pub const ADMINISTRATOR: [(&str, &str); 2] = [("username", "admin"), ("password", "admin")];

/// `kc.sh` runs Java as a child, which would outlive a kill, and Keycloak does not end with its
/// input. So that it never outlives the tests, however they end, this asks it to stop when the
/// input ends.
const UNTIL_THE_INPUT_ENDS: &str = r#"
exec 3<&0
"$@" 3<&- & keycloak=$!
{ read -r _ <&3; kill "$keycloak"; } >/dev/null 2>&1 & watcher=$!
exec 3<&-
wait "$keycloak"
kill "$watcher""#;

/// The server.
pub struct Keycloak {
    /// `http://127.0.0.1:<port>`.
    pub base: String,
    /// `None` while it is stopped.
    process: Option<Process>,
}

static KEYCLOAK: OnceCell<RwLock<Keycloak>> = OnceCell::const_new();

async fn shared() -> &'static RwLock<Keycloak> {
    KEYCLOAK
        .get_or_init(|| async { RwLock::new(Keycloak::first_start().await) })
        .await
}

/// The server, started by whoever asks first; it runs as long as this is held.
pub async fn running() -> RwLockReadGuard<'static, Keycloak> {
    shared().await.read().await
}

/// The server for a test that stops it, once no other test needs it.
pub async fn alone() -> RwLockWriteGuard<'static, Keycloak> {
    shared().await.write().await
}

impl Keycloak {
    /// Starts with an empty database.
    async fn first_start() -> Self {
        let data = data();
        if data.exists() {
            fs::remove_dir_all(&data).expect("the last run's database can be removed");
        }
        // The address is a part of each issuer, so Keycloak can't choose the port itself; and
        // somebody may take this one first.
        for _ in 0..5 {
            let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
            let address = listener.local_addr().expect("it is bound");
            drop(listener);
            let base = format!("http://{address}");
            if let Ok(process) = start(&base).await {
                let process = Some(process);
                return Self { base, process };
            }
        }
        panic!("no port stayed free for Keycloak");
    }

    /// Stops the server.
    pub fn stop(&mut self) {
        self.process.take().expect("it runs").end();
    }

    /// Starts it again where it was, with what it knew.
    pub async fn start_again(&mut self) {
        assert!(self.process.is_none(), "it runs");
        let process = start(&self.base).await;
        self.process = Some(process.unwrap_or_else(|log| panic!("Keycloak ended:\n{log}")));
    }
}

fn data() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("keycloak")
}

/// The server on this base, or its log if the port is taken.
async fn start(base: &str) -> Result<Process, String> {
    let (_, port) = base.rsplit_once(':').expect("it has a port");
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/keycloak/bin/kc.sh");
    assert!(program.exists(), "Keycloak isn't there: run ./test interop");
    let database = data().join("database");
    let mut command = Command::new("sh");
    command
        .env_clear()
        .envs(["PATH", "JAVA_HOME"].map(|name| (name, env::var_os(name).unwrap_or_default())))
        .env("JAVA_OPTS_KC_HEAP", "-Xms64m -Xmx384m")
        .envs(ADMINISTRATOR.map(|(name, value)| {
            let name = name.to_uppercase();
            (format!("KC_BOOTSTRAP_ADMIN_{name}"), value)
        }))
        .args(["-c", UNTIL_THE_INPUT_ENDS, "sh"])
        .arg(program)
        .args([
            "start",
            "--optimized",
            "--cache=local",
            "--http-enabled=true",
        ])
        .arg("--http-host=127.0.0.1")
        .arg(format!("--http-port={port}"))
        .arg(format!("--hostname={base}"))
        .arg(format!(
            "--db-url=jdbc:h2:file:{};NON_KEYWORDS=VALUE",
            database.display()
        ));
    let process = Process::start("keycloak", &mut command);
    let listens = |line: &str| line.contains("Listening on: http://").then_some(());
    match process.find_line(listens).await {
        Some(()) => Ok(process),
        None if process.log().contains("Address already in use") => Err(process.log()),
        None => panic!("Keycloak ended:\n{}", process.log()),
    }
}
