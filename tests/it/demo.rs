//! The demo: what it prints is what a user gets, and nothing of it stays behind.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Instant;

use bearergate_testkit::program::PATIENCE;
use reqwest::{Client, RequestBuilder};

/// The demo, running.
struct Demo {
    child: Child,
    lines: Receiver<String>,
}

impl Demo {
    fn start() -> Self {
        let mut child = Command::new(program())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the demo starts");
        let stdout = child.stdout.take().expect("it is piped");
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                // Nobody reads on where a test has failed.
                drop(sender.send(line));
            }
        });
        Self { child, lines }
    }

    /// All lines up to the one that begins so.
    fn lines_until(&self, beginning: &str) -> Vec<String> {
        let deadline = Instant::now() + PATIENCE;
        let mut all = Vec::new();
        loop {
            let patience = deadline.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(patience) {
                Ok(line) => all.push(line),
                Err(error) => panic!("no line {beginning:?} ({error}) in {all:#?}"),
            }
            if all.last().is_some_and(|line| line.starts_with(beginning)) {
                return all;
            }
        }
    }

    /// Ends it as Ctrl-C does; the exit code.
    fn interrupt(&mut self) -> Option<i32> {
        let id = self.child.id().to_string();
        let status = Command::new("kill").args(["-INT", &id]).status();
        assert!(status.expect("kill runs").success());
        // Its standard output closes when it ends.
        assert_eq!(
            self.lines.recv_timeout(PATIENCE),
            Err(RecvTimeoutError::Disconnected)
        );
        self.child.wait().expect("the demo ends").code()
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // It has ended already unless a test has failed.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Cargo builds examples beside the tests whenever it builds all targets: `cargo test` does.
fn program() -> PathBuf {
    let test = std::env::current_exe().expect("a path");
    let profile = test.ancestors().nth(2).expect("target/<profile>/deps/it");
    let program = profile.join("examples/demo");
    assert!(program.exists(), "run `cargo build --example demo` first");
    program
}

/// The request that a line with curl makes.
fn request(line: &str) -> RequestBuilder {
    let client = Client::builder().no_proxy().build().expect("a client");
    let url = line.split_whitespace().last().expect("a URL");
    let request = client.get(url);
    if let Some((_, rest)) = line.split_once("-H \"Authorization: Bearer $(cat ") {
        let (path, _) = rest.split_once(")\"").expect("a path");
        request.bearer_auth(std::fs::read_to_string(path).expect("a token"))
    } else if let Some((_, rest)) = line.split_once(" -u ") {
        let credentials = rest.split_whitespace().next().expect("credentials");
        let (username, password) = credentials.split_once(':').expect("a password");
        request.basic_auth(username, Some(password))
    } else {
        assert_eq!(line.split_whitespace().count(), 3, "{line}");
        request
    }
}

#[tokio::test]
async fn each_line_of_the_demo_is_answered_as_it_says_and_nothing_stays_behind() {
    let mut demo = Demo::start();
    let lines = demo.lines_until("Ctrl-C stops");
    let mut answers = Vec::new();
    for pair in lines.windows(2) {
        let [promise, line] = pair else { continue };
        if !line.trim_start().starts_with("curl ") {
            continue;
        }
        let (_, promise) = promise.split_once(": ").expect("a promise");
        let (status, says) = promise.split_once(", ").expect("a status and a text");
        let answer = request(line.trim()).send().await.expect("an answer");
        assert_eq!(answer.status().as_str(), status, "{line}");
        let challenged = answer.headers().contains_key("www-authenticate");
        assert_eq!(challenged, status == "401", "{line}");
        let body = answer.text().await.expect("a body");
        assert!(body.contains(says), "{line}: {body}");
        answers.push(says.to_owned());
    }
    assert_eq!(
        answers,
        [
            "\"readBy\":\"Alice\"",
            "missing_credential",
            "expired",
            "basic_disabled"
        ]
    );

    let last = lines.last().expect("a line");
    let (_, directory) = last.rsplit_once(' ').expect("a directory");
    let directory = Path::new(directory.trim_end_matches('.'));
    assert!(directory.is_dir(), "{last}");
    assert_eq!(demo.interrupt(), Some(0));
    assert!(!directory.exists(), "{last}");
}
