//! SIGTERM and SIGINT under load: no request that reached the server is dropped.

use std::fmt::Debug;
use std::io::Write as _;
use std::net::TcpListener;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bearergate_testkit::program::{PATIENCE, Place, Server};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use super::{ASK, REFUSED, answer, ask, place_asking, place_on};
use crate::support::http::connect;

const CLIENTS: usize = 64;

/// Serves on a Unix socket of this name.
fn serve_on_socket(place: &Place) -> Server {
    let listen = format!("unix:{}", place.path("gate.sock").display());
    Server::start(&mut place.command(["--listen", &listen, "--public-url", "http://localhost"]))
}

/// Asks again and again on one connection, until an answer says that it is the last one.
async fn ask_until_the_last(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    answers: &AtomicUsize,
) {
    let mut buffer = [0; 8192];
    for number in 0.. {
        stream.write_all(ASK).await.expect("the connection is open");
        let mut text = String::new();
        while !text.ends_with('}') {
            let read = stream.read(&mut buffer).await.unwrap_or_else(|error| {
                panic!("request {number} is dropped: {error}, after {text:?}")
            });
            assert_ne!(read, 0, "request {number} is dropped after {text:?}");
            text.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
        }
        assert!(text.starts_with(REFUSED), "{text}");
        answers.fetch_add(1, Ordering::Relaxed);
        if text.contains("connection: close\r\n") {
            assert_eq!(stream.read(&mut buffer).await.unwrap(), 0, "the end");
            return;
        }
    }
}

/// Stops the server while all these connections ask as fast as they can.
async fn stop_under_load<S>(mut server: Server, streams: Vec<S>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let answers = Arc::new(AtomicUsize::new(0));
    let clients: Vec<_> = streams
        .into_iter()
        .map(|stream| {
            let answers = Arc::clone(&answers);
            tokio::spawn(async move { ask_until_the_last(stream, &answers).await })
        })
        .collect();
    let warm = async {
        while answers.load(Ordering::Relaxed) < 20 * CLIENTS {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, warm).await.expect("answers");
    server.signal("TERM");
    for client in clients {
        let ended = tokio::time::timeout(PATIENCE, client).await;
        ended
            .expect("each connection ends")
            .expect("no request is dropped");
    }
    let (code, took) = server.wait();
    assert_eq!(code, Some(0), "{}", server.whole_log());
    assert!(took < Duration::from_secs(10), "{took:?}");
}

#[tokio::test]
async fn a_stop_under_load_drops_no_request_on_tcp() {
    let place = place_on();
    let server = place.serve();
    let mut streams = Vec::new();
    for _ in 0..CLIENTS {
        streams.push(
            tokio::net::TcpStream::connect(&server.address)
                .await
                .unwrap(),
        );
    }
    stop_under_load(server, streams).await;
}

#[tokio::test]
async fn a_stop_under_load_drops_no_request_on_a_unix_socket() {
    let place = place_on();
    let server = serve_on_socket(&place);
    let path = place.path("gate.sock");
    let mut streams = Vec::new();
    for _ in 0..CLIENTS {
        streams.push(tokio::net::UnixStream::connect(&path).await.unwrap());
    }
    stop_under_load(server, streams).await;
}

/// Connects and asks while the server is held up, so that all wait to be accepted when it is told to stop.
fn stop_with_a_queue<S: std::io::Read + std::io::Write + Debug>(
    mut server: Server,
    connect: impl Fn() -> S,
) {
    server.signal("STOP");
    let mut waiting: Vec<S> = (0..100).map(|_| connect()).collect();
    for stream in &mut waiting {
        stream.write_all(ASK).unwrap();
    }
    server.signal("TERM");
    server.signal("CONT");
    for stream in &mut waiting {
        let answer = answer(stream);
        assert!(answer.starts_with(REFUSED), "{answer}");
    }
    drop(waiting);
    assert_eq!(server.wait().0, Some(0));
}

#[test]
fn what_waits_to_be_accepted_at_the_end_is_answered() {
    let place = place_on();
    let server = place.serve();
    let address = server.address.clone();
    stop_with_a_queue(server, || connect(&address));

    let server = serve_on_socket(&place);
    let path = place.path("gate.sock");
    stop_with_a_queue(server, || {
        let stream = UnixStream::connect(&path).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    });
}

#[test]
fn further_signals_cut_nothing_short() {
    let provider = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = place_asking(&provider);
    let mut server = serve_on_socket(&place);
    let mut client = UnixStream::connect(place.path("gate.sock")).unwrap();
    client.set_read_timeout(Some(PATIENCE)).unwrap();
    // A page whose form is on its way: its time is longer than a provider's.
    client
        .write_all(
            b"POST /login HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1\r\n\
              content-type: application/x-www-form-urlencoded\r\nexpect: 100-continue\r\n\r\n",
        )
        .unwrap();
    // The handler asks for the form: it is being served.
    let begun = answer(&mut client);
    assert!(begun.starts_with("HTTP/1.1 100 "), "{begun}");
    for signal in ["TERM", "TERM", "INT", "INT"] {
        server.signal(signal);
    }
    server.wait_for("stopping");
    client.write_all(b"a").unwrap();
    let answer = answer(&mut client);
    assert!(answer.contains("connection: close\r\n"), "{answer}");
    assert_eq!(server.wait().0, Some(0));
}

#[test]
fn a_client_that_never_reads_does_not_hold_the_end_up() {
    let place = place_on();
    let mut server = place.serve();
    let mut deaf = connect(&server.address);
    deaf.set_write_timeout(Some(Duration::from_millis(300)))
        .unwrap();
    let page = b"GET /login HTTP/1.1\r\nhost: localhost\r\n\r\n";
    // Until nothing more is taken, because the answers are not.
    while deaf.write_all(page).is_ok() {}
    let mut other = connect(&server.address);
    assert!(ask(&mut other, ASK).starts_with(REFUSED));
    server.signal("TERM");
    let (code, took) = server.wait();
    assert_eq!(code, Some(0), "{}", server.whole_log());
    // Ten seconds at most for what is in flight, and the store's end.
    assert!(took < Duration::from_secs(20), "{took:?}");
}
