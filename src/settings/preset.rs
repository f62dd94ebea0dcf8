//! The kinds of identity providers that the console offers, as data.
//!
//! A preset says what an administrator is asked for and which rules of its own its tokens follow;
//! nothing elsewhere branches on a preset's name.

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
    /// A claim that access tokens have and ID tokens lack.
    pub access_token_marker: Option<&'static str>,
    /// Claims of which a user's token has at least one; empty: there is no such mark.
    pub user_marks: &'static [&'static str],
    /// Claims that name the policy, compared without case with the parameter `policy`.
    pub policy_claims: &'static [&'static str],
    /// Pairs of spellings of one attribute: the directory's and the token's.
    pub attribute_spellings: &'static [(&'static str, &'static str)],
    /// Texts that stand in the place of a username and are none.
    pub placeholders: &'static [&'static str],
    /// Attributes that can be a username, the best first.
    pub recommendations: &'static [Recommendation],
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
    /// What its value may hold beside letters and digits.
    pub punctuation: &'static str,
}

/// An attribute that can be a username.
#[derive(Debug)]
pub struct Recommendation {
    /// The attribute path.
    pub attribute: &'static str,
    /// How safe it is.
    pub stability: Stability,
}

/// How safe a claim is as a username.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stability {
    /// Never changes, never given to somebody else.
    Stable,
    /// May change, or be given to somebody else later.
    Reassignable,
    /// Neither unique nor protected: a user can edit it to be somebody else.
    Unprotected,
}

impl Stability {
    /// What is known of a claim by its name, for providers in general.
    #[must_use]
    pub fn of_claim(name: &str) -> Option<Self> {
        match name {
            "oid" | "objectId" | "sub" | "uid" | "user_id" | "id" => Some(Self::Stable),
            "email"
            | "emails"
            | "mail"
            | "preferred_username"
            | "upn"
            | "unique_name"
            | "username"
            | "login"
            | "signInNames.emailAddress"
            | "userPrincipalName" => Some(Self::Reassignable),
            "name" | "given_name" | "givenName" | "family_name" | "surname" | "displayName"
            | "nickname" => Some(Self::Unprotected),
            _ => None,
        }
    }

    /// The warning in one sentence.
    #[must_use]
    pub const fn explanation(self) -> &'static str {
        match self {
            Self::Stable => "Stable: never changes and is never given to somebody else.",
            Self::Reassignable => "May change, or be given to somebody else later.",
            Self::Unprotected => {
                "Neither unique nor protected: a user can edit it to be somebody else."
            }
        }
    }
}

const fn stable(attribute: &'static str) -> Recommendation {
    Recommendation {
        attribute,
        stability: Stability::Stable,
    }
}

const fn reassignable(attribute: &'static str) -> Recommendation {
    Recommendation {
        attribute,
        stability: Stability::Reassignable,
    }
}

const fn unprotected(attribute: &'static str) -> Recommendation {
    Recommendation {
        attribute,
        stability: Stability::Unprotected,
    }
}

use TokenValidation::{Jwks, Userinfo};

/// Every preset, in the order in which the console offers them.
pub const PRESETS: &[Preset] = &[
    Preset {
        id: "azure-b2c",
        label: "Azure B2C",
        parameters: &[
            Parameter {
                name: "tenant",
                label: "Tenant Name",
                help: "The first part of the tenant's domain: Azure portal, Azure AD B2C, Overview, \
                       \"Domain name\", without \".onmicrosoft.com\".",
                example: "contoso",
                punctuation: "-",
            },
            Parameter {
                name: "policy",
                label: "Policy (User Flow)",
                help: "The user flow or custom policy that the clients sign in with: Azure portal, \
                       Azure AD B2C, User flows.",
                example: "B2C_1_signin",
                punctuation: "-_",
            },
        ],
        discovery_url: Some(
            "https://{tenant}.b2clogin.com/{tenant}.onmicrosoft.com/{policy}/v2.0/.well-known/openid-configuration",
        ),
        methods: &[Jwks, Userinfo],
        algorithms: &[Algorithm::Rs256],
        scopes: &["openid"],
        client_is_audience: true,
        issues_jwts: true,
        access_token_marker: Some("scp"),
        // The token of an application without a user is not marked as such; a user's comes from a
        // policy and names it, or says something about the person.
        user_marks: &[
            "tfp",
            "acr",
            "idp",
            "auth_time",
            "nonce",
            "emails",
            "email",
            "name",
            "given_name",
            "family_name",
        ],
        policy_claims: &["tfp", "acr"],
        attribute_spellings: &[
            ("givenName", "given_name"),
            ("surname", "family_name"),
            ("displayName", "name"),
            ("objectId", "oid"),
        ],
        placeholders: &["Not supported currently. Use oid claim."],
        recommendations: &[
            stable("oid"),
            stable("sub"),
            reassignable("emails[0]"),
            unprotected("givenName"),
        ],
    },
    Preset {
        id: "custom-oidc",
        label: "Custom OpenID Connect",
        parameters: &[],
        discovery_url: None,
        methods: &[Jwks, Userinfo],
        algorithms: &[Algorithm::Rs256],
        scopes: &["openid"],
        // Here the client id is what ID tokens carry as their audience.
        client_is_audience: false,
        issues_jwts: true,
        access_token_marker: None,
        user_marks: &[],
        policy_claims: &[],
        attribute_spellings: &[],
        placeholders: &[],
        recommendations: &[stable("sub"), reassignable("preferred_username")],
    },
    Preset {
        id: "custom-oauth2",
        label: "Custom OAuth 2.0",
        parameters: &[],
        discovery_url: None,
        methods: &[Userinfo, Jwks],
        algorithms: &[Algorithm::Rs256],
        scopes: &[],
        client_is_audience: true,
        issues_jwts: false,
        access_token_marker: None,
        user_marks: &[],
        policy_claims: &[],
        attribute_spellings: &[],
        placeholders: &[],
        recommendations: &[stable("sub"), stable("id"), reassignable("login")],
    },
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
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_each_preset_has_a_method_and_an_algorithm() {
        for (index, preset) in PRESETS.iter().enumerate() {
            assert!(
                PRESETS[..index].iter().all(|other| other.id != preset.id),
                "{}",
                preset.id
            );
            assert!(
                !preset.methods.is_empty() && !preset.algorithms.is_empty(),
                "{}",
                preset.id
            );
        }
    }

    #[test]
    fn each_spelling_leads_to_the_other() {
        let preset = Preset::find("azure-b2c").expect("a preset");
        assert_eq!(preset.other_spelling("givenName"), Some("given_name"));
        assert_eq!(preset.other_spelling("oid"), Some("objectId"));
        assert_eq!(preset.other_spelling("sub"), None);
    }
}
