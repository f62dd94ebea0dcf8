//! The first administrator: by a printed link, by the environment, by the command line.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use bearergate_testkit::program::{Server, run, setup_link};

use crate::support::new_place;

#[test]
fn each_start_prints_one_link_while_nobody_can_sign_in() {
    let place = new_place();
    let mut links = Vec::new();
    for _ in 0..2 {
        let mut server = place.serve();
        let log = server.log_so_far();
        assert_eq!(log.matches("/setup?token=").count(), 1, "{log}");
        let link = setup_link(&log).to_owned();
        let port = server.address.rsplit(':').next().unwrap();
        assert!(
            link.starts_with(&format!("http://localhost:{port}/setup?token=")),
            "{link}"
        );
        links.push(link.rsplit('=').next().unwrap().to_owned());
        server.signal("TERM");
        server.wait();
    }
    assert_ne!(links[0], links[1]);
    assert!(links[0].len() >= 43, "a token that nobody guesses");

    let ended = place.run(["admin", "create", "alice"], "correct horse battery\n");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let log = place.serve().log_so_far();
    assert!(!log.contains("/setup?token="), "{log}");
}

#[test]
fn a_new_data_directory_is_its_owners_alone() {
    let place = new_place();
    place.serve();
    let mode = |name: &str| fs::metadata(place.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("data"), 0o700);
    assert_eq!(mode("data/secret.key"), 0o600);
    assert_eq!(mode("data/bearergate.db"), 0o600);
}

#[test]
fn the_link_begins_with_the_public_url() {
    let place = new_place();
    let server = Server::start(&mut place.command([
        "--listen",
        "127.0.0.1:0",
        "--public-url",
        "https://gate.example.com/",
    ]));
    let log = server.log_so_far();
    let link = setup_link(&log);
    assert!(
        link.starts_with("https://gate.example.com/setup?token="),
        "{link}"
    );
}

#[test]
fn the_environment_can_make_the_first_administrator() {
    let place = new_place();
    let file = place.path("password");
    fs::write(&file, "a password from a file\n").unwrap();
    let serve = |name: &str| {
        let mut command = place.command(["serve", "--listen", "127.0.0.1:0"]);
        command
            .env("BEARERGATE_ADMIN_USERNAME", name)
            .env("BEARERGATE_ADMIN_PASSWORD_FILE", &file);
        Server::start(&mut command)
    };
    let log = serve("root").log_so_far();
    assert!(log.contains("administrator root created"), "{log}");
    assert!(
        !log.contains("/setup?token=") && !log.contains("a password"),
        "{log}"
    );
    // Ignored once there is one, however it is called and though the file is gone.
    fs::remove_file(&file).unwrap();
    let log = serve("other").log_so_far();
    assert!(
        !log.contains("created") && !log.contains("/setup?token="),
        "{log}"
    );
    let taken = place.run(["admin", "create", "ROOT"], "correct horse battery\n");
    assert!(taken.only_line().contains("already"), "{}", taken.stderr);
    let unknown = place.run(
        ["admin", "reset-password", "other"],
        "correct horse battery\n",
    );
    assert!(
        unknown.only_line().contains("no administrator"),
        "{}",
        unknown.stderr
    );
}

#[test]
fn a_password_that_is_short_or_cannot_be_read_makes_nobody() {
    let place = new_place();
    let mut command = place.command(["--listen", "127.0.0.1:0"]);
    let ended = run(
        command.env("BEARERGATE_ADMIN_PASSWORD_FILE", "/no/file"),
        "",
    );
    assert_eq!(ended.code, Some(2));
    let line = ended.only_line();
    assert!(
        line.contains("BEARERGATE_ADMIN_PASSWORD_FILE") && line.contains("/no/file"),
        "{line}"
    );

    let mut command = place.command(["--listen", "127.0.0.1:0"]);
    let ended = run(command.env("BEARERGATE_ADMIN_PASSWORD", "elevenchars"), "");
    assert_eq!(ended.code, Some(2));
    let line = ended.only_line();
    assert!(
        line.contains("BEARERGATE_ADMIN_PASSWORD") && line.contains("12"),
        "{line}"
    );
    assert!(!line.contains("elevenchars"));

    let ended = place.run(["admin", "create", "alice"], "elevenchars\n");
    assert_eq!(ended.code, Some(1));
    assert!(ended.only_line().contains("at least 12 characters"));
    assert!(place.serve().log_so_far().contains("/setup?token="));
}

#[test]
fn a_password_is_replaced_under_the_name_in_any_case() {
    let place = new_place();
    assert_eq!(
        place
            .run(["admin", "create", "Alice"], "correct horse battery")
            .code,
        Some(0)
    );
    let ended = place.run(
        ["admin", "reset-password", "aLICE"],
        "another horse battery\r\n",
    );
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stdout.contains("Alice") && !ended.stdout.contains("another"));
    let ended = place.run(["admin", "reset-password", "Alice"], "\n");
    assert_eq!(ended.code, Some(1));
    let ended = place.run(["admin", "create", " alice"], "correct horse battery\n");
    assert_eq!(ended.code, Some(2));
    assert!(ended.only_line().contains("NAME"));
}

#[test]
fn a_viewer_is_never_the_first_administrator() {
    let place = new_place();
    let create = |name, role| {
        place.run(
            ["admin", "create", name, "--role", role],
            "correct horse battery\n",
        )
    };
    let early = create("bob", "viewer");
    assert_eq!(early.code, Some(1));
    let line = early.only_line();
    assert!(line.contains("must have the role admin"), "{line}");
    assert!(place.serve().log_so_far().contains("/setup?token="));
    assert_eq!(create("alice", "admin").code, Some(0));
    let ended = create("bob", "viewer");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(create("carol", "owner").code, Some(2));
}
