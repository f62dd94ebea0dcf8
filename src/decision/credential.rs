//! Finds the credential of a request: at most one, in one place.

use base64::Engine as _;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::{alphabet, engine::DecodePaddingMode};
use http::HeaderMap;
use http::header::{AUTHORIZATION, COOKIE};
use percent_encoding::percent_decode;

use super::Reason;

/// The credential that a request carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential<'a> {
    /// A bearer token (RFC 6750), not yet read.
    Bearer(&'a str),
    /// Basic credentials (RFC 7617), in the header or as `os_username` and `os_password`.
    Basic,
    /// A signed OAuth 1.0a request (RFC 5849).
    OAuth1,
    /// One of the application's session cookies.
    Session,
    /// Nothing.
    Missing,
}

/// What of a request may hold a credential.
#[derive(Clone, Copy, Debug)]
pub struct Carrier<'a> {
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The query of the request target, where the target is known.
    pub query: &'a [u8],
}

const STANDARD_ANY_PADDING: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

impl<'a> Carrier<'a> {
    /// Whether any bearer token is sent, alone or beside something else.
    #[must_use]
    pub fn has_bearer(&self) -> bool {
        self.has_scheme("bearer")
    }

    /// Whether Basic credentials are sent, alone or beside something else.
    #[must_use]
    pub fn has_basic(&self) -> bool {
        self.has_scheme("basic") || self.query_names().password
    }

    fn has_scheme(&self, scheme: &str) -> bool {
        self.headers
            .get_all(AUTHORIZATION)
            .iter()
            .flat_map(|value| list_parts(value.as_bytes()))
            .any(|part| split_scheme(part).0.eq_ignore_ascii_case(scheme.as_bytes()))
    }

    /// The one credential of the request.
    ///
    /// # Errors
    /// When there are several, or the one is malformed or of another scheme.
    pub fn credential(&self, session_cookies: &[String]) -> Result<Credential<'a>, Reason> {
        let mut values = self.headers.get_all(AUTHORIZATION).iter();
        let first = values.next().map(|value| value.as_bytes().trim_ascii());
        if values.next().is_some() {
            return Err(Reason::MultipleCredentials);
        }
        let names = self.query_names();
        match first.filter(|value| !value.is_empty()) {
            Some(_) if names.token || names.password => Err(Reason::MultipleCredentials),
            Some(value) => authorization(value, names.oauth1),
            None if names.password => Ok(Credential::Basic),
            None if names.oauth1 != OAuth1Names::default() => signed(names.oauth1),
            None if self.has_cookie(session_cookies) => Ok(Credential::Session),
            None => Ok(Credential::Missing),
        }
    }

    fn has_cookie(&self, names: &[String]) -> bool {
        self.headers
            .get_all(COOKIE)
            .iter()
            .flat_map(|value| value.as_bytes().split(|&byte| byte == b';'))
            .filter_map(|pair| {
                let at = pair.iter().position(|&byte| byte == b'=')?;
                Some((pair[..at].trim_ascii(), pair[at + 1..].trim_ascii()))
            })
            .any(|(name, value)| {
                !matches!(value, b"" | b"\"\"")
                    && names.iter().any(|known| known.as_bytes() == name)
            })
    }

    fn query_names(&self) -> QueryNames {
        let mut names = QueryNames::default();
        for pair in self.query.split(|&byte| byte == b'&') {
            let name = pair.split(|&byte| byte == b'=').next().unwrap_or_default();
            let name: std::borrow::Cow<'_, [u8]> = percent_decode(name).into();
            match name.as_ref() {
                b"access_token" => names.token = true,
                b"os_username" | b"os_password" => names.password = true,
                name => names.oauth1.note(name),
            }
        }
        names
    }
}

/// Credentials in the query, by the names of their parameters.
#[derive(Default)]
struct QueryNames {
    token: bool,
    password: bool,
    oauth1: OAuth1Names,
}

/// The parameters without which a request is not signed by OAuth 1.0a (RFC 5849, section 3.1).
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct OAuth1Names {
    consumer_key: bool,
    signature_method: bool,
    signature: bool,
}

impl OAuth1Names {
    fn note(&mut self, name: &[u8]) {
        match name {
            b"oauth_consumer_key" => self.consumer_key = true,
            b"oauth_signature_method" => self.signature_method = true,
            b"oauth_signature" => self.signature = true,
            _ => {}
        }
    }
}

fn authorization(value: &[u8], in_query: OAuth1Names) -> Result<Credential<'_>, Reason> {
    let mut parts = list_parts(value);
    let first = parts.next().unwrap_or_default();
    if parts.any(begins_a_credential) {
        return Err(Reason::MultipleCredentials);
    }
    let (scheme, rest) = split_scheme(first);
    if scheme.eq_ignore_ascii_case(b"bearer") {
        let token = single_value(value, scheme).ok_or(Reason::MalformedCredential)?;
        std::str::from_utf8(token)
            .map(Credential::Bearer)
            .map_err(|_| Reason::MalformedCredential)
    } else if scheme.eq_ignore_ascii_case(b"basic") {
        let value = single_value(value, scheme).ok_or(Reason::MalformedCredential)?;
        let user_and_password = STANDARD_ANY_PADDING
            .decode(value)
            .map_err(|_| Reason::MalformedCredential)?;
        let well_formed = user_and_password.contains(&b':');
        well_formed
            .then_some(Credential::Basic)
            .ok_or(Reason::MalformedCredential)
    } else if scheme.eq_ignore_ascii_case(b"oauth") {
        if !rest.starts_with(b" ") || rest.trim_ascii().is_empty() {
            return Err(Reason::MalformedCredential);
        }
        let mut names = in_query;
        for (index, part) in list_parts(value).enumerate() {
            let part = if index == 0 { rest.trim_ascii() } else { part };
            if let Some(at) = part.iter().position(|&byte| byte == b'=') {
                names.note(part[..at].trim_ascii());
            }
        }
        signed(names)
    } else {
        Err(Reason::UnsupportedScheme)
    }
}

fn signed(names: OAuth1Names) -> Result<Credential<'static>, Reason> {
    let complete = names.consumer_key && names.signature_method && names.signature;
    complete
        .then_some(Credential::OAuth1)
        .ok_or(Reason::MalformedCredential)
}

/// The one value after a scheme: spaces, then visible ASCII that could not be a list or a quoted
/// string. RFC 6750's `b64token` is narrower, but real providers issue tokens with `|` and `!`.
fn single_value<'a>(value: &'a [u8], scheme: &[u8]) -> Option<&'a [u8]> {
    let rest = &value[scheme.len()..];
    let spaces = rest.iter().take_while(|&&byte| byte == b' ').count();
    let single = &rest[spaces..];
    let allowed = |byte: &u8| byte.is_ascii_graphic() && !matches!(byte, b',' | b'"' | b'\\');
    (spaces > 0 && !single.is_empty() && single.iter().all(allowed)).then_some(single)
}

/// The scheme is the leading run of token characters (RFC 9110, section 11.1).
fn split_scheme(value: &[u8]) -> (&[u8], &[u8]) {
    let end = value
        .iter()
        .position(|byte| !(byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte)));
    value.split_at(end.unwrap_or(value.len()))
}

/// The parts of a comma-separated list, commas in quoted strings left alone. Proxies join repeated
/// headers so.
fn list_parts(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    let (mut quoted, mut escaped) = (false, false);
    value
        .split(move |&byte| {
            let literal = std::mem::take(&mut escaped);
            match byte {
                b'\\' if quoted && !literal => escaped = true,
                b'"' if !literal => quoted = !quoted,
                _ => {}
            }
            byte == b',' && !quoted
        })
        .map(<[u8]>::trim_ascii)
}

/// Whether a later part of a list is a credential of its own and no parameter of the one before:
/// a scheme and a value behind it, or a known scheme alone.
fn begins_a_credential(part: &[u8]) -> bool {
    let (scheme, rest) = split_scheme(part);
    let known = [&b"bearer"[..], b"basic", b"oauth", b"negotiate", b"digest"];
    let value = rest.trim_ascii();
    if value.is_empty() {
        return known.iter().any(|name| scheme.eq_ignore_ascii_case(name));
    }
    !scheme.is_empty() && rest[0].is_ascii_whitespace() && value[0] != b'='
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue};

    fn find(headers: &[(&str, &str)], query: &'static str) -> Result<Credential<'static>, Reason> {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| {
                let name: HeaderName = name.parse().expect("a header name");
                (
                    name,
                    HeaderValue::from_bytes(value.as_bytes()).expect("a header value"),
                )
            })
            .collect();
        let headers = Box::leak(Box::new(headers));
        Carrier {
            headers,
            query: query.as_bytes(),
        }
        .credential(&["JSESSIONID".to_owned()])
    }

    fn authorization(value: &str) -> Result<Credential<'static>, Reason> {
        find(&[("authorization", value)], "")
    }

    #[test]
    fn schemes_are_read_without_case() {
        for value in ["Bearer abc", "bearer abc", "BEARER   abc"] {
            assert_eq!(
                authorization(value),
                Ok(Credential::Bearer("abc")),
                "{value}"
            );
        }
        for value in ["Basic YTpi", "bAsIc YTpi", "Basic Ojo="] {
            assert_eq!(authorization(value), Ok(Credential::Basic), "{value}");
        }
        assert_eq!(
            authorization("Bearer Atza|a!b"),
            Ok(Credential::Bearer("Atza|a!b"))
        );
    }

    #[test]
    fn a_value_that_the_scheme_does_not_allow_is_malformed() {
        for value in [
            "Bearer",
            "Bearer ",
            "Bearer a b",
            "Bearer \"a\"",
            "Bearer\ta",
            "Bearer a,b",
            "Bearer é",
            "Basic",
            "Basic ***",
            "Basic\tYTpi",
            "Basic YWI=",
            "Basic YTpi YTpi",
            "OAuth",
            "OAuth ",
            "OAuth realm=\"x\"",
            "OAuth oauth_signature=\"x\", oauth_consumer_key=\"y\"",
        ] {
            assert_eq!(
                authorization(value),
                Err(Reason::MalformedCredential),
                "{value}"
            );
        }
    }

    #[test]
    fn another_scheme_is_not_supported() {
        for value in [
            "Token abc",
            "BearerT",
            "Negotiate abc",
            "Digest username=\"x\"",
            "JWT a.b.c",
        ] {
            assert_eq!(
                authorization(value),
                Err(Reason::UnsupportedScheme),
                "{value}"
            );
        }
    }

    #[test]
    fn two_credentials_are_refused_wherever_they_stand() {
        for value in [
            "Bearer a, Bearer b",
            "Basic YTpi, Bearer b",
            "Bearer a,Basic YTpi",
            "Bearer a, Bearer",
            "OAuth oauth_consumer_key=\"k\", Bearer a",
        ] {
            assert_eq!(
                authorization(value),
                Err(Reason::MultipleCredentials),
                "{value}"
            );
        }
        let twice = [("authorization", "Bearer a"), ("authorization", "Bearer a")];
        assert_eq!(find(&twice, ""), Err(Reason::MultipleCredentials));
        for query in [
            "access_token=x",
            "a=b&os_username=x",
            "access%5Ftoken=x",
            "os%5fpassword",
        ] {
            let found = find(&[("authorization", "Bearer a")], query);
            assert_eq!(found, Err(Reason::MultipleCredentials), "{query}");
        }
    }

    #[test]
    fn the_query_carries_basic_and_oauth1_but_no_bearer_token() {
        assert_eq!(
            find(&[], "os_username=a&os_password=b"),
            Ok(Credential::Basic)
        );
        assert_eq!(find(&[], "os%5Fusername=a"), Ok(Credential::Basic));
        assert_eq!(find(&[], "access_token=T"), Ok(Credential::Missing));
        let signed = "oauth_consumer_key=k&oauth_signature_method=HMAC-SHA1&oauth_signature=s";
        assert_eq!(find(&[], signed), Ok(Credential::OAuth1));
        assert_eq!(
            find(&[], "oauth_signature=s"),
            Err(Reason::MalformedCredential)
        );
        assert_eq!(
            find(&[("authorization", "OAuth realm=\"\"")], signed),
            Ok(Credential::OAuth1)
        );
    }

    #[test]
    fn oauth1_needs_its_three_parameters() {
        let value = "OAuth realm=\"a,b\",oauth_consumer_key=\"k\", oauth_signature_method=\"RSA-SHA1\", \
                     oauth_signature=\"s\"";
        assert_eq!(authorization(value), Ok(Credential::OAuth1));
    }

    #[test]
    fn a_session_is_a_known_cookie_with_a_value() {
        let cookie = |value| find(&[("cookie", value)], "");
        assert_eq!(cookie("a=b; JSESSIONID=x"), Ok(Credential::Session));
        for value in [
            "",
            "JSESSIONID=",
            "JSESSIONID",
            "JSESSIONID=\"\"",
            "jsessionid=x",
            "XJSESSIONID=x",
        ] {
            assert_eq!(cookie(value), Ok(Credential::Missing), "{value}");
        }
        let both = [("cookie", "JSESSIONID=x"), ("authorization", "Bearer a")];
        assert_eq!(find(&both, ""), Ok(Credential::Bearer("a")));
        let other = [
            ("proxy-authorization", "Bearer a"),
            ("authorization_", "Bearer a"),
        ];
        assert_eq!(find(&other, ""), Ok(Credential::Missing));
    }
}
