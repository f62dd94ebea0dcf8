//! CSV in and out.

use reqwest::Method;

use super::*;

const TWO: &str = "value,username\r\nalice@example.com,alice\r\nbob@example.com,bob\r\n";

#[tokio::test]
async fn an_import_shows_what_it_changes_before_it_does() {
    let scene = Scene::start().await;
    let preview = scene.preview("merge", TWO).await;
    assert_eq!(preview.title(), "Import for Azure B2C: 2 rows added?");
    assert_eq!(
        scene.ask("alice@example.com").await,
        "200 alice@example.com",
        "nothing yet"
    );
    let applied = scene.browser.submit(&preview.form(APPLY)).await;
    let page = scene.browser.follow(&applied).await;
    assert!(
        news(&page).contains("Saved: 2 rows added"),
        "{}",
        news(&page)
    );
    assert_eq!(scene.ask("alice@example.com").await, "200 alice");
    // A yes counts once.
    let again = scene.browser.submit(&preview.form(APPLY)).await;
    let page = scene.browser.follow(&again).await;
    assert!(news(&page).contains("too old"), "{}", news(&page));

    let third = "value;username\nalice@example.com;liddell\ncarol@example.com;carol\n";
    let merge = scene.preview("merge", third).await;
    assert_eq!(
        merge.title(),
        "Import for Azure B2C: 1 row added, 1 changed?"
    );
    let replace = scene.preview("replace", third).await;
    assert_eq!(
        replace.title(),
        "Import for Azure B2C: 1 row added, 1 changed, 1 removed?"
    );
    let rows = replace.texts("tbody tr");
    assert_eq!(
        rows,
        [
            "bob@example.com bob Removed",
            "alice@example.com alice liddell",
            "carol@example.com — carol"
        ]
    );
    assert!(
        replace
            .text()
            .contains("1 row removed: these users are refused")
    );
    let applied = scene.browser.submit(&replace.form(APPLY)).await;
    assert_eq!(scene.browser.follow(&applied).await.status, 200);
    assert_eq!(scene.ask("bob@example.com").await, "401 missing_username");
    assert_eq!(scene.ask("alice@example.com").await, "200 liddell");
    assert_eq!(
        scene.preview("replace", third).await.title(),
        "The file is what Azure B2C's map is already"
    );
}

#[tokio::test]
async fn an_import_applies_to_the_map_that_it_was_shown_for_alone() {
    let scene = Scene::start().await;
    let preview = scene.preview("replace", TWO).await;
    scene.add("carol@example.com", "carol").await;
    let late = scene.browser.submit(&preview.form(APPLY)).await;
    let page = scene.browser.follow(&late).await;
    assert!(
        news(&page).contains("changed the map after the preview"),
        "{}",
        news(&page)
    );
    assert_eq!(scene.ask("carol@example.com").await, "200 carol");
    assert_eq!(scene.ask("alice@example.com").await, "401 missing_username");
}

#[tokio::test]
async fn every_faulty_line_is_told_and_nothing_is_imported() {
    let scene = Scene::start().await;
    let file = "value,username\na,alice\na,bob\n,carol\nd, dave\ne\n";
    let refused = scene.preview("merge", file).await;
    assert_eq!(refused.status, 422);
    assert_eq!(refused.title(), "Nothing was imported: 4 lines are faulty");
    assert_eq!(
        refused.texts("tbody tr"),
        [
            "3 the value stands on line 2 already",
            "4 the value is empty",
            "5 the username has blanks around it",
            "6 has 1 of the 2 fields value and username",
        ]
    );
    let many: String = (0..250).map(|_| "x\n").collect();
    let refused = scene
        .preview("merge", &format!("value,username\n{many}"))
        .await;
    assert_eq!(refused.texts("tbody tr").len(), 100);
    assert!(
        refused.text().contains("And 150 more."),
        "{}",
        refused.text()
    );
    for (file, said) in [("", "must be the header"), ("a,b\n", "must be the header")] {
        let refused = scene.preview("merge", file).await;
        assert_eq!(refused.status, 422);
        assert!(refused.text().contains(said), "{}", refused.text());
    }
    // To replace all rows by none would let everybody in.
    scene.add("alice@example.com", "alice").await;
    let refused = scene.preview("replace", "value,username\n").await;
    assert_eq!(refused.status, 422);
    assert!(
        refused.text().contains("would remove the map"),
        "{}",
        refused.text()
    );
    assert_eq!(scene.ask("bob@example.com").await, "401 missing_username");
}

#[tokio::test]
async fn an_export_is_safe_in_a_spreadsheet_and_comes_back_as_it_was() {
    let scene = Scene::start().await;
    let hostile =
        "value,username\n'=cmd()@example.com,+eve\n\"o'neil, \"\"pat\"\"\",pat\n''=x,-x\n";
    scene.import("replace", hostile).await;
    assert_eq!(scene.ask("=cmd()@example.com").await, "200 +eve");
    let exported = scene.browser.get(EXPORT).await;
    assert_eq!(exported.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(
        exported.header("content-disposition"),
        "attachment; filename=\"username-map-azure-b2c.csv\""
    );
    assert_eq!(
        exported.html,
        "\"value\",\"username\"\r\n\"''=x\",\"'-x\"\r\n\"'=cmd()@example.com\",\"'+eve\"\r\n\
         \"o'neil, \"\"pat\"\"\",\"pat\"\r\n"
    );
    let same = scene.preview("replace", &exported.html).await;
    assert_eq!(same.title(), "The file is what Azure B2C's map is already");
}

#[tokio::test]
async fn a_file_is_taken_up_to_its_limit_and_from_administrators_alone() {
    let scene = Scene::start().await;
    let form = scene.browser.get(MAP).await.form(IMPORT);
    // Beyond what other forms may have, 256 KB.
    let large = format!("value,username\n{}", "\n".repeat(1024 * 1024));
    assert_eq!(scene.browser.upload(&form, &large).await.status, 200);
    let too_large = "x".repeat(17 * 1024 * 1024);
    let refused = scene.browser.upload(&form, &too_large).await;
    assert_eq!(refused.status, 413);
    assert!(refused.text().contains("16 MB"), "{}", refused.text());

    let stranger = scene.site.browser();
    let refused = stranger.upload(&form, TWO).await;
    assert!(
        refused.location().starts_with("/login"),
        "{}",
        refused.text()
    );
    assert!(stranger.get(EXPORT).await.location().starts_with("/login"));
    let foreign = scene
        .browser
        .request(Method::POST, IMPORT)
        .header("origin", "https://evil.example")
        .header("content-type", "multipart/form-data; boundary=x")
        .body("--x--\r\n");
    assert_eq!(scene.browser.send(foreign).await.status, 403);
    let bare = scene.browser.post(IMPORT, &[("mode", "merge")]).await;
    assert_eq!(bare.status, 400, "{}", bare.text());
}
