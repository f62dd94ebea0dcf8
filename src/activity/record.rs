//! One decision, as it is told.

use std::net::IpAddr;
use std::time::Duration;

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outcome {
    /// It passed.
    Allowed,
    /// It would have been refused, and passed because the gate only observes.
    Observed,
    /// It was refused.
    Refused,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 3] = [Self::Allowed, Self::Observed, Self::Refused];

    /// The name in the store, in metrics and in exports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Observed => "observed",
            Self::Refused => "refused",
        }
    }

    /// The outcome of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == name)
    }
}

/// One decision, borrowed from the request. A text is empty where there is nothing to say.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// When it was made, in Unix seconds.
    pub at: i64,
    /// What became of the request.
    pub outcome: Outcome,
    /// The value of `X-Auth-Method`; empty where the request was refused.
    pub method: &'static str,
    /// The reason's code, where it was or would have been refused.
    pub reason: &'static str,
    /// The kind of credential that was sent; `none` where there was none.
    pub credential: &'static str,
    /// The id of the provider that judged.
    pub provider: &'a str,
    /// Whom the request acts for, or, with Basic, says that it acts for.
    pub user: &'a str,
    /// What a provider has vouched for.
    pub vouched: Option<Vouched<'a>>,
    /// The id of the exception that let Basic through.
    pub exception: &'a str,
    /// The client's address.
    pub client: Option<IpAddr>,
    /// `User-Agent`.
    pub user_agent: &'a [u8],
    /// The method of the original request.
    pub http_method: &'a [u8],
    /// The target of the original request, where it is known.
    pub target: Option<&'a [u8]>,
    /// The id of the request.
    pub request_id: &'a str,
    /// How long the decision took.
    pub duration: Duration,
}

/// What a provider has vouched for: nobody else can make it up.
#[derive(Clone, Copy, Debug, Default)]
pub struct Vouched<'a> {
    /// The application that the token was issued to.
    pub client_id: &'a str,
    /// `iss`.
    pub issuer: &'a str,
    /// `aud`, in order, separated by blanks.
    pub audience: &'a str,
    /// Scopes, in order, separated by blanks.
    pub scopes: &'a str,
}
