//! A gate that doesn't answer: the proxy waits as long as a decision may take, and then denies.

use std::time::{Duration, Instant};

use bearergate_testkit::http::send;
use reqwest::Client;
use tokio::net::TcpListener;

use super::CONTENT;
use crate::support::confluence::Confluence;
use crate::support::proxies::{Between, Product};

pub async fn a_gate_that_does_not_answer_is_waited_for_12_seconds<P: Product>() {
    let confluence = Confluence::start().await;
    // Connections are made, and nobody takes them.
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let between = Between {
        gate: silent.local_addr().expect("it is bound"),
        confluence: confluence.address,
    };
    let proxy = P::start(between).await;

    let asked = Instant::now();
    let url = format!("http://{}{CONTENT}", proxy.address);
    let answer = send(Client::new().get(url)).await;

    let waited = asked.elapsed();
    assert_eq!(answer.status, P::UNREACHABLE, "{answer:?}");
    let expected = Duration::from_secs(11)..Duration::from_secs(20);
    assert!(expected.contains(&waited), "{waited:?}");
    assert!(confluence.take().is_empty());
}
