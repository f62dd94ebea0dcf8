//! What is remembered of a token that was accepted as its provider's: whom it is from and for, no claims
//! about its user.

use serde_json::Value;

use super::claims::{Claims, audiences, clients};
use super::scopes;

/// Whom a token is from and for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TokenFacts {
    /// `iss`; empty where the token names none.
    pub issuer: String,
    /// `aud`, in order, separated by blanks.
    pub audience: String,
    /// The application that the token was issued to; empty where it is not named.
    pub client_id: String,
    /// The scopes, in order, separated by blanks.
    pub scopes: String,
}

impl TokenFacts {
    /// Reads them from the token's own claims, or from what its provider said about it.
    #[must_use]
    pub fn of(token: &Claims) -> Self {
        let issuer = token.get("iss").and_then(Value::as_str);
        Self {
            issuer: issuer.unwrap_or_default().to_owned(),
            audience: in_order(audiences(token).collect()),
            client_id: clients(token).next().unwrap_or_default().to_owned(),
            scopes: in_order(scopes(token)),
        }
    }
}

fn in_order(mut words: Vec<&str>) -> String {
    words.sort_unstable();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn tokens_that_say_the_same_in_another_order_are_told_alike() {
        let facts = |token: Value| TokenFacts::of(token.as_object().expect("an object"));
        let one = facts(json!({
            "iss": "https://a", "aud": ["y", "x"], "azp": "app", "scope": "write read", "sub": "alice",
        }));
        let other = facts(json!({
            "iss": "https://a", "aud": ["x", "y"], "azp": "app", "scp": ["read", "write"], "sub": "bob",
        }));
        assert_eq!(one, other);
        assert_eq!(
            (one.audience.as_str(), one.scopes.as_str()),
            ("x y", "read write")
        );
        assert_eq!(facts(json!({"aud": 7, "iss": null})), TokenFacts::default());
    }
}
