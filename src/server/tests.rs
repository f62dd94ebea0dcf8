//! The promises about connections, with times short enough to wait for.

use std::convert::Infallible;
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::extract::Extension;
use axum::routing::get;
use futures_util::stream;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::*;
use crate::config::ListenAddress;
use crate::peer::Peer;
use crate::site::Control;

const PATIENCE: Duration = Duration::from_secs(10);

struct Running {
    port: u16,
    stop: CancellationToken,
    task: JoinHandle<()>,
    /// Bears a message when `/slow` is entered; `/slow` answers when it gets one back.
    entered: mpsc::UnboundedReceiver<()>,
    leave: mpsc::UnboundedSender<()>,
}

async fn start(times: Times) -> Running {
    let (enter, entered) = mpsc::unbounded_channel();
    let (leave, left) = mpsc::unbounded_channel();
    let left = Arc::new(tokio::sync::Mutex::new(left));
    let slow = async move || {
        enter.send(()).unwrap();
        left.lock().await.recv().await;
        "slow"
    };
    let peer = async |Extension(peer): Extension<Peer>| peer.to_string();
    let routes = Router::new()
        .route("/slow", get(slow))
        .route("/drip", get(async || drip(12)))
        .route("/stuck", get(async || drip(1)))
        .route("/peer", get(peer));
    let site = Arc::new(Site::control(
        Router::new(),
        Control {
            console: routes,
            management: Router::new(),
        },
    ));

    let listener = Listener::bind(&ListenAddress::Tcp("127.0.0.1:0".into()))
        .await
        .unwrap();
    let port = listener.port().unwrap();
    let stop = CancellationToken::new();
    let task = tokio::spawn(run(vec![(listener, site)], times, stop.clone()));
    Running {
        port,
        stop,
        task,
        entered,
        leave,
    }
}

/// A body of so many drops, a tenth of a second apart, that does not end.
fn drip(drops: usize) -> Body {
    let ticks = tokio::time::interval(Duration::from_millis(100));
    Body::from_stream(stream::unfold(
        (0, ticks),
        move |(drop, mut ticks)| async move {
            if drop == drops {
                std::future::pending::<()>().await;
            }
            ticks.tick().await;
            Some((
                Ok::<_, Infallible>(format!("drop {drop};")),
                (drop + 1, ticks),
            ))
        },
    ))
}

async fn connect(server: &Running) -> TcpStream {
    TcpStream::connect(("127.0.0.1", server.port))
        .await
        .unwrap()
}

/// What comes until the server closes the connection.
async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    tokio::time::timeout(PATIENCE, stream.read_to_end(&mut bytes))
        .await
        .unwrap()
        .unwrap();
    String::from_utf8(bytes).unwrap()
}

/// One answer whose body ends with `end`, on a connection that stays open.
async fn answer(stream: &mut TcpStream, end: &str) -> String {
    let mut text = String::new();
    while !text.ends_with(end) {
        let mut bytes = [0; 1024];
        let read = tokio::time::timeout(PATIENCE, stream.read(&mut bytes))
            .await
            .unwrap()
            .unwrap();
        assert_ne!(read, 0, "closed after {text:?}");
        text.push_str(std::str::from_utf8(&bytes[..read]).unwrap());
    }
    text
}

fn times(head: u64, idle: u64) -> Times {
    Times {
        head: Duration::from_millis(head),
        idle: Duration::from_millis(idle),
        ..Times::default()
    }
}

const GET_PEER: &[u8] = b"GET /peer HTTP/1.1\r\nhost: gate\r\n\r\n";

#[test]
fn the_times_are_those_that_proxies_count_on() {
    let times = Times::default();
    assert_eq!(times.head, Duration::from_secs(30));
    assert!(times.idle >= Duration::from_mins(2));
    assert_eq!(times.stop, Duration::from_secs(10));
}

#[tokio::test]
async fn a_slow_head_ends_the_connection_though_bytes_keep_coming() {
    let server = start(times(300, 60_000)).await;
    for before in [0, 2] {
        let mut stream = connect(&server).await;
        for _ in 0..before {
            stream.write_all(GET_PEER).await.unwrap();
            answer(&mut stream, "127.0.0.1").await;
        }
        let begun = Instant::now();
        stream.write_all(b"GET /peer HTTP/1.1\r\n").await.unwrap();
        let (mut reader, mut writer) = stream.split();
        let drip = async {
            let mut ticks = tokio::time::interval(Duration::from_millis(20));
            while writer.write_all(b"x: y\r\n").await.is_ok() {
                ticks.tick().await;
            }
        };
        let closed = async {
            let mut bytes = Vec::new();
            // A reset is an end as well.
            drop(reader.read_to_end(&mut bytes).await);
            assert!(bytes.is_empty());
        };
        tokio::time::timeout(PATIENCE, async { tokio::join!(drip, closed) })
            .await
            .unwrap();
        assert!(begun.elapsed() >= Duration::from_millis(300));
    }
}

#[tokio::test]
async fn an_idle_connection_outlives_the_time_for_a_head_and_ends_at_its_own() {
    let server = start(times(100, 700)).await;
    let mut stream = connect(&server).await;
    stream.write_all(GET_PEER).await.unwrap();
    answer(&mut stream, "127.0.0.1").await;
    let idle = Instant::now();
    assert_eq!(rest(&mut stream).await, "");
    assert!(
        idle.elapsed() >= Duration::from_millis(650),
        "{:?}",
        idle.elapsed()
    );

    let mut silent = connect(&server).await;
    let idle = Instant::now();
    assert_eq!(rest(&mut silent).await, "");
    assert!(
        idle.elapsed() >= Duration::from_millis(650),
        "{:?}",
        idle.elapsed()
    );
}

#[tokio::test]
async fn an_answer_outlives_an_idle_connection_while_it_goes_on() {
    let server = start(times(100, 400)).await;
    for (path, last) in [("/drip", "drop 11;"), ("/stuck", "drop 0;")] {
        let mut stream = connect(&server).await;
        let request = format!("GET {path} HTTP/1.1\r\nhost: gate\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        // Then it is silent for too long.
        let text = rest(&mut stream).await;
        assert!(text.contains(last), "{text}");
    }
}

#[tokio::test]
async fn a_slow_answer_has_no_limit_here() {
    let mut server = start(times(50, 50)).await;
    let mut stream = connect(&server).await;
    stream
        .write_all(b"GET /slow HTTP/1.1\r\nhost: gate\r\n\r\n")
        .await
        .unwrap();
    server.entered.recv().await.unwrap();
    // Longer than both limits: another connection is closed as idle meanwhile, twice.
    for _ in 0..2 {
        assert_eq!(rest(&mut connect(&server).await).await, "");
    }
    server.leave.send(()).unwrap();
    assert!(rest(&mut stream).await.ends_with("slow"));
}

#[tokio::test]
async fn stopping_closes_idle_connections_and_finishes_what_is_in_flight() {
    let mut server = start(Times::default()).await;
    let mut idle = connect(&server).await;
    idle.write_all(GET_PEER).await.unwrap();
    answer(&mut idle, "127.0.0.1").await;
    let mut silent = connect(&server).await;
    let mut half = connect(&server).await;
    half.write_all(b"GET /pe").await.unwrap();
    let mut busy = connect(&server).await;
    busy.write_all(b"GET /slow HTTP/1.1\r\nhost: gate\r\n\r\n")
        .await
        .unwrap();
    server.entered.recv().await.unwrap();

    server.stop.cancel();
    assert_eq!(rest(&mut idle).await, "");
    assert_eq!(rest(&mut silent).await, "");
    drop(half.read_to_end(&mut Vec::new()).await);
    assert!(
        TcpStream::connect(("127.0.0.1", server.port))
            .await
            .is_err()
    );

    server.leave.send(()).unwrap();
    let answer = rest(&mut busy).await;
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.contains("connection: close"),
        "{answer}"
    );
    tokio::time::timeout(Duration::from_secs(5), server.task)
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test]
async fn stopping_does_not_wait_for_ever() {
    let stop = Duration::from_millis(200);
    let mut server = start(Times {
        stop,
        ..Times::default()
    })
    .await;
    let mut busy = connect(&server).await;
    busy.write_all(b"GET /slow HTTP/1.1\r\nhost: gate\r\n\r\n")
        .await
        .unwrap();
    server.entered.recv().await.unwrap();
    server.stop.cancel();
    tokio::time::timeout(PATIENCE, server.task)
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test]
async fn a_head_has_at_most_64_kilobytes_and_200_fields() {
    let server = start(Times::default()).await;
    let sized = |size: usize| {
        let head = "GET /peer HTTP/1.1\r\nhost: gate\r\nconnection: close\r\nx: ";
        let end = "\r\n\r\n";
        format!("{head}{}{end}", "a".repeat(size - head.len() - end.len()))
    };
    let counted = |fields: usize| {
        let more: String = (2..fields)
            .map(|index| format!("x-{index}: y\r\n"))
            .collect::<Vec<_>>()
            .concat();
        format!("GET /peer HTTP/1.1\r\nhost: gate\r\nconnection: close\r\n{more}\r\n")
    };
    for (request, status) in [
        (sized(64 * 1024), 200),
        (sized(64 * 1024 + 1), 431),
        (sized(1024 * 1024), 431),
        (counted(200), 200),
        (counted(201), 431),
    ] {
        let mut stream = connect(&server).await;
        let (mut reader, mut writer) = stream.split();
        let mut bytes = Vec::new();
        let exchange = async {
            // The server may stop reading what is too long; its answer has to arrive all the same.
            let (_, read) = tokio::join!(
                writer.write_all(request.as_bytes()),
                reader.read_to_end(&mut bytes)
            );
            read.unwrap();
        };
        tokio::time::timeout(PATIENCE, exchange).await.unwrap();
        let answer = String::from_utf8(bytes).unwrap();
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{}: {answer}",
            request.len()
        );
    }
}

#[tokio::test]
async fn a_unix_socket_is_replaced_only_when_nobody_listens() {
    use std::os::unix::fs::PermissionsExt as _;

    let directory = tempfile::TempDir::new().unwrap();
    let path = directory.path().join("gate.sock");
    let address = ListenAddress::Unix(path.clone());
    let first = Listener::bind(&address).await.unwrap();
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o660);
    assert_eq!(first.to_string(), format!("unix:{}", path.display()));
    let error = Listener::bind(&address).await.err().unwrap().to_string();
    assert!(error.contains("another process listens there"), "{error}");
    drop(first);
    assert!(!path.exists());

    // A process that was killed leaves its socket file.
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    let second = Listener::bind(&address).await.unwrap();
    std::fs::remove_file(&path).unwrap();
    std::fs::write(&path, "somebody else's").unwrap();
    drop(second);
    assert!(path.exists(), "what has taken the socket's place stays");
    let error = Listener::bind(&address).await.err().unwrap().to_string();
    assert!(error.contains("no socket"), "{error}");
}
