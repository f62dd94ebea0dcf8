//! A program that a test starts: its output is read line by line, and it ends with the test.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

/// How long a program may take to say that it is ready; generous, because CI is slow.
const READY: Duration = Duration::from_mins(2);

/// A running program, killed when it goes out of scope.
pub struct Process {
    name: &'static str,
    child: Child,
    lines: watch::Receiver<Vec<String>>,
}

impl Process {
    /// Starts the program with its output piped to here. Its standard input stays open as long as
    /// the test runs, so that a program that ends with its input never outlives the test.
    pub fn start(name: &'static str, command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{name} can't be started ({error}): run ./test once"));
        let (sender, lines) = watch::channel(Vec::new());
        read_lines(child.stdout.take().expect("it is piped"), sender.clone());
        read_lines(child.stderr.take().expect("it is piped"), sender);
        Self { name, child, lines }
    }

    /// Waits for a line that `find` recognises, or for the program's end (`None`).
    pub async fn find_line<T>(&self, find: impl Fn(&str) -> Option<T>) -> Option<T> {
        let mut found = None;
        let mut lines = self.lines.clone();
        let seen = lines.wait_for(|lines| {
            found = lines.iter().find_map(|line| find(line));
            found.is_some()
        });
        match timeout(READY, seen).await {
            Ok(_) => found,
            Err(tokio::time::error::Elapsed { .. }) => {
                panic!("{} isn't ready after {READY:?}:\n{}", self.name, self.log())
            }
        }
    }

    /// As [`find_line`](Self::find_line), where the program's end is a failure of the test.
    pub async fn line<T>(&self, find: impl Fn(&str) -> Option<T>) -> T {
        match self.find_line(find).await {
            Some(found) => found,
            None => panic!("{} ended:\n{}", self.name, self.log()),
        }
    }

    /// Closes the program's standard input and waits for its end: for a program that ends with it.
    pub fn end(mut self) {
        drop(self.child.stdin.take());
        self.child.wait().expect("it can be waited for");
    }

    /// All that the program has printed so far.
    pub fn log(&self) -> String {
        self.lines.borrow().join("\n")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Either can only fail where the program has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            eprintln!("--- {}\n{}", self.name, self.log());
        }
    }
}

fn read_lines(output: impl Read + Send + 'static, lines: watch::Sender<Vec<String>>) {
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            lines.send_modify(|lines| lines.push(line));
        }
    });
}
