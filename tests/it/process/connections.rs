//! The limits of a request's head, against the real program. Those that take long to reach are tested beside the
//! code, with shorter times.

use crate::support::http::{connect, exchange, get};
use crate::support::new_place;

#[test]
fn a_head_has_at_most_64_kilobytes_and_200_fields() {
    let place = new_place();
    let server = place.serve();
    let begin = "GET /healthz HTTP/1.1\r\nhost: gate\r\nconnection: close\r\n";
    let sized = |size: usize| {
        let value = "a".repeat(size - begin.len() - "x: \r\n\r\n".len());
        format!("{begin}x: {value}\r\n\r\n")
    };
    let counted = |fields: usize| format!("{begin}{}\r\n", "x: y\r\n".repeat(fields - 2));
    for (request, status) in [
        (sized(65_536), 200),
        (sized(65_537), 431),
        (sized(3_000_000), 431),
        (counted(200), 200),
        (counted(201), 431),
        ("GET / HTTP/1.1\r\nhost gate\r\n\r\n".to_owned(), 400),
        ("GET /\r\n\r\n".to_owned(), 400),
    ] {
        let (answered, answer) = exchange(connect(&server.address), &request);
        assert_eq!(answered, status, "{} bytes: {answer}", request.len());
        assert_eq!(get(&server.address, "/healthz").0, 200);
    }
}

#[test]
fn an_answer_arrives_though_the_body_before_it_was_not_read() {
    let place = new_place();
    let server = place.serve();
    let body = "a".repeat(3_000_000);
    let head = format!(
        "POST /healthz HTTP/1.1\r\nhost: gate\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let (status, answer) = exchange(connect(&server.address), &(head + &body));
    assert_eq!(status, 405, "{answer}");
}
