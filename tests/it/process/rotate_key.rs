//! `rotate-key`, alone and beside a running server, and what a kill leaves.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::PathBuf;
use std::time::Duration;

use bearergate_testkit::program::{Ended, Place, run};
use serde_json::json;

use super::durability::kill_after;
use super::settings_commands::{stored_secret, with_secret};
use crate::support::new_place;

const SECRET: &str = "the client's secret";

fn place_with_a_secret() -> Place {
    let place = new_place();
    place.import(&with_secret(&json!(SECRET)));
    place
}

fn rotate(place: &Place) -> Ended {
    place.run(["rotate-key"], "")
}

fn key(place: &Place) -> PathBuf {
    place.path("data/secret.key")
}

/// The former keys that are kept.
fn former_keys(place: &Place) -> Vec<PathBuf> {
    let entries = fs::read_dir(place.data_dir()).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let is_former = |path: &PathBuf| path.to_string_lossy().contains("before-rotation");
    paths.filter(is_former).collect()
}

#[test]
fn a_new_key_opens_what_the_former_one_did() {
    let place = place_with_a_secret();
    place.import(&with_secret(&json!(null)));
    let former = fs::read(key(&place)).unwrap();
    fs::set_permissions(key(&place), fs::Permissions::from_mode(0o640)).unwrap();
    let ended = rotate(&place);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stdout.contains("sealed anew: 2"), "{}", ended.stdout);
    assert_ne!(fs::read(key(&place)).unwrap(), former);
    let mode = fs::metadata(key(&place)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640, "who could read the key still can");
    assert_eq!(stored_secret(&place).as_deref(), Some(SECRET));
    assert!(!place.path("data/secret.key.new").exists());

    // For the backups that were made before.
    let kept = former_keys(&place);
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert_eq!(fs::read(&kept[0]).unwrap(), former);
    fs::write(key(&place), &former).unwrap();
    let ended = place.run(["settings", "export"], "");
    assert!(ended.only_line().contains("does not fit"));
}

#[test]
fn running_servers_go_on() {
    let place = place_with_a_secret();
    let mut servers = [place.serve(), place.serve()];
    for round in 1..=2 {
        assert_eq!(rotate(&place).code, Some(0));
        place.import(&with_secret(&json!(null)));
        for server in &mut servers {
            server.wait_for("the secret key was rotated");
            server.wait_for(&format!("new settings in force revision={}", round + 1));
        }
    }
    assert_eq!(stored_secret(&place).as_deref(), Some(SECRET));
}

#[test]
fn a_key_file_with_a_place_of_its_own_is_replaced_there() {
    let place = new_place();
    let real = place.path("real.key");
    let link = place.path("link.key");
    let run_with_key = |arguments: &[&str], input: &str| {
        let mut command = place.command(arguments);
        let ended = run(command.env("BEARERGATE_SECRET_KEY_FILE", &link), input);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        ended.stdout
    };
    symlink(&real, &link).unwrap();
    fs::write(&real, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap();
    let document = with_secret(&json!(SECRET)).to_string();
    run_with_key(&["settings", "import", "-"], &document);
    run_with_key(&["rotate-key"], "");
    assert!(link.is_symlink());
    assert!(!fs::read_to_string(&real).unwrap().starts_with("AAEC"));
    let exported = run_with_key(&["settings", "export"], "");
    assert!(exported.contains("azure-b2c"));
    assert!(!key(&place).exists());
}

#[test]
fn where_the_new_key_cannot_be_written_nothing_is_changed() {
    let place = place_with_a_secret();
    let before = fs::read(key(&place)).unwrap();
    fs::create_dir(place.path("data/secret.key.new")).unwrap();
    let ended = rotate(&place);
    assert_eq!(ended.code, Some(1));
    assert!(ended.only_line().contains("secret.key.new"));
    assert_eq!(fs::read(key(&place)).unwrap(), before);
    assert_eq!(stored_secret(&place).as_deref(), Some(SECRET));
    assert!(rotate(&new_place()).only_line().contains("no database"));
}

#[test]
fn a_kill_at_any_moment_leaves_a_store_that_opens() {
    let place = place_with_a_secret();
    for _ in 0..20 {
        place.import(&with_secret(&json!(null)));
    }
    let (mut rotated, mut killed) = (0, 0);
    // Later after a kill and earlier after an end: the kills gather around the last steps.
    let mut delay = Duration::from_millis(1);
    while rotated < 10 || killed < 10 {
        if kill_after(&mut place.command(["rotate-key"]), delay) {
            rotated += 1;
            delay = delay * 9 / 10;
        } else {
            killed += 1;
            delay = delay * 11 / 10;
        }
        assert_eq!(stored_secret(&place).as_deref(), Some(SECRET));
    }
    // The next rotation is whole, and finds every revision readable.
    let ended = rotate(&place);
    assert!(ended.stdout.contains("sealed anew: 21"), "{}", ended.stdout);
    assert!(!ended.stdout.contains("could not be read"));
    assert!(!place.path("data/secret.key.new").exists());
}
