//! Connections that become something else than HTTP.

use bearergate_testkit::http::send;
use bearergate_testkit::websocket;
use reqwest::StatusCode;

use super::with_alice;
use crate::support::proxies::Product;
use crate::support::site::{Site, settings};

pub async fn a_websocket_opens_and_echoes<P: Product>() {
    let (site, token) = with_alice::<P>().await;
    let bearer = format!("Bearer {token}");

    for (path, headers) in [
        ("/synchrony/v1/bayeux-sync1", vec![]),
        ("/rest/live", vec![("authorization", bearer.as_str())]),
    ] {
        let echo = websocket::exchange(site.proxy.address, path, &headers, "hello").await;
        assert_eq!(echo.as_deref(), Ok("hello"), "{path}");
        assert_eq!(site.confluence.take_one().uri, path);
    }
}

pub async fn a_protected_websocket_needs_a_credential<P: Product>() {
    let site = Site::behind::<P>(&settings(&[])).await;

    let refused = websocket::exchange(site.proxy.address, "/rest/live", &[], "hello").await;

    assert_eq!(refused, Err(401));
    assert!(site.confluence.take().is_empty());
}

pub async fn no_other_upgrade_reaches_confluence<P: Product>() {
    let site = Site::behind::<P>(&settings(&[])).await;

    let request = site.get("/synchrony").header("Upgrade", "h2c");
    let answer = send(request.header("Connection", "Upgrade")).await;

    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert_eq!(site.confluence.take_one().value("Upgrade"), None);
}

/// A proxy may take either of two for the request's upgrade, refuse both, or open the WebSocket.
pub async fn no_upgrade_rides_beside_a_websocket<P: Product>() {
    let site = Site::behind::<P>(&settings(&[])).await;

    for upgrades in [["h2c", "websocket"], ["websocket", "h2c"]] {
        let request = site.get("/synchrony").header("Connection", "Upgrade");
        let request = request.header("Upgrade", upgrades[0]);
        let answer = send(request.header("Upgrade", upgrades[1])).await;

        let reached = site.confluence.take();
        let is_refusal = answer.status.is_client_error();
        assert_eq!(reached.len(), usize::from(!is_refusal), "{answer:?}");
        for received in reached {
            let upgrade = received.value("Upgrade");
            assert!([None, Some("websocket")].contains(&upgrade), "{received:?}");
        }
    }
}
