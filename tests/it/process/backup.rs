//! `backup` and `restore`, alone and beside running servers.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bearergate_testkit::program::{Ended, Place, has_bytes, minimal_settings, run};
use serde_json::{Value, json};

use super::durability::kill_after;
use super::settings_commands::{stored_secret, with_secret};
use crate::support::http::get;
use crate::support::new_place;

fn numbered(number: u64) -> Value {
    let mut document = with_secret(&json!("the client's secret"));
    document["global"]["clock_skew_seconds"] = json!(number);
    document
}

fn number(place: &Place) -> Value {
    place.export()["global"]["clock_skew_seconds"].clone()
}

fn back_up(place: &Place, file: &Path) -> Ended {
    place.run(["backup", file.to_str().unwrap()], "")
}

fn good_backup(place: &Place, name: &str) -> PathBuf {
    let file = place.path(name);
    let ended = back_up(place, &file);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    file
}

fn restore(place: &Place, file: &Path) -> Ended {
    place.run(["restore", file.to_str().unwrap(), "--yes"], "")
}

/// What stands in the data directory, by a part of its name.
fn named(place: &Place, part: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(place.data_dir()).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.to_string_lossy().contains(part));
    paths.sort();
    paths
}

/// That nothing of a restore is there, neither its end nor its beginning.
fn assert_nothing_restored(place: &Place) {
    for part in ["before-restore", "restored", "/.bearergate-"] {
        assert!(named(place, part).is_empty(), "{part}");
    }
}

#[test]
fn a_backup_tells_what_is_in_it_and_is_its_owners_alone() {
    let place = new_place();
    place.import(&numbered(7));
    place.run(["admin", "create", "Alice"], "correct horse battery\n");
    let ended = back_up(&place, &place.path("a.db"));
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    for text in [
        "a.db is a good backup: revision 1; providers: azure-b2c; administrators: Alice",
        "data/secret.key is not in it",
    ] {
        assert!(ended.stdout.contains(text), "{}", ended.stdout);
    }
    let mode = fs::metadata(place.path("a.db")).unwrap().permissions();
    assert_eq!(mode.mode() & 0o777, 0o600);

    // The key and the copy are all that another machine needs.
    let other = new_place();
    fs::create_dir(other.data_dir()).unwrap();
    fs::copy(place.path("data/secret.key"), other.path("data/secret.key")).unwrap();
    let ended = restore(&other, &place.path("a.db"));
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(other.export(), place.export());
    assert_eq!(
        stored_secret(&other).as_deref(),
        Some("the client's secret")
    );
    assert_nothing_restored(&other);
    let mode = fs::metadata(other.database()).unwrap().permissions();
    assert_eq!(mode.mode() & 0o777, 0o600);
}

#[test]
fn a_link_of_which_the_file_was_lost_is_no_hindrance() {
    let place = new_place();
    place.import(&numbered(1));
    let file = good_backup(&place, "a.db");
    assert_eq!(restore(&place, &file).code, Some(0));
    fs::remove_file(fs::canonicalize(place.database()).unwrap()).unwrap();
    let ended = restore(&place, &file);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(number(&place), 1);
    assert!(!place.database().is_symlink());
}

#[test]
fn a_backup_overwrites_nothing_and_leaves_nothing_behind() {
    let place = new_place();
    let file = place.path("copies/a.db");
    let ended = back_up(&place, &file);
    assert!(ended.only_line().contains("no database"));
    place.import(&numbered(7));
    let ended = back_up(&place, &file);
    assert_eq!(ended.code, Some(1));
    assert!(
        ended.only_line().contains("copies/a.db"),
        "{}",
        ended.stderr
    );

    fs::create_dir(place.path("copies")).unwrap();
    fs::write(&file, "in the way").unwrap();
    let ended = back_up(&place, &file);
    assert_eq!(ended.code, Some(1));
    assert!(ended.only_line().contains("exists already"));
    assert!(has_bytes(&file, b"in the way"));

    let good = fs::read(place.database()).unwrap();
    let mut damaged = good;
    damaged[4096..12288].fill(0x5a);
    fs::write(place.database(), damaged).unwrap();
    let ended = back_up(&place, &place.path("copies/b.db"));
    assert!(ended.only_line().contains("corrupt"), "{}", ended.stderr);
    let names = fs::read_dir(place.path("copies")).unwrap().count();
    assert_eq!(names, 1, "a copy that is not good was left");
}

fn has_suffix(path: &Path, suffixes: &[&str]) -> bool {
    let name = path.to_str().unwrap();
    suffixes.iter().any(|suffix| name.ends_with(suffix))
}

#[test]
fn copies_and_restores_are_whole_while_others_save() {
    let place = new_place();
    place.import(&numbered(0));
    let first = good_backup(&place, "first.db");
    let mut server = place.serve();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            // Bounded, so that a failure below ends the test.
            for number in (1..=300).take_while(|_| !done.load(Ordering::Relaxed)) {
                // One that comes in the moment of a restore may be told that the file is gone.
                let import = ["settings", "import", "-"];
                place.run(import, &numbered(number).to_string());
            }
        });
        for round in 0..10 {
            // Says so when it has checked the copy.
            good_backup(&place, &format!("round-{round}.db"));
            let ended = restore(&place, &first);
            assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        }
        done.store(true, Ordering::Relaxed);
    });
    server.wait_for("the database file was replaced");
    assert_eq!(named(&place, "before-restore").len(), 10);
    let ended = restore(&place, &place.path("round-9.db"));
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    good_backup(&place, "last.db");
    let mut restored = named(&place, "restored");
    restored.retain(|path| !has_suffix(path, &["-wal", "-shm"]));
    assert_eq!(restored.len(), 1, "{restored:?}");
    assert_eq!(get(&server.address, "/readyz").0, 200);
}

#[test]
fn a_running_server_follows_a_restore_and_the_former_store_is_kept() {
    let place = new_place();
    place.import(&numbered(1));
    let file = good_backup(&place, "a.db");
    place.import(&numbered(2));
    place.import(&numbered(3));
    let mut server = place.serve();
    let ended = restore(&place, &file);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    server.wait_for("new settings in force revision=1");
    assert_eq!(number(&place), 1);
    assert_eq!(get(&server.address, "/readyz").0, 200);
    place.import(&numbered(4));
    server.wait_for("new settings in force revision=2");

    let former = named(&place, "before-restore");
    assert_eq!(former.len(), 1, "{former:?}");
    let name = former[0].to_str().unwrap();
    assert!(ended.stdout.contains(name), "{}", ended.stdout);
    let url = format!("sqlite:{name}");
    let ended = place.run(["settings", "export", "--database-url", &url], "");
    let former: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(former["global"]["clock_skew_seconds"], 3);
}

#[test]
fn a_kill_at_any_moment_leaves_the_one_store_or_the_other() {
    let place = new_place();
    place.import(&numbered(1));
    let file = good_backup(&place, "a.db");
    let (mut restored, mut killed) = (0, 0);
    let mut delay = Duration::from_millis(1);
    while restored < 10 || killed < 10 {
        place.import(&numbered(2));
        let mut restore = place.command(["restore", "--yes"]);
        if kill_after(restore.arg(&file), delay) {
            restored += 1;
            delay = delay * 9 / 10;
            assert_eq!(number(&place), 1);
        } else {
            killed += 1;
            delay = delay * 11 / 10;
            let number = number(&place);
            assert!(number == 1 || number == 2, "{number}");
        }
    }
    good_backup(&place, "last.db");
}

#[test]
fn what_is_no_good_backup_is_refused_and_nothing_is_changed() {
    let place = new_place();
    place.import(&numbered(1));
    let file = good_backup(&place, "a.db");
    let good = fs::read(&file).unwrap();
    let before = place.export();
    let refused = |words: &[&str]| {
        let ended = restore(&place, &file);
        assert_eq!(ended.code, Some(1));
        let line = ended.only_line();
        for word in words {
            assert!(line.contains(word), "no {word:?} in {line}");
        }
        assert_eq!(place.export(), before);
        assert_nothing_restored(&place);
    };

    let asked = place.run(["restore", file.to_str().unwrap()], "yes\n");
    assert_eq!(asked.code, Some(1));
    assert!(asked.only_line().contains("--yes"), "{}", asked.stderr);

    let mut damaged = good.clone();
    damaged[4096..12288].fill(0x5a);
    fs::write(&file, damaged).unwrap();
    refused(&["a.db", "corrupt"]);
    fs::write(&file, "no database".repeat(1000)).unwrap();
    refused(&["a.db", "corrupt"]);
    fs::write(&file, "").unwrap();
    refused(&["a.db", "not a database of bearergate"]);
    fs::remove_file(&file).unwrap();
    refused(&["a.db", "No such file"]);

    fs::write(&file, &good).unwrap();
    let log = place.path("a.db-wal");
    fs::write(&log, "pages").unwrap();
    refused(&["a.db", "in use"]);
    fs::remove_file(log).unwrap();

    let other = new_place();
    other.import(&minimal_settings());
    fs::remove_file(&file).unwrap();
    assert_eq!(back_up(&other, &file).code, Some(0));
    let copy = fs::read(&file).unwrap();
    refused(&["a.db", "secret.key", "does not fit"]);
    assert!(has_bytes(&file, &copy));
}

#[test]
fn a_damaged_store_can_be_replaced_but_not_a_directory() {
    let place = new_place();
    place.import(&numbered(1));
    let file = good_backup(&place, "a.db");
    let rubbish = b"this is no database but a text of somebody else. ".repeat(100);
    fs::write(place.database(), &rubbish).unwrap();
    fs::write(place.path("data/bearergate.db-wal"), "its log").unwrap();
    let ended = restore(&place, &file);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(number(&place), 1);
    let former = named(&place, "before-restore");
    assert_eq!(former.len(), 2, "{former:?}");
    assert!(has_bytes(&former[0], &rubbish) && has_bytes(&former[1], b"its log"));

    fs::create_dir(place.path("directory")).unwrap();
    let url = format!("sqlite:{}", place.path("directory").display());
    let mut command = place.command(["restore", file.to_str().unwrap(), "--yes"]);
    let ended = run(command.args(["--database-url", &url]), "");
    assert_eq!(ended.code, Some(1));
    assert!(ended.only_line().contains("directory"), "{}", ended.stderr);
}
