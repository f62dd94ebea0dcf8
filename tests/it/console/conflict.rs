//! Two administrators at once.

use super::Site;

#[tokio::test]
async fn a_save_over_a_newer_one_is_refused_with_both_versions_and_can_be_repeated() {
    let site = Site::start();
    let (first, second) = (site.signed_in().await, site.signed_in().await);
    let mut theirs = first.get("/global-settings").await.form("/global-settings");
    let mut mine = second
        .get("/global-settings")
        .await
        .form("/global-settings");
    theirs.tick("Allow anonymous requests");
    assert_eq!(first.submit(&theirs).await.status, 303);

    mine.tick("Disable Basic Authentication")
        .fill("Clock skew", "30");
    let conflict = second.submit(&mine).await;
    assert_eq!(conflict.status, 409);
    let text = conflict.text();
    for part in [
        "Saved by admin",
        "Anonymous requests refused allowed",
        "Basic authentication allowed disabled",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let global = site.place.export()["global"].clone();
    assert_eq!(global["basic_authentication_disabled"], false);
    assert_eq!(global["allow_anonymous"], true);

    let again = conflict.form("/global-settings");
    let page = second.follow(&second.submit(&again).await).await;
    assert!(
        page.text().contains("Saved: 3 settings changed"),
        "{}",
        page.text()
    );
    let global = site.place.export()["global"].clone();
    assert_eq!(global["basic_authentication_disabled"], true);
    assert_eq!(global["clock_skew_seconds"], 30);
    assert_eq!(global["allow_anonymous"], false);
}

#[tokio::test]
async fn an_import_counts_as_somebody_elses_save() {
    let site = Site::start();
    let browser = site.signed_in().await;
    let mut form = browser
        .get("/global-settings")
        .await
        .form("/global-settings");
    let mut document = site.place.export();
    document["global"]["clock_skew_seconds"] = 10.into();
    site.place.import(&document);
    form.tick("Disable Basic Authentication");
    let conflict = browser.submit(&form).await;
    assert_eq!(conflict.status, 409);
    assert!(
        conflict.text().contains("Clock skew"),
        "{}",
        conflict.text()
    );
}
