//! Keys of the management API and of `/introspect`: what they are, and those that are good now.

mod in_force;

pub use in_force::{ApiKeys, Caller, Listing};

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Digest as _;

/// What every key begins with, so that people, scanners and the gate recognise one.
const MARK: &str = "bgk_";
/// The random part: 256 bits.
const RANDOM_BYTES: usize = 32;
/// How much of a key is shown, the mark included.
const SHOWN: usize = 10;

/// Whether this is the text of a management key, good or not. It is no token of anybody's.
#[must_use]
pub fn is_api_key(text: &str) -> bool {
    text.starts_with(MARK)
}

/// What is kept of a key: 32 random bytes need no slow hash.
#[must_use]
pub fn hash(key: &str) -> String {
    URL_SAFE_NO_PAD.encode(sha2::Sha256::digest(key))
}

/// A key that was just made: the only time that its text is known.
#[derive(Debug)]
pub struct NewKey(SecretString);

impl NewKey {
    /// A key that nobody can guess.
    ///
    /// # Panics
    /// When the operating system gives no randomness: a guessable key must not exist.
    #[must_use]
    pub fn generate() -> Self {
        let mut bytes = [0; RANDOM_BYTES];
        getrandom::fill(&mut bytes).expect("the operating system gives randomness");
        Self(format!("{MARK}{}", URL_SAFE_NO_PAD.encode(bytes)).into())
    }

    /// The text, for the one place that shows it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// The part that may be shown for ever.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.expose()[..SHOWN]
    }
}

/// A key's name: 1 to 100 characters without control characters and surrounding blanks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyName(String);

impl KeyName {
    /// Reads a name.
    ///
    /// # Errors
    /// The rule, as a sentence.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let count = text.chars().count();
        if text.trim() != text || !(1..=100).contains(&count) || text.contains(char::is_control) {
            return Err(
                "a name has 1 to 100 characters, no control characters and no surrounding blanks",
            );
        }
        Ok(Self(text.to_owned()))
    }

    /// The name as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Read the settings.
    Viewer,
    /// Everything.
    Admin,
    /// Introspect tokens, and nothing else.
    Introspect,
}

impl Role {
    /// Every role, the default first.
    pub const ALL: &'static [Self] = &[Self::Viewer, Self::Admin, Self::Introspect];

    /// The role's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Admin => "admin",
            Self::Introspect => "introspect",
        }
    }

    /// The role of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|role| role.as_str() == name)
    }

    /// Whether the key may read the settings.
    #[must_use]
    pub const fn may_read_settings(self) -> bool {
        matches!(self, Self::Admin | Self::Viewer)
    }

    /// Whether the key may change the settings.
    #[must_use]
    pub const fn may_write_settings(self) -> bool {
        matches!(self, Self::Admin)
    }

    /// Whether the key may ask about tokens.
    #[must_use]
    pub const fn may_introspect(self) -> bool {
        matches!(self, Self::Admin | Self::Introspect)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A key that is not revoked, without its text.
#[derive(Clone, Debug)]
pub struct ApiKey {
    /// Stays the same for ever.
    pub id: String,
    /// The name, unique without regard to case.
    pub name: String,
    /// The key's [`hash`].
    pub hash: String,
    /// How its text begins.
    pub prefix: String,
    /// What it may do.
    pub role: Role,
    /// Unix seconds.
    pub created_at: i64,
    /// Who made it.
    pub created_by: String,
    /// Unix seconds; a few seconds late.
    pub last_used_at: Option<i64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_shows_what_it_is_and_little_more() {
        let (one, other) = (NewKey::generate(), NewKey::generate());
        assert_ne!(one.expose(), other.expose());
        assert!(is_api_key(one.expose()));
        let random = URL_SAFE_NO_PAD.decode(&one.expose()[MARK.len()..]);
        assert_eq!(random.expect("base64url").len(), 32);
        assert!(one.expose().starts_with(one.prefix()) && one.prefix().len() == 10);
        assert!(!format!("{one:?}").contains(one.expose()));
    }

    #[test]
    fn each_role_is_found_by_its_name() {
        for &role in Role::ALL {
            assert_eq!(Role::named(role.as_str()), Some(role));
        }
        assert_eq!(Role::named("Admin"), None);
    }
}
