//! The exports: complete, filtered, and no formula for a spreadsheet.

use serde_json::Value;

use super::{ALICE, be_refused, strict_site};
use crate::console::browser::Page;

/// `@evil":pa55wort`
const FORMULA_USER: (&str, &str) = ("authorization", "Basic QGV2aWwiOnBhNTV3b3J0");

fn records(page: &Page) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_reader(page.html.as_bytes());
    let rows = reader.records().map(|row| row.expect("a record"));
    rows.map(|row| row.iter().map(str::to_owned).collect())
        .collect()
}

#[tokio::test]
async fn events_and_callers_are_exported_without_formulas() {
    let mut site = strict_site();
    let agent = ("user-agent", "=HYPERLINK(\"http://evil.example\",\"a;b\")");
    be_refused(&site, &[FORMULA_USER, agent, ("x-request-id", "one")]).await;
    be_refused(&site, &[ALICE, ("x-request-id", "two")]).await;
    site.restart();
    let browser = site.signed_in().await;

    let csv = browser.get("/activity/events.csv").await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(
        csv.header("content-disposition"),
        "attachment; filename=\"bearergate-events.csv\""
    );
    let rows = records(&csv);
    assert_eq!(rows.len(), 2, "{rows:?}");
    let evil = &rows[1];
    assert_eq!((&*evil[1], &*evil[2]), ("refused", "basic_disabled"));
    assert_eq!(evil[6], "'@evil\"");
    assert_eq!(evil[11], "'=HYPERLINK(\"http://evil.example\",\"a;b\")");
    for row in &rows {
        for cell in row {
            assert!(
                !cell.starts_with(['=', '+', '-', '@', '\t', '\r']),
                "{cell}"
            );
        }
    }
    let filtered = browser.get("/activity/events.csv?user=alice").await;
    assert_eq!(records(&filtered).len(), 1);

    let lines = browser.get("/activity/events.jsonl?request_id=one").await;
    assert!(
        lines
            .header("content-disposition")
            .contains("bearergate-events.jsonl")
    );
    let line: Value = serde_json::from_str(lines.html.trim_end()).expect("one line");
    assert_eq!(line["user"], "@evil\"");
    assert_eq!(line["reason"], "basic_disabled");

    let callers = browser.get("/activity/callers.csv?credential=basic").await;
    let rows = records(&callers);
    let mut users: Vec<_> = rows.iter().map(|row| (&*row[2], &*row[7])).collect();
    users.sort_unstable();
    assert_eq!(users, [("'@evil\"", "1"), ("alice", "1")]);
    let none = browser.get("/activity/callers.csv?credential=oauth1").await;
    assert!(records(&none).is_empty());
    for page in [csv, lines, callers] {
        assert!(!page.html.contains("pa55wort") && !page.html.contains("secret"));
    }
}
