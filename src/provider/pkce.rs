//! The authorization request of the code flow (RFC 6749, section 4.1.1), with PKCE (RFC 7636).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use url::Url;

use super::Source;
use super::fetch::FetchError;
use super::state::SourceState;
use crate::settings::Provider;

/// A sign-in at a provider that is about to begin.
#[derive(Clone, Copy, Debug)]
pub struct SignIn<'a> {
    /// Where the provider sends the user back to.
    pub redirect_uri: &'a str,
    /// Scopes, separated by blanks.
    pub scopes: &'a str,
    /// Comes back with the answer.
    pub state: &'a str,
    /// Comes back in the ID token (OpenID Connect Core, section 3.1.2.1).
    pub nonce: &'a str,
    /// The secret whose hash goes with the request, and itself with the code.
    pub verifier: &'a str,
}

/// A text that nobody can guess: 32 random bytes in base64url, as RFC 7636, section 4.1, wants a
/// verifier.
///
/// # Panics
/// When the operating system gives no randomness: a text that can be guessed must not exist.
#[must_use]
pub fn random_text() -> String {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).expect("the operating system gives randomness");
    URL_SAFE_NO_PAD.encode(bytes)
}

impl SignIn<'_> {
    /// The URL that begins the sign-in; the endpoint's own query, such as B2C's `p`, stays.
    fn url(&self, mut endpoint: Url, client_id: &str) -> Url {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(self.verifier));
        endpoint.query_pairs_mut().extend_pairs([
            ("response_type", "code"),
            ("response_mode", "query"),
            ("client_id", client_id),
            ("redirect_uri", self.redirect_uri),
            ("scope", self.scopes),
            ("state", self.state),
            ("nonce", self.nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        endpoint
    }
}

impl Source {
    /// The URL at which a sign-in begins; `None` where the provider's authorization endpoint is not
    /// known.
    ///
    /// # Errors
    /// [`FetchError::Url`] when it is no URL that a user may be sent to.
    pub fn sign_in_url(
        &self,
        provider: &Provider,
        state: &SourceState,
        sign_in: SignIn<'_>,
    ) -> Result<Option<Url>, FetchError> {
        let discovered = || state.discovery.as_ref()?.authorization_endpoint.clone();
        let by_hand = provider.authorization_endpoint.clone();
        let endpoint = by_hand
            .or_else(discovered)
            .or_else(|| provider.preset_authorization_endpoint());
        let Some(endpoint) = endpoint else {
            return Ok(None);
        };
        let endpoint = self.fetcher().accepted(&endpoint)?;
        Ok(Some(sign_in.url(endpoint, &provider.client_id)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_keeps_the_endpoints_own_query_and_holds_the_verifiers_hash() {
        // The verifier and challenge of RFC 7636, appendix B.
        let sign_in = SignIn {
            redirect_uri: "https://gate.example.com/oauth/callback",
            scopes: "openid https://contoso.onmicrosoft.com/api/demo.read",
            state: "s",
            nonce: "n",
            verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        };
        let endpoint = "https://login.example.com/authorize?p=b2c_1_signin";
        let url = sign_in.url(Url::parse(endpoint).expect("a URL"), "a b&c");
        let pair = |name: &str| {
            let mut found = url.query_pairs().filter(|(known, _)| known == name);
            let value = found.next().map(|(_, value)| value.into_owned());
            assert!(found.next().is_none(), "{name} occurs once");
            value.unwrap_or_default()
        };
        assert_eq!(pair("p"), "b2c_1_signin");
        assert_eq!(pair("client_id"), "a b&c");
        assert_eq!(pair("scope"), sign_in.scopes);
        assert_eq!(pair("response_type"), "code");
        assert_eq!(pair("response_mode"), "query");
        assert_eq!(pair("code_challenge_method"), "S256");
        assert_eq!(
            pair("code_challenge"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
        assert!(!url.as_str().contains(sign_in.verifier));
    }

    #[test]
    fn no_two_random_texts_are_equal_and_each_is_a_verifier() {
        let (one, other) = (random_text(), random_text());
        assert_ne!(one, other);
        assert_eq!(one.len(), 43, "RFC 7636 wants 43 to 128 characters");
    }
}
