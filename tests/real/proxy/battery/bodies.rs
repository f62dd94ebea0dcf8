//! Bodies: Confluence gets them as they come, the gate never.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::with_alice;
use crate::support::proxies::Product;
use crate::support::raw;

const ATTACHMENT: &str = "/rest/api/content/1/child/attachment";

pub async fn bodies_go_to_confluence_alone<P: Product>() {
    let (site, token) = with_alice::<P>().await;
    let body = "an attachment. ".repeat(100_000);
    let authorization = format!("Authorization: Bearer {token}");
    let length = format!("Content-Length: {}", body.len());
    let chunk = format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());

    for (framing, framed) in [
        (length.as_str(), &body),
        ("Transfer-Encoding: chunked", &chunk),
    ] {
        let headers = [authorization.as_str(), framing];
        let status = raw::send(site.proxy.address, "POST", ATTACHMENT, &headers, framed).await;
        assert_eq!(status, 200, "{framing}");
        let received = site.confluence.take_one();
        assert_eq!(received.method, "POST");
        assert_eq!(received.body, body.as_bytes());
        let sent = site.relay.take_requests().to_ascii_lowercase();
        assert!(!sent.contains("attachment. "), "{sent}");
        assert!(!sent.contains("transfer-encoding"), "{sent}");
        let lengths = sent.matches("content-length:").count();
        let none = sent.matches("content-length: 0\r\n").count();
        assert_eq!(lengths, none, "{sent}");
    }
}

/// Confluence has the first half before the client sends the second.
pub async fn a_body_of_20_mb_streams_through<P: Product>() {
    const HALF: usize = 10 * 1024 * 1024;
    let (site, token) = with_alice::<P>().await;
    let length = 2 * HALF;
    let head = format!(
        "POST {ATTACHMENT} HTTP/1.1\r\nHost: confluence.example.com\r\nConnection: close\r\n\
         Authorization: Bearer {token}\r\nContent-Length: {length}\r\n\r\n"
    );
    let (mut from_proxy, mut to_proxy) = TcpStream::connect(site.proxy.address)
        .await
        .expect("the proxy listens")
        .into_split();

    to_proxy.write_all(head.as_bytes()).await.expect("it reads");
    let half = vec![b'x'; HALF];
    to_proxy.write_all(&half).await.expect("it reads");
    // What is on its way may wait in buffers for more.
    site.confluence.has(HALF - 512 * 1024).await;
    to_proxy.write_all(&half).await.expect("it reads");
    let mut answer = String::new();
    let read = from_proxy.read_to_string(&mut answer).await;
    read.expect("it answers");

    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    let received = site.confluence.take_one();
    assert_eq!(received.body.len(), length);
    assert_eq!(received.value("X-Auth-Username"), Some("Alice"));
    let asked = site.relay.take_requests().len();
    assert!(asked < 64 * 1024, "the gate got {asked} bytes");
}
