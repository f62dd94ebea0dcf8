//! One row at a time.

use bearergate_testkit::program::Server;
use serde_json::json;

use super::*;

const UNMAPPED: &str = "401 missing_username";

#[tokio::test]
async fn with_a_map_only_its_values_name_a_user_from_the_next_request_on() {
    let scene = Scene::start().await;
    let empty = scene.browser.get(MAP).await;
    assert_eq!(empty.title(), "Azure B2C has no username map");
    let page = scene.add("alice@example.com", "alice").await;
    assert_eq!(page.title(), "1 row is mapped for Azure B2C");
    let said = news(&page);
    assert!(
        said.contains("1 row added") && said.contains("In force since"),
        "{said}"
    );
    assert_eq!(scene.ask("alice@example.com").await, "200 alice");
    // Compared to the letter; and nobody gets in under a name that an administrator has.
    for other in ["Alice@example.com", "bob@example.com", "alice", "admin"] {
        assert_eq!(scene.ask(other).await, UNMAPPED, "{other}");
    }

    let mut form = page.form(ROW);
    form.fill("Attribute Value", " bob@example.com ")
        .fill("Confluence Username", " bob ");
    scene.browser.submit(&form).await;
    assert_eq!(scene.ask("bob@example.com").await, "200 bob");

    let mut change = scene
        .browser
        .get(&format!("{MAP}?change=bob%40example.com"))
        .await
        .form(ROW);
    assert_eq!(change.value("Confluence Username"), Some("bob"));
    change.fill("Confluence Username", "robert");
    let page = scene
        .browser
        .follow(&scene.browser.submit(&change).await)
        .await;
    assert!(
        news(&page).contains("bob@example.com: bob → robert"),
        "{}",
        news(&page)
    );
    assert_eq!(scene.ask("bob@example.com").await, "200 robert");

    let mut remove = page.form(REMOVE_ROW);
    remove.set("value", "bob@example.com");
    let page = scene
        .browser
        .follow(&scene.browser.submit(&remove).await)
        .await;
    assert!(news(&page).contains("1 row removed"), "{}", news(&page));
    assert_eq!(scene.ask("bob@example.com").await, UNMAPPED);
    assert_eq!(scene.ask("alice@example.com").await, "200 alice");
}

#[tokio::test]
async fn the_last_row_goes_only_after_a_question_since_everybody_comes_in_then() {
    let scene = Scene::start().await;
    let page = scene.add("alice@example.com", "alice").await;
    let asked = scene.browser.submit(&page.form(REMOVE_ROW)).await;
    assert_eq!(asked.location(), REMOVE);
    assert_eq!(scene.ask("bob@example.com").await, UNMAPPED);
    let question = scene.browser.follow(&asked).await;
    assert!(
        question
            .text()
            .contains("everybody whom the provider vouches for comes in")
    );

    // The question was about another map.
    scene.add("bob@example.com", "bob").await;
    let stale = scene.browser.submit(&question.form(REMOVE)).await;
    let page = scene.browser.follow(&stale).await;
    assert!(
        news(&page).contains("somebody else changed the map"),
        "{}",
        news(&page)
    );
    assert_eq!(scene.ask("alice@example.com").await, "200 alice");

    let question = scene.browser.get(REMOVE).await;
    let gone = scene.browser.submit(&question.form(REMOVE)).await;
    let page = scene.browser.follow(&gone).await;
    assert_eq!(page.title(), "Azure B2C has no username map");
    assert!(news(&page).contains("2 rows removed"), "{}", news(&page));
    assert_eq!(
        scene.ask("carol@example.com").await,
        "200 carol@example.com"
    );
    assert_eq!(scene.browser.get(REMOVE).await.status, 404);
}

#[tokio::test]
async fn what_is_typed_wrong_is_told_at_its_field() {
    let scene = Scene::start().await;
    let page = scene.add("alice@example.com", "alice").await;
    let cases = [
        ("", "alice", "Attribute Value", "is empty"),
        ("x", " ", "Confluence Username", "is empty"),
        ("x", "a\u{200b}b", "Confluence Username", "invisible"),
        (
            "alice@example.com",
            "root",
            "Attribute Value",
            "\"alice\" already",
        ),
    ];
    for (value, username, label, message) in cases {
        let mut form = page.form(ROW);
        form.fill("Attribute Value", value)
            .fill("Confluence Username", username);
        let refused = scene.browser.submit(&form).await;
        assert_eq!(refused.status, 422, "{value} {username}");
        let found = refused.message(label);
        assert!(found.contains(message), "{found}");
        assert_eq!(refused.form(ROW).value("Attribute Value"), Some(value));
    }
    assert_eq!(scene.ask("alice@example.com").await, "200 alice");
}

#[tokio::test]
async fn a_change_over_somebody_elses_shows_theirs_first() {
    let scene = Scene::start().await;
    scene.add("alice@example.com", "alice").await;
    scene.add("bob@example.com", "bob").await;
    let path = format!("{MAP}?change=alice%40example.com");
    let mut mine = scene.browser.get(&path).await.form(ROW);
    let mut theirs = mine.clone();
    theirs.fill("Confluence Username", "alice.l");
    assert_eq!(scene.browser.submit(&theirs).await.status, 303);

    mine.fill("Confluence Username", "liddell");
    let met = scene.browser.submit(&mine).await;
    assert_eq!(met.status, 422);
    let message = met.message("Confluence Username");
    assert!(message.contains("\"alice.l\" in the meantime"), "{message}");
    assert_eq!(scene.ask("alice@example.com").await, "200 alice.l");
    let again = met.form(ROW);
    assert_eq!(again.value("Confluence Username"), Some("liddell"));
    assert_eq!(scene.browser.submit(&again).await.status, 303);
    assert_eq!(scene.ask("alice@example.com").await, "200 liddell");

    let mut remove = scene.browser.get(MAP).await.form(REMOVE_ROW);
    remove.set("value", "alice@example.com");
    scene.browser.submit(&remove).await;
    let removed = scene.browser.submit(&again).await;
    let message = removed.message("Confluence Username");
    assert!(
        message.contains("removed this row in the meantime"),
        "{message}"
    );
    assert_eq!(scene.ask("alice@example.com").await, UNMAPPED);
}

#[tokio::test]
async fn the_rows_are_searched_and_paged() {
    let scene = Scene::start().await;
    let rows: Vec<_> = (0..120)
        .map(|n| format!("user-{n:03}@example.com,u{n}"))
        .collect();
    scene
        .import("merge", &format!("value,username\n{}", rows.join("\n")))
        .await;
    let first = scene.browser.get(MAP).await;
    assert_eq!(first.title(), "120 rows are mapped for Azure B2C");
    assert!(
        first.text().contains("1 to 50 of 120 rows"),
        "{}",
        first.text()
    );
    assert_eq!(first.texts("tbody tr").len(), 50);
    let last = scene.browser.get(&format!("{MAP}?search=&page=3")).await;
    assert!(
        last.text().contains("101 to 120 of 120 rows"),
        "{}",
        last.text()
    );
    assert!(last.texts("tbody tr")[0].contains("user-100@example.com"));
    // By value and by username, in any case.
    let found = scene.browser.get(&format!("{MAP}?search=USER-11")).await;
    assert_eq!(found.texts("tbody tr").len(), 10);
    let found = scene.browser.get(&format!("{MAP}?search=u119")).await;
    assert_eq!(found.texts("tbody td")[0], "user-119@example.com");
    let none = scene.browser.get(&format!("{MAP}?search=nobody")).await;
    assert!(none.text().contains("0 rows"), "{}", none.text());
}

#[tokio::test]
async fn applications_are_named_by_their_service_account_alone() {
    let scene = Scene::start().await;
    let mut provider = settings(&scene.provider);
    provider["service_accounts"] = json!({ "ci": "svc-ci" });
    scene.site.place.import(&document(&[provider]));
    scene.add("alice@example.com", "alice").await;
    scene.add("ci", "admin").await;
    let application = |client: &str| {
        let token = scene.provider.token().with("azp", client);
        token.with("sub", client).with("emails", json!(null))
    };
    assert_eq!(scene.ask_with(application("ci")).await, "200 svc-ci");
    assert_eq!(scene.ask_with(application("other")).await, "401 no_user");
}

// The provider must answer while the command runs.
#[tokio::test(flavor = "multi_thread")]
async fn the_story_says_which_value_became_whom() {
    let scene = Scene::start().await;
    scene.add("alice@example.com", "alice").await;
    for (email, verdict, told) in [
        (
            "alice@example.com",
            "passes, as alice",
            "Username map \"alice@example.com\" is \"alice\".",
        ),
        (
            "bob@example.com",
            "401 missing_username",
            "Username map \"bob@example.com\" is not in the map",
        ),
    ] {
        let token = scene.provider.token().with("emails", json!([email]));
        let token = scene.provider.sign(token);
        let mut form = scene.browser.get("/test").await.form("/test");
        form.fill("Access token", &token);
        let page = scene.browser.submit(&form).await;
        assert!(page.title().contains(verdict), "{}", page.title());
        assert!(page.text().contains(told), "{}", page.text());

        let header = format!("Authorization: Bearer {token}");
        let checked = scene.site.place.run(["check", "--header", &header], "");
        let told = told.replacen("map ", "map: ", 1);
        assert!(checked.stdout.contains(&told), "{}", checked.stdout);
    }
}

#[tokio::test]
async fn every_server_follows_and_a_provider_that_goes_takes_its_map_along() {
    let scene = Scene::start().await;
    let other = Server::start(
        &mut scene
            .site
            .place
            .command(["serve", "--listen", "127.0.0.1:0"]),
    );
    scene.add("alice@example.com", "alice").await;
    let elsewhere = Browser::new(&other.address);
    let token = scene.provider.good_token();
    let begun = std::time::Instant::now();
    loop {
        let request = elsewhere.request(reqwest::Method::GET, "/validate");
        let answer = answer(&elsewhere.send(request.bearer_auth(&token)).await);
        if answer == "200 alice" {
            break;
        }
        assert!(
            begun.elapsed() < std::time::Duration::from_secs(2),
            "{answer}"
        );
    }

    let question = scene.browser.get("/oauth/azure-b2c/delete").await;
    let gone = scene
        .browser
        .submit(&question.form("/oauth/azure-b2c/delete"))
        .await;
    assert_eq!(gone.status, 303);
    assert_eq!(scene.browser.get(MAP).await.status, 404);
    scene
        .site
        .place
        .import(&document(&[settings(&scene.provider)]));
    scene.until("bob@example.com", "200 bob@example.com").await;
}

#[tokio::test]
async fn an_open_form_of_the_settings_is_not_out_of_date_by_a_change_of_the_map() {
    let scene = Scene::start().await;
    let path = "/oauth/azure-b2c";
    let mut form = scene.browser.get(path).await.form(path);
    scene.add("alice@example.com", "alice").await;
    form.fill("Display Name", "Customers");
    let saved = scene.browser.submit(&form).await;
    assert_eq!(saved.status, 303, "{}", saved.text());
    // And the save leaves the map alone.
    assert_eq!(scene.ask("alice@example.com").await, "200 alice");
    assert_eq!(scene.ask("bob@example.com").await, UNMAPPED);
    // A form older than that save is out of date.
    form.fill("Display Name", "Others");
    assert_eq!(scene.browser.submit(&form).await.status, 409);
    let list = scene.browser.get("/oauth").await;
    assert!(
        list.text().contains("Username map of Customers (1)"),
        "{}",
        list.text()
    );
}

#[tokio::test]
async fn where_anybody_can_have_an_account_a_map_says_who_may_enter() {
    let scene = Scene::start().await;
    let google = json!({
        "id": "google", "preset": "google", "enabled": false, "client_id": "ours",
        "username_attribute": "sub", "userinfo_endpoint": scene.provider.userinfo_endpoint(),
    });
    scene.site.place.import(&document(&[google]));
    let press = async |what: &str| {
        let list = scene.browser.get("/oauth").await;
        let answer = scene
            .browser
            .submit(&list.form(&format!("/oauth/google/{what}")))
            .await;
        news(&scene.browser.follow(&answer).await)
    };
    let said = press("enable").await;
    assert!(said.contains("give it a username map first"), "{said}");

    let map = "/oauth/google/username-map";
    let mut form = scene.browser.get(map).await.form(&format!("{map}/row"));
    form.fill("Attribute Value", "1234567")
        .fill("Confluence Username", "alice");
    assert_eq!(scene.browser.submit(&form).await.status, 303);
    let said = press("enable").await;
    assert!(said.contains("disabled → enabled"), "{said}");

    let remove = format!("{map}/remove");
    let question = scene.browser.get(&remove).await.form(&remove);
    let answer = scene.browser.submit(&question).await;
    let page = scene.browser.follow(&answer).await;
    assert!(
        news(&page).contains("anybody can have an account"),
        "{}",
        news(&page)
    );
    assert_eq!(page.title(), "1 row is mapped for Google");
    press("disable").await;
    let question = scene.browser.get(&remove).await.form(&remove);
    assert_eq!(scene.browser.submit(&question).await.status, 303);
    assert_eq!(
        scene.browser.get(map).await.title(),
        "Google has no username map"
    );
}
