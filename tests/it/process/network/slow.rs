//! Clients that drip: each holds a connection for a bounded time, and none holds up another.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{ASK, AT_ONCE, REFUSED, open_sockets, place_on, wait_for_sockets};

/// For a head, and for a form of the console.
const BOUND: Duration = Duration::from_secs(30);
const SLACK: Duration = Duration::from_secs(15);
const CLIENTS: usize = 500;

/// Sends a byte a second until the server closes; how long that took.
async fn drip(address: String, first: &str) -> Duration {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(first.as_bytes()).await.unwrap();
    let begun = Instant::now();
    let (mut reader, mut writer) = stream.split();
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    let mut bytes = [0; 4096];
    loop {
        tokio::select! {
            _ = ticks.tick() => drop(writer.write_all(b"a").await),
            // An answer that the time is over may come first; a reset is an end as well.
            read = reader.read(&mut bytes) => match read {
                Ok(0) | Err(_) => return begun.elapsed(),
                Ok(_) => {}
            },
        }
    }
}

async fn good_client(address: &str) {
    let exchange = async {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(ASK).await.unwrap();
        let mut bytes = [0; 4096];
        let read = stream.read(&mut bytes).await.unwrap();
        assert!(bytes[..read].starts_with(REFUSED.as_bytes()));
    };
    let answered = tokio::time::timeout(AT_ONCE, exchange).await;
    answered.expect("a good client is answered at once");
}

#[tokio::test]
async fn five_hundred_slow_clients_are_closed_in_time_and_hold_nobody_up() {
    let place = place_on();
    let server = place.serve();
    good_client(&server.address).await;
    let before = open_sockets(&server);
    let slow: Vec<_> = (0..CLIENTS)
        .map(|number| {
            let begin = if number % 2 == 0 {
                "GET /validate HTTP/1.1\r\nx-"
            } else {
                "POST /login HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000\r\n\
                 content-type: application/x-www-form-urlencoded\r\n\r\n"
            };
            tokio::spawn(drip(server.address.clone(), begin))
        })
        .collect();
    let mut ticks = tokio::time::interval(Duration::from_millis(500));
    while !slow.iter().all(tokio::task::JoinHandle::is_finished) {
        ticks.tick().await;
        good_client(&server.address).await;
    }
    for client in slow {
        let took = client.await.unwrap();
        assert!(took + Duration::from_secs(2) >= BOUND, "{took:?}");
        assert!(took < BOUND + SLACK, "{took:?}");
    }
    wait_for_sockets(&server, before);
}
