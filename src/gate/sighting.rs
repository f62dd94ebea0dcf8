//! What a validation request looked like, for the console's Connect page. No credential's value is
//! taken up: of `Authorization` the scheme alone, of the URI neither a query's values nor what
//! follows a `;`.

use std::net::IpAddr;

use axum::http::header::{AUTHORIZATION, CONTENT_LENGTH, TRANSFER_ENCODING};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use url::form_urlencoded;

use super::original::{Family, Unknown};
use crate::decision::{Decision, Method};
use crate::peer::Peer;

/// The header, and the parameter of the query, that tell a request made for a watch from others.
pub const MARK_HEADER: &str = "x-bearergate-check";
/// See [`MARK_HEADER`].
pub const MARK_PARAMETER: &str = "bearergate_check";

/// What is shown of a URI, in characters; it may be anybody's.
const SHOWN: usize = 200;
/// So many headers of one kind are named.
const MOST_HEADERS: usize = 8;

/// One validation request, as far as the Connect page shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Sighting {
    /// The family of headers that the path stands for, or the path that stands for none.
    pub endpoint: Result<Family, String>,
    /// Who asked.
    pub peer: Peer,
    /// Whether the peer may speak for a client.
    pub peer_is_trusted: bool,
    /// The original request; none where the family has none.
    pub original: Result<Option<Original>, Unknown>,
    /// What came of the client's credential.
    pub authorization: SeenAuthorization,
    /// The client that the peer speaks for.
    pub client: SeenClient,
    /// The names of identity headers that the client sent.
    pub identity_headers: Vec<String>,
    /// Whether a body came, or was announced.
    pub has_body: bool,
    /// The answer: the status, and the method or the reason.
    pub answer: (u16, &'static str),
    /// Whether the request was made for the watch that saw it.
    pub is_marked: bool,
    pub(super) marks: Vec<String>,
}

/// The original request, to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Original {
    /// The method.
    pub method: String,
    /// The path, and the names in the query.
    pub target: String,
    /// Whether the query bears a mark.
    pub has_mark: bool,
}

/// What came of the client's credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeenAuthorization {
    /// No header, or an empty one.
    Nothing,
    /// One header with this scheme.
    Scheme(&'static str),
    /// One header whose scheme is unknown; it may be a secret without a scheme.
    OtherScheme,
    /// More than one header.
    Several,
}

/// The client that a peer speaks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeenClient {
    /// The peer names none.
    Unnamed,
    /// `X-Forwarded-For` can't be read.
    Unreadable,
    /// Named by a trusted proxy, or the peer itself where that is none.
    Known(IpAddr),
}

/// What the handler knows of a request.
pub(super) struct Seen<'a> {
    pub(super) request: &'a Parts,
    pub(super) family: Option<Family>,
    pub(super) peer: Peer,
    pub(super) peer_is_trusted: bool,
    pub(super) target: Result<Option<&'a [u8]>, Unknown>,
    pub(super) client: Option<IpAddr>,
    /// None: there is no such endpoint.
    pub(super) decision: Option<&'a Decision>,
}

impl Sighting {
    pub(super) fn of(seen: &Seen<'_>) -> Self {
        let Parts { headers, uri, .. } = seen.request;
        let target = seen.target.ok().flatten().map(String::from_utf8_lossy);
        let queries = [uri.query(), target.as_deref().and_then(query_of)];
        let mut marks: Vec<String> = queries.into_iter().flatten().flat_map(marks_in).collect();
        let in_header = headers.get(MARK_HEADER);
        marks.extend(in_header.and_then(|mark| Some(mark.to_str().ok()?.to_owned())));
        Self {
            endpoint: seen.family.ok_or_else(|| shown(uri.path())),
            peer: seen.peer,
            peer_is_trusted: seen.peer_is_trusted,
            original: seen.target.map(|_| {
                target.as_deref().map(|target| Original {
                    method: original_method(seen),
                    target: shown(target),
                    has_mark: query_of(target)
                        .is_some_and(|query| marks_in(query).next().is_some()),
                })
            }),
            authorization: authorization(headers),
            client: match seen.client {
                _ if !headers.contains_key("x-forwarded-for") => SeenClient::Unnamed,
                Some(client) => SeenClient::Known(client),
                None => SeenClient::Unreadable,
            },
            identity_headers: identity_headers(headers),
            has_body: has_body(headers),
            answer: answer(seen.decision),
            is_marked: false,
            marks,
        }
    }

    /// Whether it bears this mark.
    pub(super) fn bears(&self, mark: &str) -> bool {
        self.marks.iter().any(|one| one == mark)
    }
}

fn answer(decision: Option<&Decision>) -> (u16, &'static str) {
    match decision {
        Some(Decision::Allow(allowed)) => (200, allowed.method.as_str()),
        Some(Decision::Observe(_)) => (200, Method::Observed.as_str()),
        Some(Decision::Refuse(refusal)) => (refusal.reason.status(), refusal.reason.code()),
        None => (404, ""),
    }
}

fn original_method(seen: &Seen<'_>) -> String {
    let method = seen
        .family
        .map_or(&b""[..], |family| family.method(seen.request));
    cut(&String::from_utf8_lossy(method))
}

fn authorization(headers: &HeaderMap) -> SeenAuthorization {
    const KNOWN: [&str; 3] = ["Bearer", "Basic", "OAuth"];
    let mut values = headers
        .get_all(AUTHORIZATION)
        .iter()
        .map(HeaderValue::as_bytes);
    let (Some(value), None) = (values.next(), values.next()) else {
        return if headers.contains_key(AUTHORIZATION) {
            SeenAuthorization::Several
        } else {
            SeenAuthorization::Nothing
        };
    };
    if value.is_empty() {
        return SeenAuthorization::Nothing;
    }
    let scheme = value.split(|byte| *byte == b' ').next().unwrap_or_default();
    let is = |known: &&str| known.as_bytes().eq_ignore_ascii_case(scheme);
    match KNOWN.into_iter().find(is) {
        Some(scheme) => SeenAuthorization::Scheme(scheme),
        None => SeenAuthorization::OtherScheme,
    }
}

/// `X-Auth-…`, also as other programs would read the name.
fn identity_headers(headers: &HeaderMap) -> Vec<String> {
    let is_identity = |name: &&HeaderName| {
        let plain = name.as_str().replace(['_', '.'], "-");
        plain.starts_with("x-auth-")
    };
    let names = headers.keys().filter(is_identity);
    names
        .take(MOST_HEADERS)
        .map(|name| cut(name.as_str()))
        .collect()
}

fn has_body(headers: &HeaderMap) -> bool {
    let length = headers.get(CONTENT_LENGTH);
    length.is_some_and(|length| length != "0") || headers.contains_key(TRANSFER_ENCODING)
}

fn query_of(target: &str) -> Option<&str> {
    target.split_once('?').map(|(_, query)| query)
}

fn marks_in(query: &str) -> impl Iterator<Item = String> {
    let pairs = form_urlencoded::parse(query.as_bytes());
    pairs
        .filter(|(name, _)| name == MARK_PARAMETER)
        .map(|(_, value)| value.into_owned())
}

/// A target without what may be a secret: the values of its query, and what stands behind a `;`.
fn shown(target: &str) -> String {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let segment = |segment: &str| match segment.split_once(';') {
        Some((name, _)) => format!("{name};…"),
        None => segment.to_owned(),
    };
    let path: Vec<_> = path.split('/').map(segment).collect();
    let parameter = |pair: &str| match pair.split_once('=') {
        Some((name, _)) => format!("{name}=…"),
        // Without a name it may be a value.
        None => "…".to_owned(),
    };
    let query: Vec<_> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(parameter)
        .collect();
    let mark = if query.is_empty() { "" } else { "?" };
    cut(&format!("{}{mark}{}", path.join("/"), query.join("&")))
}

fn cut(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_secret_is_not_shown() {
        let cases = [
            ("/rest/api/content", "/rest/api/content"),
            (
                "/rest/api?os_password=hush&limit=5",
                "/rest/api?os_password=…&limit=…",
            ),
            ("/rest;jsessionid=hush/api", "/rest;…/api"),
            ("/rest?hush", "/rest?…"),
            ("/rest?a=b?hush=c", "/rest?a=…"),
            ("/rest?", "/rest"),
        ];
        for (target, expected) in cases {
            assert_eq!(shown(target), expected, "{target}");
        }
        let long = shown(&"/é".repeat(5000));
        assert!(long.chars().count() == SHOWN + 1 && long.ends_with('…'));
    }

    #[test]
    fn of_a_credential_the_scheme_alone_is_taken_up() {
        let seen = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(AUTHORIZATION, value.parse().expect("a value"));
            }
            authorization(&headers)
        };
        assert_eq!(seen(&[]), SeenAuthorization::Nothing);
        assert_eq!(seen(&[""]), SeenAuthorization::Nothing);
        assert_eq!(seen(&["bearer hush"]), SeenAuthorization::Scheme("Bearer"));
        assert_eq!(seen(&["hush"]), SeenAuthorization::OtherScheme);
        assert_eq!(seen(&["Basic a", "Bearer b"]), SeenAuthorization::Several);
    }

    #[test]
    fn aliases_of_identity_headers_are_seen() {
        let mut headers = HeaderMap::new();
        for name in [
            "x-auth-username",
            "x_auth_groups",
            "x.auth.method",
            "x-author",
        ] {
            headers.insert(
                HeaderName::from_static(name),
                HeaderValue::from_static("hush"),
            );
        }
        let mut names = identity_headers(&headers);
        names.sort();
        assert_eq!(names, ["x-auth-username", "x.auth.method", "x_auth_groups"]);
    }
}
