//! Which headers say what the original request was, and who is believed.

use serde_json::json;

use super::scene::{Scene, document};
use bearergate_testkit::Provider;

const ORIGINAL: [&str; 2] = ["x-original-method", "x-original-uri"];
const FORWARDED: [&str; 2] = ["x-forwarded-method", "x-forwarded-uri"];

#[tokio::test]
async fn each_endpoint_reads_its_own_headers() {
    let scene = Scene::strict().await;
    for (path, [method, uri], others) in [
        ("/validate/auth-request", ORIGINAL, FORWARDED),
        ("/validate/forward-auth", FORWARDED, ORIGINAL),
    ] {
        let open = [(method, "GET"), (uri, "/display/x")];
        scene.ask("GET", path, &open).await.passes("public");
        let closed = [(method, "GET"), (uri, "/rest/api")];
        scene
            .ask("GET", path, &closed)
            .await
            .refused(401, "missing_credential");
        let steered = [
            (method, "GET"),
            (uri, "/rest/api"),
            (others[0], "GET"),
            (others[1], "/display/x"),
        ];
        scene
            .ask("GET", path, &steered)
            .await
            .refused(401, "missing_credential");
        let foreign = [(others[0], "GET"), (others[1], "/display/x")];
        scene
            .ask("GET", path, &foreign)
            .await
            .refused(401, "missing_credential");
    }
    let all = [
        (ORIGINAL[0], "GET"),
        (ORIGINAL[1], "/display/x"),
        (FORWARDED[0], "GET"),
        (FORWARDED[1], "/display/x"),
        ("x-original-url", "http://c/display/x"),
    ];
    scene
        .validate(&all)
        .await
        .refused(401, "missing_credential");
    scene
        .ask("GET", "/validate/ext-authz/rest/api", &all)
        .await
        .refused(401, "missing_credential");
}

#[tokio::test]
async fn ext_authz_reads_the_request_itself() {
    let scene =
        Scene::with(&json!({ "basic_authentication_disabled": true, "public_paths": ["/open/"] }))
            .await;
    for (target, method) in [
        ("/display/x", Some("public")),
        ("/", Some("public")),
        ("/open/%20x?a=b", Some("public")),
        ("/rest/api", None),
        ("/open/../rest/api", None),
        ("/open/%2e%2e/rest", None),
        ("/open/%ff", None),
        ("/open/%2frest", None),
        ("//rest/api", None),
        ("", None),
        ("?x=/open/", None),
    ] {
        let answer = scene.ask_raw(&format!("/validate/ext-authz{target}"));
        match method {
            Some(method) => assert_eq!((answer.0, answer.1.as_str()), (200, method), "{target}"),
            None => assert_eq!(answer.0, 401, "{target}"),
        }
    }
    let answer = scene.ask_raw("/validate/ext-authzed/display");
    assert_eq!(answer.0, 404);
}

#[tokio::test]
async fn what_is_missing_repeated_or_unreadable_makes_a_protected_call() {
    let scene = Scene::strict().await;
    let path = "/validate/auth-request";
    let [method, uri] = ORIGINAL;
    for headers in [
        vec![],
        vec![(method, "GET")],
        vec![(uri, "/display/x")],
        vec![(method, ""), (uri, "/display/x")],
        vec![(method, "GET"), (uri, "")],
        vec![(method, "GET"), (method, "GET"), (uri, "/display/x")],
        vec![(method, "GET"), (uri, "/display/x"), (uri, "/display/x")],
        vec![(method, "G T"), (uri, "/display/x")],
        vec![(method, "GET"), (uri, "/display/a b")],
        vec![(method, "GET"), (uri, "/display/\u{e9}%")],
        vec![(method, "GET"), (uri, "http://confluence/display/x")],
        vec![(method, "GET"), (uri, "display/x")],
        vec![(method, "GET"), (uri, "http://[::1")],
        vec![
            ("x_original_method", "GET"),
            ("x_original_uri", "/display/x"),
        ],
    ] {
        scene
            .ask("GET", path, &headers)
            .await
            .refused(401, "missing_credential");
    }
}

#[tokio::test]
async fn a_peer_that_is_no_trusted_proxy_is_not_believed() {
    let provider = Provider::start().await;
    let settings = document(
        &json!({ "public_paths": ["/open/"] }),
        &[provider.settings()],
    );
    let mut scene = Scene::on(provider, &settings, &["--trusted-proxies", "192.0.2.0/24"]);
    let open = [
        (ORIGINAL[0], "GET"),
        (ORIGINAL[1], "/open/x"),
        (FORWARDED[0], "GET"),
        (FORWARDED[1], "/open/x"),
        ("x-forwarded-for", "192.0.2.1"),
        ("forwarded", "for=192.0.2.1"),
    ];
    for path in [
        "/validate/auth-request",
        "/validate/forward-auth",
        "/validate/ext-authz/open/x",
    ] {
        scene
            .ask("GET", path, &open)
            .await
            .refused(401, "missing_credential");
    }
    let answer = scene
        .validate(&[("authorization", "Basic YTpi"), ("x-request-id", "mine")])
        .await;
    answer.passes("basic");
    assert_eq!(
        answer.header("authorization"),
        "",
        "a stranger is told nothing"
    );
    assert_ne!(answer.header("x-request-id"), "mine");
    let line = scene.server.wait_for("judged as a protected call");
    assert!(
        line.contains("no trusted proxy") && line.contains("127.0.0.1"),
        "{line}"
    );
}

#[tokio::test]
async fn a_network_is_judged_by_the_client_that_the_proxy_names() {
    let provider = Provider::start().await;
    let members = json!({ "allowed_networks": ["10.0.0.0/8", "2001:db8::7"] });
    let settings = super::scene::changed(provider.settings(), &members);
    let scene = Scene::on(provider, &document(&json!({}), &[settings]), &[]);
    let bearer = format!("Bearer {}", scene.provider.good_token());
    for (forwarded, allowed) in [
        (vec!["10.1.2.3"], true),
        (vec!["192.0.2.1, 10.1.2.3"], true),
        (vec!["2001:db8::7"], true),
        (vec!["192.0.2.1", "10.1.2.3, 127.0.0.1"], true),
        (vec!["10.1.2.3, 192.0.2.1"], false),
        (vec!["192.0.2.1"], false),
        (vec!["10.1.2.3, unknown"], false),
        (vec![""], false),
        (vec![], false),
    ] {
        let mut headers = vec![("authorization", bearer.as_str())];
        headers.extend(forwarded.iter().map(|value| ("x-forwarded-for", *value)));
        let answer = scene.validate(&headers).await;
        if allowed {
            answer.passes("oauth");
        } else {
            answer.refused(403, "network_not_allowed");
        }
    }
}

impl Scene {
    /// Asks without a client that would tidy the target up; gives status and method.
    fn ask_raw(&self, target: &str) -> (u16, String) {
        use std::io::{Read as _, Write as _};
        let mut stream = std::net::TcpStream::connect(&self.server.address).expect("a connection");
        stream
            .set_read_timeout(Some(bearergate_testkit::program::PATIENCE))
            .expect("a time-out");
        let request = format!(
            "GET {target} HTTP/1.1
host: x
connection: close

"
        );
        stream
            .write_all(request.as_bytes())
            .expect("a request is sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        let status = answer
            .split(' ')
            .nth(1)
            .and_then(|code| code.parse().ok())
            .expect("a status");
        let method = answer
            .lines()
            .find_map(|line| line.strip_prefix("x-auth-method: "));
        (status, method.unwrap_or_default().to_owned())
    }
}
