//! `docs/operations.md`, run as it stands: the paths lead into a temporary directory, and what belongs to the machine
//! (its users, its services) does nothing.

use std::fs;
use std::process::Command;

use bearergate_testkit::program::{minimal_settings, run};

use crate::support::new_place;

/// The machine's own commands. Passwords come from a pipe; owners are left alone.
const MACHINE: &str = r#"
cargo() { :; }
useradd() { :; }
systemctl() { :; }
journalctl() { :; }
runuser() {
    [ "$1 $2 $3 $4" = "-u bearergate -- bearergate" ]
    shift 4
    printf 'correct horse battery\n' | "$ROOT/usr/local/bin/bearergate" "$@"
}
install() {
    arguments=
    while [ $# -gt 0 ]; do
        case $1 in
        -o | -g) [ "$2" = bearergate ]; shift ;;
        *) arguments="$arguments $1" ;;
        esac
        shift
    done
    command install $arguments
}
set -x
"#;

fn document() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/operations.md");
    fs::read_to_string(path).unwrap()
}

/// Every command of the document, in its order.
fn commands(document: &str) -> String {
    let blocks = document.split("```sh\n").skip(1);
    blocks
        .map(|rest| rest.split_once("```").unwrap().0)
        .collect()
}

#[test]
fn every_command_of_the_document_runs_in_its_order() {
    let place = new_place();
    let root = place.path("machine");
    for directory in ["usr/local/bin", "etc/systemd/system", "var/lib"] {
        fs::create_dir_all(root.join(directory)).unwrap();
    }
    let mut commands = commands(&document());
    for path in ["/usr/local/", "/etc/", "/var/"] {
        commands = commands.replace(path, &format!("{}{path}", root.display()));
    }
    let commands = commands.replace(
        "target/release/bearergate",
        env!("CARGO_BIN_EXE_bearergate"),
    );
    let script = format!("{MACHINE}{commands}");
    let mut shell = Command::new("sh");
    shell
        .args(["-eu", "-c", &script])
        .env("ROOT", &root)
        .current_dir(env!("CARGO_MANIFEST_DIR"));
    let ended = run(&mut shell, "");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);

    let state = root.join("var/lib/bearergate");
    let state = state.to_str().unwrap();
    let ended = place.run(["settings", "export", "--data-dir", state], "");
    let exported: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    for switch in [
        "rest_api_authentication_enabled",
        "basic_authentication_disabled",
    ] {
        assert_eq!(exported["global"][switch], false);
    }
    let create = ["admin", "create", "bob", "--data-dir", state];
    let ended = place.run(create, "correct horse battery\n");
    assert!(ended.only_line().contains("already"), "{}", ended.stderr);
}

/// What a command of the break-glass chapter does to a gate that is shut.
#[test]
fn the_switch_of_the_break_glass_chapter_opens_a_running_gate() {
    let place = new_place();
    let mut document = minimal_settings();
    document["global"]["basic_authentication_disabled"] = true.into();
    place.import(&document);
    let mut server = place.serve();
    let refused = || place.run(["check", "--uri", "/rest/api/content"], "").code;
    assert_eq!(refused(), Some(1));
    let switch = "global.rest_api_authentication_enabled=false";
    assert!(self::document().contains(&format!("settings set {switch} ")));
    assert_eq!(place.run(["settings", "set", switch], "").code, Some(0));
    server.wait_for("new settings in force revision=2");
    assert_eq!(refused(), Some(0));
}

#[test]
fn every_line_of_the_log_that_is_explained_can_appear() {
    let document = document();
    let (_, table) = document.split_once("| line in the log |").unwrap();
    let sources = sources(concat!(env!("CARGO_MANIFEST_DIR"), "/src").as_ref());
    let rows: Vec<&str> = table.lines().filter(|row| row.starts_with("| `")).collect();
    assert!(rows.len() > 4, "{rows:?}");
    for row in rows {
        for line in row.split('`').skip(1).step_by(2) {
            assert!(sources.contains(line), "{line}");
        }
    }
}

fn sources(directory: &std::path::Path) -> String {
    let entries = fs::read_dir(directory).unwrap();
    entries
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            if path.is_dir() {
                sources(&path)
            } else {
                fs::read_to_string(path).unwrap_or_default()
            }
        })
        .collect()
}
