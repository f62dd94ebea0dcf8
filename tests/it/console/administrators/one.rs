//! One administrator: role, state, password.

use super::*;

/// Sends the one form of the page that goes there.
async fn send(browser: &Browser, page: &str, what: &str) -> Page {
    let form = browser.get(page).await.form(&format!("{page}/{what}"));
    browser.submit(&form).await
}

/// Gives a role.
async fn give(browser: &Browser, page: &str, role: &str) -> Page {
    let mut form = browser.get(page).await.form(&format!("{page}/role"));
    browser.submit(form.fill("Role", role)).await
}

#[tokio::test]
async fn the_last_admin_can_neither_be_demoted_nor_disabled() {
    let site = Site::start();
    let browser = site.signed_in().await;
    let own = page_of(&browser, "admin").await;
    add(&browser, "bob", "viewer").await;
    for refused in [
        give(&browser, &own, "viewer").await,
        send(&browser, &own, "disable").await,
    ] {
        assert_eq!(refused.status, 422);
        let said = refused.texts("[role=alert]").join(" ");
        let why = "One enabled administrator with the role admin must remain";
        assert!(said.contains(why), "{said}");
        assert_eq!(refused.title(), "admin may change everything");
    }
    let bob = page_of(&browser, "bob").await;
    assert_eq!(give(&browser, &bob, "admin").await.status, 303);
    // A disabled admin is none who remains.
    assert_eq!(send(&browser, &bob, "disable").await.status, 303);
    assert_eq!(give(&browser, &own, "viewer").await.status, 422);
    assert_eq!(send(&browser, &bob, "enable").await.status, 303);
    assert_eq!(give(&browser, &own, "viewer").await.status, 303);
    assert_eq!(
        browser.get(&own).await.title(),
        "admin may look, not change"
    );
    let page = browser.get(PATH).await;
    assert_eq!(page.title(), "1 admin, 1 viewer");
}

#[tokio::test]
async fn a_role_holds_from_the_next_request_of_an_open_session() {
    let site = Site::start();
    let browser = site.signed_in().await;
    add(&browser, "bob", "viewer").await;
    let page = page_of(&browser, "bob").await;
    let bob = site.signed_in_as("bob").await;
    assert_eq!(add(&bob, "carol", "viewer").await.status, 403);
    let given = give(&browser, &page, "admin").await;
    let told = browser
        .follow(&given)
        .await
        .texts("[role=status]")
        .join(" ");
    assert_eq!(told, "bob has the role admin from the next request on");
    assert_eq!(add(&bob, "carol", "viewer").await.status, 303);
    give(&browser, &page, "viewer").await;
    assert_eq!(add(&bob, "dave", "viewer").await.status, 403);
}

#[tokio::test]
async fn a_disabled_administrator_is_out_at_once_and_learns_nothing_at_the_sign_in() {
    let site = Site::start();
    let browser = site.signed_in().await;
    add(&browser, "bob", "admin").await;
    let page = page_of(&browser, "bob").await;
    let bob = site.signed_in_as("bob").await;
    let before = bob.cookie();
    let disabled = browser
        .follow(&send(&browser, &page, "disable").await)
        .await;
    assert_eq!(disabled.title(), "bob is disabled");
    assert!(disabled.text().contains("0 open sessions"));
    assert_eq!(bob.get("/global-settings").await.status, 303);

    let wrong = sign_in(&site, "bob", "a wrong password").await;
    let right = sign_in(&site, "bob", PASSWORD).await;
    assert_eq!((wrong.status, right.status), (401, 401));
    assert_eq!(wrong.html, right.html);
    let names = |page: &Page| page.headers.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&wrong), names(&right));
    let list = browser.get(PATH).await;
    assert_eq!(list.title(), "1 admin, 1 disabled");

    send(&browser, &page, "enable").await;
    bob.set_cookie(before);
    let closed = bob.get("/global-settings").await;
    assert_eq!(closed.status, 303, "an old session doesn't come back");
    assert_eq!(sign_in(&site, "bob", PASSWORD).await.status, 303);
}

#[tokio::test]
async fn who_disables_their_own_account_is_signed_out() {
    let site = Site::start();
    let browser = site.signed_in().await;
    add(&browser, "bob", "admin").await;
    let own = page_of(&browser, "admin").await;
    assert!(
        browser
            .get(&own)
            .await
            .text()
            .contains("you would be signed out")
    );
    let answer = send(&browser, &own, "disable").await;
    let next = browser.follow(&answer).await;
    assert_eq!(next.status, 303);
    assert!(next.location().starts_with("/login"));
    assert_eq!(sign_in(&site, "admin", PASSWORD).await.status, 401);
}

#[tokio::test]
async fn a_reset_password_ends_the_sessions_of_the_old_one() {
    let site = Site::start();
    let browser = site.signed_in().await;
    add(&browser, "bob", "viewer").await;
    let page = page_of(&browser, "bob").await;
    let bob = site.signed_in_as("bob").await;
    let mut form = browser.get(&page).await.form(&format!("{page}/password"));
    form.fill("New password", "short");
    let refused = browser.submit(&form).await;
    assert_eq!(refused.status, 422);
    assert!(refused.message("New password").contains("12"));
    assert!(refused.message("Confirm new password").contains("differ"));
    assert_eq!(bob.get("/global-settings").await.status, 200);

    form.fill("New password", NEW_PASSWORD)
        .fill("Confirm new password", NEW_PASSWORD);
    let reset = browser.follow(&browser.submit(&form).await).await;
    assert!(reset.text().contains("The password of bob was replaced"));
    assert!(reset.text().contains("0 open sessions"), "{}", reset.text());
    assert_eq!(bob.get("/global-settings").await.status, 303);
    assert_eq!(sign_in(&site, "bob", PASSWORD).await.status, 401);
    assert_eq!(sign_in(&site, "bob", NEW_PASSWORD).await.status, 303);
    assert!(!traces(site).contains(NEW_PASSWORD));
}

#[tokio::test]
async fn one_s_own_password_takes_the_current_one() {
    let site = Site::start();
    let browser = site.signed_in().await;
    let own = page_of(&browser, "admin").await;
    assert!(!browser.get(&own).await.text().contains("Reset password"));
    let form = [("password", NEW_PASSWORD), ("confirmation", NEW_PASSWORD)];
    let answer = browser.post(&format!("{own}/password"), &form).await;
    assert_eq!((answer.status, answer.location()), (303, "/account"));
    assert_eq!(sign_in(&site, "admin", PASSWORD).await.status, 303);
}

#[tokio::test]
async fn the_command_line_says_that_an_account_is_disabled() {
    let site = Site::start();
    let browser = site.signed_in().await;
    add(&browser, "bob", "admin").await;
    let page = page_of(&browser, "bob").await;
    let reset = || {
        let input = format!("{NEW_PASSWORD}\n");
        let ended = site.place.run(["admin", "reset-password", "bob"], &input);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        ended.stdout
    };
    assert_eq!(reset(), "password of bob replaced\n");
    send(&browser, &page, "disable").await;
    assert!(reset().contains("the account is disabled"));
    assert_eq!(sign_in(&site, "bob", NEW_PASSWORD).await.status, 401);
    // Whoever holds the machine is never locked out.
    let input = format!("{PASSWORD}\n");
    let ended = site.place.run(["admin", "create", "root"], &input);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let root = site.signed_in_as("root").await;
    send(&root, &page, "enable").await;
    assert_eq!(sign_in(&site, "bob", NEW_PASSWORD).await.status, 303);
}
