//! What the fuzzers have found worth keeping, replayed: `fuzz/corpus/TARGET/*` against the invariants of the target.

use std::fs;
use std::path::Path;

#[path = "../../fuzz/src/invariants.rs"]
mod invariants;

fn replay(target: &str, holds: fn(&[u8])) {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target);
    let entries = fs::read_dir(&corpus).unwrap_or_else(|error| panic!("{target}: {error}"));
    let mut count = 0;
    for entry in entries {
        let file = entry.expect("an entry").path();
        let input = fs::read(&file).expect("a file");
        assert!(
            std::panic::catch_unwind(|| holds(&input)).is_ok(),
            "{}: an invariant of {target} is broken",
            file.display()
        );
        count += 1;
    }
    assert!(count >= 10, "the corpus of {target} has {count} files");
}

#[test]
fn tokens() {
    replay("token", invariants::token);
}

#[test]
fn paths() {
    replay("path", invariants::path);
}

#[test]
fn attributes() {
    replay("attribute", invariants::attribute);
}

#[test]
fn settings_documents() {
    replay("settings", invariants::settings);
}

#[test]
fn credentials() {
    replay("credential", invariants::credential);
}

#[test]
fn username_maps() {
    replay("username_map", invariants::username_map);
}

#[test]
fn forwarded_for() {
    replay("forwarded_for", invariants::forwarded_for);
}
