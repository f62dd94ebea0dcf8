//! Why a request is refused: a stable code, a status, a sentence.

use std::fmt;
use std::sync::Arc;

use super::TokenFacts;

/// A refusal: its reason, and what the challenge needs beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// Why.
    pub reason: Reason,
    /// The scopes that are needed, for [`Reason::InsufficientScope`].
    pub scope: Option<Arc<str>>,
    /// The provider that judged the token, or that was asked last.
    pub provider: Option<Arc<str>>,
    /// Whom the token acts for, where its provider had vouched for it before it was refused.
    pub username: Option<String>,
    /// Whom the token is from and for, likewise.
    pub token: Option<Arc<TokenFacts>>,
}

impl Refusal {
    /// The same refusal, by this provider.
    #[must_use]
    pub fn by(self, provider: &Arc<str>) -> Self {
        Self {
            provider: Some(Arc::clone(provider)),
            ..self
        }
    }
}

impl From<Reason> for Refusal {
    fn from(reason: Reason) -> Self {
        Self {
            reason,
            scope: None,
            provider: None,
            username: None,
            token: None,
        }
    }
}

macro_rules! reasons {
    ($($variant:ident = $code:literal, $status:literal, $title:literal;)+) => {
        /// Why a request is refused. The code of each is a promise to scripts.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Reason { $(#[doc = $title] $variant,)+ }

        impl Reason {
            /// Every reason.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The stable code: the value of `X-Auth-Reason`.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// The HTTP status of the answer.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)+ }
            }

            /// One sentence for people; it never holds anything of the request.
            #[must_use]
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$variant => $title,)+ }
            }
        }
    };
}

reasons! {
    MissingCredential = "missing_credential", 401, "This call needs a bearer token.";
    MalformedCredential = "malformed_credential", 401, "The Authorization header is not well formed.";
    MultipleCredentials = "multiple_credentials", 401, "The request carries more than one credential.";
    UnsupportedScheme = "unsupported_scheme", 401, "This authentication scheme is not accepted.";
    BasicDisabled = "basic_disabled", 401, "User name and password are not accepted; use a bearer token.";
    OAuth1Disabled = "oauth1_disabled", 401, "OAuth 1.0 is not allowed; use a bearer token.";
    MalformedToken = "malformed_token", 401, "The token is not well formed.";
    EncryptedToken = "encrypted_token", 401, "Encrypted tokens are not accepted.";
    UnsupportedAlgorithm = "unsupported_algorithm", 401, "The token's signature algorithm is not accepted.";
    UnsupportedCriticalHeader = "unsupported_critical_header", 401, "The token demands an extension that is not supported.";
    WrongTokenType = "wrong_token_type", 401, "The token is not an access token.";
    SenderConstrained = "sender_constrained", 401, "The token is bound to a key or certificate, which cannot be checked here.";
    UnknownIssuer = "unknown_issuer", 401, "No provider here accepts tokens of this issuer.";
    UnknownToken = "unknown_token", 401, "No provider here can judge this token.";
    UnknownKey = "unknown_key", 401, "The token names no key of its provider that fits.";
    InvalidSignature = "invalid_signature", 401, "The token's signature is not valid.";
    Expired = "expired", 401, "The token has expired.";
    NotYetValid = "not_yet_valid", 401, "The token is not valid yet.";
    MissingClaim = "missing_claim", 401, "The token lacks its issuer, audience or expiry.";
    WrongAudience = "wrong_audience", 401, "The token was issued for another API.";
    WrongClient = "wrong_client", 401, "The token was issued to an application that is not accepted.";
    WrongPolicy = "wrong_policy", 401, "The token was issued under another policy.";
    NoUser = "no_user", 401, "The token belongs to an application, not to a user.";
    MissingUsername = "missing_username", 401, "No username is known for the user: the username attribute, or the username map, has none.";
    InvalidUsername = "invalid_username", 401, "The username attribute's value cannot be a username.";
    UnverifiedEmail = "unverified_email", 401, "The user's e-mail address is not verified.";
    Inactive = "inactive", 401, "The provider does not accept this token.";
    InsufficientScope = "insufficient_scope", 403, "The token lacks a scope that is needed.";
    GroupNotAllowed = "group_not_allowed", 403, "The user is in no group that is allowed.";
    NetworkNotAllowed = "network_not_allowed", 403, "Calls from this network are not allowed.";
    ProviderUnavailable = "provider_unavailable", 503, "The identity provider cannot be asked at the moment.";
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_reasons_stand_in_their_order() {
        for (place, reason) in Reason::ALL.iter().enumerate() {
            assert_eq!(*reason as usize, place, "{reason}");
        }
    }
}
