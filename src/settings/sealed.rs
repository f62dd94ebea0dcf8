//! Secrets at rest: sealed with the key file, bound to the setting that they belong to.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use serde_json::{Map, Value};

use super::{Secret, Settings, read};

const NONCE_BYTES: usize = 24;

/// The key of the key file: 32 bytes, for XChaCha20-Poly1305.
pub struct SecretKey([u8; 32]);

/// Why sealed settings can't be opened.
#[derive(Debug, thiserror::Error)]
pub enum UnsealError {
    /// A sealed text is damaged, sealed with another key, or belongs to another setting.
    #[error("{0} can't be opened with this key file")]
    Key(String),
    /// The stored document is damaged or from another version of the program.
    #[error("the stored settings can't be read: {0}")]
    Document(String),
}

impl SecretKey {
    /// A new random key.
    ///
    /// # Errors
    /// When the operating system gives no randomness.
    pub fn generate() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// Reads the text of a key file: 32 bytes in base64, with or without a line end.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text.trim()).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// The text of a key file.
    #[must_use]
    pub fn to_text(&self) -> String {
        STANDARD.encode(self.0) + "\n"
    }

    /// Seals `secret` for the setting `name`; the result is base64.
    ///
    /// # Panics
    /// When the operating system gives no randomness: nothing could be kept secret then.
    #[must_use]
    pub fn seal(&self, name: &str, secret: &[u8]) -> String {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).expect("the operating system gives randomness");
        let payload = Payload {
            msg: secret,
            aad: name.as_bytes(),
        };
        let sealed = XChaCha20Poly1305::new(&self.0.into())
            .encrypt(&XNonce::from(nonce), payload)
            .expect("a secret is far shorter than the cipher's limit");
        STANDARD.encode([nonce.as_slice(), &sealed].concat())
    }

    /// Opens what was sealed for the setting `name`.
    ///
    /// # Errors
    /// When the text is damaged, was sealed with another key or for another setting.
    pub fn open(&self, name: &str, sealed: &str) -> Result<Vec<u8>, UnsealError> {
        let failed = || UnsealError::Key(name.to_owned());
        let bytes = STANDARD.decode(sealed).map_err(|_| failed())?;
        let (nonce, message) = bytes.split_at_checked(NONCE_BYTES).ok_or_else(failed)?;
        let nonce: [u8; NONCE_BYTES] = nonce.try_into().map_err(|_| failed())?;
        XChaCha20Poly1305::new(&self.0.into())
            .decrypt(
                &XNonce::from(nonce),
                Payload {
                    msg: message,
                    aad: name.as_bytes(),
                },
            )
            .map_err(|_| failed())
    }

    fn open_text(&self, name: &str, sealed: &str) -> Result<String, UnsealError> {
        let bytes = self.open(name, sealed)?;
        String::from_utf8(bytes).map_err(|_| UnsealError::Key(name.to_owned()))
    }
}

impl Settings {
    /// The document as it is stored: secrets sealed with `key`.
    #[must_use]
    pub fn seal(&self, key: &SecretKey) -> String {
        let seal = |name: &str, secret: &Secret| key.seal(name, secret.expose().as_bytes());
        self.export_with(seal).to_string()
    }

    /// The document as it would have to be typed in, secrets in the clear: to be read again, never to be shown or
    /// stored. A client secret that is not there is `""`, so that a later one is not kept in its place.
    #[must_use]
    pub fn export_with_secrets(&self) -> Value {
        let mut document = self.export_with(|_, secret| secret.expose().to_owned());
        for provider in document["providers"].as_array_mut().into_iter().flatten() {
            if provider["client_secret"].is_null() {
                provider["client_secret"] = Value::String(String::new());
            }
        }
        document
    }

    /// The document with what `text` makes of each secret and its name.
    fn export_with(&self, text: impl Fn(&str, &Secret) -> String) -> Value {
        let mut document = self.export();
        for (index, provider) in self.providers.iter().enumerate() {
            if let Some(secret) = &provider.client_secret {
                let text = text(&secret_name(&provider.id), secret);
                document["providers"][index]["client_secret"] = Value::String(text);
            }
        }
        for (index, credential) in self.upstream_credentials.iter().enumerate() {
            if let Some(secret) = &credential.authorization {
                let text = text(&authorization_name(&credential.id), secret);
                document["upstream_credentials"][index]["authorization"] = Value::String(text);
            }
        }
        document
    }

    /// Reads a stored document.
    ///
    /// # Errors
    /// When the document is damaged, or a secret can't be opened with `key`.
    pub fn unseal(stored: &str, key: &SecretKey) -> Result<Self, UnsealError> {
        let document = change_sealed(stored, |name, sealed| key.open_text(name, sealed))?;
        read::shape(&document).map_err(|faults| {
            UnsealError::Document(faults.first().map(ToString::to_string).unwrap_or_default())
        })
    }

    /// A stored document with its secrets sealed anew: opened with the key `from`, sealed with the key `to`.
    ///
    /// # Errors
    /// When the document is damaged, or a secret can't be opened with `from`.
    pub fn reseal(stored: &str, from: &SecretKey, to: &SecretKey) -> Result<String, UnsealError> {
        let reseal = |name: &str, sealed: &str| Ok(to.seal(name, &from.open(name, sealed)?));
        Ok(change_sealed(stored, reseal)?.to_string())
    }
}

/// A stored document with what `change` makes of the name and the sealed text of each secret.
fn change_sealed(
    stored: &str,
    change: impl Fn(&str, &str) -> Result<String, UnsealError>,
) -> Result<Value, UnsealError> {
    let damaged = |detail: &str| UnsealError::Document(detail.to_owned());
    let mut document = crate::json::parse(stored.as_bytes())
        .map_err(|error| UnsealError::Document(error.to_string()))?;
    let providers = document.get_mut("providers").and_then(Value::as_array_mut);
    for provider in providers.ok_or_else(|| damaged("there is no list of providers"))? {
        let provider = provider
            .as_object_mut()
            .ok_or_else(|| damaged("a provider is no object"))?;
        change_member(provider, "client_secret", secret_name, &change)?;
    }
    // Revisions of earlier versions have no such list.
    let credentials = document.get_mut("upstream_credentials");
    for credential in credentials
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        let credential = credential
            .as_object_mut()
            .ok_or_else(|| damaged("an upstream credential is no object"))?;
        change_member(credential, "authorization", authorization_name, &change)?;
    }
    Ok(document)
}

/// Changes the sealed member of an object; it is sealed for the object's id.
fn change_member(
    object: &mut Map<String, Value>,
    member: &str,
    name_of: impl Fn(&str) -> String,
    change: impl Fn(&str, &str) -> Result<String, UnsealError>,
) -> Result<(), UnsealError> {
    if let Some(sealed) = object.get(member).and_then(Value::as_str) {
        let id = object.get("id").and_then(Value::as_str);
        let changed = change(&name_of(id.unwrap_or_default()), sealed)?;
        object.insert(member.to_owned(), Value::String(changed));
    }
    Ok(())
}

fn secret_name(provider: &str) -> String {
    format!("providers/{provider}/client_secret")
}

fn authorization_name(credential: &str) -> String {
    format!("upstream_credentials/{credential}/authorization")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_secret_opens_with_its_key_and_its_name_alone() {
        let key = SecretKey::generate().expect("randomness");
        let sealed = key.seal("a", b"secret");
        assert_eq!(key.open("a", &sealed).expect("opens"), b"secret");
        assert!(key.open("b", &sealed).is_err());
        assert!(
            SecretKey::generate()
                .expect("randomness")
                .open("a", &sealed)
                .is_err()
        );
        assert!(key.open("a", "AAAA").is_err());
        assert!(key.open("a", &sealed[..sealed.len() - 4]).is_err());
    }

    #[test]
    fn a_damaged_document_is_an_error() {
        let key = SecretKey::generate().expect("randomness");
        for text in [
            "",
            "7",
            "\"x\"",
            "[]",
            "{}",
            r#"{"providers":7}"#,
            r#"{"providers":[7]}"#,
        ] {
            assert!(Settings::unseal(text, &key).is_err(), "{text}");
        }
    }

    #[test]
    fn a_key_survives_its_file() {
        let key = SecretKey::generate().expect("randomness");
        let again = SecretKey::from_text(&key.to_text()).expect("a key");
        assert_eq!(again.open("a", &key.seal("a", b"x")).expect("opens"), b"x");
        for text in ["", "AAAA", "not base64 at all"] {
            assert!(SecretKey::from_text(text).is_none(), "{text:?}");
        }
    }
}
