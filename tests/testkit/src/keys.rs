//! Signing keys, made anew in each run.

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::Value;

/// A private key with its id and the algorithm that it signs with.
#[derive(Clone)]
pub struct SigningKey {
    /// The key's `kid`.
    pub id: String,
    /// What it signs with.
    pub algorithm: Algorithm,
    private: EncodingKey,
}

impl SigningKey {
    /// An RSA key of 2048 bits, for RS256.
    pub fn rsa(id: &str) -> Self {
        Self::rsa_for(id, Algorithm::RS256)
    }

    /// An RSA key of 2048 bits for one of its algorithms.
    pub fn rsa_for(id: &str, algorithm: Algorithm) -> Self {
        let pair = KeyPair::generate(KeySize::Rsa2048).expect("an RSA key");
        let der: Pkcs8V1Der<'_> = pair.as_der().expect("a PKCS #8 document");
        Self::new(id, algorithm, der.as_ref(), EncodingKey::from_rsa_pem)
    }

    /// A key on P-256, for ES256.
    pub fn p256(id: &str) -> Self {
        let random = SystemRandom::new();
        let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random)
            .expect("a key on P-256");
        Self::new(id, Algorithm::ES256, der.as_ref(), EncodingKey::from_ec_pem)
    }

    /// An Ed25519 key, for `EdDSA`.
    pub fn ed25519(id: &str) -> Self {
        let pair = Ed25519KeyPair::generate().expect("an Ed25519 key");
        let der = pair.to_pkcs8v1().expect("a PKCS #8 document");
        Self::new(id, Algorithm::EdDSA, der.as_ref(), EncodingKey::from_ed_pem)
    }

    fn new(
        id: &str,
        algorithm: Algorithm,
        der: &[u8],
        read: fn(&[u8]) -> Result<EncodingKey, jsonwebtoken::errors::Error>,
    ) -> Self {
        let label = "PRIVATE KEY";
        let body = STANDARD.encode(der);
        let pem = format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n");
        let private = read(pem.as_bytes()).expect("a key that was just made");
        Self {
            id: id.to_owned(),
            algorithm,
            private,
        }
    }

    /// The public key in the shape of Azure AD B2C's key sets: `kid` and `use`, no `alg`.
    pub fn jwk(&self) -> Value {
        let jwk = Jwk::from_encoding_key(&self.private, self.algorithm).expect("a public key");
        let mut jwk = serde_json::to_value(jwk).expect("a JSON object");
        if let Some(members) = jwk.as_object_mut() {
            members.remove("alg");
            members.insert("kid".to_owned(), self.id.clone().into());
            members.insert("use".to_owned(), "sig".into());
        }
        jwk
    }

    /// Signs a header and claims, whatever they say.
    pub fn sign(&self, header: &str, claims: &str) -> String {
        let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let message = format!("{}.{}", encode(header), encode(claims));
        let signature =
            jsonwebtoken::crypto::sign(message.as_bytes(), &self.private, self.algorithm)
                .expect("the key fits its algorithm");
        format!("{message}.{signature}")
    }
}
