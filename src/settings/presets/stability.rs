//! How safe an attribute is as a username.

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

pub(super) const fn stable(attribute: &'static str) -> Recommendation {
    Recommendation {
        attribute,
        stability: Stability::Stable,
    }
}

pub(super) const fn reassignable(attribute: &'static str) -> Recommendation {
    Recommendation {
        attribute,
        stability: Stability::Reassignable,
    }
}

pub(super) const fn unprotected(attribute: &'static str) -> Recommendation {
    Recommendation {
        attribute,
        stability: Stability::Unprotected,
    }
}
