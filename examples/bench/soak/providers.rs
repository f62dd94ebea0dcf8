//! The providers: one that changes its keys, one that is down at times, one that is asked about each token.

use std::time::Duration;

use bearergate_testkit::{Behaviour, Endpoint, Provider, SigningKey};
use serde_json::{Value, json};

/// The settings' default: a token is good for so long after its end.
pub const SKEW_SECONDS: i64 = 60;
/// How long an answer of the provider that is asked is reused.
pub const REUSED: Duration = Duration::from_secs(2);

/// The issuer of the tokens that the provider is asked about.
const ASKED_ISSUER: &str = "https://asked.example/";

pub struct Providers {
    /// Signs with another key now and then, and is saved with another attribute.
    pub rotating: Provider,
    /// Never changes, but does not answer at times.
    pub lasting: Provider,
    /// The second key of `lasting`, which signs in microseconds.
    pub fast_key: SigningKey,
    /// Validates by introspection; does not answer at times.
    asked: Provider,
}

impl Providers {
    pub async fn start() -> Self {
        let lasting = Provider::start().await;
        let fast_key = SigningKey::ed25519("fast");
        lasting.publish_keys([lasting.signing_key().jwk(), fast_key.jwk()]);
        Self {
            rotating: Provider::start().await,
            lasting,
            fast_key,
            asked: Provider::start().await,
        }
    }

    /// As the settings name them; the rotating one comes first.
    pub fn settings(&self) -> [Value; 3] {
        let mut lasting = self.lasting.settings();
        lasting["id"] = json!("lasting");
        lasting["algorithms"] = json!(["RS256", "EdDSA"]);
        let asked = json!({
            "id": "asked", "preset": "custom-oauth2", "token_validation": "introspection",
            "introspection_endpoint": self.asked.introspection_endpoint(),
            "issuers": [ASKED_ISSUER], "cache_seconds": REUSED.as_secs(),
            "client_id": "gate", "client_secret": "of the soak",
            "audiences": ["wiki"], "username_attribute": "username",
        });
        [self.rotating.settings(), lasting, asked]
    }

    /// A token that the provider says is this user's.
    pub fn known_token(&self, username: &str) -> String {
        let token = self.token_to_ask_about(username);
        let answer =
            json!({ "active": true, "username": username, "aud": "wiki", "sub": username });
        self.asked.know_token(&token, answer);
        token
    }

    /// A token that it says is not active.
    pub fn unknown_token(&self) -> String {
        self.token_to_ask_about("nobody")
    }

    fn token_to_ask_about(&self, subject: &str) -> String {
        let token = self.asked.token().with("iss", ASKED_ISSUER);
        let token = token.with("sub", subject).with("exp", json!(null));
        self.asked.sign(token)
    }

    /// Tells those that are down at times how to answer.
    pub fn behave(&self, behaviour: &Behaviour) {
        self.lasting.behave_everywhere(behaviour);
        self.asked
            .behave(Endpoint::Introspection, behaviour.clone());
    }
}
