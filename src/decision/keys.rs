//! A provider's key set (RFC 7517): which keys are usable, and which one a token means.

use base64::Engine as _;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::{alphabet, engine::DecodePaddingMode};
use jsonwebtoken::DecodingKey;
use serde_json::{Map, Value};

use super::Reason;
use super::token::UnverifiedToken;
use super::verifier::Verifier;
use crate::json;
use crate::settings::Algorithm;

/// Stands for the tenant in issuers that Microsoft publishes for many of them.
pub const TENANT_PLACE: &str = "{tenantid}";

/// Keys with one id that are tried for one token: more would let a hostile key set buy CPU time.
const MAX_CANDIDATES: usize = 4;

const URL_SAFE_ANY_PADDING: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The usable keys of one provider.
#[derive(Clone, Debug, Default)]
pub struct KeySet {
    keys: Vec<Key>,
    /// Whether the set serves many tenants, so that a key must name the issuer that it signs for.
    pub is_shared: bool,
    /// Why keys of the document are not usable, for the administrator.
    pub unusable: Vec<String>,
}

/// One public key.
#[derive(Clone, Debug)]
pub struct Key {
    /// The key's id; absent where the set has one key only.
    pub id: Option<String>,
    /// Type and size in words, such as "RSA 2048".
    pub description: String,
    /// When it was first seen in the provider's key set, in Unix seconds.
    pub first_seen: i64,
    /// When it was last seen in the provider's key set, in Unix seconds.
    pub last_seen: i64,
    /// It is in the provider's key set no longer, and is kept for its grace.
    pub is_withdrawn: bool,
    /// The one algorithm that the key is for, where the set says so.
    only: Option<String>,
    /// The thumbprint of its certificate (RFC 7517, section 4.8), where the set says so.
    thumbprint: Option<String>,
    /// The issuer that the key signs for, where the set says so.
    issuer: Option<String>,
    verifier: Verifier,
}

impl KeySet {
    /// Reads a JWK set document fetched at `now` (Unix seconds). A key that is not usable is noted
    /// and does not lose the others.
    ///
    /// # Errors
    /// When the document is no JSON object with a list `keys`.
    pub fn parse(document: &[u8], now: i64) -> Result<Self, &'static str> {
        let document = json::parse_object(document).map_err(|_| "it is no JSON object")?;
        let Some(Value::Array(items)) = document.get("keys") else {
            return Err("it has no list \"keys\"");
        };
        let mut set = Self::default();
        for item in items {
            let members = item.as_object();
            match members
                .ok_or("is no object".to_owned())
                .and_then(|jwk| Key::parse(jwk, now))
            {
                Ok(key) => set.keys.push(key),
                Err(why) => {
                    let id = item["kid"].as_str().unwrap_or("without id");
                    set.unusable.push(format!("key {id} {why}"));
                }
            }
        }
        Ok(set)
    }

    /// The usable keys.
    #[must_use]
    pub fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// The key set that comes after `former`: keys that were there before keep their age.
    ///
    /// Adds keys of `former` that vanished less than `grace` seconds before `now`: some providers
    /// serve different parts of their key set from different machines.
    #[must_use]
    pub fn after(mut self, former: &Self, now: i64, grace: i64) -> Self {
        for key in &mut self.keys {
            let mut known = former.keys.iter().filter(|old| old.id == key.id);
            if let Some(known) = known.find(|old| old.description == key.description) {
                key.first_seen = known.first_seen;
            }
        }
        for key in &former.keys {
            let known = self.keys.iter().any(|new| new.id == key.id);
            if !known && key.last_seen + grace > now {
                self.keys.push(Key {
                    is_withdrawn: true,
                    ..key.clone()
                });
            }
        }
        self
    }

    /// The keys that a token may be signed with: those with its `kid`, or else its `x5t`, that fit its
    /// algorithm; for a token with neither, the one that fits, if it is the only one.
    fn candidates(&self, token: &UnverifiedToken<'_>, algorithm: Algorithm) -> Vec<&Key> {
        let fitting = self.keys.iter().filter(|key| {
            key.fits(algorithm) && (!self.is_shared || key.signs_for_issuer_of(token))
        });
        let header = |name| token.header.get(name);
        match header("kid").or_else(|| header("x5t")) {
            None => {
                let keys: Vec<_> = fitting.take(2).collect();
                if keys.len() == 1 { keys } else { Vec::new() }
            }
            Some(Value::String(id)) => fitting
                .filter(|key| key.id.as_ref() == Some(id) || key.thumbprint.as_ref() == Some(id))
                .take(MAX_CANDIDATES)
                .collect(),
            Some(_) => Vec::new(),
        }
    }

    /// Verifies the token's signature.
    ///
    /// # Errors
    /// [`Reason::UnknownKey`] or [`Reason::InvalidSignature`].
    pub fn verify(&self, token: &UnverifiedToken<'_>, algorithm: Algorithm) -> Result<(), Reason> {
        let candidates = self.candidates(token, algorithm);
        if candidates.is_empty() {
            return Err(Reason::UnknownKey);
        }
        let message = token.signed.as_bytes();
        let mut keys = candidates.iter().map(|key| &key.verifier);
        let verified = keys.any(|key| key.verifies(algorithm, message, &token.signature));
        verified.then_some(()).ok_or(Reason::InvalidSignature)
    }
}

impl Key {
    /// Whether the key can verify this algorithm.
    #[must_use]
    pub fn fits(&self, algorithm: Algorithm) -> bool {
        self.verifier.fits(algorithm)
            && self
                .only
                .as_deref()
                .is_none_or(|only| only == algorithm.as_str())
    }

    /// Microsoft's shared key sets name for each key the issuer that it signs for, with a place for
    /// the tenant; only the tenant that the issuer itself names may stand there.
    fn signs_for_issuer_of(&self, token: &UnverifiedToken<'_>) -> bool {
        let tenant = token
            .claims
            .get("tid")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let is_an_id = !tenant.is_empty()
            && tenant
                .bytes()
                .all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
        let form = self.issuer.as_deref().filter(|_| is_an_id);
        form.is_some_and(|form| token.issuer() == Some(form.replace(TENANT_PLACE, tenant).as_str()))
    }

    fn parse(jwk: &Map<String, Value>, now: i64) -> Result<Self, String> {
        for name in ["kid", "use", "alg"] {
            if jwk.get(name).is_some_and(|member| !member.is_string()) {
                return Err(format!("has a member \"{name}\" that is no text"));
            }
        }
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        if text("use").is_some_and(|purpose| purpose != "sig") {
            return Err("is not for signatures (use)".to_owned());
        }
        let verifies = |operations: &Value| {
            let list = operations.as_array();
            list.is_some_and(|list| list.iter().any(|one| one == "verify"))
        };
        if !jwk.get("key_ops").is_none_or(verifies) {
            return Err("is not for verification (key_ops)".to_owned());
        }
        let (algorithms, description, decoding) = match text("kty") {
            Some("RSA") => rsa(text("n"), text("e"))?,
            Some("EC") => elliptic(text("crv"), text("x"), text("y"))?,
            Some("OKP") => edwards(text("crv"), text("x"))?,
            _ => return Err("is of a type that is not used for signatures here (kty)".to_owned()),
        };
        let only = text("alg").map(ToOwned::to_owned);
        if only
            .as_ref()
            .is_some_and(|only| !algorithms.iter().any(|one| one.as_str() == only))
        {
            return Err("is for an algorithm that is not accepted (alg)".to_owned());
        }
        let parsed = Verifier::parse(&decoding, algorithms)
            .ok_or_else(|| format!("is no {description} key, whatever its members say"))?;
        let id = text("kid").map(ToOwned::to_owned);
        Ok(Self {
            id,
            description,
            first_seen: now,
            last_seen: now,
            is_withdrawn: false,
            only,
            thumbprint: text("x5t").map(ToOwned::to_owned),
            issuer: text("issuer").map(ToOwned::to_owned),
            verifier: parsed,
        })
    }
}

type Material = (&'static [Algorithm], String, DecodingKey);

fn rsa(modulus: Option<&str>, exponent: Option<&str>) -> Result<Material, String> {
    use Algorithm::{Ps256, Ps384, Ps512, Rs256, Rs384, Rs512};
    let bytes = |text: Option<&str>| {
        let bytes = URL_SAFE_ANY_PADDING.decode(text.unwrap_or_default()).ok()?;
        let zeros = bytes.iter().take_while(|&&byte| byte == 0).count();
        (zeros < bytes.len()).then(|| bytes[zeros..].to_vec())
    };
    let (Some(modulus), Some(exponent)) = (bytes(modulus), bytes(exponent)) else {
        return Err("has no readable modulus and exponent".to_owned());
    };
    let bits = modulus.len() * 8 - modulus[0].leading_zeros() as usize;
    if !(2048..=8192).contains(&bits) {
        return Err(format!("has {bits} bits; from 2048 to 8192 are accepted"));
    }
    let key = DecodingKey::from_rsa_raw_components(&modulus, &exponent);
    Ok((
        &[Rs256, Rs384, Rs512, Ps256, Ps384, Ps512],
        format!("RSA {bits}"),
        key,
    ))
}

fn elliptic(curve: Option<&str>, x: Option<&str>, y: Option<&str>) -> Result<Material, String> {
    let (algorithms, name): (&'static [Algorithm], _) = match curve {
        Some("P-256") => (&[Algorithm::Es256], "EC P-256"),
        Some("P-384") => (&[Algorithm::Es384], "EC P-384"),
        _ => return Err("is on a curve that is not accepted (crv)".to_owned()),
    };
    let key = DecodingKey::from_ec_components(x.unwrap_or_default(), y.unwrap_or_default())
        .map_err(|_| "has no readable coordinates".to_owned())?;
    Ok((algorithms, name.to_owned(), key))
}

fn edwards(curve: Option<&str>, x: Option<&str>) -> Result<Material, String> {
    if curve != Some("Ed25519") {
        return Err("is on a curve that is not accepted (crv)".to_owned());
    }
    let key = DecodingKey::from_ed_components(x.unwrap_or_default())
        .map_err(|_| "has no readable coordinate".to_owned())?;
    Ok((&[Algorithm::EdDsa], "Ed25519".to_owned(), key))
}
