//! Where the program listens, and how it ends.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use bearergate_testkit::program::{PATIENCE, Server, minimal_settings};

use crate::support::http::{closing_get, connect, exchange, get};
use crate::support::new_place;

#[test]
fn health_is_answered() {
    let place = new_place();
    let server = place.serve();
    for (path, word) in [("/healthz", "alive"), ("/readyz", "ready")] {
        let (status, answer) = get(&server.address, path);
        assert_eq!(status, 200);
        assert!(
            answer.contains(word) && answer.contains("cache-control: no-store"),
            "{answer}"
        );
    }
}

#[test]
fn a_second_listener_takes_validation_away_from_the_first() {
    let place = new_place();
    let mut server = Server::start(&mut place.command([
        "--listen",
        "127.0.0.1:0",
        "--validation-listen",
        "127.0.0.1:0",
    ]));
    let line = server.wait_for("listening on http://");
    let other = line.rsplit('/').next().unwrap().to_owned();
    assert_ne!(server.address, other);
    for address in [&server.address, &other] {
        assert_eq!(get(address, "/healthz").0, 200);
        assert_eq!(get(address, "/readyz").0, 200);
    }
    for path in [
        "/validate",
        "/validate/auth-request",
        "/validate/ext-authz/rest",
        "/introspect",
        "/metrics",
    ] {
        // Under whatever name: a console page is led to the public URL's, http://localhost:<port>.
        for host in ["gate", &server.address, "localhost"] {
            for method in ["GET", "POST"] {
                let request = format!(
                    "{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n"
                );
                let (status, answer) = exchange(connect(&server.address), &request);
                assert_eq!(status, 404, "{method} {path} for {host}: {answer}");
            }
        }
    }
    for path in ["/", "/login", "/oauth", "/nothing"] {
        assert_eq!(get(&other, path).0, 404, "{path}");
    }
}

#[test]
fn a_unix_socket_is_served_and_removed_at_the_end() {
    let place = new_place();
    let path = place.path("gate.sock");
    // Left by a server that was killed.
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    let listen = format!("unix:{}", path.display());
    let arguments = [
        "--listen",
        &listen,
        "--public-url",
        "https://gate.example.com",
    ];
    let mut server = Server::start(&mut place.command(arguments));
    assert!(
        server
            .log_so_far()
            .contains(&format!("listening on {listen}"))
    );
    let metadata = fs::metadata(&path).unwrap();
    assert!(metadata.file_type().is_socket());
    assert_eq!(metadata.permissions().mode() & 0o777, 0o660);
    let stream = UnixStream::connect(&path).unwrap();
    assert_eq!(exchange(stream, &closing_get("/healthz")).0, 200);

    let second = new_place();
    let ended = bearergate_testkit::program::run(&mut second.command(arguments), "");
    assert_eq!(ended.code, Some(1));
    assert!(
        ended.only_line().contains("another process listens"),
        "{}",
        ended.stderr
    );
    assert!(path.exists());

    server.signal("TERM");
    assert_eq!(server.wait().0, Some(0));
    assert!(!path.exists());
}

#[test]
fn a_signal_ends_the_server_and_closes_what_is_idle() {
    for signal in ["TERM", "INT"] {
        let place = new_place();
        let mut server = place.serve();
        let mut idle = connect(&server.address);
        idle.write_all(b"GET /healthz HTTP/1.1\r\nhost: gate\r\n\r\n")
            .unwrap();
        let mut answer = String::new();
        while !answer.ends_with('}') {
            let mut bytes = [0; 512];
            let read = idle.read(&mut bytes).unwrap();
            assert_ne!(read, 0);
            answer.push_str(std::str::from_utf8(&bytes[..read]).unwrap());
        }
        let mut silent = connect(&server.address);
        // Connections are accepted in their order: with the answer to a later one, the silent one is.
        let mut later = connect(&server.address);
        later
            .write_all(b"GET /healthz HTTP/1.1\r\nhost: gate\r\nconnection: close\r\n\r\n")
            .unwrap();
        later.read_to_end(&mut Vec::new()).unwrap();
        server.signal(signal);
        let (code, took) = server.wait();
        assert_eq!(code, Some(0), "{}", server.whole_log());
        assert!(took < Duration::from_secs(5), "{took:?}");
        for stream in [&mut idle, &mut silent] {
            let mut rest = Vec::new();
            stream.read_to_end(&mut rest).unwrap();
            assert!(rest.is_empty());
        }
    }
}

#[test]
fn a_request_in_flight_is_answered_before_the_end() {
    let provider = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut document = minimal_settings();
    document["providers"] = serde_json::json!([{
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
    // A path and no port: another test may be given the port as soon as it is free.
    let path = place.path("gate.sock");
    let listen = format!("unix:{}", path.display());
    let arguments = ["--listen", &listen, "--public-url", "http://localhost"];
    let mut server = Server::start(&mut place.command(arguments));
    let mut client = UnixStream::connect(&path).unwrap();
    client.set_read_timeout(Some(PATIENCE)).unwrap();
    let request = "GET /validate HTTP/1.1\r\nhost: gate\r\nauthorization: Bearer opaque\r\n\r\n";
    client.write_all(request.as_bytes()).unwrap();
    let (mut asked, _) = provider.accept().unwrap();
    // An answer that comes before the request is read as a fault of the provider.
    assert_ne!(asked.read(&mut [0; 4096]).unwrap(), 0);

    server.signal("TERM");
    server.wait_for("stopping");
    let deadline = Instant::now() + PATIENCE;
    while path.exists() {
        assert!(Instant::now() < deadline, "it still accepts");
        std::thread::yield_now();
    }
    let body = r#"{"sub":"1","login":"alice"}"#;
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    asked.write_all(answer.as_bytes()).unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(answer.contains("x-auth-username: alice\r\n"), "{answer}");
    assert!(answer.contains("connection: close\r\n"), "{answer}");
    assert_eq!(server.wait().0, Some(0));
    assert!(!server.whole_log().contains("opaque"));
}

#[test]
fn a_log_in_json_is_one_object_a_line() {
    let place = new_place();
    let mut command = place.command(["--listen", "127.0.0.1:0", "--log-format", "json"]);
    let mut server = Server::start(&mut command);
    server.signal("TERM");
    server.wait();
    let log = server.whole_log();
    assert!(log.lines().count() >= 2);
    for line in log.lines() {
        let event: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(
            event["level"].is_string() && event["message"].is_string(),
            "{line}"
        );
    }
}
