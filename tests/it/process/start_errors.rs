//! Whatever keeps the program from starting is one line that names the cause and the cure.

use std::fs;
use std::net::TcpListener;
use std::process::Command;

use bearergate_testkit::program::{Ended, has_bytes, minimal_settings, run};

use crate::support::new_place;

fn refused(command: &mut Command, code: i32, words: &[&str]) -> Ended {
    let ended = run(command, "");
    assert_eq!(ended.code, Some(code), "{}", ended.stderr);
    let line = ended.only_line();
    for word in words {
        assert!(line.contains(word), "no {word:?} in {line:?}");
    }
    ended
}

/// Arguments, variables, and the words of the one line.
type WrongOption = (
    &'static [&'static str],
    &'static [(&'static str, &'static str)],
    &'static [&'static str],
);

#[test]
fn a_wrong_option_does_not_repeat_what_may_be_a_password() {
    let place = new_place();
    let url = "postgres://gate:s3cret@db/gate";
    for command in [
        place.command(["--database-url", url]),
        place.command(["serve", "--public-url", "ftp://gate:s3cret@example.com"]),
    ] {
        let mut command = command;
        let ended = refused(&mut command, 2, &["-url"]);
        assert!(!ended.stderr.contains("s3cret"), "{}", ended.stderr);
    }
}

#[test]
fn a_wrong_option_is_named() {
    let place = new_place();
    let cases: &[WrongOption] = &[
        (
            &["--listen", "8080"],
            &[],
            &["--listen", "host:port", "unix:/path"],
        ),
        (
            &["serve", "--listen", "localhost:99999"],
            &[],
            &["--listen", "99999"],
        ),
        (
            &[],
            &[("BEARERGATE_LISTEN", "nonsense")],
            &["--listen", "the port is missing"],
        ),
        (
            &["--validation-listen", "x"],
            &[],
            &["--validation-listen", "host:port"],
        ),
        (
            &["--listen", "unix:/tmp/unused"],
            &[],
            &["--public-url", "BEARERGATE_PUBLIC_URL"],
        ),
        (
            &["--public-url", "gate.example.com"],
            &[],
            &["--public-url", "https://"],
        ),
        (
            &["--public-url", "https://gate/?a"],
            &[],
            &["--public-url", "no query"],
        ),
        (
            &["--trusted-proxies", "10.0.0.0/99"],
            &[],
            &["--trusted-proxies", "10.0.0.0/8"],
        ),
        (
            &["--database-url", "postgres://db/gate"],
            &[],
            &["--database-url", "sqlite:"],
        ),
        (
            &["--log-format", "xml"],
            &[],
            &["--log-format", "text", "json"],
        ),
        (
            &[],
            &[("BEARERGATE_REQUIRE_STORE", "yes")],
            &["BEARERGATE_REQUIRE_STORE", "true"],
        ),
        (
            &[],
            &[("BEARERGATE_ALLOW_HTTP_PROVIDERS", "")],
            &["BEARERGATE_ALLOW_HTTP_PROVIDERS", "false"],
        ),
        (&[], &[("RUST_LOG", "a=b=c")], &["RUST_LOG", "info"]),
        (&["--no-such-option"], &[], &["--no-such-option", "--help"]),
        (&["no-such-command"], &[], &["no-such-command", "--help"]),
        (&["settings", "import"], &[], &["FILE", "--help"]),
        (&["admin"], &[], &["command is missing", "--help"]),
    ];
    for (arguments, variables, words) in cases {
        let mut command = place.command(*arguments);
        refused(command.envs(variables.iter().copied()), 2, words);
        assert!(!place.data_dir().exists(), "{arguments:?} made a store");
    }
}

#[test]
fn a_place_that_cannot_be_used_is_named() {
    let place = new_place();
    let file = place.path("file");
    fs::write(&file, "in the way").unwrap();
    let file = file.to_str().unwrap();
    let inside = format!("{file}/data");
    for data_dir in [file, &inside, "/proc/no/such/place"] {
        let mut command = place.command(["--listen", "127.0.0.1:0", "--data-dir", data_dir]);
        refused(&mut command, 1, &[data_dir, "--data-dir"]);
    }
}

#[test]
fn a_port_in_use_is_named() {
    let place = new_place();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    refused(
        &mut place.command(["--listen", &address]),
        1,
        &[&address, "in use", "another"],
    );
    let both = ["--listen", "127.0.0.1:0", "--validation-listen", &address];
    refused(
        &mut place.command(both),
        1,
        &[&address, "in use", "another"],
    );
    refused(
        &mut place.command(["--listen", "192.0.2.1:80"]),
        1,
        &["192.0.2.1:80", "machine"],
    );
}

#[test]
fn a_database_that_cannot_be_used_is_left_untouched() {
    let place = new_place();
    place.import(&minimal_settings());
    let good = fs::read(place.database()).unwrap();
    let mut damaged = good.clone();
    damaged[4096..12288].fill(0x5a);
    let text = b"this is no database but a text of somebody else. ".repeat(100);
    for (bytes, word) in [(damaged, "corrupt"), (text, "corrupt")] {
        fs::write(place.database(), &bytes).unwrap();
        let words = ["bearergate.db", word, "untouched", "backup"];
        refused(&mut place.command(["--listen", "127.0.0.1:0"]), 1, &words);
        refused(&mut place.command(["settings", "export"]), 1, &words);
        assert!(has_bytes(&place.database(), &bytes));
    }
}

#[test]
fn key_and_database_belong_together() {
    let place = new_place();
    place.import(&minimal_settings());
    let key = place.path("data/secret.key");
    let text = fs::read_to_string(&key).unwrap();
    let serve = || place.command(["--listen", "127.0.0.1:0"]);

    fs::remove_file(&key).unwrap();
    refused(&mut serve(), 1, &["secret.key", "missing", "restore"]);
    fs::write(&key, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap();
    refused(&mut serve(), 1, &["secret.key", "does not fit", "restore"]);
    fs::write(&key, "no key").unwrap();
    refused(&mut serve(), 1, &["secret.key", "no key", "restore"]);

    fs::write(&key, &text).unwrap();
    fs::remove_file(place.database()).unwrap();
    refused(
        &mut serve(),
        1,
        &["secret.key", "without its database", "restore", "remove"],
    );
    assert!(!place.database().exists());

    // A container's key is there before its database.
    let provisioned = place.path("provisioned.key");
    fs::rename(&key, &provisioned).unwrap();
    let mut import = place.command(["settings", "import", "-"]);
    let import = import.env("BEARERGATE_SECRET_KEY_FILE", &provisioned);
    let ended = run(import, &minimal_settings().to_string());
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(!key.exists());
}

#[test]
fn a_required_store_must_be_there() {
    let place = new_place();
    let words = ["bearergate.db", "BEARERGATE_REQUIRE_STORE", "restore"];
    let mut serve = place.command(["--listen", "127.0.0.1:0"]);
    refused(serve.env("BEARERGATE_REQUIRE_STORE", "true"), 1, &words);
    let mut import = place.command(["settings", "import", "-"]);
    let ended = run(
        import.env("BEARERGATE_REQUIRE_STORE", "true"),
        &minimal_settings().to_string(),
    );
    assert_eq!(ended.code, Some(1));
    assert!(ended.only_line().contains("BEARERGATE_REQUIRE_STORE"));
    assert!(!place.data_dir().exists());
}

#[test]
fn help_shows_every_option_with_its_variable_and_default() {
    let ended = new_place().run(["--help"], "");
    assert_eq!(ended.code, Some(0));
    for text in [
        "--listen",
        "BEARERGATE_LISTEN",
        "127.0.0.1:8080",
        "--validation-listen",
        "BEARERGATE_VALIDATION_LISTEN",
        "--data-dir",
        "BEARERGATE_DATA_DIR",
        "./data",
        "--database-url",
        "BEARERGATE_DATABASE_URL",
        "--public-url",
        "BEARERGATE_PUBLIC_URL",
        "http://localhost:",
        "--trusted-proxies",
        "BEARERGATE_TRUSTED_PROXIES",
        "loopback",
        "--log-format",
        "BEARERGATE_LOG_FORMAT",
        "json",
        "BEARERGATE_ADMIN_USERNAME",
        "BEARERGATE_ADMIN_PASSWORD",
        "BEARERGATE_ADMIN_PASSWORD_FILE",
        "BEARERGATE_SECRET_KEY_FILE",
        "BEARERGATE_REQUIRE_STORE",
        "BEARERGATE_ALLOW_HTTP_PROVIDERS",
        "RUST_LOG",
        "serve",
        "settings",
        "admin",
    ] {
        assert!(
            ended.stdout.contains(text),
            "no {text:?} in {}",
            ended.stdout
        );
    }
}
