//! Set-up, sign-in, sign-out, passwords.

use bearergate_testkit::program::setup_link;

use super::browser::Browser;
use super::{PASSWORD, Site, traces};
use crate::support::new_place;

const NEW_PASSWORD: &str = "another sentence to remember";

#[tokio::test]
async fn the_link_from_the_log_makes_the_first_administrator_once() {
    let place = new_place();
    let mut server = place.serve();
    let log = server.log_so_far();
    let link = setup_link(&log).to_owned();
    let browser = Browser::new(&server.address);
    let path = link
        .strip_prefix(browser.origin())
        .expect("a link to the public URL");
    assert_eq!(browser.get("/setup?token=guessed").await.status, 404);

    let page = browser.get(path).await;
    let mut form = page.form("/setup");
    form.fill("Username", "<b>alice</b>")
        .fill("Password", "short")
        .fill("Confirm password", "x");
    let refused = browser.submit(&form).await;
    assert_eq!(refused.status, 422);
    assert!(
        refused.message("Password").contains("12 characters"),
        "{}",
        refused.text()
    );
    assert!(refused.message("Confirm password").contains("differ"));
    assert_eq!(
        refused.form("/setup").value("Username"),
        Some("<b>alice</b>")
    );
    assert!(!refused.html.contains("<b>alice"));

    let mut form = refused.form("/setup");
    form.fill("Username", "alice")
        .fill("Password", PASSWORD)
        .fill("Confirm password", PASSWORD);
    let made = browser.submit(&form).await;
    let home = browser.follow(&browser.follow(&made).await).await;
    assert_eq!(home.title(), "REST API authentication is off");
    assert!(home.text().contains("alice"));

    let late = Browser::new(&server.address);
    let closed = late.get(path).await;
    assert_eq!(closed.status, 404);
    assert!(
        closed.text().contains("an administrator exists"),
        "{}",
        closed.text()
    );
    assert_eq!(late.submit(&form).await.status, 404);
    server.signal("TERM");
    server.wait();
    assert!(!server.whole_log().contains(PASSWORD));
}

#[tokio::test]
async fn only_the_right_name_and_password_sign_in() {
    let site = Site::start();
    let browser = site.browser();
    for (username, password) in [("admin", "wrong"), ("nobody", PASSWORD), ("", "")] {
        let mut form = browser.get("/login").await.form("/login");
        form.fill("Username", username).fill("Password", password);
        let refused = browser.submit(&form).await;
        assert_eq!(refused.status, 401);
        assert!(
            refused
                .text()
                .contains("The name or the password is wrong.")
        );
        assert_eq!(refused.form("/login").value("Username"), Some(username));
        assert_eq!(browser.cookie(), None);
    }
    let mut form = browser.get("/login").await.form("/login");
    form.fill("Username", "ADMIN").fill("Password", PASSWORD);
    let answer = browser.submit(&form).await;
    assert_eq!(answer.status, 303);
    let cookie = answer.header("set-cookie");
    for attribute in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=1800"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!cookie.contains("Secure"), "{cookie}");
}

#[tokio::test]
async fn a_page_without_a_session_leads_to_the_sign_in_and_back() {
    let site = Site::start();
    let browser = site.browser();
    let pages = [
        "/global-settings",
        "/oauth",
        "/oauth/new?preset=custom-oidc",
        "/confluence-access",
        "/confluence-access/alice/remove",
        "/test",
        "/account",
    ];
    for page in pages {
        let answer = browser.get(page).await;
        assert_eq!(answer.status, 303, "{page}");
        let next: String = url::form_urlencoded::byte_serialize(page.as_bytes()).collect();
        assert_eq!(answer.location(), format!("/login?next={next}"));
    }
    let sign_in = browser
        .get("/login?next=%2Foauth%2Fnew%3Fpreset%3Dcustom-oidc")
        .await;
    let mut form = sign_in.form("/login");
    form.fill("Username", "admin").fill("Password", PASSWORD);
    let answer = browser.submit(&form).await;
    assert_eq!(answer.location(), "/oauth/new?preset=custom-oidc");
    for next in [
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "https:evil.example",
        "javascript:alert(1)",
    ] {
        let away = [
            ("next", next),
            ("username", "admin"),
            ("password", PASSWORD),
        ];
        let answer = site.browser().post("/login", &away).await;
        assert_eq!((answer.status, answer.location()), (303, "/"), "{next:?}");
    }
}

#[tokio::test]
async fn a_new_session_id_at_sign_in_and_none_after_sign_out() {
    let site = Site::start();
    let browser = site.signed_in().await;
    let first = browser.cookie().expect("a cookie");
    browser.set_cookie(None);
    let planted = "bearergate_session=AAAAAAAAAAAAAAAAAAAAAA".to_owned();
    browser.set_cookie(Some(planted.clone()));
    let mut form = browser.get("/login").await.form("/login");
    form.fill("Username", "admin").fill("Password", PASSWORD);
    assert_eq!(browser.submit(&form).await.status, 303);
    let second = browser.cookie().expect("a cookie");
    assert!(second != planted && second != first);

    assert_eq!(browser.get("/global-settings").await.status, 200);
    let out = browser.post("/logout", &[]).await;
    assert_eq!((out.status, out.location()), (303, "/login"));
    assert_eq!(browser.cookie(), None);
    browser.set_cookie(Some(second));
    assert_eq!(
        browser.get("/global-settings").await.status,
        303,
        "the old session is dead"
    );
    browser.set_cookie(Some(first));
    assert_eq!(
        browser.get("/global-settings").await.status,
        200,
        "the other one is not"
    );
    let id = browser.cookie().expect("a cookie");
    let (_, id) = id.split_once('=').expect("a name and a value");
    assert!(!traces(site).contains(id), "it was logged or stored");
}

#[tokio::test]
async fn a_changed_password_ends_the_other_sessions() {
    let site = Site::start();
    let (here, there) = (site.signed_in().await, site.signed_in().await);
    let mut form = here.get("/account").await.form("/account");
    form.fill("Current password", "wrong")
        .fill("New password", "short");
    let refused = here.submit(&form).await;
    assert_eq!(refused.status, 422);
    assert!(
        refused
            .message("Current password")
            .contains("not your password")
    );
    assert!(refused.message("New password").contains("12"));

    form.fill("Current password", PASSWORD)
        .fill("New password", NEW_PASSWORD)
        .fill("Confirm new password", NEW_PASSWORD);
    let before = here.cookie();
    let page = here.follow(&here.submit(&form).await).await;
    assert!(
        page.text().contains("Your password was changed"),
        "{}",
        page.text()
    );
    assert_ne!(here.cookie(), before, "the id is renewed");
    assert_eq!(there.get("/global-settings").await.status, 303);

    let browser = site.browser();
    let mut form = browser.get("/login").await.form("/login");
    form.fill("Username", "admin").fill("Password", PASSWORD);
    assert_eq!(browser.submit(&form).await.status, 401);
    form.fill("Password", NEW_PASSWORD);
    assert_eq!(browser.submit(&form).await.status, 303);
}

#[tokio::test]
async fn guessing_is_slowed_for_one_account_from_one_address_alone() {
    let site = Site::start();
    let browser = site.browser();
    let mut statuses = Vec::new();
    let mut slowed = None;
    for _ in 0..20 {
        let answer = browser
            .post("/login", &[("username", "admin"), ("password", "wrong")])
            .await;
        statuses.push(answer.status);
        if answer.status == 429 {
            slowed = Some(answer);
            break;
        }
    }
    let slowed = slowed.unwrap_or_else(|| panic!("never slowed: {statuses:?}"));
    assert!(
        statuses.len() > 5,
        "typing errors are forgiven: {statuses:?}"
    );
    assert!(
        slowed
            .header("retry-after")
            .parse::<u64>()
            .expect("seconds")
            > 0
    );
    assert!(slowed.text().contains("Too many tries"));
    let right = [("username", "admin"), ("password", PASSWORD)];
    assert_eq!(
        browser.post("/login", &right).await.status,
        429,
        "also with the right password"
    );

    // The proxy on loopback is trusted and speaks for another client.
    let elsewhere = browser.form_request("/login", &right);
    let answer = browser
        .send(elsewhere.header("x-forwarded-for", "192.0.2.7"))
        .await;
    assert_eq!(answer.status, 303, "the account is not locked");
}
