//! Very many connections, idle or short, and many requests at once on one.

use std::io::Write as _;
use std::net::TcpStream;
use std::time::Instant;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::{ASK, AT_ONCE, REFUSED, ask, memory, open_sockets, place_on, wait_for_sockets};
use crate::support::http::{connect, get};

const IDLE: usize = 10_000;
/// What other tests of this process, and the server beside its connections, have open at most.
const OTHER_FILES: u64 = 2_000;
/// Memory of the server for an idle connection, in bytes.
const MEMORY: u64 = 32 * 1024;

/// Room for both ends' files: the server raises its own limit as far.
fn allow_files() {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let needed = IDLE as u64 + OTHER_FILES;
    let allowed = maximum.unwrap_or(u64::MAX);
    assert!(
        allowed >= needed,
        "this test needs {needed} open files; the hard limit here (ulimit -Hn) is {allowed}: raise it"
    );
    let current = Some(allowed.min(100_000));
    setrlimit(Resource::Nofile, Rlimit { current, maximum }).unwrap();
}

#[test]
fn ten_thousand_idle_connections_cost_little_and_hold_nobody_up() {
    allow_files();
    let place = place_on();
    let server = place.serve();
    let mut client = connect(&server.address);
    ask(&mut client, ASK);
    let (files, before) = (open_sockets(&server), memory(&server));
    let mut idle: Vec<TcpStream> = Vec::with_capacity(IDLE);
    for number in 0..IDLE {
        let mut stream = connect(&server.address);
        // Half of them have been answered once.
        if number % 2 == 0 {
            assert!(ask(&mut stream, ASK).starts_with(REFUSED));
        }
        idle.push(stream);
    }
    for _ in 0..20 {
        let begun = Instant::now();
        assert!(ask(&mut client, ASK).starts_with(REFUSED));
        assert!(ask(&mut connect(&server.address), ASK).starts_with(REFUSED));
        assert!(begun.elapsed() < AT_ONCE, "{:?}", begun.elapsed());
    }
    let begun = Instant::now();
    let (status, _) = get(&server.address, "/healthz");
    assert_eq!(status, 200);
    let page = ask(
        &mut connect(&server.address),
        b"GET /login HTTP/1.1\r\nhost: localhost\r\n\r\n",
    );
    assert!(page.starts_with("HTTP/1.1 "), "{page}");
    assert!(begun.elapsed() < AT_ONCE, "{:?}", begun.elapsed());
    assert!(
        open_sockets(&server) >= files + IDLE,
        "all of them are open"
    );
    let each = memory(&server).saturating_sub(before) / IDLE as u64;
    assert!(each < MEMORY, "{each} bytes for an idle connection");
    drop(idle);
    wait_for_sockets(&server, files);
}

#[test]
fn a_thousand_connections_opened_and_dropped_leave_nothing_behind() {
    let place = place_on();
    let server = place.serve();
    let mut client = connect(&server.address);
    ask(&mut client, ASK);
    let before = open_sockets(&server);
    for _ in 0..3 {
        let mut dropped: Vec<TcpStream> = Vec::new();
        for number in 0..1000 {
            let mut stream = connect(&server.address);
            // Those that have asked drop an answer, too.
            let sent = [&b""[..], b"GET /val", ASK][number % 3];
            stream.write_all(sent).unwrap();
            dropped.push(stream);
        }
        drop(dropped);
        assert!(ask(&mut client, ASK).starts_with(REFUSED));
    }
    wait_for_sockets(&server, before);
}

#[test]
fn requests_sent_at_once_are_answered_in_their_order() {
    let place = place_on();
    let server = place.serve();
    let mut client = connect(&server.address);
    let sent: String = (0..500)
        .map(|number| {
            let close = if number == 499 {
                "connection: close\r\n"
            } else {
                ""
            };
            format!("GET /validate HTTP/1.1\r\nhost: gate\r\nx-request-id: {number}\r\n{close}\r\n")
        })
        .collect::<Vec<_>>()
        .concat();
    let (_, text) = crate::support::http::exchange(&mut client, &sent);
    let ids: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("x-request-id: "))
        .collect();
    let expected: Vec<String> = (0..500).map(|number| number.to_string()).collect();
    assert_eq!(ids, expected);
}
