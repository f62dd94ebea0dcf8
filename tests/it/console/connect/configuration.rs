//! The configuration: filled with this installation's own values, and with nothing that could mean more.

use super::{Page, Site, with_validation_listener};

#[tokio::test]
async fn the_configuration_holds_this_installations_own_values() {
    let (site, address) = with_validation_listener(&[]);
    let mut document = site.place.export();
    document["global"]["context_path"] = "/confluence".into();
    site.place.import(&document);
    let browser = site.signed_in().await;
    let has_path = |page: &Page| page.form_value("Context path") == "/confluence";
    let page = browser.until("/connect", has_path).await;
    assert_eq!(page.form_value("Validation address"), address);
    assert!(page.texts(".note.warn").is_empty());

    let mut form = page.get_form("/connect");
    form.fill("Confluence's address", "10.0.0.7:9090")
        .fill("Public host name", "Wiki.example.org");
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(&form.pairs)
        .finish();
    let page = browser.get(&format!("/connect?{query}")).await;
    let files = page.texts("textarea#file-0");
    let file = files.first().expect("a configuration");
    for value in [
        &format!("server {address};"),
        "server 10.0.0.7:9090;",
        "server_name wiki.example.org;",
    ] {
        assert!(file.contains(value), "{value} in {file}");
    }
    assert_eq!(
        page.texts("[data-copy=file-0]").len(),
        1,
        "a button to copy"
    );
    assert_eq!(page.texts(".steps > li").len(), 3);
}

#[tokio::test]
async fn one_listener_for_everything_is_warned_of() {
    let site = Site::start();
    let page = site.signed_in().await.get("/connect").await;
    let warnings = page.texts(".note.warn").join(" ");
    assert!(
        warnings.contains("--validation-listen 127.0.0.1:8081"),
        "{warnings}"
    );
}

#[tokio::test]
async fn a_value_that_could_mean_something_in_a_configuration_is_refused_beside_its_field() {
    let site = Site::start();
    let browser = site.signed_in().await;
    let shown = browser.get("/connect").await;
    for (label, hostile) in [
        ("Validation address", "127.0.0.1:8081; return 200"),
        ("Confluence's address", "127.0.0.1:8090;\n}"),
        ("Public host name", "a\" <script>alert(1)</script>"),
        ("Context path", "/$request_uri`id`"),
    ] {
        let mut form = shown.get_form("/connect");
        form.fill(label, hostile);
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&form.pairs)
            .finish();
        let page = browser.get(&format!("/connect?{query}")).await;
        assert_eq!(page.status, 422, "{label}");
        assert!(page.message(label).starts_with("Must be"), "{label}");
        assert_eq!(page.form_value(label), hostile, "what was typed stays");
        assert!(page.texts("#file-0").is_empty(), "no configuration");
        assert!(!page.html.contains("<script>alert"));

        let mut check = shown.form("/connect/check");
        let name = form
            .pairs
            .iter()
            .find(|(_, value)| value == hostile)
            .expect("it is filled in");
        check.set(&name.0, hostile);
        assert_eq!(browser.submit(&check).await.status, 422, "{label}");
    }
    assert_eq!(browser.get("/connect?proxy=another").await.status, 404);
}

#[tokio::test]
async fn apache_is_configured_here_but_asks_otherwise() {
    let (site, address) = with_validation_listener(&[]);
    let browser = site.signed_in().await;
    let page = browser.get("/connect?proxy=apache").await;
    assert_eq!(page.title(), "Connect Apache to bearergate");
    let key = page.texts("textarea#file-1").join(" ");
    assert!(
        key.contains(&format!("http://{address}/introspect")),
        "{key}"
    );
    assert!(page.texts("form[action='/connect/check']").is_empty());
    let begun = browser.post("/connect/check", &[("proxy", "apache")]).await;
    assert_eq!(begun.status, 404);
}
