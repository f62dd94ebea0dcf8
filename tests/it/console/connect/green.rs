//! A check of a proxy that asks as it should, and whose check it is.

use super::*;

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
