//! The published JWS vectors of Project Wycheproof, through the real reading and verification.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bearergate::decision::Reason;
use bearergate::decision::keys::KeySet;
use bearergate::decision::token::{self, Shape, UnverifiedToken};
use bearergate::settings::Algorithm;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vectors {
    number_of_tests: usize,
    test_groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    comment: String,
    public: Option<Value>,
    private: Option<Value>,
    tests: Vec<Vector>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vector {
    tc_id: u32,
    jws: String,
    result: String,
}

fn vectors() -> Vectors {
    let text = include_str!("json_web_signature_test.json");
    let vectors: Vectors = serde_json::from_str(text).expect("the vectors");
    let count: usize = vectors
        .test_groups
        .iter()
        .map(|group| group.tests.len())
        .sum();
    assert_eq!(count, vectors.number_of_tests);
    vectors
}

impl Group {
    /// The provider's key set, as the group publishes its key; a secret too, for whoever would take one.
    fn keys(&self) -> KeySet {
        let key = self.public.as_ref().or(self.private.as_ref());
        let document = json!({ "keys": [key] }).to_string();
        KeySet::parse(document.as_bytes(), 0).expect("a key set")
    }
}

/// Whether the token is taken for well signed, as the gate would find out.
fn judge(token: &str, keys: &KeySet) -> Result<(), Reason> {
    match token::read(token)? {
        Shape::Jwt(jwt) => verify(&jwt, keys),
        Shape::Opaque(reason) => Err(reason),
    }
}

fn verify(jwt: &UnverifiedToken<'_>, keys: &KeySet) -> Result<(), Reason> {
    if jwt.header.contains_key("crit") {
        return Err(Reason::UnsupportedCriticalHeader);
    }
    let stated = jwt.header.get("alg").and_then(Value::as_str);
    let algorithm = stated.and_then(Algorithm::from_spelling);
    keys.verify(jwt, algorithm.ok_or(Reason::UnsupportedAlgorithm)?)
}

/// The signature alone, for vectors whose payload is no JSON: the header is read as ever, the claims are none.
fn judge_signature(token: &str, keys: &KeySet) -> Result<(), Reason> {
    let parts: Vec<&str> = token.split('.').collect();
    let [header, payload, signature] = parts[..] else {
        return Err(Reason::MalformedToken);
    };
    let bytes = |part: &str| {
        URL_SAFE_NO_PAD
            .decode(part)
            .map_err(|_| Reason::MalformedToken)
    };
    bytes(payload)?;
    let header =
        bearergate::json::parse_object(&bytes(header)?).map_err(|_| Reason::MalformedToken)?;
    let jwt = UnverifiedToken {
        header,
        claims: serde_json::Map::new(),
        signed: &token[..token.len() - signature.len() - 1],
        signature: bytes(signature)?,
    };
    verify(&jwt, keys)
}

#[test]
fn nothing_that_is_marked_invalid_is_taken_for_a_good_signature() {
    let mut seen = 0;
    for group in vectors().test_groups {
        let keys = group.keys();
        for vector in group.tests.iter().filter(|one| one.result == "invalid") {
            let name = format!("{} of {}", vector.tc_id, group.comment);
            assert!(judge(&vector.jws, &keys).is_err(), "{name}");
            assert!(judge_signature(&vector.jws, &keys).is_err(), "{name}");
            seen += 1;
        }
    }
    assert!(seen > 300, "{seen}");
}

/// Vectors marked valid that are refused, and why that is right.
const REFUSED: [(u32, Reason); 14] = [
    // HS256: a provider's key set can hold no secret.
    (1, Reason::UnsupportedAlgorithm),
    (348, Reason::UnsupportedAlgorithm),
    (352, Reason::UnsupportedAlgorithm),
    (357, Reason::UnsupportedAlgorithm),
    (358, Reason::UnsupportedAlgorithm),
    (359, Reason::UnsupportedAlgorithm),
    (376, Reason::UnsupportedAlgorithm),
    (377, Reason::UnsupportedAlgorithm),
    // A character that is not base64url, which lenient readers skip.
    (372, Reason::MalformedToken),
    (373, Reason::MalformedToken),
    // ES512, which no settings can accept.
    (347, Reason::UnsupportedAlgorithm),
    (351, Reason::UnsupportedAlgorithm),
    // PS384 by a key that says it is for PS256 alone.
    (346, Reason::UnknownKey),
    (350, Reason::UnknownKey),
];

/// The payloads are texts and zeros, no claims, so the signature alone is judged.
#[test]
fn what_is_marked_valid_is_verified_but_for_what_is_not_accepted() {
    let mut refused = BTreeMap::new();
    let mut verified = 0;
    for group in vectors().test_groups {
        let keys = group.keys();
        for vector in group.tests.iter().filter(|one| one.result == "valid") {
            match judge_signature(&vector.jws, &keys) {
                Ok(()) => verified += 1,
                Err(reason) => drop(refused.insert(vector.tc_id, reason)),
            }
        }
    }
    assert_eq!(refused, BTreeMap::from(REFUSED));
    assert!(verified > 20, "{verified}");
}
