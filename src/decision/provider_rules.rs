//! The rules of one provider, compiled from its settings for the validation path.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;

use crate::network;
use crate::settings::{
    Algorithm, AttributePath, PathError, Preset, Provider, TokenValidation, UsernameMap,
    UsernameTransform,
};

/// The rules of one provider.
#[derive(Clone, Debug)]
pub struct ProviderRules {
    /// The provider's id.
    pub id: Arc<str>,
    /// Its kind, for rules of its own.
    pub preset: &'static Preset,
    /// How its tokens are judged.
    pub validation: TokenValidation,
    /// Signature algorithms that are accepted.
    pub algorithms: Vec<Algorithm>,
    /// Accepted `aud` values.
    pub audiences: Audiences,
    /// Accepted clients; empty: any.
    pub authorized_clients: Vec<String>,
    /// The policy that a token must name, where it names one.
    pub policy: Option<String>,
    /// Scopes that a token must have.
    pub required_scopes: Vec<String>,
    /// The required scopes as a challenge names them.
    pub scope: Arc<str>,
    /// Where the username stands.
    pub username: AttributePath,
    /// The same attribute in the preset's other spelling.
    pub username_other_spelling: Option<AttributePath>,
    /// What is made of the username.
    pub transform: UsernameTransform,
    /// The only values that name a user, with their usernames; `None`: each value is its own username.
    pub username_map: Option<Arc<UsernameMap>>,
    /// Where the groups stand.
    pub groups: Option<AttributePath>,
    /// Groups of which one is needed; empty: none.
    pub allowed_groups: Vec<String>,
    /// Networks of which the client must be in one; empty: any.
    pub allowed_networks: Vec<IpNet>,
    /// Usernames of applications, by client id.
    pub service_accounts: BTreeMap<String, String>,
}

/// Which audiences a provider's tokens may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Audiences {
    /// Any, said aloud in the settings by `["*"]`.
    Any,
    /// One of these, compared exactly.
    OneOf(Vec<String>),
}

impl Audiences {
    /// Whether one of these is accepted.
    pub fn accept<'a>(&self, mut stated: impl Iterator<Item = &'a str>) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(accepted) => {
                stated.any(|audience| accepted.iter().any(|one| one == audience))
            }
        }
    }
}

impl ProviderRules {
    /// Compiles a provider's settings, with its username map where it has one.
    ///
    /// # Errors
    /// When an attribute path can't be parsed, which valid settings exclude.
    pub fn compile(
        provider: &Provider,
        username_map: Option<Arc<UsernameMap>>,
    ) -> Result<Self, PathError> {
        let groups = provider
            .groups_attribute
            .as_deref()
            .map(AttributePath::parse)
            .transpose()?;
        let username = AttributePath::parse(&provider.username_attribute)?;
        let other_spelling = provider.preset.other_spelling(&provider.username_attribute);
        Ok(Self {
            id: provider.id.as_str().into(),
            preset: provider.preset,
            validation: provider.token_validation,
            algorithms: provider.algorithms.clone(),
            audiences: if provider.accepts_every_audience() {
                Audiences::Any
            } else {
                Audiences::OneOf(provider.effective_audiences())
            },
            authorized_clients: provider.authorized_clients.clone(),
            policy: provider.policy().map(ToOwned::to_owned),
            scope: provider.required_scopes.join(" ").into(),
            required_scopes: provider.required_scopes.clone(),
            username,
            username_other_spelling: other_spelling.map(AttributePath::parse).transpose()?,
            transform: provider.username_transform,
            username_map,
            groups,
            allowed_groups: provider.allowed_groups.clone(),
            allowed_networks: provider.allowed_networks.clone(),
            service_accounts: provider.service_accounts.clone(),
        })
    }

    /// Whether a client at this address may enter, as far as its address goes.
    #[must_use]
    pub fn lets_in_from(&self, client: Option<IpAddr>) -> bool {
        let allowed = &self.allowed_networks;
        allowed.is_empty() || client.is_some_and(|address| network::contains(allowed, address))
    }

    /// The same rules with another username attribute and transform, to see what comes out.
    ///
    /// # Errors
    /// When the attribute is no path.
    pub fn with_username(
        self,
        attribute: &str,
        transform: UsernameTransform,
    ) -> Result<Self, PathError> {
        let other_spelling = self.preset.other_spelling(attribute);
        Ok(Self {
            username: AttributePath::parse(attribute)?,
            username_other_spelling: other_spelling.map(AttributePath::parse).transpose()?,
            transform,
            ..self
        })
    }
}
