//! The page "Connect": the filled configuration, and the check of the connection.

use reqwest::{Client, Method};

use super::browser::{Browser, Page};
use super::{Site, traces};

const SECRET: &str = "s3cret-that-nobody-shows";

/// A site whose validation has a listener of its own, and that listener's address.
fn with_validation_listener(arguments: &[&str]) -> (Site, String) {
    let separate = ["--validation-listen", "127.0.0.1:0"];
    let mut site = Site::start_with(&[&separate[..], arguments].concat());
    let line = site.server.wait_for("listening on http://");
    let (_, address) = line.split_once("http://").expect("an address");
    (site, address.to_owned())
}

/// A check that has begun.
struct Check {
    browser: Browser,
    path: String,
}

impl Check {
    async fn begin(site: &Site) -> Self {
        Self::begin_for(site, "nginx").await
    }

    async fn begin_for(site: &Site, proxy: &str) -> Self {
        let browser = site.signed_in().await;
        let page = browser.get(&format!("/connect?proxy={proxy}")).await;
        let form = page.form("/connect/check");
        let answer = browser.submit(&form).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        let path = answer.location().to_owned();
        let waiting = browser.get(&path).await;
        assert_eq!(waiting.title(), "Waiting for the proxy's next request");
        assert!(waiting.html.contains("http-equiv=\"refresh\""));
        Self { browser, path }
    }

    async fn page(&self) -> Page {
        self.browser.get(&self.path).await
    }

    fn mark(&self) -> &str {
        self.path.rsplit('/').next().expect("an id")
    }

    /// The target of the command that the page shows.
    fn target(&self) -> String {
        format!("/rest/api/user/current?bearergate_check={}", self.mark())
    }
}

/// Sends a validation request as a proxy would.
async fn ask(address: &str, path: &str, headers: &[(&str, &str)]) {
    let mut request = Client::new().request(Method::GET, format!("http://{address}{path}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.expect("an answer");
}

/// What the page says of one thing that it looked at, and whether that is a pass.
fn finding(page: &Page, name: &str) -> (bool, String) {
    let all = page.texts(".checks li");
    let text = all.iter().find(|text| text.starts_with(name));
    let text = text.unwrap_or_else(|| panic!("no {name:?} in {all:#?}"));
    let others = page.texts(".checks li:is(.failed, .warned)");
    (!others.contains(text), text.clone())
}

fn passes(page: &Page, names: &[&str]) {
    for name in names {
        let (is_pass, text) = finding(page, name);
        assert!(is_pass, "{text}");
    }
}

fn fails(page: &Page, name: &str, says: &[&str]) {
    let (is_pass, text) = finding(page, name);
    assert!(!is_pass, "{text}");
    for part in says {
        assert!(text.contains(part), "{part:?} in {text:?}");
    }
}

const BEARER: (&str, &str) = ("authorization", "Bearer s3cret-that-nobody-shows");
const CLIENT: (&str, &str) = ("x-forwarded-for", "203.0.113.9");

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
async fn a_request_as_it_should_be_is_all_green() {
    let (site, address) = with_validation_listener(&[]);
    let check = Check::begin(&site).await;
    let target = format!("/confluence{}&os_password={SECRET}", check.target());
    let headers = [
        ("x-original-method", "PROPFIND"),
        ("x-original-uri", &target),
        ("x-auth-username", SECRET),
        CLIENT,
        BEARER,
    ];
    ask(&address, "/validate/auth-request", &headers).await;
    let page = check.page().await;
    assert_eq!(
        page.title(),
        "The proxy asks as it should",
        "{}",
        page.text()
    );
    passes(
        &page,
        &[
            "Endpoint",
            "Peer",
            "Original method and URI",
            "Authorization",
            "Client's address",
            "Identity headers",
            "Body",
            "Listener",
            "Not published",
        ],
    );
    assert!(
        finding(&page, "Original").1.contains(
            "PROPFIND /confluence/rest/api/user/current?bearergate_check=…&os_password=…"
        )
    );
    assert!(finding(&page, "Client").1.contains("203.0.113.9"));
    assert!(
        !page.html.contains("http-equiv=\"refresh\""),
        "it waits no longer"
    );
    assert!(!page.html.contains(SECRET));
    assert!(!traces(site).contains(SECRET));
}

#[tokio::test]
async fn each_proxy_is_green_when_it_asks_in_its_own_family() {
    let (site, address) = with_validation_listener(&[]);
    for proxy in ["caddy", "haproxy", "traefik", "envoy"] {
        let check = Check::begin_for(&site, proxy).await;
        let target = check.target();
        let forwarded = [
            ("x-forwarded-method", "GET"),
            ("x-forwarded-uri", target.as_str()),
        ];
        let (path, original) = match proxy {
            "envoy" => (format!("/validate/ext-authz{target}"), &[][..]),
            _ => ("/validate/forward-auth".to_owned(), &forwarded[..]),
        };
        ask(&address, &path, &[original, &[CLIENT, BEARER]].concat()).await;
        let page = check.page().await;
        assert_eq!(
            page.title(),
            "The proxy asks as it should",
            "{}",
            page.text()
        );

        // They take the client's identity headers away before they ask.
        let check = Check::begin_for(&site, proxy).await;
        let spoofed = [
            ("x-bearergate-check", check.mark()),
            ("x-auth-username", SECRET),
        ];
        ask(&address, "/validate/auth-request", &spoofed).await;
        let page = check.page().await;
        fails(
            &page,
            "Identity headers",
            &["x-auth-username", "takes away first"],
        );
        fails(&page, "Endpoint", &["/validate/auth-request"]);
        fails(&page, "Authorization", &["lost on its way"]);
        assert!(!page.html.contains(SECRET));
    }
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

#[tokio::test]
async fn each_family_that_the_proxy_does_not_speak_is_a_fault_and_its_own_headers_are_read() {
    let (site, address) = with_validation_listener(&[]);
    for (endpoint, headers) in [
        ("forward-auth", ["x-forwarded-method", "x-forwarded-uri"]),
        ("ext-authz", ["x-unused-method", "x-unused-uri"]),
    ] {
        let check = Check::begin(&site).await;
        let target = check.target();
        let behind = if endpoint == "ext-authz" { &target } else { "" };
        let path = format!("/validate/{endpoint}{behind}");
        let headers = [(headers[0], "GET"), (headers[1], &target), CLIENT, BEARER];
        ask(&address, &path, &headers).await;
        let page = check.page().await;
        fails(
            &page,
            "Endpoint",
            &[endpoint, "auth_request /validate/auth-request;"],
        );
        passes(
            &page,
            &[
                "Original method and URI",
                "Authorization",
                "Client's address",
            ],
        );
        assert_eq!(page.title(), "One thing is wrong with the connection");
    }
    let check = Check::begin(&site).await;
    let mark = check.mark().to_owned();
    ask(
        &address,
        "/validate",
        &[("x-bearergate-check", &mark), BEARER],
    )
    .await;
    fails(&check.page().await, "Endpoint", &["/validate,"]);

    let check = Check::begin(&site).await;
    ask(&address, "/validate/<b>auth</b>", &[BEARER]).await;
    let page = check.page().await;
    fails(&page, "Endpoint", &["is no endpoint", "404"]);
    assert!(!page.html.contains("<b>auth"));
}

#[tokio::test]
async fn an_original_request_that_does_not_arrive_is_a_fault_with_the_lines_to_add() {
    let (site, address) = with_validation_listener(&[]);
    let line = "proxy_set_header X-Original-URI $request_uri;";
    let cases: [(&[(&str, &str)], &str); 4] = [
        (&[], "not arrived"),
        (
            &[
                ("x-original-method", "GET"),
                ("x-original-uri", "/a"),
                ("x-original-uri", "/b"),
            ],
            "more than once",
        ),
        (
            &[("x-original-method", "GET"), ("x-original-uri", "/a b")],
            "can't be read",
        ),
        // Rewritten by the proxy: $uri has no query.
        (
            &[
                ("x-original-method", "GET"),
                ("x-original-uri", "/rest/api/user/current"),
            ],
            "without the query",
        ),
    ];
    for (original, says) in cases {
        let check = Check::begin(&site).await;
        let mark = [("x-bearergate-check", check.mark()), BEARER, CLIENT];
        ask(
            &address,
            "/validate/auth-request",
            &[original, &mark].concat(),
        )
        .await;
        let page = check.page().await;
        fails(&page, "Original method and URI", &[says, line]);
        passes(&page, &["Endpoint", "Peer", "Authorization"]);
    }
}

#[tokio::test]
async fn a_lost_credential_is_told_from_a_request_that_had_none() {
    let (site, address) = with_validation_listener(&[]);
    let check = Check::begin(&site).await;
    let original = [
        ("x-original-method", "GET"),
        ("x-original-uri", "/rest/other"),
    ];
    ask(
        &address,
        "/validate/auth-request",
        &[&original[..], &[CLIENT]].concat(),
    )
    .await;
    let page = check.page().await;
    assert!(
        page.html.contains("http-equiv=\"refresh\""),
        "it waits for the command's request"
    );
    assert_eq!(page.texts(".checks .failed"), Vec::<String>::new());
    fails(&page, "Authorization", &["carried none"]);

    let target = check.target();
    let original = [
        ("x-original-method", "GET"),
        ("x-original-uri", target.as_str()),
    ];
    ask(
        &address,
        "/validate/auth-request",
        &[&original[..], &[CLIENT]].concat(),
    )
    .await;
    let page = check.page().await;
    fails(
        &page,
        "Authorization",
        &["lost on its way", "proxy_set_header"],
    );

    // What has been seen stays, whatever comes later.
    ask(&address, "/validate/auth-request", &[BEARER]).await;
    fails(&check.page().await, "Authorization", &["lost on its way"]);
}

#[tokio::test]
async fn a_body_and_a_missing_client_are_faults() {
    let (site, address) = with_validation_listener(&[]);
    let check = Check::begin(&site).await;
    let request = Client::new().post(format!("http://{address}/validate/auth-request"));
    let request = request
        .header("x-bearergate-check", check.mark())
        .body("a body");
    request.send().await.expect("an answer");
    let page = check.page().await;
    fails(&page, "Body", &["proxy_pass_request_body off;"]);
    fails(
        &page,
        "Client's address",
        &["proxy_set_header X-Forwarded-For $remote_addr;"],
    );
}

#[tokio::test]
async fn an_untrusted_peer_is_a_fault_with_the_option_that_trusts_it() {
    let (site, address) = with_validation_listener(&["--trusted-proxies", "192.0.2.0/24"]);
    let check = Check::begin(&site).await;
    let target = check.target();
    let headers = [
        ("x-original-method", "GET"),
        ("x-original-uri", &target),
        CLIENT,
        BEARER,
    ];
    ask(&address, "/validate/auth-request", &headers).await;
    let page = check.page().await;
    fails(
        &page,
        "Peer",
        &["127.0.0.1", "--trusted-proxies 192.0.2.0/24,127.0.0.1"],
    );
    fails(&page, "Original method and URI", &["not trusted"]);
    fails(&page, "Client's address", &["not trusted"]);
    passes(&page, &["Endpoint", "Authorization"]);
}

#[tokio::test]
async fn a_published_validation_endpoint_is_red_before_anything_has_come() {
    let site = Site::start();
    let check = Check::begin(&site).await;
    let page = check.page().await;
    fails(
        &page,
        "Not published",
        &[
            "/validate answers 200",
            "--validation-listen 127.0.0.1:8081",
        ],
    );
    assert_eq!(
        page.title(),
        "Waiting for the proxy's next request",
        "the own question is no request"
    );
}

#[tokio::test]
async fn a_check_is_for_administrators_and_its_address_is_no_guess() {
    let (site, _) = with_validation_listener(&[]);
    let check = Check::begin(&site).await;
    let stranger = site.browser().get(&check.path).await;
    assert_eq!(stranger.status, 303);
    assert!(stranger.location().starts_with("/login"));
    assert_eq!(
        check.browser.get("/connect/check/another").await.status,
        404
    );
}
