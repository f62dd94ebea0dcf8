//! A check that finds faults: each is told with the line to change.

use super::*;

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
