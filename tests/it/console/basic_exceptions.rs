//! The page of the exceptions to Basic being disabled.

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use super::Site;
use super::browser::{Browser, Form, Page};

const LIST: &str = "/basic-exceptions";
const NEW: &str = "/basic-exceptions/new";
const CHANGE: &str = "/basic-exceptions/jenkins/change";
const REMOVE: &str = "/basic-exceptions/jenkins/remove";

/// A day from today on, as the form takes it.
fn in_days(days: i64) -> String {
    let day = OffsetDateTime::now_utc() + Duration::days(days);
    day.date().to_string()
}

fn fill(form: &mut Form) -> &mut Form {
    form.fill("Short name", "jenkins")
        .fill("Users", "alice\r\nSvc-Jenkins")
        .fill("Owner", "Build team")
        .fill("Reason", "Plugin without OAuth")
        .fill("Last day", &in_days(30))
}

async fn added(browser: &Browser) -> Page {
    let mut form = browser.get(NEW).await.form(NEW);
    fill(&mut form);
    browser.follow(&browser.submit(&form).await).await
}

/// Puts these members into the stored `global`, as a command does.
fn import(site: &Site, members: &Value) {
    let mut document = site.place.export();
    for (name, value) in members.as_object().expect("an object") {
        document["global"][name] = value.clone();
    }
    site.place.import(&document);
}

fn exceptions(site: &Site) -> Value {
    site.place.export()["global"]["basic_exceptions"].clone()
}

/// A call of alice's with Basic: whether it passes.
async fn passes(browser: &Browser) -> bool {
    let request = browser.request(reqwest::Method::GET, "/validate");
    let answer = browser.send(request.basic_auth("Alice", Some("x"))).await;
    answer.status == 200
}

#[tokio::test]
async fn an_exception_is_added_changed_and_removed() {
    let site = Site::start();
    import(
        &site,
        &json!({ "rest_api_authentication_enabled": true, "basic_authentication_disabled": true }),
    );
    let browser = site.signed_in().await;
    browser.until("/validate", |page| page.status == 401).await;
    let page = browser.get(LIST).await;
    assert_eq!(page.title(), "No Basic exception");
    assert!(page.text().contains("What an exception is for"));
    assert!(!passes(&browser).await);

    let page = added(&browser).await;
    let news = page.texts("[role=status]").join(" ");
    let expected = format!(
        "Basic exception \"jenkins\": — → users alice, Svc-Jenkins; through {}",
        in_days(30)
    );
    assert!(news.contains(&expected), "{news}");
    assert_eq!(page.title(), "1 Basic exception");
    let card = page.texts(".providers .card").join(" ");
    for text in [
        "jenkins 30 days left",
        "Users alice, Svc-Jenkins",
        "Owner Build team",
        "Reason Plugin without OAuth",
        "Used Not in the last 30 days",
    ] {
        assert!(card.contains(text), "{card}");
    }
    assert!(passes(&browser).await, "in force at once");
    let global = browser.get("/global-settings").await;
    assert!(global.text().contains("Basic exceptions : 1 in force"));
    let panel = global.texts(".consequences dd:not([hidden])").join(" ");
    assert!(panel.contains("401, but for 1 exception"), "{panel}");

    let mut form = browser.get(CHANGE).await.form(CHANGE);
    assert_eq!(form.value("Users"), Some("alice\r\nSvc-Jenkins"));
    form.fill("Users", "bob").fill("Paths", "/rest/api/");
    let page = browser.follow(&browser.submit(&form).await).await;
    let news = page.texts("[role=status]").join(" ");
    assert!(
        news.contains("Basic exception \"jenkins\": Users: alice, Svc-Jenkins → bob"),
        "{news}"
    );
    assert!(!passes(&browser).await);

    let page = browser.get(REMOVE).await;
    assert_eq!(page.title(), "Remove the Basic exception \"jenkins\"?");
    assert_eq!(exceptions(&site)[0]["users"], json!(["bob"]), "only asked");
    let page = browser.submit(&page.form(REMOVE)).await;
    let page = browser.follow(&page).await;
    assert_eq!(page.title(), "No Basic exception");
    assert_eq!(exceptions(&site), json!([]));
    assert_eq!(browser.get(CHANGE).await.status, 404);
}

#[tokio::test]
async fn a_fault_stands_beside_its_field_and_nothing_typed_is_lost() {
    let site = Site::start();
    let browser = site.signed_in().await;
    let hostile = "\"><script>alert(1)</script>";
    let mut form = browser.get(NEW).await.form(NEW);
    form.fill("Short name", "Not a name")
        .fill("Paths", &format!("/rest/api/\r\n{hostile}"))
        .fill("Client networks", "10.0.0.0/8\r\neverywhere")
        .fill("Reason", hostile);
    let page = browser.submit(&form).await;
    assert_eq!(page.status, 422);
    for (label, message) in [
        ("Short name", "Must be 1 to 63"),
        ("Paths", "Line 2:"),
        ("Client networks", "Line 2:"),
        ("Owner", "Must be a text"),
        ("Last day", "Must be a day, such as 2027-01-31"),
        ("Reason", ""),
        ("Users", ""),
    ] {
        let told = page.message(label);
        assert!(told.starts_with(message), "{label}: {told}");
        assert_eq!(told.is_empty(), message.is_empty(), "{label}: {told}");
    }
    let typed = page.form(NEW);
    assert_eq!(typed.value("Short name"), Some("Not a name"));
    assert_eq!(typed.value("Reason"), Some(hostile));
    assert_eq!(
        typed.value("Client networks"),
        Some("10.0.0.0/8\r\neverywhere")
    );
    assert!(!page.html.contains("<script>alert"), "escaped");

    let mut form = page.form(NEW);
    fill(&mut form)
        .fill("Users", "")
        .fill("Paths", "")
        .fill("Client networks", "");
    let page = browser.submit(&form).await;
    let told = page.message("Users");
    assert!(told.contains("Name a user, a path or a network"), "{told}");
    assert_eq!(exceptions(&site), json!([]));

    added(&browser).await;
    let page = browser.submit(fill(&mut page.form(NEW))).await;
    // Somebody has added one since: both versions are shown, then the name is found to be taken.
    assert_eq!(page.status, 409);
    let page = browser.submit(&page.form(NEW)).await;
    let told = page.message("Short name");
    assert!(told.contains("is the id of another exception"), "{told}");
}

#[tokio::test]
async fn a_save_over_a_newer_one_shows_both_and_can_be_repeated() {
    let site = Site::start();
    let browser = site.signed_in().await;
    added(&browser).await;
    let mut form = browser.get(CHANGE).await.form(CHANGE);
    form.fill("Owner", "Tools team");
    let removal = browser.get(REMOVE).await.form(REMOVE);

    // Somebody removes it meanwhile.
    import(&site, &json!({ "basic_exceptions": [] }));
    let conflict = browser.submit(&form).await;
    assert_eq!(conflict.status, 409);
    let text = conflict.text();
    assert!(text.contains("removed"), "theirs: {text}");
    assert!(text.contains("users alice, Svc-Jenkins"), "mine: {text}");
    let page = browser.submit(&conflict.form(CHANGE)).await;
    browser.follow(&page).await;
    assert_eq!(exceptions(&site)[0]["owner"], "Tools team");

    let page = browser.submit(&removal).await;
    let page = browser.follow(&page).await;
    assert!(page.text().contains("Nothing was changed"), "an old answer");
    assert_eq!(exceptions(&site)[0]["id"], "jenkins");
}

#[tokio::test]
async fn what_ends_soon_and_what_has_ended_is_marked() {
    let site = Site::start();
    let exception = |id: &str, ends_on: String| {
        json!({
            "id": id, "networks": ["10.0.0.0/8"], "owner": "o", "reason": "r", "ends_on": ends_on,
        })
    };
    let list = json!([
        exception("over", in_days(-1)),
        exception("far", in_days(8)),
        exception("near", in_days(7)),
        exception("today", in_days(0)),
    ]);
    import(&site, &json!({ "basic_exceptions": list }));
    let browser = site.signed_in().await;
    let page = browser.get(LIST).await;
    assert_eq!(
        page.title(),
        "3 Basic exceptions, 2 end within a week, 1 ended"
    );
    assert_eq!(
        page.texts(".providers h2"),
        ["today", "near", "far", "over"]
    );
    assert_eq!(
        page.texts(".pill.warn"),
        ["Ends today", "7 days left"],
        "{}",
        page.text()
    );
    assert_eq!(page.texts(".pill.good"), ["8 days left"]);
    assert_eq!(page.texts(".pill.bad"), ["Ended"]);
    let note = page.texts(".note").join(" ");
    assert!(
        note.contains("Exceptions matter only"),
        "the gate is off: {note}"
    );
    let global = browser.get("/global-settings").await.text();
    assert!(global.contains("Basic exceptions : 3 in force"), "{global}");
}

#[tokio::test]
async fn how_it_was_used_stands_beside_it_and_is_asked_before_it_goes() {
    let mut site = Site::start();
    let on =
        json!({ "rest_api_authentication_enabled": true, "basic_authentication_disabled": true });
    import(&site, &on);
    let browser = site.signed_in().await;
    browser.until("/validate", |page| page.status == 401).await;
    added(&browser).await;
    assert!(passes(&browser).await);
    assert!(passes(&browser).await);
    site.restart();

    let browser = site.signed_in().await;
    let card = browser.get(LIST).await.texts(".providers .card").join(" ");
    let used = "for the last time; 2 calls in the last 30 days";
    assert!(card.contains(used), "{card}");
    let page = browser.get(REMOVE).await;
    assert!(page.text().contains(used), "{}", page.text());
    let question = browser.submit(&page.form(REMOVE)).await;
    assert_eq!(question.title(), "This refuses 2 calls of the last 7 days");
    assert_eq!(exceptions(&site)[0]["id"], "jenkins", "only asked");
    let yes = question.attributes("button[name=confirmed]", "value");
    let mut form = question.form(REMOVE);
    let page = browser.submit(form.set("confirmed", &yes[0])).await;
    let page = browser.follow(&page).await;
    assert_eq!(page.title(), "No Basic exception");
    assert!(!passes(&browser).await);
}
