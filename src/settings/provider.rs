//! A configured identity provider.

use std::collections::BTreeMap;

use ipnet::IpNet;
use serde::{Serialize, Serializer};

use super::{Preset, Secret};

/// An identity provider, as the settings document describes it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Provider {
    /// Short name, unique among the providers; part of URLs and of `X-Auth-Provider`.
    pub id: String,
    /// What kind of provider it is; decides defaults and rules of its own.
    #[serde(serialize_with = "preset_id")]
    pub preset: &'static Preset,
    /// The name that the console shows.
    pub display_name: String,
    /// A disabled provider judges no token.
    pub enabled: bool,
    /// The preset's own values, such as tenant and policy.
    pub parameters: BTreeMap<String, String>,
    /// Overrides the preset's discovery URL.
    pub discovery_url: Option<String>,
    /// Issuers whose tokens this provider judges, exact strings; empty: the discovery document's.
    pub issuers: Vec<String>,
    /// Overrides the discovery document's `jwks_uri`.
    pub jwks_uri: Option<String>,
    /// Overrides the discovery document's `authorization_endpoint`.
    pub authorization_endpoint: Option<String>,
    /// Overrides the discovery document's `token_endpoint`.
    pub token_endpoint: Option<String>,
    /// Overrides the discovery document's `userinfo_endpoint`.
    pub userinfo_endpoint: Option<String>,
    /// Overrides the discovery document's `introspection_endpoint`.
    pub introspection_endpoint: Option<String>,
    /// The application's id at the provider; empty when there is none.
    pub client_id: String,
    /// The application's secret at the provider.
    pub client_secret: Option<Secret>,
    /// Scopes that a token is asked for with.
    pub scopes: Vec<String>,
    /// How a token is judged.
    pub token_validation: TokenValidation,
    /// Signature algorithms that are accepted.
    pub algorithms: Vec<Algorithm>,
    /// Accepted `aud` values; empty: the client id; `["*"]`: any.
    pub audiences: Vec<String>,
    /// Accepted clients (`azp`, `appid`, `cid`, `client_id`); empty: any.
    pub authorized_clients: Vec<String>,
    /// Scopes that a token must have.
    pub required_scopes: Vec<String>,
    /// Claim or path that holds the username.
    pub username_attribute: String,
    /// What is made of the attribute's value.
    pub username_transform: UsernameTransform,
    /// Claim or path that holds the groups.
    pub groups_attribute: Option<String>,
    /// Groups of which a user needs one; empty: none needed.
    pub allowed_groups: Vec<String>,
    /// Networks that a client must come from; empty: any.
    pub allowed_networks: Vec<IpNet>,
    /// Usernames of applications: client id to username.
    pub service_accounts: BTreeMap<String, String>,
    /// How long a key is kept after it vanished from the provider's key set, in seconds.
    pub key_grace_seconds: u32,
    /// How long a userinfo or introspection answer is reused, in seconds.
    pub cache_seconds: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn preset_id<S: Serializer>(preset: &&'static Preset, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(preset.id)
}

impl Provider {
    /// The discovery URL in force: the one given by hand, else the preset's with its parameters.
    #[must_use]
    pub fn effective_discovery_url(&self) -> Option<String> {
        let own = self.discovery_url.clone();
        own.or_else(|| self.fill(self.preset.discovery_url?))
    }

    /// The preset's userinfo endpoint with this provider's parameters.
    #[must_use]
    pub fn preset_userinfo_endpoint(&self) -> Option<String> {
        self.fill(self.preset.endpoints.userinfo?)
    }

    /// The preset's introspection endpoint with this provider's parameters.
    #[must_use]
    pub fn preset_introspection_endpoint(&self) -> Option<String> {
        self.fill(self.preset.endpoints.introspection?)
    }

    /// The preset's authorization endpoint with this provider's parameters.
    #[must_use]
    pub fn preset_authorization_endpoint(&self) -> Option<String> {
        self.fill(self.preset.endpoints.authorization?)
    }

    /// The preset's token endpoint with this provider's parameters.
    #[must_use]
    pub fn preset_token_endpoint(&self) -> Option<String> {
        self.fill(self.preset.endpoints.token?)
    }

    /// Where the vendor says for which application a token was issued; an introspection endpoint
    /// given by hand stands for it.
    #[must_use]
    pub fn token_info_url(&self) -> Option<String> {
        let info = self.preset.token_info.as_ref()?;
        let own = self.introspection_endpoint.clone();
        own.or_else(|| self.fill(info.url))
    }

    /// A preset's template with this provider's parameters in their places.
    fn fill(&self, template: &str) -> Option<String> {
        let mut text = template.replace("{client_id}", &self.client_id);
        for parameter in self.preset.parameters {
            let place = format!("{{{}}}", parameter.name);
            if text.contains(&place) {
                let own = self
                    .parameters
                    .get(parameter.name)
                    .filter(|value| !value.is_empty());
                let value = own.map(String::as_str).or(parameter.default)?;
                text = text.replace(&place, value.trim_end_matches('/'));
            }
        }
        Some(text)
    }

    /// The audiences in force: the list, or the client id where the list is empty.
    #[must_use]
    pub fn effective_audiences(&self) -> Vec<String> {
        if self.audiences.is_empty() && !self.client_id.is_empty() {
            vec![self.client_id.clone()]
        } else {
            self.audiences.clone()
        }
    }

    /// Whether every audience is accepted, said aloud by `["*"]`.
    #[must_use]
    pub fn accepts_every_audience(&self) -> bool {
        self.audiences == ["*"]
    }

    /// Whether nothing but a username map would say who may enter: anybody can have an account at the provider.
    #[must_use]
    pub fn needs_username_map(&self) -> bool {
        self.enabled
            && self.preset.is_open_to_anybody
            && self.allowed_groups.is_empty()
            && self.service_accounts.is_empty()
    }

    /// The policy that a token must name, where the preset has policies.
    #[must_use]
    pub fn policy(&self) -> Option<&str> {
        if self.preset.policy_claims.is_empty() {
            return None;
        }
        self.parameters.get("policy").map(String::as_str)
    }
}

/// Declares an enum whose values have one spelling each in the settings document.
macro_rules! spelled {
    ($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$variant_meta])* $variant,)+ }

        impl $name {
            /// Every value, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The spelling in the settings document.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// The value with this spelling.
            #[must_use]
            pub fn from_spelling(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.as_str() == text)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}

spelled! {
    /// How a provider's tokens are judged.
    TokenValidation {
        /// Signature and claims, checked here with the provider's key set.
        Jwks = "jwks",
        /// The provider's userinfo endpoint is asked with the token (OpenID Connect Core, 5.3).
        Userinfo = "userinfo",
        /// The provider's introspection endpoint is asked about the token (RFC 7662).
        Introspection = "introspection",
    }
}

spelled! {
    /// What is made of the username attribute's value.
    UsernameTransform {
        /// The value as it is.
        None = "none",
        /// In lower case.
        Lowercase = "lowercase",
        /// What stands before the `@` of an e-mail address.
        EmailLocalPart = "email_local_part",
    }
}

spelled! {
    /// A signature algorithm (RFC 7518, section 3.1, and RFC 8037); symmetric ones do not exist here.
    Algorithm {
        /// RSA PKCS #1 v1.5 with SHA-256.
        Rs256 = "RS256",
        /// RSA PKCS #1 v1.5 with SHA-384.
        Rs384 = "RS384",
        /// RSA PKCS #1 v1.5 with SHA-512.
        Rs512 = "RS512",
        /// RSA PSS with SHA-256.
        Ps256 = "PS256",
        /// RSA PSS with SHA-384.
        Ps384 = "PS384",
        /// RSA PSS with SHA-512.
        Ps512 = "PS512",
        /// ECDSA on P-256 with SHA-256.
        Es256 = "ES256",
        /// ECDSA on P-384 with SHA-384.
        Es384 = "ES384",
        /// Ed25519.
        EdDsa = "EdDSA",
    }
}
