//! No descriptor left.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::time::{Duration, Instant};

use bearergate_testkit::program::Server;
use rustix::process::{Pid, Resource, Rlimit, prlimit};

use super::{ASK, REFUSED, ask, open_sockets, place_asking, process, wait_for_sockets};
use crate::support::http::connect;

const CANNOT_ACCEPT: &str = "cannot accept a connection";
/// Between two of these lines at least; they say that it goes on.
const SELDOM: Duration = Duration::from_secs(8);

fn asking(token: &str) -> String {
    format!("GET /validate HTTP/1.1\r\nhost: gate\r\nauthorization: Bearer {token}\r\n\r\n")
}

fn limit_files(server: &Server, files: usize) {
    let pid = Pid::from_raw(server.id().try_into().unwrap()).unwrap();
    let files = Some(u64::try_from(files).unwrap());
    let limit = Rlimit {
        current: files,
        maximum: files,
    };
    prlimit(Some(pid), Resource::Nofile, limit).unwrap();
}

/// Processor time so far.
fn worked(server: &Server) -> Duration {
    let stat = process(server).stat().unwrap();
    Duration::from_millis((stat.utime + stat.stime) * 1000 / procfs::ticks_per_second())
}

#[test]
fn without_descriptors_nothing_passes_spins_or_dies_and_all_works_again_later() {
    let provider = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = place_asking(&provider);
    let mut server = place.serve();
    let mut client = connect(&server.address);
    ask(&mut client, ASK);
    let before = open_sockets(&server);
    limit_files(&server, process(&server).fd_count().unwrap() + 3);
    let waiting: Vec<_> = (0..20).map(|_| connect(&server.address)).collect();
    server.wait_for(CANNOT_ACCEPT);

    let (begun, idle) = (Instant::now(), worked(&server));
    server.wait_for(CANNOT_ACCEPT);
    assert!(begun.elapsed() >= SELDOM, "the log would fill the disk");
    let busy = worked(&server).saturating_sub(idle);
    assert!(
        busy < begun.elapsed() / 2,
        "{busy:?} of {:?}",
        begun.elapsed()
    );

    assert!(ask(&mut client, ASK).starts_with(REFUSED));
    let undecided = ask(&mut client, asking("one").as_bytes());
    assert!(undecided.starts_with("HTTP/1.1 503 "), "{undecided}");
    assert!(
        undecided.contains("x-auth-reason: provider_unavailable\r\n"),
        "{undecided}"
    );
    // The console's store has its files open, or says that it can't.
    let page = ask(
        &mut client,
        b"GET /readyz HTTP/1.1\r\nhost: localhost\r\n\r\n",
    );
    assert!(
        page.starts_with("HTTP/1.1 200 ") || page.starts_with("HTTP/1.1 503 "),
        "{page}"
    );

    drop(waiting);
    wait_for_sockets(&server, before);
    assert!(ask(&mut connect(&server.address), ASK).starts_with(REFUSED));
    client.write_all(asking("two").as_bytes()).unwrap();
    let (mut asked, _) = provider.accept().unwrap();
    assert_ne!(asked.read(&mut [0; 4096]).unwrap(), 0);
    let body = r#"{"sub":"1","login":"alice"}"#;
    let length = body.len();
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length:";
    asked
        .write_all(format!("{head} {length}\r\n\r\n{body}").as_bytes())
        .unwrap();
    let passed = super::answer(&mut client);
    assert!(passed.starts_with("HTTP/1.1 200 "), "{passed}");
    assert!(passed.contains("x-auth-username: alice\r\n"), "{passed}");
}
