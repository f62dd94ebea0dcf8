//! Access tokens in the shape of Azure AD B2C's, good until a test spoils them.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};

use crate::SigningKey;

/// A token about to be signed.
#[derive(Clone, Debug)]
pub struct Token {
    /// The JOSE header.
    pub header: Map<String, Value>,
    /// The claims.
    pub claims: Map<String, Value>,
}

/// Now, in Unix seconds.
pub fn now() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("a clock after 1970");
    i64::try_from(since.as_secs()).expect("a clock before the end of time")
}

impl Token {
    /// A user's access token, as a user flow issues it.
    pub fn of_user(issuer: &str, audience: &str, policy: &str) -> Self {
        let claims = json!({
            "aud": audience,
            "iss": issuer,
            "exp": now() + 3600,
            "nbf": now() - 10,
            "iat": now() - 10,
            "idp": "LocalAccount",
            "oid": "0b1f3c1e-8f3a-4a53-9d61-7d2c5a6f4e01",
            "sub": "0b1f3c1e-8f3a-4a53-9d61-7d2c5a6f4e01",
            "given_name": "Alice",
            "family_name": "Liddell",
            "name": "Alice Liddell",
            "emails": ["alice@example.com"],
            "tfp": policy,
            "scp": "demo.read",
            "azp": "5f0e8c2d-6c0b-4c5b-8a52-0d1de9b0c7aa",
            "ver": "1.0",
        });
        let header = json!({ "typ": "JWT", "alg": "RS256" });
        let object = |value: Value| value.as_object().cloned().expect("an object");
        Self {
            header: object(header),
            claims: object(claims),
        }
    }

    /// With a claim set, or taken away by `null`.
    #[must_use]
    pub fn with(mut self, claim: &str, value: impl Into<Value>) -> Self {
        set(&mut self.claims, claim, value.into());
        self
    }

    /// With a header member set, or taken away by `null`.
    #[must_use]
    pub fn with_header(mut self, member: &str, value: impl Into<Value>) -> Self {
        set(&mut self.header, member, value.into());
        self
    }

    /// Signed by `key`, whose `kid` and algorithm the header names unless it names others.
    pub fn signed_by(mut self, key: &SigningKey) -> String {
        if self.header.get("alg").is_some_and(|alg| alg == "RS256") {
            let algorithm = format!("{:?}", key.algorithm);
            self.header.insert("alg".to_owned(), algorithm.into());
        }
        self.header
            .entry("kid")
            .or_insert_with(|| key.id.clone().into());
        key.sign(
            &Value::Object(self.header).to_string(),
            &Value::Object(self.claims).to_string(),
        )
    }
}

fn set(members: &mut Map<String, Value>, name: &str, value: Value) {
    if value.is_null() {
        members.remove(name);
    } else {
        members.insert(name.to_owned(), value);
    }
}
