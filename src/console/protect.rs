//! What protects the console's pages in a browser: headers, cross-site requests, one name.

use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, LOCATION, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::uri::Authority;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tower_http::csrf::{ConfigError, CsrfLayer};
use url::Host;

use super::Console;
use crate::public_url::PublicUrl;

/// Nothing but our own files, no inline code, no frames, forms to ourselves alone.
const CSP: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'",
);
/// Two years; only the console's own name is meant.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=63072000");

/// Adds the headers that every answer of the console has.
pub async fn headers(State(console): State<Console>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, CSP);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    // "no-referrer" would make browsers send "Origin: null" with forms.
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    if console.public_url.is_https() {
        headers.insert(STRICT_TRANSPORT_SECURITY, HSTS);
    }
    // Static files say themselves how long they may be kept.
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Refuses state-changing requests of other sites; the public URL's origin is trusted, since a
/// proxy may have changed the host that we see.
///
/// # Errors
/// When the public URL has an origin that no browser sends.
pub fn csrf(public_url: &PublicUrl) -> Result<CsrfLayer, ConfigError> {
    CsrfLayer::new().add_trusted_origin(public_url.origin())
}

/// Leads a page asked for under another loopback name to the public URL's name, for which the
/// session's cookie is.
pub async fn one_name(State(console): State<Console>, request: Request, next: Next) -> Response {
    let asked = request
        .headers()
        .get(HOST)
        .and_then(|host| host.to_str().ok());
    let elsewhere = asked.is_some_and(|host| is_other_loopback_name(host, &console.public_url));
    if !elsewhere {
        return next.run(request).await;
    }
    let rest = request
        .uri()
        .path_and_query()
        .map_or("/", |rest| rest.as_str());
    match HeaderValue::from_str(&console.public_url.join(rest)) {
        // 307 keeps a form's method and content.
        Ok(url) => (StatusCode::TEMPORARY_REDIRECT, [(LOCATION, url)]).into_response(),
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}

fn is_other_loopback_name(host: &str, public_url: &PublicUrl) -> bool {
    let Some(asked) = host.parse::<Authority>().ok() else {
        return false;
    };
    let Ok(asked) = Host::parse(asked.host()) else {
        return false;
    };
    let public = public_url.url().host().map(|host| host.to_owned());
    public.is_some_and(|public| public != asked && is_loopback(&public) && is_loopback(&asked))
}

fn is_loopback(host: &Host<String>) -> bool {
    match host {
        Host::Domain(name) => name == "localhost" || name.ends_with(".localhost"),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.to_canonical().is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_another_loopback_name_is_led_to_the_public_one() {
        let cases = [
            ("http://localhost:8080", "127.0.0.1:8080", true),
            ("http://localhost:8080", "[::1]:8080", true),
            ("http://localhost:8080", "LOCALHOST:8080", false),
            ("http://localhost:8080", "localhost:9000", false),
            ("http://127.0.0.1:8080", "localhost:8080", true),
            ("http://localhost:8080", "gate.example.com", false),
            ("http://localhost:8080", "", false),
            // A proxy that doesn't pass the host on must not lead in a circle.
            ("https://gate.example.com", "127.0.0.1:8080", false),
        ];
        for (public, host, expected) in cases {
            let public: PublicUrl = public.parse().expect("a URL");
            assert_eq!(
                is_other_loopback_name(host, &public),
                expected,
                "{public} {host}"
            );
        }
    }
}
