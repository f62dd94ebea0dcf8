//! What a change would do, without doing it: by the API and by the command.

use serde_json::{Value, json};

use super::{SETTINGS, Site, good, pointers, problem, provider, settings};
use crate::support::new_place;

#[tokio::test]
async fn a_try_tells_the_difference_and_changes_nothing() {
    let site = Site::start();
    let before = site.place.export();
    let tag = site.ask("GET", SETTINGS).await.header("etag").to_owned();
    let tried = |path: &str| format!("/api/v1/{path}?dry_run=true");
    let mut document = before.clone();
    document["global"]["basic_authentication_disabled"] = json!(true);
    let answer = site
        .send("PUT", &tried("settings"), &document, &[("if-match", &tag)])
        .await;
    let change = json!({ "what": "Basic authentication", "old": "allowed", "new": "disabled" });
    let nobody = json!({ "hits": [], "calls": 0, "untold_calls": 0 });
    let told = json!({ "changes": [change], "impact": nobody });
    assert_eq!(good(&answer), told);
    assert!(!answer.headers.contains_key("etag"));
    let answer = site.send("PUT", &tried("settings"), &before, &[]).await;
    assert_eq!(good(&answer), json!({ "changes": [], "impact": nobody }));

    let third = tried("providers/third");
    let added = good(&site.send("PUT", &third, &provider("third"), &[]).await);
    assert_eq!(added["changes"][0]["new"], "added");
    let removed = good(&site.ask("DELETE", &tried("providers/first")).await);
    assert_eq!(removed["changes"][0]["new"], "removed");
    problem(&site.ask("DELETE", &tried("providers/third")).await, 404);
    let answer = site
        .send("PUT", &third, &json!({ "id": "third" }), &[])
        .await;
    assert!(pointers(&answer).contains(&"/preset".to_owned()));

    assert_eq!(site.place.export(), before);
    assert_eq!(site.ask("GET", SETTINGS).await.header("etag"), tag);
    // Said to be none, it is none.
    let real = site
        .send("PUT", "/api/v1/settings?dry_run=false", &document, &[])
        .await;
    good(&real);
    assert_eq!(site.place.export(), document);
}

#[test]
fn an_import_can_be_tried() {
    let place = new_place();
    let tried = |document: &Value| {
        let arguments = ["settings", "import", "--dry-run", "-"];
        place.run(arguments, &document.to_string())
    };
    // Without a store the difference is to the defaults, and no store is made.
    let ended = tried(&settings());
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(
        ended.stdout.contains("REST API authentication: off -> on"),
        "{}",
        ended.stdout
    );
    assert!(!place.data_dir().exists());

    place.import(&settings());
    let before = place.export();
    let mut document = before.clone();
    document["global"]["basic_authentication_disabled"] = json!(true);
    let ended = tried(&document);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let lines: Vec<_> = ended.stdout.lines().collect();
    let expected = [
        "nothing was changed, 1 would change",
        "Basic authentication: allowed -> disabled",
    ];
    assert_eq!(lines, expected);
    document["global"]["clock_skew_seconds"] = json!(-1);
    let ended = tried(&document);
    assert_eq!(ended.code, Some(1));
    assert!(
        ended
            .only_line()
            .starts_with("/global/clock_skew_seconds: ")
    );
    assert_eq!(place.export(), before);
}
