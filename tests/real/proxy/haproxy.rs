//! HAProxy: the battery, and what it alone does.

use super::battery::battery;
use crate::support::gate::Gate;
use crate::support::proxies::haproxy::Haproxy;
use crate::support::raw;
use crate::support::site::{Site, settings};

battery!(Haproxy; tokens, refusals, forgery, paths, bodies, upgrades, handover, guard, impostor, patience, reuse);

#[tokio::test]
async fn a_script_that_fails_lets_nobody_in() {
    const FAILING: &str =
        r#"core.register_action("bearergate", { "http-req" }, function() error("no") end, 1)"#;
    let gate = Gate::with_settings(&settings(&[])).await;
    let site = Site::around(gate, async |between| {
        Haproxy::with_script(between, FAILING).await
    })
    .await;

    for target in ["/pages/1", "/rest/api/content"] {
        let status = raw::status(site.proxy.address, "GET", target, &[]).await;
        assert_eq!(status, 503, "{target}");
    }
    assert!(site.confluence.take().is_empty());
}

#[tokio::test]
async fn a_whole_url_is_judged_by_its_path() {
    let site = Site::behind::<Haproxy>(&settings(&[])).await;

    for (target, expected) in [
        ("http://confluence.example.com/rest/api/content", 401),
        ("http://confluence.example.com/pages/1?x=1", 200),
        ("http://confluence.example.com", 400),
        ("*", 400),
    ] {
        let status = raw::status(site.proxy.address, "GET", target, &[]).await;
        assert_eq!(status, expected, "{target}");
    }
    assert_eq!(site.confluence.take_one().uri, "/pages/1?x=1");
}
