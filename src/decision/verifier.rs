//! A public key that is parsed once, ready for each algorithm that it may verify.
//!
//! `jsonwebtoken` reads the key; its own verification copies and parses it anew for each token, which cost a third on top
//! of the signature. So its back end is called directly, with what it keeps of a parsed key.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, ParsedPublicKey,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
    RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512,
    RsaPublicKeyComponents, VerificationAlgorithm,
};
use jsonwebtoken::{DecodingKey, DecodingKeyKind};

use crate::settings::Algorithm;

/// A parsed key, for one algorithm or several.
#[derive(Clone, Debug)]
pub(super) struct Verifier(Vec<(Algorithm, ParsedPublicKey)>);

impl Verifier {
    /// Parses a key for these algorithms; none where it is not theirs, or its numbers make no key.
    pub(super) fn parse(key: &DecodingKey, algorithms: &[Algorithm]) -> Option<Self> {
        let parsed = algorithms.iter().map(|&algorithm| {
            let key = match (key.kind(), verification(algorithm)) {
                (DecodingKeyKind::RsaModulusExponent { n, e }, Verification::Rsa(parameters)) => {
                    RsaPublicKeyComponents { n, e }.to_parsed_public_key(parameters)
                }
                (DecodingKeyKind::SecretOrDer(point), Verification::Curve(parameters)) => {
                    ParsedPublicKey::new(parameters, point)
                }
                _ => return None,
            };
            Some((algorithm, key.ok()?))
        });
        parsed.collect::<Option<_>>().map(Self)
    }

    /// Whether the key can verify this algorithm.
    pub(super) fn fits(&self, algorithm: Algorithm) -> bool {
        self.0.iter().any(|(fitting, _)| *fitting == algorithm)
    }

    /// Whether the key made the signature (RFC 7518, section 3; RFC 8037, section 3.1).
    pub(super) fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        let fitting = self.0.iter().find(|(fitting, _)| *fitting == algorithm);
        fitting.is_some_and(|(_, key)| key.verify_sig(message, signature).is_ok())
    }
}

enum Verification {
    Rsa(&'static aws_lc_rs::signature::RsaParameters),
    Curve(&'static dyn VerificationAlgorithm),
}

fn verification(algorithm: Algorithm) -> Verification {
    use Verification::{Curve, Rsa};
    match algorithm {
        Algorithm::Rs256 => Rsa(&RSA_PKCS1_2048_8192_SHA256),
        Algorithm::Rs384 => Rsa(&RSA_PKCS1_2048_8192_SHA384),
        Algorithm::Rs512 => Rsa(&RSA_PKCS1_2048_8192_SHA512),
        Algorithm::Ps256 => Rsa(&RSA_PSS_2048_8192_SHA256),
        Algorithm::Ps384 => Rsa(&RSA_PSS_2048_8192_SHA384),
        Algorithm::Ps512 => Rsa(&RSA_PSS_2048_8192_SHA512),
        Algorithm::Es256 => Curve(&ECDSA_P256_SHA256_FIXED),
        Algorithm::Es384 => Curve(&ECDSA_P384_SHA384_FIXED),
        Algorithm::EdDsa => Curve(&ED25519),
    }
}
