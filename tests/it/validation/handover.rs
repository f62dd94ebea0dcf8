//! Section 6 of the interface: which credential of Confluence a good call is handed over with, and to whom.

use std::os::unix::net::UnixStream;

use bearergate_testkit::Provider;
use serde_json::{Value, json};

use super::scene::{Answer, Scene, changed, document};
use crate::support::http::exchange;

const ALICE: &str = "Bearer MTpwYXQtb2YtYWxpY2U";
const BOTS: &str = "Bearer MjpwYXQtb2YtYm90cw";
const WIKI: &str = "Bearer MzpwYXQtb2Ytd2lraQ";
const REST: &str = "Basic cmVzdDpwYXNzd29yZA==";

const VALIDATION: [&str; 2] = ["--validation-listen", "127.0.0.1:0"];

fn credentials() -> Value {
    json!([
        {"id": "rest", "match": {"everyone": true}, "authorization": REST},
        {"id": "bots", "match": {"group": "automation"}, "authorization": BOTS},
        {"id": "wiki", "match": {"provider": "azure-b2c", "group": "Wiki, all"}, "authorization": WIKI},
        {"id": "alice", "match": {"provider": "azure-b2c", "username": "aLICE"}, "authorization": ALICE},
    ])
}

fn settings(provider: &Provider, credentials: &Value) -> Value {
    let provider = changed(
        provider.settings(),
        &json!({ "groups_attribute": "groups" }),
    );
    let mut settings = document(&json!({ "public_paths": ["/open/"] }), &[provider]);
    settings["upstream_credentials"] = credentials.clone();
    settings
}

/// A gate with these options; asked on its last listener.
async fn scene_with(options: &[&str], credentials: &Value) -> Scene {
    let provider = Provider::start().await;
    let settings = settings(&provider, credentials);
    let mut scene = Scene::on(provider, &settings, options);
    if options.contains(&VALIDATION[0]) {
        let line = scene.server.wait_for("listening on http://");
        let address = line.rsplit('/').next().expect("an address");
        address.clone_into(&mut scene.server.address);
    }
    scene
}

impl Scene {
    async fn user(&self, name: &str, groups: &[&str]) -> Answer {
        let token = self.provider.token().with("given_name", name);
        let token = token.with("groups", json!(groups));
        self.token(&self.provider.sign(token)).await
    }
}

/// What was handed over, and whom Confluence must see then.
#[track_caller]
fn handed_over(answer: &Answer) -> (&str, &str) {
    answer.passes("oauth");
    (
        answer.header("authorization"),
        answer.header("x-auth-expected-user"),
    )
}

#[tokio::test]
async fn a_username_wins_over_a_group_and_a_group_over_everyone() {
    let scene = scene_with(&VALIDATION, &credentials()).await;
    for name in ["Alice", "alice", "ALICE"] {
        let answer = scene.user(name, &["automation"]).await;
        assert_eq!(handed_over(&answer), (ALICE, name));
    }
    // Of several groups, the first of the list, in whatever order the token names them.
    for groups in [
        &["automation"][..],
        &["x", "Wiki, all", "automation"],
        &["automation", "Wiki, all"],
    ] {
        let answer = scene.user("Bob", groups).await;
        assert_eq!(handed_over(&answer), (BOTS, ""), "{groups:?}");
    }
    let answer = scene.user("Bob", &["Wiki, all"]).await;
    assert_eq!(handed_over(&answer), (WIKI, ""));
    // Groups are compared to the letter; a foreign letter is none of ASCII's.
    for (name, groups) in [("Bob", &["Automation"][..]), ("al\u{130}ce", &[])] {
        let answer = scene.user(name, groups).await;
        assert_eq!(handed_over(&answer), (REST, ""), "{name}");
    }
}

#[tokio::test]
async fn who_is_served_by_none_is_handed_over_with_nothing() {
    let alone = json!([credentials()[3]]);
    let scene = scene_with(&VALIDATION, &alone).await;
    assert_eq!(handed_over(&scene.user("Bob", &[]).await), ("", ""));
    let answer = scene.user("Alice", &[]).await;
    assert_eq!(handed_over(&answer), (ALICE, "Alice"));
}

#[tokio::test]
async fn what_confluence_checks_itself_gets_no_other_credential() {
    let scene = scene_with(&VALIDATION, &credentials()).await;
    for (target, value, method) in [
        ("/rest/api", "Basic YTpi", "basic"),
        ("/open/x", "Bearer abc", "public"),
        ("/display/x", "Negotiate abc", "public"),
    ] {
        let answer = scene.target(target, &[("authorization", value)]).await;
        answer.passes(method);
        assert_eq!(answer.header("authorization"), value);
        assert_eq!(answer.header("x-auth-expected-user"), "");
    }
    let cookie = ("cookie", "JSESSIONID=1");
    let answer = scene.target("/rest/api", &[cookie]).await;
    answer.passes("session");
    assert_eq!(answer.header("authorization"), "");
    // A refusal bears none of them.
    scene.validate(&[]).await.refused(401, "missing_credential");
}

#[tokio::test]
async fn no_credential_leaves_on_the_listener_of_the_console_nor_to_a_stranger() {
    let scene = scene_with(&[], &credentials()).await;
    let answer = scene.user("Alice", &["automation"]).await;
    assert_eq!(handed_over(&answer), ("", ""));
    let stranger = [&VALIDATION[..], &["--trusted-proxies", "192.0.2.0/24"]].concat();
    let scene = scene_with(&stranger, &credentials()).await;
    let answer = scene.user("Alice", &["automation"]).await;
    assert_eq!(handed_over(&answer), ("", ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unix_socket_hands_over_where_it_serves_validation_alone() {
    for (options, handed_over) in [
        (
            ["--validation-listen", "--listen", "127.0.0.1:0"],
            (ALICE, "Alice"),
        ),
        // Whoever publishes the console publishes this socket.
        (
            ["--listen", "--public-url", "https://gate.example.com"],
            ("", ""),
        ),
    ] {
        let provider = Provider::start().await;
        let place = crate::support::new_place();
        place.import(&settings(&provider, &credentials()));
        let path = place.path("gate.sock");
        let [flag, other, value] = options;
        let listen = format!("unix:{}", path.display());
        let mut command = place.command(["serve", flag, &listen, other, value]);
        let mut server = bearergate_testkit::program::Server::start(&mut command);
        if flag == "--validation-listen" {
            server.wait_for("listening on unix:");
        }
        let token = provider.good_token();
        let request = format!(
            "GET /validate HTTP/1.1\r\nhost: gate\r\nconnection: close\r\nauthorization: Bearer {token}\r\n\r\n"
        );
        let stream = UnixStream::connect(&path).expect("a listener");
        let (status, answer) = exchange(stream, &request);
        assert_eq!(status, 200, "{answer}");
        let (authorization, expected) = handed_over;
        for line in [
            format!("authorization: {authorization}\r\n"),
            format!("x-auth-expected-user: {expected}\r\n"),
        ] {
            assert!(answer.contains(&line), "{flag}: {answer}");
        }
    }
}

#[tokio::test]
async fn a_credential_of_one_provider_serves_nobody_of_another() {
    let (first, second) = (Provider::start().await, Provider::start().await);
    let twin = changed(
        second.settings(),
        &json!({ "id": "other", "audiences": ["another-api"] }),
    );
    let mut settings = document(&json!({}), &[first.settings(), twin]);
    settings["upstream_credentials"] = json!([credentials()[3]]);
    let other = second.sign(second.token().with("aud", "another-api"));
    let mut scene = Scene::on(first, &settings, &VALIDATION);
    let line = scene.server.wait_for("listening on http://");
    line.rsplit('/')
        .next()
        .expect("an address")
        .clone_into(&mut scene.server.address);
    let own = scene.token(&scene.provider.good_token()).await;
    assert_eq!(handed_over(&own), (ALICE, "Alice"));
    let foreign = scene.token(&other).await;
    assert_eq!(foreign.header("x-auth-provider"), "other");
    assert_eq!(handed_over(&foreign), ("", ""));
}

#[tokio::test]
async fn a_replaced_credential_is_in_force_without_a_restart() {
    let scene = scene_with(&VALIDATION, &credentials()).await;
    let before = scene.user("Alice", &[]).await;
    assert_eq!(handed_over(&before), (ALICE, "Alice"));
    let mut settings = scene.place.export();
    settings["upstream_credentials"][3]["authorization"] = json!("Bearer another");
    scene.place.import(&settings);
    let deadline = tokio::time::Instant::now() + bearergate_testkit::program::PATIENCE;
    loop {
        let answer = scene.user("Alice", &[]).await;
        if handed_over(&answer).0 == "Bearer another" {
            break;
        }
        assert!(tokio::time::Instant::now() < deadline, "{answer:?}");
        tokio::task::yield_now().await;
    }
    // The others were kept by their ids, though the import held none of them.
    assert_eq!(handed_over(&scene.user("Bob", &[]).await), (REST, ""));
}
