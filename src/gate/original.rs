//! The original request behind a validation request. The path that the proxy's configuration names
//! says which headers are read; the others are ignored, so a client can't steer the decision.

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri};

/// The headers that a proxy describes the original request with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// nginx `auth_request`.
    AuthRequest,
    /// Traefik, Caddy, `HAProxy`, APISIX.
    ForwardAuth,
    /// Envoy and what is made of it: the request is the original one, behind a prefix.
    ExtAuthz,
    /// No proxy: the credential alone is judged.
    Direct,
}

/// Why the original request is not known, so that it is judged as a protected call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// The peer is no trusted proxy.
    UntrustedPeer,
    /// The method or the URI is not there.
    Missing,
    /// The method or the URI is there more than once.
    Repeated,
    /// The method or the URI can't be read.
    Unreadable,
}

impl Unknown {
    /// Every cause.
    pub const ALL: [Self; 4] = [
        Self::UntrustedPeer,
        Self::Missing,
        Self::Repeated,
        Self::Unreadable,
    ];

    /// The name in metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::UntrustedPeer => "untrusted_peer",
            Self::Missing => "missing",
            Self::Repeated => "repeated",
            Self::Unreadable => "unreadable",
        }
    }

    pub(super) const fn explanation(self) -> &'static str {
        match self {
            Self::UntrustedPeer => {
                "the peer is no trusted proxy (--trusted-proxies); what it says of the original \
                 request is not believed"
            }
            Self::Missing => {
                "the proxy does not send the original method and URI; see its configuration"
            }
            Self::Repeated => "the original method or URI arrives more than once",
            Self::Unreadable => "the original method or URI can't be read",
        }
    }
}

const EXT_AUTHZ: &str = "/validate/ext-authz";

impl Family {
    /// The family that a path of ours stands for.
    pub(super) fn of_path(path: &str) -> Option<Self> {
        match path {
            "/validate" => Some(Self::Direct),
            "/validate/auth-request" => Some(Self::AuthRequest),
            "/validate/forward-auth" => Some(Self::ForwardAuth),
            _ => match path.strip_prefix(EXT_AUTHZ) {
                Some("") => Some(Self::ExtAuthz),
                Some(rest) if rest.starts_with('/') => Some(Self::ExtAuthz),
                _ => None,
            },
        }
    }

    /// The name in logs; for all but [`Family::Direct`] also the end of the endpoint's path.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AuthRequest => "auth-request",
            Self::ForwardAuth => "forward-auth",
            Self::ExtAuthz => "ext-authz",
            Self::Direct => "direct",
        }
    }

    /// The original request's method, as the proxy says; the request's own where it says nothing.
    pub(super) fn method(self, request: &Parts) -> &[u8] {
        let named = match self {
            Self::AuthRequest => request.headers.get("x-original-method"),
            Self::ForwardAuth => request.headers.get("x-forwarded-method"),
            Self::ExtAuthz | Self::Direct => None,
        };
        named.map_or(request.method.as_str().as_bytes(), HeaderValue::as_bytes)
    }

    /// The original request's target, `Ok(None)` where the family has none.
    ///
    /// # Errors
    /// Why the target is not known.
    pub(super) fn target<'a>(
        self,
        uri: &'a Uri,
        headers: &'a HeaderMap,
        peer_is_trusted: bool,
    ) -> Result<Option<&'a [u8]>, Unknown> {
        const ORIGINAL: [HeaderName; 2] = [
            HeaderName::from_static("x-original-method"),
            HeaderName::from_static("x-original-uri"),
        ];
        const FORWARDED: [HeaderName; 2] = [
            HeaderName::from_static("x-forwarded-method"),
            HeaderName::from_static("x-forwarded-uri"),
        ];
        if self == Self::Direct {
            return Ok(None);
        }
        if !peer_is_trusted {
            return Err(Unknown::UntrustedPeer);
        }
        match self {
            Self::AuthRequest => from_headers(&ORIGINAL, headers).map(Some),
            Self::ForwardAuth => from_headers(&FORWARDED, headers).map(Some),
            Self::ExtAuthz => from_uri(uri).map(Some),
            Self::Direct => Ok(None),
        }
    }
}

fn from_headers<'a>(
    [method, uri]: &[HeaderName; 2],
    headers: &'a HeaderMap,
) -> Result<&'a [u8], Unknown> {
    let method = single(method, headers)?;
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    if !method.iter().all(is_token) {
        return Err(Unknown::Unreadable);
    }
    let target = single(uri, headers)?;
    // Blanks and controls are in no request target; what else can't be read is for the path rules.
    if target.iter().any(|byte| *byte <= b' ') {
        return Err(Unknown::Unreadable);
    }
    Ok(target)
}

fn single<'a>(name: &HeaderName, headers: &'a HeaderMap) -> Result<&'a [u8], Unknown> {
    let mut values = headers.get_all(name).iter();
    let value = values
        .next()
        .map(HeaderValue::as_bytes)
        .filter(|value| !value.is_empty());
    if values.next().is_some() {
        return Err(Unknown::Repeated);
    }
    value.ok_or(Unknown::Missing)
}

/// As the target was sent: axum's path parameters are decoded already.
fn from_uri(uri: &Uri) -> Result<&[u8], Unknown> {
    let whole = uri.path_and_query().map_or("", |target| target.as_str());
    let target = whole.strip_prefix(EXT_AUTHZ).unwrap_or_default();
    if target.starts_with('/') {
        Ok(target.as_bytes())
    } else {
        Err(Unknown::Missing)
    }
}
