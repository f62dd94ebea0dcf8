//! The page "Changes": the history, and the way back.

use bearergate_testkit::provider::Provider;
use serde_json::json;

use super::browser::{Browser, Page};
use super::{Site, traces};

const PATH: &str = "/changes";
const SECRET: &str = "the-client's-secret";

/// A site with a gate that is on, and a provider with a secret and a username map of one row: three revisions.
async fn scene(provider: &Provider) -> (Site, Browser) {
    let site = Site::start();
    let mut settings = provider.settings();
    settings["client_secret"] = SECRET.into();
    let mut document = site.place.export();
    document["global"]["rest_api_authentication_enabled"] = true.into();
    document["providers"] = json!([settings]);
    site.place.import(&document);
    let browser = site.signed_in().await;
    // The import is followed within a second.
    browser
        .until("/oauth/azure-b2c", |page| page.status == 200)
        .await;
    set_skew(&browser, "30").await;
    let map = "/oauth/azure-b2c/username-map";
    let mut row = browser.get(map).await.form(&format!("{map}/row"));
    row.fill("Attribute Value", "Alice")
        .fill("Confluence Username", "asmith");
    assert_eq!(browser.submit(&row).await.status, 303);
    (site, browser)
}

async fn set_skew(browser: &Browser, seconds: &str) {
    let mut form = browser
        .get("/global-settings")
        .await
        .form("/global-settings");
    form.fill("Clock skew", seconds);
    let saved = browser.submit(&form).await;
    assert_eq!(saved.status, 303, "{}", saved.text());
}

/// Asks for the way back, and takes it.
async fn go_back(browser: &Browser, revision: i64) -> Page {
    let path = restore(revision);
    let asked = browser.get(&path).await;
    assert_eq!(asked.title(), format!("Go back to revision {revision}?"));
    browser.submit(&asked.form(&path)).await
}

fn restore(revision: i64) -> String {
    format!("{PATH}/{revision}/restore")
}

/// Executes one statement on the database, past the program.
async fn tamper(site: &Site, statement: &'static str) {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(site.place.database());
    let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
    let done = sqlx::query(statement).execute(&pool).await.unwrap();
    assert_eq!(done.rows_affected(), 1);
    pool.close().await;
}

#[tokio::test]
async fn every_save_stands_in_the_history_with_who_from_where_and_what() {
    let provider = Provider::start().await;
    let (site, browser) = scene(&provider).await;
    let page = browser.get(PATH).await;
    assert_eq!(page.title(), "Revision 3 is in force");
    assert_eq!(page.texts("nav a[aria-current]"), ["Changes"]);
    assert_eq!(
        page.texts("section h2"),
        ["Revision 3", "Revision 2", "Revision 1"]
    );
    let sections = page.texts("section");
    for (section, parts) in sections.iter().zip([
        &[
            "by admin, from 127.0.0.1",
            "Azure B2C: Username map — 1 row added",
            "In force",
        ][..],
        &[
            "by admin, from 127.0.0.1",
            "Clock skew seconds 60 30",
            "Go back to this",
        ],
        &[
            "by settings import, from the command line",
            "REST API authentication off on",
            "Azure B2C — added",
        ],
    ]) {
        for part in parts {
            assert!(section.contains(part), "{part}: {section}");
        }
    }
    let mut document = site.place.export();
    document["providers"][0]["client_secret"] = "another-secret".into();
    site.place.import(&document);
    let one = browser.get("/changes/4").await;
    assert_eq!(one.title(), "Revision 4");
    assert_eq!(
        one.texts("tbody td"),
        ["Azure B2C: Client secret", "set", "changed"]
    );
    for page in [browser.get(PATH).await, one, browser.get(&restore(1)).await] {
        assert!(!page.html.contains(SECRET) && !page.html.contains("another-secret"));
        assert!(!page.html.contains("asmith"), "rows are people");
    }
    for missing in [
        "/changes/0",
        "/changes/5",
        "/changes/5/restore",
        "/changes/-1",
    ] {
        assert_eq!(browser.get(missing).await.status, 404, "{missing}");
    }
    assert!(!traces(site).contains(SECRET));
}

#[tokio::test]
async fn going_back_makes_a_revision_that_is_in_force_for_the_next_request() {
    let provider = Provider::start().await;
    let (site, browser) = scene(&provider).await;
    let token = provider.good_token();
    let username = async || {
        let request = browser.request(reqwest::Method::GET, "/validate");
        let answer = browser.send(request.bearer_auth(&token)).await;
        format!("{} {}", answer.status, answer.header("x-auth-username"))
    };
    assert_eq!(username().await, "200 asmith");
    let mut document = site.place.export();
    document["global"]["rest_api_authentication_enabled"] = false.into();
    document["providers"][0]["client_secret"] = "another-secret".into();
    document["providers"][0]["required_scopes"] = json!(["never-there"]);
    site.place.import(&document);

    let asked = browser.get(&restore(3)).await;
    let text = asked.text();
    for part in [
        "REST API authentication off on",
        "Azure B2C: Required scopes never-there none",
        "Azure B2C: Client secret set changed",
        "Username maps, API keys and administrators stay",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(
        site.place.export()["global"]["rest_api_authentication_enabled"],
        false
    );
    let page = browser.follow(&go_back(&browser, 3).await).await;
    assert_eq!(page.title(), "Revision 5 is in force");
    let news = page.texts("[role=status]").join(" ");
    assert!(
        news.contains("Revision 3 is in force again. Saved: 3 settings changed"),
        "{news}"
    );
    assert_eq!(username().await, "200 asmith");
    // The old secret has come with it: the settings are those of revision 3 to the last secret.
    let same = browser.get(&restore(3)).await;
    assert_eq!(same.title(), "Revision 3 has the settings in force");
    assert!(same.texts("main form").is_empty());
    let unchanged = browser.post(&restore(3), &[("revision", "5")]).await;
    let page = browser.follow(&unchanged).await;
    assert!(page.text().contains("Nothing changed"));
    assert_eq!(page.title(), "Revision 5 is in force");
}

#[tokio::test]
async fn a_way_back_over_somebody_elses_save_is_refused_and_can_be_taken_again() {
    let provider = Provider::start().await;
    let (_site, browser) = scene(&provider).await;
    let asked = browser.get(&restore(1)).await.form(&restore(1));
    set_skew(&browser, "77").await;
    let refused = browser.submit(&asked).await;
    assert_eq!(refused.status, 409);
    let text = refused.text();
    assert!(
        text.contains("Nothing was changed: admin saved other settings"),
        "{text}"
    );
    assert!(text.contains("Clock skew seconds 77 60"), "{text}");
    assert_eq!(browser.get(PATH).await.title(), "Revision 4 is in force");
    let without = browser.post(&restore(1), &[]).await;
    assert_eq!(without.status, 400, "without having seen what is in force");
    let again = browser.submit(&refused.form(&restore(1))).await;
    assert_eq!(again.location(), PATH);
    assert_eq!(browser.get(PATH).await.title(), "Revision 5 is in force");
}

#[tokio::test]
async fn what_became_of_a_username_map_is_said_before_one_goes_back() {
    let provider = Provider::start().await;
    let (site, browser) = scene(&provider).await;
    let mut document = site.place.export();
    document["providers"] = json!([]);
    site.place.import(&document);
    let gone = browser.get("/changes/4").await.text();
    assert!(gone.contains("Username map — 1 row removed"), "{gone}");
    // Revision 2 never had the map.
    let warning = "had a username map then, and has none now";
    assert!(!browser.get(&restore(2)).await.text().contains(warning));
    assert!(browser.get(&restore(3)).await.text().contains(warning));
}

#[tokio::test]
async fn an_old_document_that_todays_rules_refuse_stays_old() {
    let provider = Provider::start().await;
    let (site, browser) = scene(&provider).await;
    let statement = "update settings_revisions set document =
        replace(document, '\"/rest/\"', '\"no path\"') where revision = 1";
    tamper(&site, statement).await;
    let asked = browser.get(&restore(1)).await;
    assert_eq!(asked.title(), "Today's rules refuse revision 1");
    assert!(asked.texts("main form").is_empty());
    let refused = browser.post(&restore(1), &[("revision", "3")]).await;
    assert_eq!(refused.status, 422);
    let text = refused.text();
    for part in [
        "/global/protected_paths/0",
        "A username map that is gone since",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(browser.get(PATH).await.title(), "Revision 3 is in force");
}

#[tokio::test]
async fn a_damaged_revision_harms_no_other() {
    let provider = Provider::start().await;
    let (site, browser) = scene(&provider).await;
    let statement =
        "update settings_revisions set document = x'ff00', saved_by = x'ff' where revision = 1";
    tamper(&site, statement).await;
    let page = browser.get(PATH).await;
    let sections = page.texts("section");
    assert!(
        sections[1].contains("The revision before it can't be read"),
        "{sections:?}"
    );
    assert!(
        sections[2].contains("damaged and can't be read"),
        "{sections:?}"
    );
    assert!(
        page.links("section a")
            .iter()
            .all(|link| *link != restore(1))
    );
    assert_eq!(browser.get("/changes/1").await.status, 200);
    let refused = browser.post(&restore(1), &[("revision", "3")]).await;
    assert_eq!(refused.status, 422);
    assert_eq!(refused.title(), "Revision 1 can't be read");
    // A save over a newer one that was opened on it is refused as ever.
    let mut form = browser
        .get("/global-settings")
        .await
        .form("/global-settings");
    form.set("revision", "1").fill("Clock skew", "10");
    assert_eq!(browser.submit(&form).await.status, 409);
    assert_eq!(
        browser.get(&restore(2)).await.title(),
        "Revision 2 has the settings in force"
    );
}

#[tokio::test]
async fn the_history_is_paged_and_nothing_in_it_becomes_markup() {
    let site = Site::start();
    let browser = site.signed_in().await;
    assert_eq!(
        browser.get(PATH).await.title(),
        "Nothing has been changed yet"
    );
    for seconds in 1..=50 {
        set_skew(&browser, &seconds.to_string()).await;
    }
    let page = browser.get(PATH).await;
    assert!(
        page.links("nav[aria-label=Pages] a").is_empty(),
        "all on one page"
    );
    let hostile = "/<script>alert(1)</script>";
    let mut document = site.place.export();
    document["global"]["public_paths"] = json!([hostile]);
    site.place.import(&document);
    let page = browser.get(PATH).await;
    assert_eq!(page.texts("section").len(), 50);
    assert!(page.text().contains(hostile) && !page.html.contains(hostile));
    let links = page.links("nav[aria-label=Pages] a");
    assert_eq!(links, ["/changes?before=2"]);
    let older = browser.get(&links[0]).await;
    assert_eq!(older.texts("section h2"), ["Revision 1"]);
    assert!(
        older.text().contains("Clock skew seconds 60 1"),
        "{}",
        older.text()
    );
    assert_eq!(older.links("nav[aria-label=Pages] a"), [PATH]);
}

#[tokio::test]
async fn nobody_sees_or_changes_the_history_without_a_session() {
    let provider = Provider::start().await;
    let (site, browser) = scene(&provider).await;
    let stranger = site.browser();
    for path in [PATH.to_owned(), "/changes/1".to_owned(), restore(1)] {
        assert_eq!(stranger.get(&path).await.status, 303, "{path}");
    }
    let form = [("revision", "3")];
    assert_eq!(
        stranger.post(&restore(1), &form).await.location(),
        "/login?next=%2Fchanges"
    );
    let foreign = browser
        .form_request(&restore(1), &form)
        .header("origin", "https://evil.example");
    assert_eq!(browser.send(foreign).await.status, 403);
    assert_eq!(browser.get(PATH).await.title(), "Revision 3 is in force");
}
