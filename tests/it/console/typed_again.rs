//! A form that meets a store which can't be read or written loses nothing of what was typed, and repeats no secret.

use std::fs;

use sqlx::ConnectOptions as _;
use sqlx::sqlite::SqliteConnectOptions;

use super::Site;

#[tokio::test]
async fn a_form_that_met_a_locked_store_is_sent_again_from_the_error_page() {
    let site = Site::start();
    let browser = site.signed_in().await;
    let mut form = browser
        .get("/global-settings")
        .await
        .form("/global-settings");
    form.fill("Clock skew", "30");
    let options = SqliteConnectOptions::new().filename(site.place.database());
    let mut other = options.connect().await.expect("the database");
    let begin = sqlx::query("begin exclusive");
    begin.execute(&mut other).await.expect("the lock");
    let busy = browser.submit(&form).await;
    assert_eq!(busy.status, 503);
    let text = busy.text();
    assert!(text.contains("Another process is writing"), "{text}");
    drop(other);

    let again = busy.form("/global-settings");
    let page = browser.follow(&browser.submit(&again).await).await;
    let text = page.text();
    assert!(text.contains("Saved: 1 setting changed"), "{text}");
    assert_eq!(site.place.export()["global"]["clock_skew_seconds"], 30);
}

#[tokio::test]
async fn a_form_that_met_no_store_is_kept_but_for_its_secrets() {
    const SECRET: &str = "another horse battery";
    let site = Site::start();
    let browser = site.signed_in().await;
    let mut form = browser.get("/administrators").await.form("/administrators");
    form.fill("Username", "bob \"</textarea>")
        .fill("Password", SECRET)
        .fill("Confirm password", SECRET);
    let away = site.place.path("away");
    fs::rename(site.place.database(), &away).expect("it is moved");
    let lost = browser.submit(&form).await;
    assert_eq!(lost.status, 503);
    assert!(!lost.html.contains(SECRET));
    assert!(lost.text().contains("isn't repeated here"));
    fs::rename(&away, site.place.database()).expect("it is put back");

    let again = lost.form("/administrators");
    let username = again.pairs.iter().find(|(name, _)| name == "username");
    assert_eq!(
        username.map(|(_, value)| value.as_str()),
        Some("bob \"</textarea>")
    );
}
