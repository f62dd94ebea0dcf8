//! Finds the credential of a request: at most one, in one place.

use base64::Engine as _;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::{alphabet, engine::DecodePaddingMode};
use http::HeaderMap;
use http::header::{AUTHORIZATION, COOKIE};
use percent_encoding::percent_decode;
use secrecy::SecretString;
use url::form_urlencoded;

use super::Reason;
use super::authorization::{begins_a_credential, list_parts, single_value, split_scheme};

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
            Some(value) => match authorization(value, names.oauth1)? {
                // A signed request beside another credential: the application could take either.
                Credential::Bearer(_) | Credential::Basic if names.oauth1.is_complete() => {
                    Err(Reason::MultipleCredentials)
                }
                credential => Ok(credential),
            },
            None if names.password => Ok(Credential::Basic),
            None if names.oauth1 != OAuth1Names::default() => signed(names.oauth1),
            None if self.has_cookie(session_cookies) => Ok(Credential::Session),
            None => Ok(Credential::Missing),
        }
    }

    /// What kind of credential is sent, whether it is allowed or not.
    #[must_use]
    pub fn kind(&self, session_cookies: &[String]) -> Kind {
        match self.credential(session_cookies) {
            Ok(Credential::Missing) => Kind::Nothing,
            Ok(Credential::Bearer(_)) => Kind::Bearer,
            Ok(Credential::Basic) => Kind::Basic,
            Ok(Credential::Session) => Kind::Session,
            Err(Reason::MalformedCredential) if self.has_bearer() => Kind::Bearer,
            Err(Reason::MalformedCredential) if self.has_basic() => Kind::Basic,
            Ok(Credential::OAuth1) | Err(Reason::MalformedCredential) => Kind::OAuth1,
            Err(_) => Kind::Other,
        }
    }

    /// Whom Basic credentials name, where [`Carrier::credential`] has found such and one name can be
    /// read.
    #[must_use]
    pub fn basic_user(&self) -> Option<String> {
        if let Some(pair) = basic_pair(self.headers) {
            return pair.split_once(':').map(|(user, _)| user.to_owned());
        }
        let mut names =
            form_urlencoded::parse(self.query).filter(|(name, _)| name == "os_username");
        let (_, user) = names.next()?;
        names.next().is_none().then(|| user.into_owned())
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

/// The kind of credential that a request carries, for what is told of it afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// None.
    Nothing,
    /// A bearer token.
    Bearer,
    /// User name and password.
    Basic,
    /// OAuth 1.0a.
    OAuth1,
    /// A session cookie of the application.
    Session,
    /// Another scheme, or several credentials.
    Other,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::Nothing,
        Self::Bearer,
        Self::Basic,
        Self::OAuth1,
        Self::Session,
        Self::Other,
    ];

    /// The name in the store, in metrics and in exports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "none",
            Self::Bearer => "bearer",
            Self::Basic => "basic",
            Self::OAuth1 => "oauth1",
            Self::Session => "session",
            Self::Other => "other",
        }
    }
}

/// The password of the Basic credentials in the header, where [`Carrier::credential`] has found such.
#[must_use]
pub fn basic_password(headers: &HeaderMap) -> Option<SecretString> {
    let pair = basic_pair(headers)?;
    let (_, password) = pair.split_once(':')?;
    Some(password.into())
}

/// User name and password as they stand in the header.
fn basic_pair(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(AUTHORIZATION)?.as_bytes().trim_ascii();
    let (scheme, _) = split_scheme(value);
    let encoded = single_value(value, scheme).filter(|_| scheme.eq_ignore_ascii_case(b"basic"))?;
    let bytes = STANDARD_ANY_PADDING.decode(encoded).ok()?;
    String::from_utf8(bytes).ok()
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
    const fn is_complete(self) -> bool {
        self.consumer_key && self.signature_method && self.signature
    }

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
    names
        .is_complete()
        .then_some(Credential::OAuth1)
        .ok_or(Reason::MalformedCredential)
}

#[cfg(test)]
mod tests;
