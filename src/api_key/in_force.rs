//! The keys that are good now, in memory: a request asks nobody else.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use arc_swap::ArcSwap;

use super::{ApiKey, Role, hash, is_api_key};

/// The keys of a store at one moment.
#[derive(Clone, Debug)]
pub struct Listing {
    /// Rises with each key that is made or revoked: the database file that was in use, and the changes in it.
    pub version: (u64, i64),
    /// The keys that are not revoked, by their names.
    pub keys: Vec<ApiKey>,
}

/// Whoever has shown a good key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The key's name.
    pub name: String,
    /// What the key may do.
    pub role: Role,
}

/// Holds the keys in force.
#[derive(Debug)]
pub struct ApiKeys(ArcSwap<Known>);

#[derive(Debug)]
struct Known {
    version: (u64, i64),
    /// By the key's hash.
    keys: HashMap<String, Entry>,
}

#[derive(Debug)]
struct Entry {
    id: String,
    caller: Caller,
    used: Arc<Used>,
}

/// When a key was used last, in Unix seconds, and what of that the store knows; 0 is never.
#[derive(Debug)]
struct Used {
    last: AtomicI64,
    saved: AtomicI64,
}

impl ApiKeys {
    /// With the keys that a store has.
    #[must_use]
    pub fn new(listing: Listing) -> Self {
        let nothing = Known {
            version: listing.version,
            keys: HashMap::new(),
        };
        Self(ArcSwap::from_pointee(Known::replacing(&nothing, listing)))
    }

    /// Puts what a store has now in force for the next request; what is older is ignored, so that it does
    /// not matter who hears of a change first.
    pub fn publish(&self, listing: &Listing) {
        self.0.rcu(|current| {
            if listing.version > current.version {
                Arc::new(Known::replacing(current, listing.clone()))
            } else {
                Arc::clone(current)
            }
        });
    }

    /// Who shows this key, which counts as a use at that time; nobody where it is no good key. Keys are
    /// compared by their hashes: how long that takes tells nothing about a key.
    #[must_use]
    pub fn caller(&self, key: &str, now: i64) -> Option<Caller> {
        if !is_api_key(key) {
            return None;
        }
        let known = self.0.load();
        let entry = known.keys.get(&hash(key))?;
        entry.used.last.fetch_max(now, Ordering::Relaxed);
        Some(entry.caller.clone())
    }

    /// Which keys have been used since the store was told, by their ids, with the last time.
    #[must_use]
    pub fn unsaved_uses(&self) -> Vec<(String, i64)> {
        let known = self.0.load();
        let uses = known.keys.values().filter_map(|entry| {
            let last = entry.used.last.load(Ordering::Relaxed);
            let is_unsaved = last > entry.used.saved.load(Ordering::Relaxed);
            is_unsaved.then(|| (entry.id.clone(), last))
        });
        uses.collect()
    }

    /// The store knows of these uses now.
    pub fn note_saved(&self, uses: &[(String, i64)]) {
        let known = self.0.load();
        for entry in known.keys.values() {
            let mut uses = uses.iter();
            if let Some((_, last)) = uses.find(|(id, _)| *id == entry.id) {
                entry.used.saved.fetch_max(*last, Ordering::Relaxed);
            }
        }
    }
}

impl Known {
    /// What is known of a key's uses outlives the change.
    fn replacing(former: &Self, listing: Listing) -> Self {
        let Listing { version, keys } = listing;
        let keys = keys.into_iter().map(|key| {
            let used = former
                .keys
                .get(&key.hash)
                .filter(|entry| entry.id == key.id)
                .map_or_else(
                    || Arc::new(Used::known(key.last_used_at)),
                    |entry| Arc::clone(&entry.used),
                );
            let ApiKey { id, name, role, .. } = key;
            let caller = Caller { name, role };
            (key.hash, Entry { id, caller, used })
        });
        Self {
            version,
            keys: keys.collect(),
        }
    }
}

impl Used {
    fn known(last: Option<i64>) -> Self {
        let last = last.unwrap_or(0);
        Self {
            last: AtomicI64::new(last),
            saved: AtomicI64::new(last),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "bgk_one";

    fn listing(version: (u64, i64), keys: &[&str]) -> Listing {
        let keys = keys.iter().map(|key| ApiKey {
            id: (*key).to_owned(),
            name: "wiki".to_owned(),
            hash: hash(key),
            prefix: String::new(),
            role: Role::Introspect,
            created_at: 0,
            created_by: String::new(),
            last_used_at: None,
        });
        Listing {
            version,
            keys: keys.collect(),
        }
    }

    #[test]
    fn an_older_listing_brings_no_revoked_key_back() {
        let keys = ApiKeys::new(listing((0, 1), &[KEY]));
        assert_eq!(
            keys.caller(KEY, 5).map(|caller| caller.role),
            Some(Role::Introspect)
        );
        assert_eq!(keys.caller("bgk_two", 5), None);
        keys.publish(&listing((0, 2), &[]));
        assert_eq!(keys.caller(KEY, 5), None);
        keys.publish(&listing((0, 1), &[KEY]));
        assert_eq!(keys.caller(KEY, 5), None);
        // Another file has taken the database's place.
        keys.publish(&listing((1, 1), &[KEY]));
        assert!(keys.caller(KEY, 5).is_some());
    }

    #[test]
    fn a_use_is_told_until_it_is_saved() {
        let keys = ApiKeys::new(listing((0, 1), &[KEY]));
        assert_eq!(keys.unsaved_uses(), []);
        keys.caller(KEY, 7).expect("a good key");
        keys.publish(&listing((0, 2), &[KEY, "bgk_two"]));
        let uses = keys.unsaved_uses();
        assert_eq!(uses, [(KEY.to_owned(), 7)]);
        keys.caller(KEY, 8).expect("a good key");
        keys.note_saved(&uses);
        assert_eq!(keys.unsaved_uses(), [(KEY.to_owned(), 8)]);
    }
}
