//! The page "API keys".

use super::{Site, traces};

const PATH: &str = "/api-keys";

/// The status of a question about a token with this key.
async fn ask(site: &Site, key: &str) -> u16 {
    let url = format!("http://{}/introspect", site.server.address);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client.post(url).bearer_auth(key).body("token=T");
    request.send().await.expect("an answer").status().as_u16()
}

#[tokio::test]
async fn a_key_is_made_shown_once_and_revoked() {
    let site = Site::start();
    let browser = site.signed_in().await;
    let page = browser.get(PATH).await;
    assert_eq!(page.title(), "API keys");
    assert_eq!(page.texts("nav a[aria-current]"), ["API keys"]);
    assert!(page.text().contains("There is no key yet"));
    let mut form = page.form(PATH);
    assert_eq!(form.value("Role"), Some("viewer"));
    form.fill("Name", " Wiki ").fill("Role", "introspect");
    let made = browser.submit(&form).await;
    assert_eq!(made.status, 200, "{}", made.text());
    assert_eq!(made.header("cache-control"), "no-store");
    let key = made.form_value("Key");
    assert!(key.starts_with("bgk_"), "{key}");
    assert_eq!(made.texts("[data-copy]"), ["Copy"]);
    // In force at once, in this process.
    assert_eq!(ask(&site, &key).await, 200);

    let listed = browser.get(PATH).await;
    assert!(!listed.html.contains(&key));
    let cells = listed.texts("tbody td");
    assert_eq!(cells[..3], ["Wiki", &key[..10], "introspect"]);
    assert!(cells[3].contains("by admin"), "{cells:?}");

    let [link] = &listed.links("tbody a")[..] else {
        panic!("{}", listed.text())
    };
    let asked = browser.get(link).await;
    assert_eq!(asked.title(), "Revoke the key Wiki?");
    assert_eq!(ask(&site, &key).await, 200, "only asked so far");
    let revoked = browser.submit(&asked.form(link)).await;
    assert_eq!(ask(&site, &key).await, 401, "at once");
    let page = browser.follow(&revoked).await;
    assert!(page.text().contains("The key Wiki is revoked"));
    assert!(page.texts("tbody td").is_empty());
    assert_eq!(browser.get(link).await.status, 404);
    assert_eq!(browser.post(link, &[]).await.status, 404);
    assert!(!traces(site).contains(&key));
}

#[tokio::test]
async fn a_fault_in_the_form_is_told_beside_its_field() {
    let site = Site::start();
    let browser = site.signed_in().await;
    let mut form = browser.get(PATH).await.form(PATH);
    form.fill("Name", "Wiki").fill("Role", "admin");
    assert_eq!(browser.submit(&form).await.status, 200);
    for (name, message) in [
        ("wiki", "Another key has this name."),
        ("", "1 to 100 characters on one line."),
    ] {
        let answer = browser.submit(form.clone().fill("Name", name)).await;
        assert_eq!(answer.status, 422, "{name}");
        assert_eq!(answer.message("Name"), message);
        let typed = answer.form(PATH);
        assert_eq!(
            (typed.value("Name"), typed.value("Role")),
            (Some(name), Some("admin"))
        );
    }
    let no_role = browser.submit(form.set("role", "owner")).await;
    assert_eq!(no_role.status, 400);
    assert_eq!(browser.get(PATH).await.texts("tbody tr").len(), 1);
}

#[tokio::test]
async fn nobody_sees_or_makes_keys_without_a_session() {
    let site = Site::start();
    let stranger = site.browser();
    let form = [("name", "x"), ("role", "admin")];
    for answer in [stranger.get(PATH).await, stranger.post(PATH, &form).await] {
        assert_eq!(answer.status, 303);
        assert_eq!(answer.location(), "/login?next=%2Fapi-keys");
    }
    let browser = site.signed_in().await;
    let foreign = browser
        .form_request(PATH, &form)
        .header("origin", "https://evil.example");
    assert_eq!(browser.send(foreign).await.status, 403);
    assert!(browser.get(PATH).await.texts("tbody td").is_empty());
}
