//! The rules of a decision: plain functions over values, without a server, a store or a clock.
//!
//! The words say what has been proved: a *credential* is what the request carries, an *unverified
//! token* has been read but not believed, *verified claims* come from the provider, and a
//! *principal* is who the request acts for. [`assess`] covers `interface.md` rules 1 to 5; what it
//! leaves as a token goes on through [`token`], [`claims`], [`keys`] and [`user`].

mod access;
mod assess;
mod authorization;
pub mod claims;
pub mod credential;
mod exception;
pub mod keys;
pub mod path;
pub mod provider_rules;
mod reason;
mod story;
pub mod token;
mod token_facts;
pub mod user;
mod verifier;

pub use access::scopes;
pub use assess::{Assessment, GateRules, Request, assess};
pub use provider_rules::{Audiences, ProviderRules};
pub use reason::{Reason, Refusal};
pub use story::{Step, Story, Told};
pub use token_facts::TokenFacts;
pub use user::Principal;

use std::sync::Arc;

/// What becomes of a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// It may pass.
    Allow(Allowed),
    /// It would be refused, but passes: the gate only observes.
    Observe(Refusal),
    /// It may not.
    Refuse(Refusal),
}

/// A request that may pass.
#[derive(Clone, Debug, PartialEq)]
pub struct Allowed {
    /// Why it may pass.
    pub method: Method,
    /// Who it acts for, where that is known here.
    pub principal: Option<Principal>,
    /// When the credential ends, in Unix seconds, where that is known.
    pub expires_at: Option<i64>,
    /// How long the signature of its token speaks for it; none where somebody has to be asked.
    pub validity: Option<Validity>,
    /// Whom its token is from and for, where one was judged here.
    pub token: Option<Arc<TokenFacts>>,
    /// The id of the exception that let Basic through, where it is disabled.
    pub exception: Option<Arc<str>>,
}

impl Allowed {
    /// A pass without a principal: the application decides who it is.
    #[must_use]
    pub const fn unidentified(method: Method) -> Self {
        Self {
            method,
            principal: None,
            expires_at: None,
            validity: None,
            token: None,
            exception: None,
        }
    }
}

/// From when until when a token is good, in Unix seconds, with the clock skew that is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// The first second.
    pub from: i64,
    /// The second in which it is good no longer.
    pub until: i64,
}

impl Validity {
    /// Whether the token is good at this moment.
    #[must_use]
    pub const fn holds(self, now: i64) -> bool {
        self.from <= now && now < self.until
    }
}

/// Why a request may pass: the value of `X-Auth-Method`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// A token of an identity provider.
    OAuth,
    /// An Atlassian personal access token, which the application checks.
    AtlassianToken,
    /// Basic credentials, which the application checks.
    Basic,
    /// OAuth 1.0a, which the application checks.
    OAuth1,
    /// A session cookie of the application.
    Session,
    /// No credential, where that is allowed.
    Anonymous,
    /// The path needs none.
    Public,
    /// REST API authentication is off.
    Disabled,
    /// It would be refused, but the gate only observes.
    Observed,
}

impl Method {
    /// The value of `X-Auth-Method`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OAuth => "oauth",
            Self::AtlassianToken => "atlassian-token",
            Self::Basic => "basic",
            Self::OAuth1 => "oauth1",
            Self::Session => "session",
            Self::Anonymous => "anonymous",
            Self::Public => "public",
            Self::Disabled => "disabled",
            Self::Observed => "observed",
        }
    }

    /// Whether the application behind the proxy checks the client's own `Authorization` itself.
    #[must_use]
    pub const fn passes_the_credential_on(self) -> bool {
        matches!(
            self,
            Self::AtlassianToken
                | Self::Basic
                | Self::OAuth1
                | Self::Public
                | Self::Disabled
                | Self::Observed
        )
    }

    /// Whether the user was identified here, so that the application needs a credential of its own.
    #[must_use]
    pub const fn is_handed_over(self) -> bool {
        matches!(self, Self::OAuth)
    }
}
