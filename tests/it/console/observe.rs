//! Observe mode in the console: what is only observed is said on every page, with since when, and one click ends it.

use std::time::{SystemTime, UNIX_EPOCH};

use bearergate_testkit::program::Server;

use super::browser::{Browser, Page};
use super::{Site, browser};

const GLOBAL: &str = "/global-settings";
const ENFORCE: &str = "/global-settings/enforce";
const ENABLE: &str = "Enable REST API Authentication";
const DISABLE_BASIC: &str = "Disable Basic Authentication";
const ONLY_OBSERVE: &str = "Only observe";

/// Saves Global Settings with something changed; the page that tells of it.
async fn saved(browser: &Browser, change: impl Fn(&mut browser::Form)) -> Page {
    let mut form = browser.get(GLOBAL).await.form(GLOBAL);
    change(&mut form);
    browser.follow(&browser.submit(&form).await).await
}

async fn observing(browser: &Browser) -> Page {
    let observe = |form: &mut browser::Form| {
        form.tick(ENABLE).fill("Observe", "observe");
    };
    saved(browser, observe).await
}

fn banner(page: &Page) -> String {
    page.texts("[aria-label='Observe mode']").join(" ")
}

/// Since when the gate observes, as the banner tells machines.
fn since(page: &Page) -> String {
    let times = page.attributes("[aria-label='Observe mode'] time", "datetime");
    assert_eq!(times.len(), 1, "{}", page.text());
    times[0].clone()
}

fn unix_seconds() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.expect("a clock").as_secs()
}

/// Revisions are told apart by their second.
async fn another_second(browser: &Browser) {
    let now = unix_seconds();
    browser.until(GLOBAL, |_| unix_seconds() > now).await;
}

#[tokio::test]
async fn every_page_says_that_nothing_is_refused_and_one_click_ends_it() {
    let site = Site::start();
    let browser = site.signed_in().await;
    assert_eq!(banner(&browser.get(GLOBAL).await), "");
    let page = observing(&browser).await;
    assert_eq!(page.title(), "REST API authentication only observes");
    assert!(page.text().contains("Mode: enforce → observe"));
    let passed = browser.get("/validate").await;
    assert_eq!(passed.header("x-auth-method"), "observed");
    for path in [
        GLOBAL,
        "/oauth",
        "/test",
        "/connect",
        "/changes",
        "/api-keys",
        "/account",
        "/basic-exceptions",
    ] {
        let told = banner(&browser.get(path).await);
        assert!(told.contains("Nothing is refused"), "{path}: {told}");
    }
    assert_eq!(banner(&site.browser().get("/login").await), "");

    let form = browser.get("/changes").await.form(ENFORCE);
    let page = browser.follow(&browser.submit(&form).await).await;
    assert_eq!(page.title(), "REST API authentication is on");
    let news = page.texts("[role=status]").join(" ");
    assert!(news.contains("Mode: observe → enforce"), "{news}");
    assert_eq!(banner(&page), "");
    assert_eq!(browser.get("/validate").await.status, 401);
}

#[tokio::test]
async fn since_when_outlasts_other_saves_and_begins_anew_after_an_end() {
    let site = Site::start();
    let browser = site.signed_in().await;
    let begun = since(&observing(&browser).await);
    another_second(&browser).await;
    let skew = |form: &mut browser::Form| {
        form.fill("Clock skew", "30");
    };
    assert_eq!(since(&saved(&browser, skew).await), begun);

    // Another process saves, and another server has read nothing yet.
    let mut document = site.place.export();
    document["global"]["clock_skew_seconds"] = 10.into();
    site.place.import(&document);
    // The banner tells of what is in force, the form of what is stored.
    let revision = |form: browser::Form| {
        let mut pairs = form.pairs.into_iter();
        pairs.find(|(name, _)| name == "revision")
    };
    let follows = |page: &Page| revision(page.form(ENFORCE)) == revision(page.form(GLOBAL));
    assert_eq!(since(&browser.until(GLOBAL, follows).await), begun);
    let other = ["serve", "--listen", "127.0.0.1:0"];
    let other = Server::start(&mut site.place.command(other));
    let elsewhere = Browser::new(&other.address);
    elsewhere.set_cookie(browser.cookie());
    assert_eq!(since(&elsewhere.get(GLOBAL).await), begun);

    let form = browser.get(GLOBAL).await.form(ENFORCE);
    browser.follow(&browser.submit(&form).await).await;
    assert_ne!(since(&observing(&browser).await), begun);
}

#[tokio::test]
async fn basic_alone_has_a_banner_of_its_own() {
    let site = Site::start();
    let browser = site.signed_in().await;
    let basic = |form: &mut browser::Form| {
        form.tick(ENABLE).tick(DISABLE_BASIC).tick(ONLY_OBSERVE);
    };
    let page = saved(&browser, basic).await;
    assert_eq!(page.title(), "REST API authentication is on");
    let told = banner(&page);
    assert!(told.contains("Basic is only observed"), "{told}");
    assert!(
        page.text()
            .contains("Basic authentication is disabled, which is only observed"),
        "{}",
        page.text()
    );
    let panel = page.texts(".consequences dd:not([hidden])").join(" ");
    assert!(panel.contains("Would be refused, passes for now"));
    assert_eq!(browser.get("/validate").await.status, 401, "no credential");

    let page = browser.submit(&page.form(ENFORCE)).await;
    let page = browser.follow(&page).await;
    let news = page.texts("[role=status]").join(" ");
    let change = "Basic, while it is disabled: only observed → refused";
    assert!(news.contains(change), "{news}");
    assert_eq!(banner(&page), "");
}

#[tokio::test]
async fn a_gate_that_is_off_observes_nothing() {
    let site = Site::start();
    let browser = site.signed_in().await;
    let observe = |form: &mut browser::Form| {
        form.fill("Observe", "observe");
    };
    let page = saved(&browser, observe).await;
    assert_eq!(page.title(), "REST API authentication is off");
    assert_eq!(banner(&page), "");
}

#[tokio::test]
async fn nobody_ends_what_they_have_not_seen() {
    let site = Site::start();
    let browser = site.signed_in().await;
    let form = observing(&browser).await.form(ENFORCE);
    let skew = |form: &mut browser::Form| {
        form.fill("Clock skew", "30");
    };
    saved(&browser, skew).await;
    let page = browser.follow(&browser.submit(&form).await).await;
    let news = page.texts("[role=status]").join(" ");
    assert!(news.contains("Nothing was changed: admin saved"), "{news}");
    assert_eq!(browser.post(ENFORCE, &[]).await.status, 400);
    assert_eq!(site.place.export()["global"]["mode"], "observe");

    let stranger = site.browser().submit(&form).await;
    assert_eq!(stranger.location(), "/login?next=%2Fglobal-settings");
}

#[tokio::test]
async fn the_button_asks_once_more_where_somebody_would_be_refused() {
    let mut site = Site::start();
    let browser = site.signed_in().await;
    observing(&browser).await;
    let passed = browser.get("/validate").await;
    assert_eq!(passed.header("x-auth-method"), "observed");
    site.restart();

    let browser = site.signed_in().await;
    let form = browser.get(GLOBAL).await.form(ENFORCE);
    let question = browser.submit(&form).await;
    assert_eq!(question.title(), "This refuses 1 call of the last 7 days");
    assert_eq!(site.place.export()["global"]["mode"], "observe");
    let yes = question.attributes("button[name=confirmed]", "value");
    let page = browser.submit(form.clone().set("confirmed", &yes[0])).await;
    let page = browser.follow(&page).await;
    assert_eq!(page.title(), "REST API authentication is on");
    assert_eq!(browser.get("/validate").await.status, 401);
}
