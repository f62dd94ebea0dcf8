//! Targets that nginx, Confluence and the gate may read differently.

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

#[tokio::test]
async fn no_spelling_of_a_protected_path_passes_without_a_credential() {
    let site = Site::start(&settings(&[])).await;
    for target in DISGUISED {
        let status = raw::status(site.nginx.address, "GET", target, &[]).await;
        // nginx itself refuses what it can't read.
        assert!([400, 401].contains(&status), "{target}: {status}");
    }
    assert!(site.confluence.take().is_empty());
}

#[tokio::test]
async fn no_method_passes_without_a_credential() {
    let site = Site::start(&settings(&[])).await;
    for method in [
        "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PROPFIND", "FOO",
    ] {
        let status = raw::status(site.nginx.address, method, "/rest/api/content", &[]).await;
        assert_eq!(status, 401, "{method}");
    }
    assert!(site.confluence.take().is_empty());
}

#[tokio::test]
async fn pages_stay_open_and_reach_confluence_as_they_were_written() {
    let site = Site::start(&settings(&[])).await;
    for target in [
        "/",
        "/display/DS/Space%20home?x=%zz",
        "/pages/a;b=c/d",
        "/login.action",
    ] {
        let status = raw::status(site.nginx.address, "GET", target, &[]).await;
        assert_eq!(status, 200, "{target}");
        assert_eq!(site.confluence.take_one().uri, target);
    }
}

#[tokio::test]
async fn clients_cannot_ask_the_gate_themselves() {
    let site = Site::start(&settings(&[])).await;
    for target in ["/validate/auth-request", "/validate/%61uth-request"] {
        let status = raw::status(site.nginx.address, "GET", target, &[]).await;
        assert_eq!(status, 404, "{target}");
    }
    assert!(site.confluence.take().is_empty());
}
