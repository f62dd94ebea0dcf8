//! Where administrators are signed in.

use reqwest::header::USER_AGENT;

use super::*;

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";
const EDGE: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                    Chrome/126.0.0.0 Safari/537.36 Edg/126.0.2592.87";

/// Opens a page from this address, with this browser.
async fn open(browser: &Browser, address: &str, user_agent: &str) -> Page {
    let request = browser.request(reqwest::Method::GET, "/global-settings");
    let request = request.header("x-forwarded-for", address);
    browser.send(request.header(USER_AGENT, user_agent)).await
}

/// The rows of the sessions, each as from where and with which browser.
fn rows(page: &Page) -> Vec<[String; 2]> {
    let cells = page.texts("tbody td");
    let rows = cells.chunks(5);
    rows.map(|row| [row[2].clone(), row[3].clone()]).collect()
}

#[tokio::test]
async fn sessions_are_seen_and_ended_one_by_one_and_all_at_once() {
    let site = Site::start();
    let browser = site.signed_in().await;
    add(&browser, "bob", "viewer").await;
    let (first, second) = (
        site.signed_in_as("bob").await,
        site.signed_in_as("bob").await,
    );
    assert_eq!(open(&first, "192.0.2.1", FIREFOX).await.status, 200);
    assert_eq!(open(&second, "192.0.2.2", EDGE).await.status, 200);

    let path = page_of(&browser, "bob").await;
    let page = browser.get(&path).await;
    assert!(page.text().contains("2 open sessions"), "{}", page.text());
    let mut seen = rows(&page);
    seen.sort();
    let firefox = ["192.0.2.1", "Firefox 128, Linux"].map(str::to_owned);
    let edge = ["192.0.2.2", "Edge 126, Windows"].map(str::to_owned);
    assert_eq!(seen, [firefox.clone(), edge]);
    let list = browser.get(PATH).await.texts("tbody td");
    assert_eq!(list[9], "2 open sessions");

    // The form of the first row: the session that is ended is that one.
    let ended = rows(&page)[0].clone();
    let form = page.form(&format!("{path}/sessions"));
    let told = browser.follow(&browser.submit(&form).await).await;
    assert!(told.text().contains("1 session of bob has ended"));
    assert_eq!(rows(&told).len(), 1);
    let (gone, left) = if ended == firefox {
        (&first, &second)
    } else {
        (&second, &first)
    };
    assert_eq!(gone.get("/global-settings").await.status, 303);
    assert_eq!(left.get("/global-settings").await.status, 200);

    let all = browser.post(&format!("{path}/sessions"), &[]).await;
    let told = browser.follow(&all).await;
    assert!(told.text().contains("0 open sessions"), "{}", told.text());
    assert_eq!(left.get("/global-settings").await.status, 303);
    assert_eq!(browser.get("/global-settings").await.status, 200);
}

#[tokio::test]
async fn one_s_own_session_is_marked_and_stays() {
    let site = Site::start();
    let (browser, other) = (site.signed_in().await, site.signed_in().await);
    let path = page_of(&browser, "admin").await;
    let page = browser.get(&path).await;
    let own = page.texts("td.does .pill");
    assert_eq!(own, ["This session"]);
    assert_eq!(page.texts("td.does button").len(), 1);
    let id = browser.cookie().expect("a cookie");
    let (_, id) = id.split_once('=').expect("a value");
    assert!(!page.html.contains(id), "an id is a credential");

    let all = browser.post(&format!("{path}/sessions"), &[]).await;
    let told = browser.follow(&all).await;
    assert!(told.text().contains("1 session of admin has ended"));
    assert_eq!(other.get("/global-settings").await.status, 303);
    assert_eq!(browser.get("/global-settings").await.status, 200);
    assert!(!browser.get(&path).await.text().contains("End all"));
}

#[tokio::test]
async fn a_session_of_somebody_else_is_not_ended_by_another_name() {
    let site = Site::start();
    let browser = site.signed_in().await;
    add(&browser, "bob", "viewer").await;
    add(&browser, "carol", "viewer").await;
    let bob = site.signed_in_as("bob").await;
    let path = page_of(&browser, "bob").await;
    let mut form = browser.get(&path).await.form(&format!("{path}/sessions"));
    form.action = format!("{}/sessions", page_of(&browser, "carol").await);
    let told = browser.follow(&browser.submit(&form).await).await;
    assert!(told.text().contains("0 sessions of carol have ended"));
    assert_eq!(bob.get("/global-settings").await.status, 200);
}
