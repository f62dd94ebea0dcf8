//! The page "Activity", its exports and its live events, filled by what the gate decides.

mod export;
mod live;
mod page;

use reqwest::StatusCode;
use serde_json::json;

use super::Site;
use crate::support::new_place;

/// alice:secret
const ALICE: (&str, &str) = ("authorization", "Basic YWxpY2U6c2VjcmV0");

/// A site whose gate takes no Basic credentials.
fn strict_site() -> Site {
    let place = new_place();
    place.import(&json!({
        "version": 1,
        "global": {
            "rest_api_authentication_enabled": true,
            "basic_authentication_disabled": true,
        },
    }));
    let server = Site::serve(&place, &[]);
    Site { place, server }
}

/// Asks the gate about a protected call with these headers.
async fn ask(site: &Site, headers: &[(&str, &str)]) -> StatusCode {
    let client = reqwest::Client::builder().no_proxy().build();
    let url = format!("http://{}/validate", site.server.address);
    let mut request = client.expect("a client").get(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.expect("an answer").status()
}

/// Asks, and is refused.
async fn be_refused(site: &Site, headers: &[(&str, &str)]) {
    assert_eq!(ask(site, headers).await, StatusCode::UNAUTHORIZED);
}

/// Asks with a session of Confluence, and passes.
async fn pass(site: &Site) {
    let session = [("cookie", "JSESSIONID=a")];
    assert_eq!(ask(site, &session).await, StatusCode::OK);
}
