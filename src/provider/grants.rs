//! The token endpoint (RFC 6749, section 3.2): from a grant to a token.

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, Value};

use super::Source;
use super::fetch::{ClientAuthentication, FetchError};
use super::state::SourceState;
use crate::json;
use crate::settings::{Provider, Secret};

/// What a token is asked for with.
#[derive(Clone, Copy, Debug)]
pub enum Grant<'a> {
    /// RFC 6749, section 4.1.3, with PKCE (RFC 7636, section 4.5).
    AuthorizationCode {
        /// The code that the provider sent the user back with.
        code: &'a SecretString,
        /// The callback that the sign-in named.
        redirect_uri: &'a str,
        /// The secret whose hash the sign-in named.
        verifier: &'a SecretString,
    },
    /// RFC 6749, section 4.4.
    ClientCredentials {
        /// Scopes, separated by blanks.
        scopes: &'a str,
    },
}

/// A token endpoint's good answer.
#[derive(Debug)]
pub struct Issued {
    /// The access token; some providers give none for OpenID's own scopes.
    pub access_token: Option<SecretString>,
    /// The ID token.
    pub id_token: Option<SecretString>,
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum GrantError {
    /// The token endpoint is not known.
    #[error("the provider's token endpoint is not known")]
    NoEndpoint,
    /// The grant needs a client secret, and there is none.
    #[error("there is no client secret")]
    NoSecret,
    /// The token endpoint accepts a secret in no way that is known here.
    #[error("the token endpoint wants another client authentication than a secret")]
    NoMethod,
    /// There is no answer that can be used.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The provider says no (RFC 6749, section 5.2).
    #[error("the provider says {error}")]
    Refused {
        /// `invalid_grant` and the like.
        error: String,
        /// The provider's own words; may be empty. Secrets of this request are blotted out.
        description: String,
    },
}

/// How the client shows who it is at the token endpoint, by the discovery document's word, which
/// without a list means Basic (RFC 8414, section 2). Where there is a choice, and where there is no
/// document, the secret goes into the form: of Basic, providers disagree whether it is to be decoded.
fn authentication<'a>(
    provider: &'a Provider,
    state: &SourceState,
) -> Result<ClientAuthentication<'a>, GrantError> {
    let id = provider.client_id.as_str();
    let Some(secret) = provider.client_secret.as_ref().map(Secret::expose) else {
        return Ok(ClientAuthentication::Public { id });
    };
    let Some(discovery) = &state.discovery else {
        return Ok(ClientAuthentication::Post { id, secret });
    };
    let Some(listed) = &discovery.token_auth_methods else {
        return Ok(ClientAuthentication::Basic { id, secret });
    };
    let lists = |method: &str| listed.iter().any(|one| one == method);
    if lists("client_secret_post") {
        Ok(ClientAuthentication::Post { id, secret })
    } else if lists("client_secret_basic") {
        Ok(ClientAuthentication::Basic { id, secret })
    } else {
        Err(GrantError::NoMethod)
    }
}

impl Source {
    /// How the client shows who it is at the token endpoint.
    ///
    /// # Errors
    /// [`GrantError::NoMethod`] when the provider takes a secret in no way that is known here.
    pub fn client_authentication<'a>(
        &self,
        provider: &'a Provider,
        state: &SourceState,
    ) -> Result<ClientAuthentication<'a>, GrantError> {
        authentication(provider, state)
    }

    /// Where tokens are issued: by hand wins over discovery, discovery over the preset.
    #[must_use]
    pub fn token_endpoint(&self, provider: &Provider, state: &SourceState) -> Option<String> {
        let discovered = || state.discovery.as_ref()?.token_endpoint.clone();
        let by_hand = provider.token_endpoint.clone();
        by_hand
            .or_else(discovered)
            .or_else(|| provider.preset_token_endpoint())
    }

    /// Asks the token endpoint for a token.
    ///
    /// # Errors
    /// Why there is none. No error holds a code, a secret or a token.
    pub async fn grant(
        &self,
        provider: &Provider,
        state: &SourceState,
        grant: Grant<'_>,
    ) -> Result<Issued, GrantError> {
        let endpoint = self.token_endpoint(provider, state);
        let endpoint = endpoint.ok_or(GrantError::NoEndpoint)?;
        let secret = provider.client_secret.as_ref();
        if secret.is_none() && matches!(grant, Grant::ClientCredentials { .. }) {
            return Err(GrantError::NoSecret);
        }
        let client = authentication(provider, state)?;
        let form = grant.form();
        let answer = self.fetcher().post_form(&endpoint, &form, client);
        let (status, body) = answer.await?;
        let secret = secret.map_or("", Secret::expose);
        match json::parse_object(&body) {
            Ok(members) if members.get("error").is_some_and(|error| !error.is_null()) => {
                Err(refusal(&members, &grant, secret))
            }
            Ok(members) if status.is_success() => Ok(Issued::read(&members)),
            Err(_) if status.is_success() => {
                Err(FetchError::Content("it is no JSON object".to_owned()).into())
            }
            _ => Err(FetchError::Status(status.as_u16()).into()),
        }
    }
}

impl<'a> Grant<'a> {
    fn form(&self) -> Vec<(&'static str, &'a str)> {
        match *self {
            Self::AuthorizationCode {
                code,
                redirect_uri,
                verifier,
            } => vec![
                ("grant_type", "authorization_code"),
                ("code", code.expose_secret()),
                ("redirect_uri", redirect_uri),
                ("code_verifier", verifier.expose_secret()),
            ],
            Self::ClientCredentials { scopes: "" } => vec![("grant_type", "client_credentials")],
            Self::ClientCredentials { scopes } => {
                vec![("grant_type", "client_credentials"), ("scope", scopes)]
            }
        }
    }

    fn secrets(&self) -> Vec<&'a str> {
        match *self {
            Self::AuthorizationCode { code, verifier, .. } => {
                vec![code.expose_secret(), verifier.expose_secret()]
            }
            Self::ClientCredentials { .. } => Vec::new(),
        }
    }
}

impl Issued {
    fn read(members: &Map<String, Value>) -> Self {
        let token = |name: &str| {
            let text = members.get(name)?.as_str()?;
            (!text.is_empty()).then(|| SecretString::from(text))
        };
        Self {
            access_token: token("access_token"),
            id_token: token("id_token"),
        }
    }
}

/// The provider's words, without what of the request they may repeat.
fn refusal(members: &Map<String, Value>, grant: &Grant<'_>, secret: &str) -> GrantError {
    let secrets = grant.secrets();
    let text = |name: &str| {
        let text = members.get(name).and_then(|value| match value {
            // Facebook puts its words one level deeper.
            Value::Object(inner) => inner.get("message")?.as_str(),
            value => value.as_str(),
        });
        let mut text = text.unwrap_or_default().to_owned();
        for secret in secrets.iter().chain(&[secret]) {
            if !secret.is_empty() {
                text = text.replace(secret, "…");
            }
        }
        text
    };
    GrantError::Refused {
        error: text("error"),
        description: text("error_description"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::provider::Discovery;
    use crate::settings::{ReadContext, Settings};

    /// What is chosen for a provider whose document lists these methods.
    fn chosen(secret: Option<&str>, methods: Option<&[&str]>) -> Option<&'static str> {
        let document = json!({
            "issuer": "https://login.example.com/",
            "token_endpoint_auth_methods_supported": methods,
        });
        let document = Discovery::parse(
            document.to_string().as_bytes(),
            "https://login.example.com/",
        );
        let state = SourceState {
            discovery: Some(document.expect("a good document")),
            ..SourceState::default()
        };
        of(secret, &state)
    }

    fn of(secret: Option<&str>, state: &SourceState) -> Option<&'static str> {
        let provider = provider(secret);
        authentication(&provider, state)
            .ok()
            .map(|chosen| match chosen {
                ClientAuthentication::Basic { .. } => "basic",
                ClientAuthentication::Post { .. } => "post",
                ClientAuthentication::Public { .. } => "public",
            })
    }

    fn provider(secret: Option<&str>) -> Provider {
        let document = json!({
            "version": 1,
            "global": {
                "rest_api_authentication_enabled": true,
                "basic_authentication_disabled": false,
            },
            "providers": [{
                "id": "azure-b2c", "preset": "azure-b2c",
                "parameters": {"tenant": "contoso", "policy": "B2C_1_signin"},
                "client_id": "5f4c", "client_secret": secret, "username_attribute": "oid",
            }],
        });
        let stored = Settings::default();
        let context = ReadContext {
            stored: &stored,
            username_maps: &std::collections::BTreeMap::new(),
            allow_http_providers: false,
        };
        let settings = Settings::read_value(&document, context).expect("a valid document");
        settings.providers.into_iter().next().expect("one provider")
    }

    #[test]
    fn the_secret_goes_where_the_provider_takes_it() {
        let secret = Some("s");
        let b2c: &[&str] = &["client_secret_basic", "client_secret_post"];
        let basic: &[&str] = &["private_key_jwt", "client_secret_basic"];
        let neither: &[&str] = &["private_key_jwt"];
        assert_eq!(chosen(secret, None), Some("basic"));
        assert_eq!(chosen(secret, Some(b2c)), Some("post"));
        assert_eq!(chosen(secret, Some(basic)), Some("basic"));
        assert_eq!(chosen(secret, Some(neither)), None);
        assert_eq!(chosen(None, Some(neither)), Some("public"));
        assert_eq!(of(secret, &SourceState::default()), Some("post"));
    }

    #[test]
    fn a_refusal_repeats_no_secret() {
        let (code, verifier) = (SecretString::from("c0de"), SecretString::from("ver1fier"));
        let grant = Grant::AuthorizationCode {
            code: &code,
            redirect_uri: "https://gate.example.com/oauth/callback",
            verifier: &verifier,
        };
        let members = json!({
            "error": "invalid_grant",
            "error_description": "c0de with ver1fier and s3cret is wrong",
        });
        let refusal = refusal(members.as_object().expect("an object"), &grant, "s3cret");
        let text = format!("{refusal:?} {grant:?}");
        assert!(text.contains("… with … and … is wrong"), "{text}");
        for secret in ["c0de", "ver1fier", "s3cret"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}
