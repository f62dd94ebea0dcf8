//! The program, started as a user starts it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// How long anything may take that a test waits for.
pub const PATIENCE: Duration = Duration::from_secs(40);

/// A directory for one store, and the program on it.
pub struct Place {
    program: PathBuf,
    directory: TempDir,
}

impl Place {
    /// A new directory for the program at this path: `env!("CARGO_BIN_EXE_bearergate")` in a test.
    pub fn new(program: impl Into<PathBuf>) -> Self {
        let directory = TempDir::new().expect("a temporary directory");
        Self {
            program: program.into(),
            directory,
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub fn data_dir(&self) -> PathBuf {
        self.path("data")
    }

    pub fn database(&self) -> PathBuf {
        self.path("data/bearergate.db")
    }

    /// The program with this place's data directory, and nothing of the caller's environment that steers it.
    pub fn command<S: AsRef<std::ffi::OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
    ) -> Command {
        let mut command = Command::new(&self.program);
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("BEARERGATE_") || text == "RUST_LOG" {
                command.env_remove(&name);
            }
        }
        command
            .env("BEARERGATE_DATA_DIR", self.data_dir())
            .args(arguments);
        command
    }

    /// Runs a command to its end.
    pub fn run<const N: usize>(&self, arguments: [&str; N], input: &str) -> Ended {
        run(&mut self.command(arguments), input)
    }

    /// Imports a settings document, which must succeed.
    pub fn import(&self, document: &Value) {
        let ended = self.run(["settings", "import", "-"], &document.to_string());
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    }

    /// The settings document in force.
    pub fn export(&self) -> Value {
        let ended = self.run(["settings", "export"], "");
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        serde_json::from_str(&ended.stdout).expect("a JSON document")
    }

    /// Serves on a free port, and waits until it does.
    pub fn serve(&self) -> Server {
        Server::start(&mut self.command(["serve", "--listen", "127.0.0.1:0"]))
    }
}

/// A command that has ended.
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ended {
    /// The one line of stderr that says what went wrong.
    pub fn only_line(&self) -> &str {
        let lines: Vec<&str> = self.stderr.lines().collect();
        assert_eq!(lines.len(), 1, "{}", self.stderr);
        lines[0]
    }
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Self {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

/// Runs a command with this input to its end; one that does not end is killed and fails the test.
pub fn run(command: &mut Command, input: &str) -> Ended {
    let mut child = spawn(command.stdout(Stdio::piped()));
    let mut stdin = child.stdin.take().expect("it is piped");
    // A command that fails early reads nothing.
    drop(stdin.write_all(input.as_bytes()));
    drop(stdin);
    let id = child.id();
    let (done, ended) = channel();
    std::thread::spawn(move || done.send(child.wait_with_output()));
    let Ok(output) = ended.recv_timeout(PATIENCE) else {
        signal(id, "KILL");
        panic!("{command:?} does not end");
    };
    output.expect("the command ends").into()
}

fn spawn(command: &mut Command) -> Child {
    command
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts")
}

fn signal(id: u32, name: &str) {
    let status = Command::new("kill")
        .arg(format!("-{name}"))
        .arg(id.to_string())
        .status();
    assert!(status.expect("kill runs").success());
}

/// A running server; killed when the test ends.
pub struct Server {
    child: Child,
    lines: Receiver<String>,
    log: Vec<String>,
    /// `host:port` of the first listener; empty when that is a Unix socket.
    pub address: String,
}

impl Server {
    /// Starts the command and waits until its first listener accepts.
    pub fn start(command: &mut Command) -> Self {
        let mut child = spawn(command.stdout(Stdio::null()));
        let stderr = child.stderr.take().expect("it is piped");
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        let mut server = Self {
            child,
            lines,
            log: Vec::new(),
            address: String::new(),
        };
        let line = server.wait_for("listening on ");
        if let Some((_, address)) = line.split_once("listening on http://") {
            address.clone_into(&mut server.address);
        }
        server
    }

    /// The next line of the log that contains `text`.
    pub fn wait_for(&mut self, text: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self
                .lines
                .recv_timeout(deadline.saturating_duration_since(Instant::now()))
            {
                Ok(line) => {
                    self.log.push(line.clone());
                    if line.contains(text) {
                        return line;
                    }
                }
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    panic!("no line with {text:?} in the log: {:#?}", self.log)
                }
            }
        }
    }

    /// All that was logged, after the end.
    pub fn whole_log(&mut self) -> String {
        self.log.extend(self.lines.iter());
        self.log.join("\n")
    }

    pub fn log_so_far(&self) -> String {
        self.log.join("\n")
    }

    /// The process's id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn signal(&self, name: &str) {
        signal(self.child.id(), name);
    }

    /// Waits for the end; the exit code, and how long it took.
    pub fn wait(&mut self) -> (Option<i32>, Duration) {
        let begun = Instant::now();
        // stderr closes when the process ends.
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => self.log.push(line),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("the server does not end"),
            }
        }
        let status = self.child.wait().expect("the server ends");
        (status.code(), begun.elapsed())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The single-use link in a line of the log.
pub fn setup_link(line: &str) -> &str {
    line.split_whitespace()
        .find(|word| word.contains("/setup?token="))
        .expect("a link")
}

/// A settings document with nothing but the keys that must be there.
pub fn minimal_settings() -> Value {
    serde_json::json!({
        "version": 1,
        "global": {
            "rest_api_authentication_enabled": true,
            "basic_authentication_disabled": false,
        },
    })
}

/// Whether the file's bytes are those.
pub fn has_bytes(path: &Path, bytes: &[u8]) -> bool {
    std::fs::read(path).expect("the file is readable") == bytes
}
