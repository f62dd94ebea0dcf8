//! The credentials of Confluence that good calls are handed over with (`interface.md`, section 6).

use std::fmt;

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use super::username::fold_case;
use super::{Provider, Secret};

/// A credential that Confluence accepts, and whom it serves.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct UpstreamCredential {
    /// Short name, unique among the credentials.
    pub id: String,
    /// Whom it serves.
    #[serde(rename = "match")]
    pub serves: Serves,
    /// The value of the `Authorization` header; always there in settings that are valid.
    pub authorization: Option<Secret>,
}

/// Whom a credential serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Serves {
    /// One user. Without a provider: of the only one that is enabled.
    User {
        /// The provider's id.
        provider: Option<String>,
        /// The username, compared without case.
        username: String,
    },
    /// The members of a group. Without a provider: of the only one that is enabled.
    Group {
        /// The provider's id.
        provider: Option<String>,
        /// The group's name, compared to the letter.
        group: String,
    },
    /// Everybody whom no other credential serves.
    Everyone,
}

impl Serves {
    /// The id of the provider that is named.
    #[must_use]
    pub fn provider(&self) -> Option<&str> {
        match self {
            Self::User { provider, .. } | Self::Group { provider, .. } => provider.as_deref(),
            Self::Everyone => None,
        }
    }

    /// Whether several people may use Confluence under this one identity.
    #[must_use]
    pub const fn is_shared(&self) -> bool {
        !matches!(self, Self::User { .. })
    }

    /// Whether the two serve exactly the same people; `only` is the one provider that is enabled.
    pub(super) fn equals(&self, other: &Self, only: Option<&str>) -> bool {
        let of = |one: &Self| one.provider().or(only).map(ToOwned::to_owned);
        match (self, other) {
            (Self::User { username: one, .. }, Self::User { username: two, .. }) => {
                of(self) == of(other) && fold_case(one) == fold_case(two)
            }
            (Self::Group { group: one, .. }, Self::Group { group: two, .. }) => {
                of(self) == of(other) && one == two
            }
            (Self::Everyone, Self::Everyone) => true,
            _ => false,
        }
    }
}

/// In words: `the user "alice" of azure-b2c`.
impl fmt::Display for Serves {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User { username, .. } => write!(formatter, "the user \"{username}\"")?,
            Self::Group { group, .. } => write!(formatter, "the group \"{group}\"")?,
            Self::Everyone => formatter.write_str("everyone")?,
        }
        match self.provider() {
            Some(provider) => write!(formatter, " of {provider}"),
            None => Ok(()),
        }
    }
}

impl Serialize for Serves {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if let Some(provider) = self.provider() {
            map.serialize_entry("provider", provider)?;
        }
        match self {
            Self::User { username, .. } => map.serialize_entry("username", username)?,
            Self::Group { group, .. } => map.serialize_entry("group", group)?,
            Self::Everyone => map.serialize_entry("everyone", &true)?,
        }
        map.end()
    }
}

/// The one provider that is enabled, which a match without a provider means.
#[must_use]
pub fn only_enabled<'a>(providers: impl IntoIterator<Item = &'a Provider>) -> Option<&'a Provider> {
    let mut enabled = providers.into_iter().filter(|provider| provider.enabled);
    enabled.next().filter(|_| enabled.next().is_none())
}
