//! Targets and methods that the proxy, Confluence and the gate may read differently.

use bearergate_testkit::http::send;
use reqwest::Method;

use super::{CONTENT, with_alice};
use crate::support::proxies::Product;
use crate::support::raw;
use crate::support::site::{Site, settings};

/// Each leads Confluence (Tomcat) to its REST API, or may do so.
const DISGUISED: [&str; 22] = [
    "/rest/api/content",
    "/REST/api/content",
    "/rest",
    "//rest/api/content",
    "/./rest/api/content",
    "/pages/../rest/api/content",
    "/pages/%2e%2e/rest/api/content",
    "/pages/..;/rest/api/content",
    "/pages/..;x=y/rest/api/content",
    "/pages;/../rest/api/content",
    "/;/rest/api/content",
    "/rest;jsessionid=1/api/content",
    "/%72est/api/content",
    "/rest%2fapi/content",
    "/rest%5capi/content",
    "/rest\\api\\content",
    "/%252e%252e/rest/api/content",
    "/confluence/rest/api/content",
    "/s/en_GB/1/_/rest/api/content",
    "/rest/api/content?path=/pages/1",
    "/rest/api/content#/pages/1",
    "/rpc/xmlrpc",
];

pub async fn no_spelling_of_a_protected_path_passes_without_a_credential<P: Product>() {
    let site = Site::behind::<P>(&settings(&[])).await;
    for target in DISGUISED {
        let status = raw::status(site.proxy.address, "GET", target, &[]).await;
        // A proxy itself refuses what it can't read.
        assert!([400, 401].contains(&status), "{target}: {status}");
    }
    assert!(site.confluence.take().is_empty());
}

pub async fn no_method_passes_without_a_credential<P: Product>() {
    let site = Site::behind::<P>(&settings(&[])).await;
    for method in [
        "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PROPFIND", "FOO",
    ] {
        let status = raw::status(site.proxy.address, method, CONTENT, &[]).await;
        assert_eq!(status, 401, "{method}");
    }
    assert!(site.confluence.take().is_empty());
}

pub async fn each_method_passes_with_a_token<P: Product>() {
    let (site, token) = with_alice::<P>().await;
    for method in ["HEAD", "OPTIONS", "DELETE", "PROPFIND"] {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let request = site.request(method.clone(), CONTENT);
        let answer = send(request.bearer_auth(&token)).await;
        assert_eq!(answer.status, 200, "{method}");
        assert_eq!(answer.body.is_empty(), method == Method::HEAD, "{method}");
        let received = site.confluence.take_one();
        assert_eq!(received.method, method);
        assert_eq!(received.value("X-Auth-Username"), Some("Alice"), "{method}");
    }
}

pub async fn pages_stay_open_and_reach_confluence_as_they_were_written<P: Product>() {
    let site = Site::behind::<P>(&settings(&[])).await;
    for target in [
        "/",
        "/display/DS/Space%20home?x=%zz",
        "/pages/a;b=c/d",
        "/login.action",
    ] {
        let status = raw::status(site.proxy.address, "GET", target, &[]).await;
        assert_eq!(status, 200, "{target}");
        assert_eq!(site.confluence.take_one().uri, target);
    }
}

pub async fn clients_cannot_ask_the_gate_themselves<P: Product>() {
    let (site, token) = with_alice::<P>().await;
    for target in [
        "/validate",
        "/validate/auth-request",
        "/validate/%61uth-request",
        "/validate/forward-auth",
        "/validate/ext-authz/pages/1",
    ] {
        let answer = send(site.get(target).bearer_auth(&token)).await;
        // Confluence may have such a path: a proxy can send it on, as any other.
        assert_eq!(answer.headers.get("x-auth-username"), None, "{target}");
        assert_eq!(answer.headers.get("authorization"), None, "{target}");
    }
}
