//! What goes over the wire between the proxy and the gate.

use bearergate_testkit::http::send;
use reqwest::StatusCode;

use super::{CONTENT, with_alice};
use crate::support::proxies::Product;

pub async fn one_connection_serves_many_decisions<P: Product>() {
    let (site, token) = with_alice::<P>().await;

    for _ in 0..20 {
        let passed = send(site.get(CONTENT).bearer_auth(&token)).await;
        assert_eq!(passed.status, StatusCode::OK);
        let refused = send(site.get(CONTENT)).await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    }

    assert_eq!(site.relay.connections(), 1);
}
