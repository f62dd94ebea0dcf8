//! The page "Administrators": who may use the console.

mod one;
mod sessions;
mod viewer;

use super::browser::{Browser, Page};
use super::{PASSWORD, Site, traces};

const PATH: &str = "/administrators";
const NEW_PASSWORD: &str = "another sentence to remember";

/// Adds an administrator who has the password of `admin`.
pub async fn add(browser: &Browser, name: &str, role: &str) -> Page {
    let mut form = browser.get(PATH).await.form(PATH);
    form.fill("Username", name)
        .fill("Role", role)
        .fill("Password", PASSWORD)
        .fill("Confirm password", PASSWORD);
    browser.submit(&form).await
}

/// The path of this administrator's own page.
pub async fn page_of(browser: &Browser, name: &str) -> String {
    let list = browser.get(PATH).await;
    let names = list.texts("tbody a");
    let at = names.iter().position(|known| known == name);
    let at = at.unwrap_or_else(|| panic!("no {name} in {names:?}"));
    list.links("tbody a")[at].clone()
}

/// What the answer to a sign-in says.
async fn sign_in(site: &Site, name: &str, password: &str) -> Page {
    let form = [("username", name), ("password", password)];
    site.browser().post("/login", &form).await
}

#[tokio::test]
async fn an_administrator_is_added_and_listed() {
    let site = Site::start();
    let browser = site.signed_in().await;
    let page = browser.get(PATH).await;
    assert_eq!(page.title(), "1 admin");
    assert_eq!(page.texts("nav a[aria-current]"), ["Administrators"]);
    assert_eq!(page.form(PATH).value("Role"), Some("viewer"));
    let cells = page.texts("tbody td");
    assert_eq!(cells[..3], ["admin you", "admin", "Enabled"]);
    assert!(cells[3].ends_with("from 127.0.0.1"), "{cells:?}");
    assert_eq!(cells[4], "1 open session");

    let added = add(&browser, " Bob ", "viewer").await;
    let page = browser.follow(&added).await;
    assert_eq!(page.title(), "1 admin, 1 viewer");
    let news = page.texts("[role=status]").join(" ");
    assert_eq!(news, "Bob can sign in, with the role viewer");
    let cells = page.texts("tbody td");
    let expected = [
        "Bob",
        "viewer",
        "Enabled",
        "Never signed in",
        "0 open sessions",
    ];
    assert_eq!(cells[5..], expected);
    site.signed_in_as("bob").await;
    let cells = browser.get(PATH).await.texts("tbody td");
    assert!(cells[8].ends_with("from 127.0.0.1"), "{cells:?}");
    assert_eq!(cells[9], "1 open session");
    assert!(!traces(site).contains(PASSWORD));
}

#[tokio::test]
async fn a_fault_in_the_form_is_told_beside_its_field() {
    let site = Site::start();
    let browser = site.signed_in().await;
    let taken = add(&browser, "ADMIN", "admin").await;
    assert_eq!(taken.status, 422);
    let message = taken.message("Username");
    assert_eq!(message, "Another administrator has this name.");
    let mut form = taken.form(PATH);
    let typed = ["Username", "Role", "Password"].map(|label| form.value(label));
    assert_eq!(typed, [Some("ADMIN"), Some("admin"), Some("")]);
    form.fill("Username", "")
        .fill("Password", "short")
        .fill("Confirm password", "other");
    let refused = browser.submit(&form).await;
    assert_eq!(refused.status, 422);
    assert!(refused.message("Username").contains("1 to 255 characters"));
    assert!(refused.message("Password").contains("12"));
    assert!(refused.message("Confirm password").contains("differ"));
    let no_role = browser.submit(form.set("role", "owner")).await;
    assert_eq!(no_role.status, 400);
    assert_eq!(browser.get(PATH).await.title(), "1 admin");
}

#[tokio::test]
async fn nobody_sees_or_adds_administrators_without_a_session() {
    let site = Site::start();
    let stranger = site.browser();
    let form = [("username", "eve"), ("role", "admin")];
    for answer in [stranger.get(PATH).await, stranger.post(PATH, &form).await] {
        assert_eq!(answer.status, 303);
        assert_eq!(answer.location(), "/login?next=%2Fadministrators");
    }
    let browser = site.signed_in().await;
    let own = page_of(&browser, "admin").await;
    for path in [own.clone(), format!("{own}/disable"), format!("{own}/role")] {
        let foreign = browser
            .form_request(&path, &[("role", "viewer")])
            .header("origin", "https://evil.example");
        assert_eq!(browser.send(foreign).await.status, 403, "{path}");
    }
    assert_eq!(browser.get("/administrators/nobody").await.status, 404);
    for what in ["enable", "disable", "sessions"] {
        let path = format!("/administrators/nobody/{what}");
        assert_eq!(browser.post(&path, &[]).await.status, 404, "{path}");
    }
    assert_eq!(browser.get(PATH).await.title(), "1 admin");
}
