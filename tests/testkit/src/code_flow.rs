//! A client of the authorization code flow with PKCE (RFC 6749, section 4.1; RFC 7636).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode, header};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use url::Url;

/// Where the provider sends the person back to.
pub const REDIRECT_URI: &str = "http://127.0.0.1/callback";
/// What the code is redeemed with.
pub const VERIFIER: &str = "a-verifier-that-is-as-long-as-the-standard-wants-it";

/// What a client asks for, and where.
#[derive(Clone, Copy, Debug)]
pub struct CodeFlow<'a> {
    pub authorization_endpoint: &'a str,
    pub token_endpoint: &'a str,
    pub client_id: &'a str,
    /// `None` for a public client.
    pub client_secret: Option<&'a str>,
    pub scope: &'a str,
}

/// A token endpoint's answer.
#[derive(Debug, Deserialize)]
pub struct Tokens {
    pub access_token: String,
    /// Absent without `openid`, and for client credentials.
    pub id_token: Option<String>,
    /// Absent for client credentials.
    pub refresh_token: Option<String>,
}

impl CodeFlow<'_> {
    /// Where the client sends the person.
    pub fn url(&self) -> Url {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
        let request = [
            ("response_type", "code"),
            ("client_id", self.client_id),
            ("scope", self.scope),
            ("redirect_uri", REDIRECT_URI),
            ("nonce", "a-nonce"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        Url::parse_with_params(self.authorization_endpoint, request).expect("a URL")
    }

    /// Redeems the code that came back in the callback.
    pub async fn redeem(&self, callback: &Url) -> Tokens {
        let code = code_in(callback);
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("client_id", self.client_id),
            ("code", &code),
            ("redirect_uri", REDIRECT_URI),
            ("code_verifier", VERIFIER),
        ];
        form.extend(self.client_secret.map(|secret| ("client_secret", secret)));
        tokens(self.token_endpoint, &form).await
    }
}

/// The code that came back in the callback.
pub fn code_in(callback: &Url) -> String {
    let code = callback.query_pairs().find(|(name, _)| name == "code");
    let (_, code) = code.unwrap_or_else(|| panic!("no code in {callback}"));
    code.into_owned()
}

/// What a token endpoint grants.
pub async fn tokens(endpoint: &str, form: &[(&str, &str)]) -> Tokens {
    let answer = Client::new().post(endpoint).form(form);
    let answer = answer.send().await.expect("an answer");
    let status = answer.status();
    let body = answer.text().await.expect("a body");
    assert_eq!(status, StatusCode::OK, "{body}");
    serde_json::from_str(&body).expect("a token endpoint's answer")
}

/// A person's browser: keeps cookies, and shows each redirect instead of following it.
pub fn person() -> Client {
    Client::builder()
        .redirect(Policy::none())
        .cookie_store(true)
        .build()
        .expect("a client")
}

/// Where an answer redirects to.
pub fn redirect(answer: &Response) -> Url {
    let location = answer.headers().get(header::LOCATION);
    let location = location.unwrap_or_else(|| panic!("no redirect: {answer:?}"));
    let location = location.to_str().expect("a URL");
    answer.url().join(location).expect("a URL")
}
