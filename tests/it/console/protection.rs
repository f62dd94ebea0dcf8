//! What protects the console in a browser.

use reqwest::Method;

use super::{PASSWORD, Site};
use crate::support::http::{connect, exchange};

#[tokio::test]
async fn every_answer_has_the_protecting_headers_and_no_page_is_kept() {
    let site = Site::start();
    let browser = site.signed_in().await;
    for path in ["/global-settings", "/login", "/nowhere", "/oauth", "/"] {
        let page = browser.get(path).await;
        let csp = page.header("content-security-policy");
        for part in [
            "default-src 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ] {
            assert!(csp.contains(part), "{path}: {csp}");
        }
        assert!(!csp.contains("unsafe"), "{csp}");
        assert_eq!(page.header("referrer-policy"), "same-origin");
        assert_eq!(page.header("x-content-type-options"), "nosniff");
        assert_eq!(page.header("cache-control"), "no-store", "{path}");
        assert_eq!(page.header("strict-transport-security"), "", "no TLS here");
        assert!(!page.header("x-request-id").is_empty());
    }
}

#[tokio::test]
async fn a_foreign_site_changes_nothing() {
    let site = Site::start();
    let browser = site.signed_in().await;
    let form = browser
        .get("/global-settings")
        .await
        .form("/global-settings");
    let foreign = [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ];
    for path in [
        "/global-settings",
        "/global-settings/enforce",
        "/basic-exceptions/new",
        "/basic-exceptions/jenkins/change",
        "/basic-exceptions/jenkins/remove",
        "/confluence-access",
        "/confluence-access/alice/replace",
        "/confluence-access/alice/remove",
        "/confluence-access/alice/test",
        "/connect/check",
        "/api-keys",
        "/api-keys/1/revoke",
        "/changes/1/restore",
        "/oauth/azure-b2c/username-map/row",
        "/oauth/azure-b2c/username-map/import",
        "/oauth/azure-b2c/username-map/import/apply",
        "/logout",
        "/oauth/new",
        "/login",
        "/test/save",
        "/administrators",
        "/test",
    ] {
        for (name, value) in foreign {
            let request = browser.form_request(path, &form.pairs).header(name, value);
            let refused = browser.send(request).await;
            assert_eq!(refused.status, 403, "{path} {name}: {value}");
            assert!(refused.text().contains("another site"), "a page of ours");
        }
    }
    let own = browser.origin().to_owned();
    for (name, value) in [("origin", own.as_str()), ("sec-fetch-site", "same-origin")] {
        let request = browser.form_request("/global-settings", &form.pairs);
        assert_eq!(
            browser.send(request.header(name, value)).await.status,
            303,
            "{name}: {value}"
        );
    }
}

#[tokio::test]
async fn under_https_the_cookie_is_secure_and_the_public_origin_trusted() {
    let site = Site::start_with(&["--public-url", "https://gate.example.com"]);
    let browser = site.browser();
    let credentials = [("username", "admin"), ("password", PASSWORD)];
    let request = browser.form_request("/login", &credentials);
    let answer = browser
        .send(request.header("origin", "https://gate.example.com"))
        .await;
    assert_eq!(answer.status, 303);
    let cookie = answer.header("set-cookie");
    assert!(
        cookie.starts_with("__Host-") && cookie.contains("Secure"),
        "{cookie}"
    );
    assert!(
        answer
            .header("strict-transport-security")
            .starts_with("max-age=")
    );
    let page = browser.get("/oauth/new").await;
    assert!(
        page.html
            .contains("https://gate.example.com/oauth/callback")
    );
}

#[tokio::test]
async fn another_loopback_name_leads_to_the_public_one() {
    let site = Site::start();
    let browser = site.browser();
    let other = format!("http://{}", site.server.address);
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    let client = client.build().expect("a client");
    let answer = client
        .get(format!("{other}/oauth/new?preset=azure-b2c"))
        .send()
        .await;
    let answer = answer.expect("an answer");
    assert_eq!(answer.status(), 307);
    let expected = format!("{}/oauth/new?preset=azure-b2c", browser.origin());
    assert_eq!(answer.headers()["location"], expected);
    for path in ["/healthz", "/validate"] {
        let answer = client
            .get(format!("{other}{path}"))
            .send()
            .await
            .expect("an answer");
        assert_eq!(answer.status(), 200, "{path}");
    }
}

#[tokio::test]
async fn every_failure_is_a_page_with_a_way_back_and_an_id() {
    let site = Site::start();
    let browser = site.signed_in().await;
    let mut no_revision = browser
        .get("/global-settings")
        .await
        .form("/global-settings");
    no_revision.set("revision", "latest");
    let answers = [
        (404, browser.get("/nowhere").await),
        (404, browser.get("/oauth/nobody").await),
        (404, browser.get("/oauth/new?preset=unknown").await),
        (405, browser.get("/logout").await),
        (400, browser.submit(&no_revision).await),
        (
            400,
            browser.post("/oauth/new", &[("preset", "unknown")]).await,
        ),
        (
            415,
            browser
                .send(browser.request(Method::POST, "/global-settings").body("x"))
                .await,
        ),
    ];
    for (status, page) in answers {
        assert_eq!(page.status, status, "{}", page.text());
        assert_eq!(page.texts("h1").len(), 1, "{status}: {}", page.text());
        assert!(page.html.contains("href=\"/\""), "{status}: a way back");
        let id = page.header("x-request-id");
        assert!(
            page.texts("code").contains(&id.to_owned()),
            "{status}: {}",
            page.text()
        );
    }
}

#[tokio::test]
async fn a_form_that_is_too_long_is_refused_before_it_is_read() {
    let site = Site::start();
    let browser = site.signed_in().await;
    // Without the body: what the server doesn't read it would cut off while it is sent.
    let head = format!(
        "POST /global-settings HTTP/1.1\r\nhost: {}\r\ncookie: {}\r\ncontent-length: 1000000\r\n\
         content-type: application/x-www-form-urlencoded\r\nconnection: close\r\n\r\n",
        browser.origin().trim_start_matches("http://"),
        browser.cookie().expect("a cookie"),
    );
    let (status, answer) = exchange(connect(&site.server.address), &head);
    assert_eq!(status, 413, "{answer}");
    assert!(answer.contains("larger than any form"), "{answer}");
}

#[tokio::test]
async fn a_lost_store_is_a_503_whose_id_stands_in_the_log() {
    let mut site = Site::start();
    let browser = site.signed_in().await;
    let away = site.place.path("away");
    std::fs::rename(site.place.data_dir(), &away).expect("it can be moved");
    let page = browser.get("/global-settings").await;
    assert_eq!(page.status, 503);
    assert!(page.text().contains("Decisions go on"), "{}", page.text());
    assert!(
        !page.text().contains("bearergate.db"),
        "no paths of the machine"
    );
    let id = page.header("x-request-id").to_owned();
    let line = site.server.wait_for(&id);
    assert!(line.contains("is gone"), "{line}");
}

#[tokio::test]
async fn static_files_are_kept_by_browsers_and_need_no_session() {
    let site = Site::start();
    let browser = site.browser();
    let page = browser.get("/login").await;
    let sheet = page
        .html
        .split('"')
        .find(|part| part.contains("/static/console."))
        .expect("a link");
    let file = browser.get(sheet).await;
    assert_eq!(file.status, 200);
    assert!(file.header("content-type").starts_with("text/css"));
    assert!(!file.header("cache-control").contains("no-store"));
    assert_eq!(file.header("x-content-type-options"), "nosniff");
    assert_eq!(file.header("set-cookie"), "");
    assert_eq!(browser.get("/static/../Cargo.toml").await.status, 404);
    assert_eq!(browser.get("/static/nothing.css").await.status, 404);
}
