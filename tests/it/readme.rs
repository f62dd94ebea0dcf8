//! What the README says, against the program: its proxies, options, commands, reasons and settings.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use bearergate::decision::Reason;

use crate::support::new_place;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What `--help` of a command says.
fn help(command: &[String]) -> String {
    let arguments = command.iter().map(String::as_str).chain(["--help"]);
    let output = new_place().command(arguments).output().expect("it runs");
    assert!(output.status.success(), "{command:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The commands below one, as its `--help` lists them.
fn commands_in(help: &str) -> Vec<String> {
    let listed = help.split_once("\nCommands:\n").map(|(_, rest)| rest);
    let lines = listed.unwrap_or_default().lines();
    lines
        .take_while(|line| line.starts_with("  "))
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect()
}

/// `bearergate` itself and every command, each as its words.
fn commands() -> Vec<Vec<String>> {
    let mut all = vec![Vec::new()];
    let mut at = 0;
    while let Some(command) = all.get(at).cloned() {
        for name in commands_in(&help(&command)) {
            // Below a command, `help` only repeats what `--help` says.
            if name != "help" {
                all.push([command.clone(), vec![name]].concat());
            }
        }
        at += 1;
    }
    all
}

/// The flags and variables that a help text names.
fn options_in(help: &str) -> BTreeSet<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    help.split(|c| !is_part(c))
        .filter(|word| {
            word.starts_with("BEARERGATE_")
                || *word == "RUST_LOG"
                || (word.starts_with("--") && word.len() > 2)
        })
        .map(str::to_owned)
        .collect()
}

/// How many cases each part of the proxies' battery has.
fn cases() -> BTreeMap<String, usize> {
    let battery = read("tests/real/proxy/battery/mod.rs");
    let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let is_case = |line: &&str| !line.is_empty() && line.chars().all(is_name);
    battery
        .split("\n    (")
        .filter_map(|part| part.split_once(" $product:ident) => {"))
        .map(|(name, cases)| {
            let cases = cases.lines().map(str::trim).filter(is_case);
            (name.to_owned(), cases.count())
        })
        .collect()
}

/// How many of them the tests of a proxy run; a proxy that has none of the battery has its own.
fn cases_passed(tests: &str, cases: &BTreeMap<String, usize>) -> usize {
    let Some((_, parts)) = tests.split_once("battery!(") else {
        return tests.matches("#[tokio::test]").count();
    };
    let (parts, _) = parts.split_once(");").expect("its end");
    let (_, parts) = parts.split_once(';').expect("parts");
    let parts = parts.split(',').map(str::trim);
    parts
        .filter(|part| !part.is_empty())
        .map(|part| cases[part])
        .sum()
}

/// What is shipped beside the configurations of proxies.
const NO_PROXIES: &[&str] = &["grafana", "prometheus", "systemd"];

#[test]
fn each_proxy_has_its_document_and_its_row_with_the_cases_it_passes() {
    let readme = read("README.md");
    let cases = cases();
    let directories = fs::read_dir(root().join("deploy")).expect("a directory");
    for directory in directories {
        let name = directory.expect("an entry").file_name();
        let proxy = name.to_str().expect("UTF-8");
        if NO_PROXIES.contains(&proxy) {
            continue;
        }
        let document = format!("deploy/{proxy}/README.md");
        read(&document);
        let tests =
            ["", "/mod"].map(|end| root().join(format!("tests/real/proxy/{proxy}{end}.rs")));
        let tests = tests.iter().find_map(|path| fs::read_to_string(path).ok());
        let tests = tests.unwrap_or_else(|| panic!("{proxy} is not tested"));
        let passed = cases_passed(&tests, &cases);
        let row = readme
            .lines()
            .find(|line| line.contains(&format!("]({document})")));
        let row = row.unwrap_or_else(|| panic!("README.md has no row for {proxy}"));
        assert!(
            row.ends_with(&format!(" | {passed} |")),
            "{passed} cases: {row}"
        );
    }
}

#[test]
fn every_command_and_option_is_described() {
    let readme = read("README.md");
    let commands = commands();
    assert!(commands.len() > 6, "{commands:?}");
    for command in &commands {
        let is_group = commands
            .iter()
            .any(|other| other.len() > command.len() && other.starts_with(command));
        let words = command.join(" ");
        assert!(
            is_group || readme.contains(&format!("| `bearergate {words}")),
            "README.md has no row for bearergate {words}"
        );
        for option in options_in(&help(command)) {
            let described = [format!("`{option}`"), format!("`{option} ")];
            assert!(
                described.iter().any(|text| readme.contains(text)),
                "README.md does not describe {option} of bearergate {words}"
            );
        }
    }
}

#[test]
fn every_reason_has_its_row_with_its_status() {
    let readme = read("README.md");
    let rows: BTreeSet<&str> = readme
        .lines()
        .filter_map(|line| line.rsplit_once(" | ").map(|(row, _)| row))
        .collect();
    for reason in Reason::ALL {
        let row = format!("| `{}` | {}", reason.code(), reason.status());
        assert!(rows.contains(row.as_str()), "README.md has no row {row}");
    }
}

#[test]
fn the_settings_document_can_be_imported() {
    let readme = read("README.md");
    let (_, rest) = readme.split_once("```json\n").expect("a document");
    let (document, _) = rest.split_once("```").expect("its end");
    let place = new_place();
    let ended = place.run(["settings", "import", "-"], document);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(place.export()["providers"][0]["preset"], "azure-b2c");
}

/// The targets of the links in a Markdown text.
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
}

/// The anchor that a heading gets.
fn anchor(heading: &str) -> String {
    let is_kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-');
    let text: String = heading.to_lowercase().chars().filter(is_kept).collect();
    format!("#{}", text.trim().replace(' ', "-"))
}

/// Whether a link from a document leads to a file, and to a heading where it names one.
fn leads_somewhere(document: &str, link: &str) -> bool {
    let (file, fragment) = link.split_once('#').unwrap_or((link, ""));
    let path = match file {
        "" => root().join(document),
        file => root().join(document).with_file_name("").join(file),
    };
    if fragment.is_empty() {
        return path.exists();
    }
    let text = fs::read_to_string(&path).unwrap_or_default();
    let mut headings = text.lines().filter(|line| line.starts_with('#'));
    headings.any(|line| anchor(line.trim_start_matches('#')) == format!("#{fragment}"))
}

#[test]
fn links_inside_the_tree_lead_somewhere() {
    for document in [
        "README.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "SECURITY.md",
        "docs/architecture.md",
        "docs/operations.md",
        "docs/threat-model.md",
    ] {
        let text = read(document);
        for link in links(&text).filter(|link| !link.starts_with("https://")) {
            assert!(leads_somewhere(document, link), "{document}: {link}");
        }
    }
}

#[test]
fn every_preset_has_its_row() {
    let readme = read("README.md");
    for preset in bearergate::settings::PRESETS {
        let start = format!("| `{}` | ", preset.id);
        let row = readme.lines().find(|line| line.starts_with(&start));
        let row = row.unwrap_or_else(|| panic!("no row for {}", preset.id));
        for parameter in preset.parameters {
            assert!(row.contains(&format!("`{}`", parameter.name)), "{row}");
        }
        let methods: Vec<_> = preset
            .methods
            .iter()
            .map(|method| format!("`{}`", method.as_str()))
            .collect();
        assert!(
            row.ends_with(&format!("| {} |", methods.join(", "))),
            "{row}"
        );
    }
}
