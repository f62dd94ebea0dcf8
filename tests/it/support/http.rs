//! HTTP by hand: tests of limits and of connections must see each byte.

use std::io::{Read, Write};
use std::net::TcpStream;

use bearergate_testkit::program::PATIENCE;

/// A connection that gives up after [`PATIENCE`].
pub fn connect(address: &str) -> TcpStream {
    let stream = TcpStream::connect(address).expect("the server accepts");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time-out");
    stream
}

/// Sends `request` and returns the status and the whole answer. The request must make the server close.
pub fn exchange(mut stream: impl Read + Write, request: &str) -> (u16, String) {
    // The server may close early on what it refuses; its answer counts.
    drop(stream.write_all(request.as_bytes()));
    let mut answer = String::new();
    stream
        .read_to_string(&mut answer)
        .expect("an answer, then the end");
    let status = answer
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    (
        status.unwrap_or_else(|| panic!("no status in {answer:?}")),
        answer,
    )
}

/// GET on a new connection.
pub fn get(address: &str, path: &str) -> (u16, String) {
    exchange(connect(address), &closing_get(path))
}

/// The text of a GET after which the server closes the connection.
pub fn closing_get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: gate\r\nconnection: close\r\n\r\n")
}
