//! Clients that close one side, or vanish.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener};

use super::{ASK, REFUSED, ask, open_sockets, place_asking, place_on, wait_for_sockets};
use crate::support::http::connect;

const ASK_PROVIDER: &[u8] =
    b"GET /validate HTTP/1.1\r\nhost: gate\r\nauthorization: Bearer opaque\r\n\r\n";

#[test]
fn a_client_that_closes_its_side_gets_its_answer_or_an_end_and_leaves_nothing_behind() {
    let place = place_on();
    let server = place.serve();
    ask(&mut connect(&server.address), ASK);
    let before = open_sockets(&server);
    let mut held = Vec::new();
    for _ in 0..200 {
        let mut asking = connect(&server.address);
        asking.write_all(ASK).unwrap();
        asking.shutdown(Shutdown::Write).unwrap();
        let mut answer = String::new();
        asking.read_to_string(&mut answer).unwrap();
        // Who closes a side counts as gone, so that nobody is asked on behalf of nobody; nginx sees it so too.
        let is_right = answer.is_empty() || answer.starts_with(REFUSED);
        assert!(is_right, "{answer}");

        // It has said nothing, or but half of a head.
        for begin in ["", "GET /validate HT"] {
            let mut silent = connect(&server.address);
            silent.write_all(begin.as_bytes()).unwrap();
            silent.shutdown(Shutdown::Write).unwrap();
            let mut rest = String::new();
            silent.read_to_string(&mut rest).unwrap();
            assert!(
                rest.is_empty() || rest.starts_with("HTTP/1.1 400 "),
                "{rest}"
            );
            held.push(silent);
        }
        held.push(asking);
    }
    // The clients still hold their ends.
    wait_for_sockets(&server, before);
}

#[test]
fn a_client_that_leaves_while_a_provider_is_asked_leaves_nothing_behind() {
    let provider = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = place_asking(&provider);
    let server = place.serve();
    ask(&mut connect(&server.address), ASK);
    let before = open_sockets(&server);
    for resets in [false, true] {
        let mut client = connect(&server.address);
        if resets {
            // Closed with an answer that was not read, a socket resets the connection.
            client.write_all(ASK).unwrap();
            client.peek(&mut [0]).unwrap();
        }
        client.write_all(ASK_PROVIDER).unwrap();
        let (asked, _) = provider.accept().unwrap();
        if resets {
            drop(client);
        } else {
            client.shutdown(Shutdown::Write).unwrap();
            drop(asked);
            let mut answer = String::new();
            client.read_to_string(&mut answer).unwrap();
            let is_right = answer.is_empty() || answer.starts_with("HTTP/1.1 503 ");
            assert!(is_right, "{answer}");
        }
        assert!(ask(&mut connect(&server.address), ASK).starts_with(REFUSED));
    }
    wait_for_sockets(&server, before);
}
