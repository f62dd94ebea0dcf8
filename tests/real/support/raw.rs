//! HTTP/1.1 by hand, for requests that no well-behaved client sends.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Sends a request without a body and returns the status of the answer. The target goes out as it
/// is, and so do the header lines.
pub async fn status(address: SocketAddr, method: &str, target: &str, headers: &[&str]) -> u16 {
    send(address, method, target, headers, "").await
}

/// As [`status`], with what follows the head.
pub async fn send(
    address: SocketAddr,
    method: &str,
    target: &str,
    headers: &[&str],
    body: &str,
) -> u16 {
    let mut request = format!("{method} {target} HTTP/1.1\r\nHost: confluence.example.com\r\n");
    for header in headers {
        request.push_str(header);
        request.push_str("\r\n");
    }
    request.push_str("Connection: close\r\n\r\n");
    request.push_str(body);
    let mut stream = TcpStream::connect(address)
        .await
        .expect("the proxy listens");
    stream
        .write_all(request.as_bytes())
        .await
        .expect("it reads");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("it answers");
    let answer = String::from_utf8_lossy(&answer);
    let code = answer.split(' ').nth(1).and_then(|code| code.parse().ok());
    code.unwrap_or_else(|| panic!("no status in {answer:?}"))
}
