//! Discovery documents (OpenID Connect Discovery 1.0, section 3; RFC 8414, section 2).

use serde_json::Value;
use url::Url;

use super::fetch::{FetchError, Fetcher};
use crate::json;

/// What a discovery document says, as far as it is used here.
///
/// Its issuer is taken as it is and compared exactly with tokens; it need not fit the document's own
/// URL, because Azure AD B2C's does not (against OpenID Connect Discovery, section 4.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discovery {
    /// The issuer of this provider's tokens.
    pub issuer: String,
    /// Where its keys are.
    pub jwks_uri: Option<String>,
    /// Where users sign in.
    pub authorization_endpoint: Option<String>,
    /// Where tokens are issued.
    pub token_endpoint: Option<String>,
    /// Where a token's user is described.
    pub userinfo_endpoint: Option<String>,
    /// Where a token can be asked about (RFC 7662).
    pub introspection_endpoint: Option<String>,
    /// How clients authenticate there.
    pub introspection_auth_methods: Vec<String>,
    /// The algorithms that the provider says it signs with.
    pub algorithms: Vec<String>,
    /// How clients may authenticate at the token endpoint; `None` where it doesn't say.
    pub token_auth_methods: Option<Vec<String>>,
}

impl Discovery {
    /// Fetches and reads a discovery document.
    ///
    /// # Errors
    /// Why there is none, or what is wrong with it.
    pub async fn fetch(url: &str, fetcher: &Fetcher) -> Result<Self, FetchError> {
        let document = fetcher.document(url).await?;
        Self::parse(&document, url).map_err(|why| FetchError::Content(why.to_owned()))
    }

    /// This document in the place of the one in use, if it names the same issuer.
    ///
    /// # Errors
    /// [`FetchError::IssuerChanged`].
    pub(super) fn succeeding(self, former: Option<&Self>) -> Result<Self, FetchError> {
        match former {
            Some(former) if former.issuer != self.issuer => Err(FetchError::IssuerChanged {
                former: former.issuer.clone(),
                found: self.issuer,
            }),
            _ => Ok(self),
        }
    }

    pub(super) fn parse(document: &[u8], url: &str) -> Result<Self, &'static str> {
        let document = json::parse_object(document).map_err(|_| "it is no JSON object")?;
        let text = |name: &str| document.get(name).and_then(Value::as_str);
        // AD FS names another issuer for its access tokens (MS-OIDCE, section 2.2.3.2).
        let issuer = text("access_token_issuer").or_else(|| text("issuer"));
        let issuer = issuer.filter(|issuer| !issuer.is_empty());
        let issuer = issuer.ok_or("it names no issuer")?.to_owned();
        let secure = Url::parse(url).is_ok_and(|url| url.scheme() == "https");
        let endpoint = |name: &str| {
            let endpoint = text(name)?;
            // A document that came safely must not lead to an address that is not safe.
            (!secure || endpoint.starts_with("https://")).then(|| endpoint.to_owned())
        };
        let list = |name: &str| {
            let items = document.get(name)?.as_array()?.iter();
            let texts = items.filter_map(|item| item.as_str().map(ToOwned::to_owned));
            Some(texts.collect::<Vec<_>>())
        };
        let texts = |name: &str| list(name).unwrap_or_default();
        Ok(Self {
            issuer,
            jwks_uri: endpoint("jwks_uri"),
            authorization_endpoint: endpoint("authorization_endpoint"),
            token_endpoint: endpoint("token_endpoint"),
            userinfo_endpoint: endpoint("userinfo_endpoint"),
            introspection_endpoint: endpoint("introspection_endpoint"),
            introspection_auth_methods: texts("introspection_endpoint_auth_methods_supported"),
            algorithms: texts("id_token_signing_alg_values_supported"),
            token_auth_methods: list("token_endpoint_auth_methods_supported"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_that_does_not_fit_the_url_is_taken_as_it_is() {
        let document = br#"{"issuer":"https://c.b2clogin.com/guid/v2.0/","jwks_uri":"https://c.b2clogin.com/k?p=b"}"#;
        let url =
            "https://c.b2clogin.com/c.onmicrosoft.com/p/v2.0/.well-known/openid-configuration";
        let discovery = Discovery::parse(document, url).expect("a good document");
        assert_eq!(discovery.issuer, "https://c.b2clogin.com/guid/v2.0/");
        assert_eq!(
            discovery.jwks_uri.as_deref(),
            Some("https://c.b2clogin.com/k?p=b")
        );
    }

    #[test]
    fn an_issuer_of_access_tokens_wins_over_that_of_id_tokens() {
        let document =
            br#"{"issuer":"https://h/adfs","access_token_issuer":"http://h/adfs/services/trust"}"#;
        let discovery = Discovery::parse(document, "https://h/adfs/").expect("a good document");
        assert_eq!(discovery.issuer, "http://h/adfs/services/trust");
    }

    #[test]
    fn a_safe_document_leads_to_safe_addresses_alone() {
        let document = br#"{"issuer":"i","jwks_uri":"http://127.0.0.1/keys"}"#;
        let far = Discovery::parse(document, "https://idp.example.com/").expect("a document");
        assert_eq!(far.jwks_uri, None);
        let near = Discovery::parse(document, "http://127.0.0.1/d").expect("a document");
        assert!(near.jwks_uri.is_some());
    }

    #[test]
    fn what_is_no_discovery_document_is_refused() {
        for text in [
            "",
            "<html>",
            "[]",
            "{}",
            r#"{"issuer":""}"#,
            r#"{"issuer":7}"#,
        ] {
            assert!(
                Discovery::parse(text.as_bytes(), "https://x/").is_err(),
                "{text}"
            );
        }
    }
}
