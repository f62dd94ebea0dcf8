//! A viewer sees every page, and changes nothing.

use std::collections::BTreeSet;

use bearergate_testkit::provider::Provider;
use reqwest::Method;
use scraper::{Html, Selector};
use serde_json::json;

use super::*;
use crate::console::test;

/// What a viewer may send.
const LOOKS: &[&str] = &[
    "/logout",
    "/account",
    "/test",
    "/test/preview",
    "/connect/check",
];

/// A site on which every page has something to show.
async fn scene() -> (Provider, Site, Browser) {
    let provider = Provider::start().await;
    let site = Site::with_provider(&provider.settings()).await;
    let mut document = site.place.export();
    document["upstream_credentials"] =
        json!([{"id": "rest", "match": {"everyone": true}, "authorization": "Bearer c2VjcmV0"}]);
    document["global"]["confluence_url"] = "http://127.0.0.1:9".into();
    site.place.import(&document);
    let browser = site.signed_in().await;
    let is_followed = |page: &Page| page.text().contains("Shared identity");
    browser.until("/confluence-access", is_followed).await;
    let map = "/oauth/azure-b2c/username-map";
    let row = [("old", ""), ("value", "Alice"), ("username", "alice")];
    let saved = browser.post(&format!("{map}/row"), &row).await;
    assert_eq!(saved.status, 303, "{}", saved.text());
    let key = [("name", "Wiki"), ("role", "viewer")];
    assert_eq!(browser.post("/api-keys", &key).await.status, 200);
    add(&browser, "bob", "viewer").await;
    (provider, site, browser)
}

/// Every page that links lead to, with its path.
async fn all_pages(browser: &Browser) -> Vec<(String, Page)> {
    let mut queue = vec!["/global-settings".to_owned()];
    let mut known = BTreeSet::new();
    let mut pages = Vec::new();
    while let Some(path) = queue.pop() {
        let path = path.split('#').next().unwrap_or_default().to_owned();
        let is_left_out = path.starts_with("/test/authorize") || path.ends_with("/export");
        if !path.starts_with('/') || is_left_out || !known.insert(path.clone()) {
            continue;
        }
        let page = browser.get(&path).await;
        if page.status == 303 {
            queue.push(page.location().to_owned());
            continue;
        }
        assert_eq!(page.status, 200, "{path}: {}", page.text());
        queue.extend(page.links("a[href]"));
        pages.push((path, page));
    }
    pages
}

/// Where the forms and buttons of a page post to.
fn posts(page: &Page) -> BTreeSet<String> {
    let page = Html::parse_document(&page.html);
    let targets = Selector::parse("form[method=post], [formaction]").expect("a selector");
    let target = |element: scraper::ElementRef<'_>| {
        let action = element.attr("formaction").or(element.attr("action"));
        action.expect("a target").to_owned()
    };
    page.select(&targets).map(target).collect()
}

/// Fails if a form that changes something can be used.
fn has_no_usable_form(path: &str, page: &Page) {
    let html = Html::parse_document(&page.html);
    let all = |text: &str| Selector::parse(text).expect("a selector");
    let controls =
        all("input:not([type=hidden]):not([readonly]), select, textarea:not([readonly])");
    let buttons = all("button:not([data-copy])");
    for form in html.select(&all("form[method=post]")) {
        let action = form.attr("action").expect("a target");
        if LOOKS.contains(&action) {
            continue;
        }
        let pressed = form.select(&buttons).next();
        assert!(pressed.is_none(), "{path}: a button of {action}");
        for control in form.select(&controls) {
            let mut around = control.ancestors().filter_map(scraper::ElementRef::wrap);
            let is_disabled = around.any(|element| {
                element.value().name() == "fieldset" && element.attr("disabled").is_some()
            });
            assert!(is_disabled, "{path}: {}", control.html());
        }
    }
}

#[tokio::test]
async fn a_viewer_sees_every_page_and_no_form_that_changes_something() {
    let (_provider, site, admin) = scene().await;
    let bob = site.signed_in_as("bob").await;
    let seen = all_pages(&bob).await;
    for (path, page) in &seen {
        let says = page.text().contains("Your role is viewer");
        assert!(says || path == "/account", "{path}: no line why");
        has_no_usable_form(path, page);
    }
    let paths: BTreeSet<_> = seen.iter().map(|(path, _)| path.as_str()).collect();
    for tab in admin.get("/global-settings").await.links("nav a") {
        assert!(paths.contains(tab.as_str()), "{tab} in {paths:?}");
    }
    // Also those that only an admin is led to.
    for (path, _) in all_pages(&admin).await {
        let page = bob.get(&path).await;
        assert_eq!(page.status, 200, "{path}");
        has_no_usable_form(&path, &page);
    }
}

#[tokio::test]
async fn a_viewer_changes_nothing() {
    let (_provider, site, admin) = scene().await;
    let bob = site.signed_in_as("bob").await;
    let mut targets: BTreeSet<String> = BTreeSet::new();
    for (_, page) in all_pages(&admin).await {
        targets.extend(posts(&page));
    }
    assert!(targets.len() > 25, "{targets:?}");
    // What the pages of this moment don't show.
    let hidden = [
        "/oauth/azure-b2c/accept-issuer",
        "/oauth/azure-b2c/username-map/import/apply",
        "/test/client-credentials",
        "/test/save",
        "/setup",
        "/test/",
        "/%74est",
        "/nowhere",
    ];
    targets.extend(hidden.map(str::to_owned));
    let before = (site.place.export(), admin.get("/changes").await.title());
    for path in targets
        .iter()
        .filter(|path| !LOOKS.contains(&path.as_str()))
    {
        let refused = bob.post(path, &[("revision", "1")]).await;
        assert_eq!(refused.status, 403, "{path}");
        assert_eq!(refused.title(), "You may look, not change", "{path}");
        assert!(refused.html.contains("href=\"/\""), "{path}: a way back");
    }
    for method in [Method::PUT, Method::DELETE, Method::PATCH] {
        let request = bob.request(method, "/global-settings");
        assert_eq!(bob.send(request).await.status, 403);
    }
    let after = (site.place.export(), admin.get("/changes").await.title());
    assert_eq!(before, after);
    assert_eq!(admin.get(PATH).await.title(), "1 admin, 1 viewer");
    assert_eq!(admin.get("/api-keys").await.texts("tbody tr").len(), 1);
    // The form of an admin who became a viewer in the meantime.
    let form = admin.get("/global-settings").await.form("/global-settings");
    assert_eq!(bob.submit(&form).await.status, 403);
}

#[tokio::test]
async fn a_viewer_may_try_a_token_check_the_connection_and_change_their_own_password() {
    let (provider, site, _admin) = scene().await;
    let bob = site.signed_in_as("bob").await;
    let page = test(&bob, &provider.good_token()).await;
    assert_eq!(page.title(), "This token passes, as alice");
    assert!(page.texts("button[name=use_preview]").is_empty());
    let story = page.form("/test");
    let mut preview = story.clone();
    "/test/preview".clone_into(&mut preview.action);
    assert_eq!(bob.submit(&preview).await.status, 200);
    let mut save = story.clone();
    "/test/save".clone_into(&mut save.action);
    let refused = bob.submit(save.set("use_attribute", "oid")).await;
    assert_eq!(refused.status, 403);
    let ignored = bob.submit(story.clone().set("use_attribute", "oid")).await;
    assert_eq!(ignored.status, 200);
    let stored = &site.place.export()["providers"][0];
    assert_eq!(stored["username_attribute"], "givenName");

    let check = bob.get("/connect").await.form("/connect/check");
    assert_eq!(bob.submit(&check).await.status, 303);
    let mut form = bob.get("/account").await.form("/account");
    form.fill("Current password", PASSWORD)
        .fill("New password", NEW_PASSWORD)
        .fill("Confirm new password", NEW_PASSWORD);
    assert_eq!(bob.submit(&form).await.status, 303);
    assert_eq!(bob.post("/logout", &[]).await.status, 303);
    assert_eq!(sign_in(&site, "bob", NEW_PASSWORD).await.status, 303);
}
