//! What a change would do, without doing it: by the API and by the command.

use std::collections::HashMap;

use bearergate::activity::{Batch, Outcome, Usage, UsageKey};
use bearergate::provider::unix_now;
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

/// Calls with Basic in this very hour.
fn basic_calls(user: &str, calls: u64) -> Batch {
    let now = unix_now();
    let hour = now - now % 3_600;
    let key = UsageKey {
        outcome: Outcome::Allowed,
        method: "basic".into(),
        reason: "".into(),
        credential: "basic".into(),
        provider: String::new(),
        user: user.to_owned(),
        is_vouched: false,
        client_id: String::new(),
        issuer: String::new(),
        audience: String::new(),
        scopes: String::new(),
        network: "10.1.2.0/24".to_owned(),
        path_prefix: "/rest/api".to_owned(),
        exception: String::new(),
    };
    let digest = key.digest();
    let usage = Usage {
        hour,
        key,
        calls,
        last_at: now,
    };
    Batch {
        usage: HashMap::from([((hour, digest), usage)]),
        ..Batch::default()
    }
}

#[tokio::test]
async fn a_try_tells_whom_the_change_would_hit() {
    let site = Site::start();
    let store = site.store().await;
    let added = store.add_activity(&basic_calls("jenkins", 7)).await;
    added.expect("the store takes counts");
    store.close().await;
    let mut document = site.place.export();
    document["global"]["basic_authentication_disabled"] = json!(true);
    let path = format!("{SETTINGS}?dry_run=true");
    let told = good(&site.send("PUT", &path, &document, &[]).await);
    let impact = &told["impact"];
    assert_eq!(impact["calls"], 7, "{told}");
    let hit = &impact["hits"][0];
    assert_eq!(hit["user"], "jenkins");
    assert_eq!(hit["reason"], "basic_disabled");
    // With an exception for the one, nobody is hit.
    document["global"]["basic_exceptions"] = json!([{
        "id": "jenkins", "users": ["jenkins"], "owner": "Build team", "reason": "No OAuth yet", "ends_on": "2099-12-31",
    }]);
    let told = good(&site.send("PUT", &path, &document, &[]).await);
    assert_eq!(told["impact"]["calls"], 0, "{told}");
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
