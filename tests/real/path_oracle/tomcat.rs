//! Tomcat's reading of paths, by Tomcat itself.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::{env, fs};

use bearergate_testkit::process::Process;
use tempfile::TempDir;

/// Where a request arrives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// The context path of the application.
    pub context: String,
    /// `rest`, `rpc` or `other`.
    pub servlet: String,
    /// The path within the application, decoded and normalised.
    pub path: String,
}

impl Arrival {
    /// Reads a line of the program's; `None` where it is none.
    pub fn of(line: &str) -> Option<Self> {
        let mut fields = line.split('\t').map(ToOwned::to_owned);
        Some(Self {
            context: fields.next()?,
            servlet: fields.next()?,
            path: fields.next()?,
        })
    }

    /// Where a path would arrive that is decoded and normalised, its parameters aside.
    pub fn at(path: &str) -> Self {
        let segments = path.split('/').map(|one| one.split(';').next());
        let segments: Vec<_> = segments.flatten().filter(|one| !one.is_empty()).collect();
        let (context, inside) = match segments.split_first() {
            Some((&"confluence", inside)) => ("/confluence", inside),
            _ => ("", &segments[..]),
        };
        let servlet = inside.first().filter(|one| ["rest", "rpc"].contains(one));
        Self {
            context: context.to_owned(),
            servlet: (*servlet.unwrap_or(&"other")).to_owned(),
            path: format!("/{}", inside.join("/")),
        }
    }

    /// Whether it needs a credential.
    pub fn is_protected(&self) -> bool {
        self.servlet != "other"
    }
}

/// A Tomcat that has read paths and listens.
pub struct Tomcat {
    pub address: SocketAddr,
    _process: Process,
    _directory: TempDir,
}

impl Tomcat {
    /// Lets Tomcat read each path; `None` for one that it refuses or redirects.
    pub async fn read(paths: &[Vec<u8>]) -> (Self, Vec<Option<Arrival>>) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let directory = tempfile::tempdir().expect("a temporary directory");
        let mut lines = paths.join(&b'\n');
        lines.push(b'\n');
        fs::write(directory.path().join("paths"), lines).expect("a writable directory");
        let mut command = Command::new("java");
        command
            .args(["-Xmx512m", "-cp"])
            .arg(root.join("target/tomcat/*"))
            .arg(root.join("tests/real/path_oracle/PathReader.java"))
            .arg(directory.path());
        let process = Process::start("tomcat", &mut command);
        let port = |line: &str| line.strip_prefix("listening on ")?.parse::<u16>().ok();
        let address = SocketAddr::from(([127, 0, 0, 1], process.line(port).await));
        let answers = fs::read(directory.path().join("answers")).expect("it has answered");
        let answers = String::from_utf8_lossy(&answers);
        let read = answers
            .lines()
            .map(|line| Arrival::of(line.strip_prefix("200\t")?));
        let read: Vec<_> = read.collect();
        assert_eq!(read.len(), paths.len(), "an answer for each path");
        let tomcat = Self {
            address,
            _process: process,
            _directory: directory,
        };
        (tomcat, read)
    }
}
