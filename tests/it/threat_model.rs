//! The threat model names the tests that show what it says: each of them must exist.

use std::fs;
use std::path::Path;

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The tests that a document names as "`function` in `file`".
fn named(document: &str) -> Vec<(&str, &str)> {
    let texts: Vec<&str> = document.split('`').collect();
    let names = texts.windows(3).filter(|part| part[1] == " in ");
    names.map(|part| (part[0], part[2])).collect()
}

/// Whether a function of this name is marked as a test.
fn has_test(code: &str, name: &str) -> bool {
    let heads = [format!("fn {name}("), format!("async fn {name}(")];
    let mut lines = code.lines().map(str::trim);
    let mut is_marked = false;
    lines.any(|line| {
        if line.starts_with("#[") {
            is_marked |= line.contains("test");
            return false;
        }
        let found = is_marked && heads.iter().any(|head| line.starts_with(head));
        is_marked = false;
        found
    })
}

#[test]
fn every_test_that_the_threat_model_names_exists() {
    let document = read("docs/threat-model.md");
    let named = named(&document);
    assert!(named.len() > 40, "{} tests", named.len());
    let missing: Vec<_> = named
        .into_iter()
        .filter(|(name, file)| !has_test(&read(file), name))
        .collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn every_row_of_the_threat_model_names_a_test() {
    let document = read("docs/threat-model.md");
    let (_, tables) = document.split_once("## Attackers").expect("a chapter");
    let is_row = |line: &&str| line.starts_with("| ") && !line.contains("| shown by |");
    for row in tables.lines().filter(is_row) {
        assert!(row.contains("` in `"), "{row}");
    }
}
