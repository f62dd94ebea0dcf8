//! `api-key create`, `list` and `revoke`, alone and beside a running server.

use std::time::{Duration, Instant};

use bearergate_testkit::program::{PATIENCE, Place, Server, minimal_settings};

use crate::support::http::{connect, exchange};
use crate::support::new_place;

fn create<const N: usize>(place: &Place, arguments: [&str; N]) -> String {
    let all = ["api-key", "create"].iter().chain(&arguments);
    let output = place.command(all).output().expect("it runs");
    assert!(output.status.success(), "{output:?}");
    let key = String::from_utf8(output.stdout).expect("UTF-8");
    let key = key.strip_suffix('\n').expect("one line").to_owned();
    assert!(key.starts_with("bgk_") && key.len() == 47, "{key}");
    let text = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    assert!(key.chars().all(text), "{key}");
    key
}

/// The cells of each line but the first.
fn list(place: &Place) -> Vec<Vec<String>> {
    let ended = place.run(["api-key", "list"], "");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let mut lines = ended.stdout.lines();
    assert_eq!(lines.next(), Some("NAME\tPREFIX\tROLE\tCREATED\tLAST USED"));
    lines
        .map(|line| line.split('\t').map(str::to_owned).collect())
        .collect()
}

/// The status of a question about a token with this key.
fn ask(server: &Server, key: &str) -> u16 {
    let request = format!(
        "POST /introspect HTTP/1.1\r\nhost: gate\r\nconnection: close\r\nauthorization: Bearer {key}\r\ncontent-length: 19\r\n\r\ntoken=nobodys-token"
    );
    exchange(connect(&server.address), &request).0
}

fn until(server: &Server, key: &str, status: u16) {
    let deadline = Instant::now() + PATIENCE;
    while ask(server, key) != status {
        assert!(Instant::now() < deadline, "never {status}");
    }
}

#[test]
fn a_key_is_printed_once_and_listed_without_it() {
    let place = new_place();
    assert_eq!(place.run(["api-key", "list"], "").code, Some(1));
    let keys = [
        create(&place, ["wiki", "--role", "introspect"]),
        create(&place, ["Scripts"]),
        create(&place, ["deploy", "--role", "admin"]),
    ];
    let listed = list(&place);
    let names: Vec<_> = listed
        .iter()
        .map(|cells| (&*cells[0], &*cells[2]))
        .collect();
    assert_eq!(
        names,
        [
            ("deploy", "admin"),
            ("Scripts", "viewer"),
            ("wiki", "introspect")
        ]
    );
    assert!(keys[0].starts_with(&listed[2][1]) && listed[2][1].len() == 10);
    assert_eq!(listed[2][4], "never");
    let database = std::fs::read(place.database()).expect("the database");
    let database = String::from_utf8_lossy(&database);
    for key in &keys {
        assert!(!database.contains(key.as_str()));
        assert!(!listed.concat().concat().contains(key.as_str()));
    }

    let taken = place.run(["api-key", "create", "WIKI"], "");
    assert_eq!((taken.code, &*taken.stdout), (Some(1), ""));
    assert!(taken.only_line().contains("already"), "{}", taken.stderr);
    assert_eq!(place.run(["api-key", "revoke", "wiki"], "").code, Some(0));
    let again = place.run(["api-key", "revoke", "wiki"], "");
    assert_eq!(again.code, Some(1));
    assert!(
        again.only_line().contains("no API key `wiki`"),
        "{}",
        again.stderr
    );
    assert_eq!(list(&place).len(), 2);
    assert_ne!(create(&place, ["wiki"]), keys[0]);
}

#[test]
fn a_name_or_role_that_cannot_be_is_a_usage_error() {
    let place = new_place();
    for arguments in [
        ["api-key", "create", "", "--role=viewer"],
        ["api-key", "create", "two\nlines", "--role=viewer"],
        ["api-key", "create", "wiki", "--role=owner"],
    ] {
        let ended = place.run(arguments, "");
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
        assert!(ended.only_line().starts_with("error: "));
    }
    assert!(!place.data_dir().exists(), "faults made a store");
}

#[test]
fn every_server_on_the_store_follows_within_a_second() {
    let place = new_place();
    place.import(&minimal_settings());
    let servers = [place.serve(), place.serve()];
    let rounds = (0..3).map(|_| {
        let key = create(&place, ["wiki", "--role", "introspect"]);
        for server in &servers {
            until(server, &key, 200);
        }
        assert_eq!(place.run(["api-key", "revoke", "wiki"], "").code, Some(0));
        let revoked = Instant::now();
        for server in &servers {
            until(server, &key, 401);
        }
        revoked.elapsed()
    });
    // A machine that is busy with other tests may delay some of them.
    let fastest = rounds.min().expect("three rounds");
    assert!(fastest < Duration::from_secs(1), "{fastest:?}");
}

#[test]
fn the_last_use_is_known_after_the_end_and_the_key_stands_in_no_log() {
    let place = new_place();
    place.import(&minimal_settings());
    let key = create(&place, ["wiki", "--role", "introspect"]);
    let mut command = place.command(["serve", "--listen", "127.0.0.1:0"]);
    let mut server = Server::start(command.env("RUST_LOG", "trace"));
    assert_eq!(ask(&server, &key), 200);
    assert_eq!(ask(&server, "bgk_a-bad-key-of-nobody"), 401);
    server.signal("TERM");
    assert_eq!(server.wait().0, Some(0));
    let log = server.whole_log();
    assert!(log.contains("endpoint=\"introspect\""), "{log}");
    for secret in [key.as_str(), "a-bad-key-of-nobody", "nobodys-token"] {
        assert!(!log.contains(secret), "{secret}");
    }
    let last_used = &list(&place)[0][4];
    assert!(last_used.ends_with('Z'), "{last_used}");

    // What a server knew before its restart is kept.
    let mut server = place.serve();
    server.signal("TERM");
    server.wait();
    assert_eq!(&list(&place)[0][4], last_used);
}

#[test]
fn a_store_that_is_gone_takes_no_key_away() {
    let place = new_place();
    place.import(&minimal_settings());
    let key = create(&place, ["wiki", "--role", "introspect"]);
    let mut server = place.serve();
    let aside = place.path("aside.db");
    std::fs::rename(place.database(), &aside).expect("moved");
    server.wait_for("the store does not answer");
    assert_eq!(ask(&server, &key), 200);
    assert_eq!(ask(&server, "bgk_other"), 401);
    // The use can't be written down; that hurts nobody.
    server.wait_for("cannot save when API keys were used");
    assert_eq!(ask(&server, &key), 200);
}
