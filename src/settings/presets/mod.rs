//! The kinds of identity providers that the console offers, as data.
//!
//! A preset says what an administrator is asked for and which rules of its own its tokens follow;
//! nothing elsewhere branches on a preset's name.

mod custom;
mod mark;
mod microsoft;
mod public;
mod stability;
mod token_info;
mod workforce;

pub use mark::{Mark, MarkValue};
pub use stability::{Recommendation, Stability};
pub use token_info::{TokenInfo, TokenInfoCall};

use super::{Algorithm, TokenValidation};

/// A kind of identity provider.
#[derive(Debug)]
pub struct Preset {
    /// The name in the settings document.
    pub id: &'static str,
    /// The name in the console.
    pub label: &'static str,
    /// The values that it asks for.
    pub parameters: &'static [Parameter],
    /// Discovery URL with `{parameter}` places.
    pub discovery_url: Option<&'static str>,
    /// Endpoints that no discovery document names.
    pub endpoints: Endpoints,
    /// Ways to judge its tokens, the recommended one first.
    pub methods: &'static [TokenValidation],
    /// Algorithms that it signs with.
    pub algorithms: &'static [Algorithm],
    /// Scopes to ask for.
    pub scopes: &'static [&'static str],
    /// Whether an empty list of audiences means the client id.
    pub client_is_audience: bool,
    /// Whether its access tokens may be JWTs, whose payload names an audience.
    pub issues_jwts: bool,
    /// Claims that name the audience; the first one that is there counts.
    pub audience_claims: &'static [&'static str],
    /// Marks of which an access token has at least one and an ID token none; empty: there are none.
    pub access_token_marks: &'static [Mark],
    /// Claims of which a user's token has at least one; empty: there is no such mark.
    pub user_marks: &'static [&'static str],
    /// Marks of which only the token of an application has one.
    pub application_marks: &'static [Mark],
    /// Claims that name the policy, compared without case with the parameter `policy`.
    pub policy_claims: &'static [&'static str],
    /// Pairs of spellings of one attribute: the directory's and the token's.
    pub attribute_spellings: &'static [(&'static str, &'static str)],
    /// Texts that stand in the place of a username and are none.
    pub placeholders: &'static [&'static str],
    /// Attributes that can be a username, the best first.
    pub recommendations: &'static [Recommendation],
    /// How to find out for which application an opaque token was issued.
    pub token_info: Option<TokenInfo>,
    /// Whether anybody can have an account there, so that more than an account must be asked for.
    pub is_open_to_anybody: bool,
    /// How long a vanished key is kept in a new provider, in seconds.
    pub key_grace_seconds: u32,
    /// Audiences that administrators meet by mistake, each with what to do.
    pub foreign_audiences: &'static [(&'static str, &'static str)],
    /// Beginnings of issuers that administrators meet by mistake, each with what to do.
    pub foreign_issuers: &'static [(&'static str, &'static str)],
    /// Values of the parameter `tenant` that stand for many tenants.
    pub shared_tenants: &'static [&'static str],
}

/// What every preset has that does not say otherwise: an OpenID provider that issues JWTs.
const OPENID: Preset = Preset {
    id: "",
    label: "",
    parameters: &[],
    discovery_url: None,
    endpoints: Endpoints {
        userinfo: None,
        introspection: None,
        authorization: None,
        token: None,
    },
    methods: &[TokenValidation::Jwks, TokenValidation::Userinfo],
    algorithms: &[Algorithm::Rs256],
    scopes: &["openid"],
    client_is_audience: true,
    issues_jwts: true,
    audience_claims: &["aud"],
    access_token_marks: &[],
    user_marks: &[],
    application_marks: &[],
    policy_claims: &[],
    attribute_spellings: &[],
    placeholders: &[],
    recommendations: &[],
    token_info: None,
    is_open_to_anybody: false,
    key_grace_seconds: 0,
    foreign_audiences: &[],
    foreign_issuers: &[],
    shared_tenants: &[],
};

/// Endpoints, with `{parameter}` places.
#[derive(Debug)]
pub struct Endpoints {
    /// The userinfo endpoint, or what serves as one.
    pub userinfo: Option<&'static str>,
    /// The introspection endpoint.
    pub introspection: Option<&'static str>,
    /// Where users sign in.
    pub authorization: Option<&'static str>,
    /// Where tokens are issued.
    pub token: Option<&'static str>,
}

impl PartialEq for Preset {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

/// A value that a preset asks for.
#[derive(Debug)]
pub struct Parameter {
    /// The key under `parameters`.
    pub name: &'static str,
    /// The label of its field.
    pub label: &'static str,
    /// Where the administrator finds it.
    pub help: &'static str,
    /// A value that is right.
    pub example: &'static str,
    /// The value where none is given.
    pub default: Option<&'static str>,
    /// What it may hold: it becomes a part of a URL.
    pub form: ParameterForm,
}

/// What a parameter may hold.
#[derive(Clone, Copy, Debug)]
pub enum ParameterForm {
    /// Letters, digits and these.
    Word(&'static str),
    /// A host, with a port where it has one of its own.
    Host,
    /// A URL that paths are put behind.
    BaseUrl,
}

/// Every preset, in the order in which the console offers them.
pub const PRESETS: &[Preset] = &[
    microsoft::AZURE_B2C,
    microsoft::ENTRA_ID,
    microsoft::ENTRA_EXTERNAL_ID,
    workforce::OKTA,
    workforce::KEYCLOAK,
    public::GOOGLE,
    public::GITHUB,
    public::GITLAB,
    workforce::AWS_COGNITO,
    workforce::ADFS,
    workforce::AUTH0,
    workforce::PING,
    workforce::ONELOGIN,
    workforce::SALESFORCE,
    public::SLACK,
    public::DISCORD,
    public::FACEBOOK,
    custom::OIDC,
    custom::OAUTH2,
];

impl Preset {
    /// The preset with this id.
    #[must_use]
    pub fn find(id: &str) -> Option<&'static Self> {
        PRESETS.iter().find(|preset| preset.id == id)
    }

    /// The other spelling of an attribute, where it has two.
    #[must_use]
    pub fn other_spelling(&self, attribute: &str) -> Option<&'static str> {
        self.attribute_spellings
            .iter()
            .find_map(|&(directory, token)| match attribute {
                _ if attribute == directory => Some(token),
                _ if attribute == token => Some(directory),
                _ => None,
            })
    }
}

#[cfg(test)]
mod tests;
