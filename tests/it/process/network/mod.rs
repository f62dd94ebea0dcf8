//! Faults of the network and of the process's own means: many clients, slow ones, those that go half-way, no descriptor
//! left, and the end under load.

mod descriptors;
mod end;
mod half;
mod many;
mod slow;

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use bearergate_testkit::program::{PATIENCE, Place, Server, minimal_settings};
use serde_json::json;

use crate::support::new_place;

/// A question about a protected call without a credential; the connection stays open.
const ASK: &[u8] = b"GET /validate HTTP/1.1\r\nhost: gate\r\n\r\n";
/// The beginning of each answer to it.
const REFUSED: &str = "HTTP/1.1 401 ";

/// How long a good client may wait while others misbehave, on a machine with much else to do.
const AT_ONCE: Duration = Duration::from_secs(5);

/// A gate that is on, with a provider that is asked about each opaque token.
fn place_asking(provider: &std::net::TcpListener) -> Place {
    let mut document = minimal_settings();
    document["providers"] = json!([{
        "id": "slow",
        "preset": "custom-oauth2",
        "enabled": true,
        "token_validation": "userinfo",
        "userinfo_endpoint": format!("http://{}/userinfo", provider.local_addr().unwrap()),
        "audiences": ["*"],
        "username_attribute": "login",
    }]);
    let place = new_place();
    place.import(&document);
    place
}

/// A gate that is on, and nothing else.
fn place_on() -> Place {
    let place = new_place();
    place.import(&minimal_settings());
    place
}

/// One answer on a connection that stays open.
fn answer(stream: &mut impl Read) -> String {
    let mut text = Vec::new();
    loop {
        let read = String::from_utf8_lossy(&text);
        if let Some((head, body)) = read.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .map_or(0, |length| length.parse().unwrap());
            if body.len() >= length {
                return read.into_owned();
            }
        }
        let mut bytes = [0; 4096];
        let read = stream.read(&mut bytes).expect("an answer");
        assert_ne!(read, 0, "closed after {:?}", String::from_utf8_lossy(&text));
        text.extend_from_slice(&bytes[..read]);
    }
}

fn ask(stream: &mut (impl Read + Write), request: &[u8]) -> String {
    stream.write_all(request).unwrap();
    answer(stream)
}

fn process(server: &Server) -> procfs::process::Process {
    procfs::process::Process::new(server.id().try_into().unwrap()).unwrap()
}

/// The server's open sockets: what else it has open comes and goes with its work.
fn open_sockets(server: &Server) -> usize {
    // One may be closed while they are listed.
    let open = process(server).fd().unwrap().filter_map(Result::ok);
    open.filter(|file| matches!(file.target, procfs::process::FDTarget::Socket(_)))
        .count()
}

/// Resident memory in bytes.
fn memory(server: &Server) -> u64 {
    process(server).status().unwrap().vmrss.unwrap() * 1024
}

/// Waits until the server has no more open sockets than it had.
fn wait_for_sockets(server: &Server, before: usize) {
    let deadline = Instant::now() + PATIENCE;
    while open_sockets(server) > before {
        assert!(
            Instant::now() < deadline,
            "{} open sockets, {before} before",
            open_sockets(server)
        );
        std::thread::yield_now();
    }
}
