//! The table of modules in `docs/architecture.md` against the sources: nobody reaches up.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Crates that belong to some modules alone.
const CONFINED: &[(&str, &[&str])] = &[
    ("askama", &["console"]),
    ("procfs", &["metrics"]),
    ("prometheus_client", &["metrics"]),
    ("reqwest", &["provider"]),
    ("sqlx", &["store"]),
    (
        "axum",
        &[
            "app",
            "cli",
            "console",
            "gate",
            "health",
            "management",
            "metrics",
            "peer",
            "server",
            "site",
        ],
    ),
];

/// How a rule could learn of the world: it gets what it needs as arguments.
const WORLD: &[&str] = &[
    "tokio",
    "std::fs",
    "std::env",
    "std::net::Tcp",
    "Instant",
    "SystemTime",
    "now_utc",
    "now_local",
];

/// A source file with the module that it belongs to.
struct Source {
    module: String,
    path: PathBuf,
    code: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources() -> Vec<Source> {
    let src = root().join("src");
    let mut found = Vec::new();
    let mut directories = vec![src.clone()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(&directory).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                directories.push(path);
                continue;
            }
            let inside = path.strip_prefix(&src).expect("a path below src");
            let first = inside.iter().next().expect("a name").to_string_lossy();
            let module = first.trim_end_matches(".rs").to_owned();
            let text = fs::read_to_string(&path).expect("a source");
            let code = text
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"))
                .collect::<Vec<_>>()
                .join("\n");
            found.push(Source { module, path, code });
        }
    }
    found.retain(|source| !["lib", "main"].contains(&source.module.as_str()));
    assert!(found.len() > 50, "the sources are elsewhere");
    found
}

/// What the table lets each module use.
fn allowed() -> BTreeMap<String, BTreeSet<String>> {
    let text = fs::read_to_string(root().join("docs/architecture.md")).expect("the document");
    let names = |cell: &str| -> Vec<String> {
        cell.split('`')
            .skip(1)
            .step_by(2)
            .map(str::to_owned)
            .collect()
    };
    text.lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| {
            let cells: Vec<&str> = line.split('|').collect();
            (
                names(cells[1]).remove(0),
                names(cells[2]).into_iter().collect(),
            )
        })
        .collect()
}

/// The modules that code names as `crate::name`, alone or in a list.
fn used(code: &str) -> BTreeSet<String> {
    let after = code.split("crate::").skip(1);
    let items = after.flat_map(|rest| match rest.strip_prefix('{') {
        Some(list) => list
            .split('}')
            .next()
            .unwrap_or_default()
            .split(',')
            .collect(),
        None => vec![rest],
    });
    let name = |item: &str| -> String {
        let is_part = |c: &char| c.is_ascii_lowercase() || *c == '_';
        item.trim_start().chars().take_while(is_part).collect()
    };
    items.map(name).filter(|name| !name.is_empty()).collect()
}

#[test]
fn no_module_uses_what_the_architecture_does_not_let_it_use() {
    let allowed = allowed();
    let mut wrong = Vec::new();
    for source in sources() {
        let Some(may) = allowed.get(&source.module) else {
            wrong.push(format!("{} is in no row", source.module));
            continue;
        };
        for name in used(&source.code) {
            if name != source.module && !may.contains(&name) {
                wrong.push(format!("{}: uses {name}", source.path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn crates_stay_where_they_belong() {
    let names = |source: &Source, word: &str| source.code.contains(&format!("{word}::"));
    for source in sources() {
        for (word, modules) in CONFINED {
            let confined = !modules.contains(&source.module.as_str());
            assert!(
                !(confined && names(&source, word)),
                "{} uses {word}",
                source.path.display()
            );
        }
    }
}

#[test]
fn the_rules_of_a_decision_see_no_clock_and_no_world() {
    for source in sources() {
        if source.module != "decision" {
            continue;
        }
        for word in WORLD {
            let path = source.path.display();
            assert!(!source.code.contains(word), "{path} uses {word}");
        }
    }
}

#[test]
fn the_gate_takes_no_more_of_the_store_than_the_settings() {
    for source in sources() {
        if source.module != "gate" {
            continue;
        }
        for (at, _) in source.code.match_indices("crate::store::") {
            let rest = &source.code[at + "crate::store::".len()..];
            assert!(
                rest.starts_with("StoredSettings;"),
                "{}: {}",
                source.path.display(),
                rest.lines().next().unwrap_or_default()
            );
        }
    }
}
