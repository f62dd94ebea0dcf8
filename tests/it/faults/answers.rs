//! What may be wrong with a provider: everything that every call to it must bear.

use std::io::Write as _;

use super::line::{Bytes, Fault};

/// A fault with its name.
pub type Named = (&'static str, Fault);

/// A whole answer with these lines below the status.
pub fn answer(status: &str, headers: &[&str], body: impl AsRef<[u8]>) -> Bytes {
    let body = body.as_ref();
    let mut head = format!("HTTP/1.1 {status}\r\n");
    for header in headers {
        head.push_str(header);
        head.push_str("\r\n");
    }
    let length = format!("content-length: {}\r\n\r\n", body.len());
    [head.as_bytes(), length.as_bytes(), body].concat().into()
}

/// An answer with status 200 that says it is JSON.
fn json(body: impl AsRef<[u8]>) -> Fault {
    Fault::Answer(answer("200 OK", &["content-type: application/json"], body))
}

fn status(status: &str, headers: &[&str]) -> Fault {
    Fault::Answer(answer(status, headers, "{}"))
}

/// The head of an answer with so many bytes.
fn head(length: usize) -> Bytes {
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    );
    head.into_bytes().into()
}

fn bytes(text: &str) -> Bytes {
    text.as_bytes().into()
}

/// Nobody is there, or nobody answers; what is slow takes longer than a call may.
pub fn down_or_slow() -> Vec<Named> {
    let begun = "HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n{\"keys\": [";
    vec![
        ("refused", Fault::Refused),
        ("closed", Fault::Closed),
        ("black-hole", Fault::BlackHole),
        ("silent", Fault::Silent),
        (
            "stalled-head",
            Fault::Stalled(bytes("HTTP/1.1 200 OK\r\ncontent-")),
        ),
        ("stalled-body", Fault::Stalled(bytes(begun))),
        ("drip-head", Fault::Drip(bytes(begun))),
        (
            "drip-body",
            Fault::Drip([bytes(begun).as_ref(), &[b' '; 100_000]].concat().into()),
        ),
        ("broken-off", Fault::Answer(bytes(begun))),
    ]
}

/// Something answers, and it is not what was asked for. `elsewhere` is where redirects lead.
pub fn garbage(elsewhere: &str) -> Vec<Named> {
    let deep = "[".repeat(100_000);
    let deep_member = format!("{{\"keys\": {deep}");
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    let location = format!("location: {elsewhere}");
    vec![
        (
            "no-http",
            Fault::Answer(bytes("SSH-2.0-OpenSSH_9.2\r\n\r\n")),
        ),
        (
            "html",
            Fault::Answer(answer(
                "200 OK",
                &["content-type: text/html"],
                "<!doctype html><p>Sign in",
            )),
        ),
        ("html-as-json", json("<!doctype html><p>Sign in")),
        ("empty", json("")),
        ("no-content", status("204 No Content", &[])),
        (
            "truncated",
            json(r#"{"issuer":"https://x/","keys":[{"kty":"RSA","#),
        ),
        (
            "no-utf8",
            json(b"{\"issuer\":\"\xff\",\"sub\":\"\xff\",\"active\":true,\"keys\":[]}"),
        ),
        ("twice", json(TWICE)),
        ("deep", json(deep)),
        ("deep-member", json(deep_member)),
        ("other-shape", json("[true]")),
        ("two-values", json("{}{}")),
        (
            "bad-chunk",
            Fault::Answer(bytes(&format!("{chunked}xyz\r\n{{}}\r\n"))),
        ),
        (
            "two-lengths",
            Fault::Answer(bytes(
                "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}",
            )),
        ),
        ("500", status("500 Internal Server Error", &[])),
        (
            "502-html",
            Fault::Answer(answer("502 Bad Gateway", &[], "<html>")),
        ),
        (
            "503",
            status("503 Service Unavailable", &["retry-after: 86400"]),
        ),
        (
            "429",
            status("429 Too Many Requests", &["retry-after: 86400"]),
        ),
        ("301", status("301 Moved Permanently", &[&location])),
        ("307", status("307 Temporary Redirect", &[&location])),
        (
            "308-metadata",
            status(
                "308 Permanent Redirect",
                &["location: http://169.254.169.254/latest"],
            ),
        ),
        ("302-itself", status("302 Found", &["location: ?again"])),
    ]
}

/// An object with a member of each document twice.
const TWICE: &str = r#"{"issuer":"https://x/","issuer":"https://y/","keys":[],"keys":[],
    "active":true,"active":true,"sub":"1","sub":"2"}"#;

/// More than anybody asked for. Each is refused or cut off, without being taken into memory.
pub fn oversized() -> Vec<Named> {
    const LENGTH: usize = 100 * 1024 * 1024;
    let blanks: Bytes = vec![b' '; 64 * 1024].into();
    let chunk: Bytes = [b"10000\r\n".as_slice(), &blanks, b"\r\n"].concat().into();
    let chunked = bytes("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
    let header: Bytes = [b"x-".as_slice(), vec![b'a'; 64 * 1024].as_slice()]
        .concat()
        .into();
    let headers = bytes(&"x-more: a\r\n".repeat(4096));
    vec![
        ("100-mb", Fault::Flood(head(LENGTH), blanks.clone(), LENGTH)),
        (
            "endless-chunks",
            Fault::Flood(chunked.clone(), chunk, usize::MAX),
        ),
        (
            "endless-header",
            Fault::Flood(bytes("HTTP/1.1 200 OK\r\n"), header, usize::MAX),
        ),
        (
            "endless-headers",
            Fault::Flood(bytes("HTTP/1.1 200 OK\r\n"), headers, usize::MAX),
        ),
        ("gzip-bomb", gzipped(&[b' '; 16 * 1024 * 1024], 40)),
    ]
}

/// An answer of `part` so many times, compressed (RFC 1952: members follow each other).
pub fn gzipped(part: &[u8], times: usize) -> Fault {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(part).expect("memory takes everything");
    let member = encoder.finish().expect("memory takes everything");
    let body = member.repeat(times);
    let headers = ["content-type: application/json", "content-encoding: gzip"];
    Fault::Answer(answer("200 OK", &headers, body))
}
