//! Bytes that two HTTP parsers may read differently: never a pass without a credential, never a fault of
//! the server, never a connection that hangs or answers for the wrong request.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};

use bearergate_testkit::program::PATIENCE;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;

use super::scene::Scene;
use crate::support::http::{connect, get};

/// A question about a protected call without a credential, up to the fields that a case adds.
const ASK: &str = "GET /validate/auth-request HTTP/1.1\r\nHost: gate\r\nX-Original-Method: GET\r\n\
                   X-Original-URI: /rest/api/content\r\n";
/// A request that a case tries to hide behind the first one. Its answer is a 200 that no other has.
const HIDDEN: &str = "GET /healthz HTTP/1.1\r\nHost: gate\r\nConnection: close\r\n\r\n";

/// Sends what makes the server close, and returns each answer's status and the whole text.
fn talk(address: &str, bytes: &[u8]) -> (Vec<u16>, String) {
    let mut stream = connect(address);
    // The server may close early on what it refuses; its answer counts.
    drop(stream.write_all(bytes));
    listen(&mut stream)
}

fn listen(stream: &mut TcpStream) -> (Vec<u16>, String) {
    let answer = String::from_utf8_lossy(&read_to_the_end(stream)).into_owned();
    let statuses = answer
        .split("HTTP/1.")
        .skip(1)
        .filter_map(|rest| rest.get(2..5)?.parse().ok())
        .collect();
    (statuses, answer)
}

/// What arrives until the server closes. It may reset the connection where it did not read all.
fn read_to_the_end(stream: &mut TcpStream) -> Vec<u8> {
    stream.set_read_timeout(Some(PATIENCE)).expect("a time-out");
    let mut all = Vec::new();
    let mut buffer = [0; 16 * 1024];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return all,
            Ok(length) => all.extend_from_slice(&buffer[..length]),
            Err(error) => {
                let hangs = matches!(
                    error.kind(),
                    std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut
                );
                assert!(!hangs, "the connection hangs after {} bytes", all.len());
                return all;
            }
        }
    }
}

#[tokio::test]
async fn what_two_parsers_may_frame_differently_is_no_http() {
    let scene = Scene::strict().await;
    for (name, rest) in [
        (
            "two codings",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        ),
        (
            "an unknown coding",
            "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        ),
        (
            "a blank before the colon",
            "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        ),
        (
            "two lengths",
            "Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
        ),
        ("a list of lengths", "Content-Length: 5, 5\r\n\r\nabcde"),
        ("a signed length", "Content-Length: +5\r\n\r\nabcde"),
        (
            "a length beyond numbers",
            "Content-Length: 99999999999999999999\r\n\r\na",
        ),
        (
            "a folded line",
            "X-A: b\r\n Authorization: Bearer x\r\n\r\n",
        ),
        (
            "a bare carriage return",
            "X-A: b\rAuthorization: Bearer x\r\n\r\n",
        ),
        ("a NUL", "X-A: b\0\r\n\r\n"),
    ] {
        let request = format!("{ASK}{rest}{HIDDEN}");
        let (answered, text) = talk(&scene.server.address, request.as_bytes());
        assert_eq!(answered, [400], "{name}: {text}");
    }
    let fields = "x: y\r\n".repeat(1000);
    let request = format!("{ASK}{fields}\r\n{HIDDEN}");
    let (answered, text) = talk(&scene.server.address, request.as_bytes());
    assert_eq!(answered, [431], "{text}");
    assert_eq!(get(&scene.server.address, "/healthz").0, 200);
}

#[tokio::test]
async fn no_body_hides_a_request_or_makes_one_pass() {
    let scene = Scene::strict().await;
    // Where the connection goes on, the next request begins where every parser sees the first one end.
    for (name, rest, statuses) in [
        (
            "two framings",
            "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            &[401][..],
        ),
        (
            "a chunk without a size",
            "Transfer-Encoding: chunked\r\n\r\nzz\r\na\r\n0\r\n\r\n",
            &[401],
        ),
        (
            "a chunk beyond numbers",
            "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\na\r\n",
            &[401],
        ),
        (
            "the same length twice",
            "Content-Length: 5\r\nContent-Length: 5\r\n\r\nabcde",
            &[401, 200],
        ),
        ("a body", "Content-Length: 5\r\n\r\nabcde", &[401, 200]),
        (
            "an extension of a chunk",
            "Transfer-Encoding: chunked\r\n\r\n5;a=b\r\nabcde\r\n0\r\n\r\n",
            &[401, 200],
        ),
        (
            "a trailer",
            "Transfer-Encoding: chunked\r\n\r\n0\r\nX-Original-URI: /pages\r\n\r\n",
            &[401, 200],
        ),
        (
            "an upgrade",
            "Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
            &[401, 200],
        ),
        (
            "another method",
            "X-HTTP-Method-Override: OPTIONS\r\n\r\n",
            &[401, 200],
        ),
    ] {
        let request = format!("{ASK}{rest}{HIDDEN}");
        let (answered, text) = talk(&scene.server.address, request.as_bytes());
        assert_eq!(answered, statuses, "{name}: {text}");
    }
    let three = format!("{ASK}\r\n{ASK}\r\n{HIDDEN}");
    let (answered, text) = talk(&scene.server.address, three.as_bytes());
    assert_eq!(answered, [401, 401, 200], "{text}");
}

#[tokio::test]
async fn a_bare_line_feed_ends_a_line_and_never_brings_a_pass() {
    let scene = Scene::strict().await;
    for (request, reason) in [
        (
            format!("{ASK}\r\n").replace("\r\n", "\n"),
            "missing_credential",
        ),
        (
            format!("{ASK}X-A: b\nAuthorization: Bearer x\r\n\r\n"),
            "unknown_token",
        ),
        // The second copy of the target makes the call a protected one.
        (
            format!("{ASK}X-A: b\nX-Original-URI: /pages\r\n\r\n"),
            "missing_credential",
        ),
        (format!("{ASK}\n"), "missing_credential"),
    ] {
        let (answered, text) = talk(
            &scene.server.address,
            format!("{request}{HIDDEN}").as_bytes(),
        );
        assert_eq!(answered, [401, 200], "{request:?}: {text}");
        assert!(text.contains(reason), "{request:?}: {text}");
    }
}

#[tokio::test]
async fn every_form_of_a_request_line_is_judged_or_no_http() {
    let scene = Scene::strict().await;
    let rest = "\r\nHost: gate\r\nConnection: close\r\n\r\n";
    for (line, status) in [
        ("GET /validate HTTP/1.1", 401),
        ("GET /validate HTTP/1.0", 401),
        ("GET http://elsewhere/validate HTTP/1.1", 401),
        (
            "GET http://elsewhere/validate/ext-authz/rest/api HTTP/1.1",
            401,
        ),
        ("GET /validate/ext-authz/rest/api#/pages HTTP/1.1", 401),
        ("GET /validate/ext-authz HTTP/1.1", 401),
        ("GET /validate/ext-authz* HTTP/1.1", 404),
        ("GET http://elsewhere/rest/api HTTP/1.1", 404),
        ("OPTIONS * HTTP/1.1", 404),
        ("CONNECT confluence:443 HTTP/1.1", 404),
        ("GET /validate", 400),
        ("GET /validate HTTP/1.2", 400),
        ("GET  /validate  HTTP/1.1", 400),
        ("GET\t/validate\tHTTP/1.1", 400),
        ("get /validate http/1.1", 400),
        ("GET /validate/ext-authz/re\u{1}st HTTP/1.1", 400),
        // Valid UTF-8, and another name than "rest".
        ("GET /validate/ext-authz/r\u{e9}st HTTP/1.1", 200),
        ("\u{16}\u{3}\u{1}\u{2}", 400),
    ] {
        let (answered, text) = talk(&scene.server.address, format!("{line}{rest}").as_bytes());
        assert_eq!(answered, [status], "{line:?}: {text}");
    }
    for fields in [
        "Connection: close",
        "Host: a\r\nHost: b\r\nConnection: close",
    ] {
        let head = format!("\r\nGET /validate HTTP/1.1\r\n{fields}\r\n\r\n");
        let (answered, text) = talk(&scene.server.address, head.as_bytes());
        assert_eq!(answered, [401], "{fields}: {text}");
    }
}

#[tokio::test]
async fn a_credential_has_at_most_16_kilobytes() {
    let scene = Scene::strict().await;
    for (length, reason) in [
        (16_384, "unknown_token"),
        (16_385, "malformed_token"),
        (60_000, "malformed_token"),
    ] {
        scene.token(&"a".repeat(length)).await.refused(401, reason);
    }
    let target = format!("/rest/{}", "a".repeat(60_000));
    scene
        .target(&target, &[])
        .await
        .refused(401, "missing_credential");
}

/// Pieces that parsers stumble over, put together at random.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(b"GET /validate HTTP/1.1\r\n".to_vec()),
        Just(b"POST /validate/ext-authz/rest/ HTTP/1.1\r\n".to_vec()),
        Just(ASK.as_bytes().to_vec()),
        Just(b"Transfer-Encoding: chunked\r\n".to_vec()),
        Just(b"Content-Length: 7\r\n".to_vec()),
        Just(b"Authorization: Bearer x\r\n".to_vec()),
        Just(b"Cookie: JSESSIONID=\r\n".to_vec()),
        Just(b"\r\n".to_vec()),
        Just(b"\n".to_vec()),
        Just(b"\r\n\r\n".to_vec()),
        Just(b"0\r\n\r\n".to_vec()),
        proptest::collection::vec(any::<u8>(), 0..40),
    ];
    proptest::collection::vec(piece, 1..12).prop_map(|pieces| pieces.concat())
}

#[test]
fn no_bytes_pass_or_break_the_server() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let scene = runtime.block_on(Scene::with(&json!({
        "basic_authentication_disabled": true, "allow_oauth1": false, "allow_browser_sessions": false,
    })));
    let mut runner = TestRunner::new(Config {
        cases: 400,
        failure_persistence: None,
        ..Config::default()
    });
    let outcome = runner.run(&bytes(), |bytes| {
        let mut stream = connect(&scene.server.address);
        if stream.write_all(&bytes).is_ok() {
            // No more will come: whatever is unfinished ends here.
            drop(stream.shutdown(Shutdown::Write));
        }
        let (statuses, text) = listen(&mut stream);
        let expected = statuses
            .iter()
            .all(|status| [400, 401, 404, 431].contains(status));
        prop_assert!(expected, "{statuses:?} {text}");
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(get(&scene.server.address, "/healthz").0, 200);
}
