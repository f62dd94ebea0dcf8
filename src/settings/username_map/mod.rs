//! The username map of a provider: from the username attribute's value, after the transform, to a Confluence
//! username.
//!
//! A provider has a map when the map has a row. Then only values that are in it name a user: any other value
//! could equal somebody's Confluence username by accident or by intent. Values are compared exactly.

mod table;
#[cfg(test)]
mod tests;
mod update;

pub use table::LineFault;
pub use update::{MapUpdate, RowChange};

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// One provider's map: immutable, so that snapshots share it however many rows it has.
#[derive(Clone, PartialEq, Eq)]
pub struct UsernameMap {
    rows: BTreeMap<String, String>,
    digest: MapDigest,
}

/// Tells two maps apart: the SHA-256 of all rows, in base64url.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MapDigest(String);

impl UsernameMap {
    /// A map of these rows, value to username. Takes milliseconds for 100,000 rows: the digest covers all of them.
    #[must_use]
    pub fn new(rows: BTreeMap<String, String>) -> Self {
        let digest = MapDigest::of(&rows);
        Self { rows, digest }
    }

    /// The username of a value.
    #[must_use]
    pub fn get(&self, value: &str) -> Option<&str> {
        self.rows.get(value).map(String::as_str)
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row, so that the provider has no map.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Value and username of each row, by value.
    pub fn rows(&self) -> impl Iterator<Item = (&str, &str)> {
        self.rows
            .iter()
            .map(|(value, username)| (value.as_str(), username.as_str()))
    }

    /// What tells this map from others.
    #[must_use]
    pub fn digest(&self) -> &MapDigest {
        &self.digest
    }
}

impl Default for UsernameMap {
    fn default() -> Self {
        Self::new(BTreeMap::new())
    }
}

/// Without the rows, which are people.
impl fmt::Debug for UsernameMap {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("UsernameMap")
            .field("rows", &self.rows.len())
            .field("digest", &self.digest)
            .finish()
    }
}

impl MapDigest {
    fn of(rows: &BTreeMap<String, String>) -> Self {
        use base64::Engine as _;
        let mut hash = Sha256::new();
        for text in rows.iter().flat_map(|(value, username)| [value, username]) {
            // The length first, so that no two different maps give the same bytes.
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text);
        }
        Self(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(hash.finalize()))
    }

    /// The digest as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The maps of all providers that have one, by the provider's id; cheap to clone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsernameMaps(BTreeMap<String, Arc<UsernameMap>>);

impl UsernameMaps {
    /// The provider's map, where it has one.
    #[must_use]
    pub fn of(&self, provider: &str) -> Option<&Arc<UsernameMap>> {
        self.0.get(provider)
    }

    /// The same maps, with this one as the provider's; an empty one takes the provider's away.
    #[must_use]
    pub fn with(mut self, provider: &str, map: Arc<UsernameMap>) -> Self {
        if map.is_empty() {
            self.0.remove(provider);
        } else {
            self.0.insert(provider.to_owned(), map);
        }
        self
    }
}
