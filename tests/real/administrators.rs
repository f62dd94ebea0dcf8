//! The page "Administrators" in Chromium: a viewer is added, looks around, and is disabled.

use bearergate_testkit::browser::Browser;

use crate::support::console;
use crate::support::gate::Gate;

const PASSWORD: &str = "correct horse battery staple";

#[tokio::test]
async fn a_viewer_is_added_looks_around_and_is_disabled() {
    let gate = Gate::first_start().await;
    let administrator = console::set_up(&gate, true).await;
    let admin = &administrator.browser;
    admin.follow("Administrators").await;
    admin.fill("Username", "bob").await;
    admin
        .select("Role", "viewer: sees all, changes nothing")
        .await;
    admin.fill("Password", PASSWORD).await;
    admin.fill("Confirm password", PASSWORD).await;
    admin.press("Add").await;
    admin.says("bob can sign in, with the role viewer").await;

    let viewer = Browser::open(false).await;
    let login = gate.public_url.join("login").expect("a URL");
    viewer.goto(&login).await;
    viewer.fill("Username", "bob").await;
    viewer.fill("Password", PASSWORD).await;
    viewer.press("Sign in").await;
    viewer.says("you may look, not change").await;
    assert!(!viewer.shows_button("Save").await);
    viewer.picture("viewer-global-settings").await;
    viewer.follow("OAuth/OIDC").await;
    viewer.says("Three steps to the first provider").await;
    assert!(!viewer.shows_button("Save").await);
    viewer.picture("viewer-provider").await;
    viewer.follow("Administrators").await;
    viewer.says("1 admin, 1 viewer").await;
    viewer.picture("viewer-administrators").await;

    admin.follow("Administrators").await;
    admin.picture("administrators").await;
    admin.follow("bob").await;
    admin.says("1 open session").await;
    admin.picture("administrator").await;
    admin.press("Disable").await;
    admin.says("bob is disabled").await;
    admin.picture("administrator-disabled").await;

    viewer.follow("Test").await;
    assert_eq!(viewer.url().await.path(), "/login");
}
