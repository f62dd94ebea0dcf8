//! Imports that were shown and wait for a yes. They are kept in memory: after a restart the file is chosen again.

use std::sync::Arc;
use std::time::Duration;

use moka::policy::EvictionPolicy;
use moka::sync::Cache;

use crate::provider::random_text;
use crate::settings::MapUpdate;

/// So many imports may wait; the oldest gives way, since each may hold a large map.
const MOST: u64 = 4;
/// How long an import waits.
const LIFE: Duration = Duration::from_mins(15);

/// The imports that wait; cheap to clone.
#[derive(Clone)]
pub struct Imports(Cache<String, Arc<Pending>>);

/// An import that waits.
pub(super) struct Pending {
    /// Who may say yes to it.
    pub administrator_id: String,
    /// Whose map it changes.
    pub provider: String,
    /// What it does.
    pub update: MapUpdate,
}

impl Default for Imports {
    fn default() -> Self {
        let cache = Cache::builder()
            .max_capacity(MOST)
            .eviction_policy(EvictionPolicy::lru())
            .time_to_live(LIFE);
        Self(cache.build())
    }
}

impl Imports {
    /// Keeps an import, and says under which name, which nobody can guess.
    pub(super) fn keep(&self, pending: Pending) -> String {
        let name = random_text();
        self.0.insert(name.clone(), Arc::new(pending));
        name
    }

    /// Takes an import out, if it is this administrator's for this provider.
    pub(super) fn take(
        &self,
        name: &str,
        administrator_id: &str,
        provider: &str,
    ) -> Option<Arc<Pending>> {
        let pending = self.0.get(name)?;
        if pending.administrator_id != administrator_id || pending.provider != provider {
            return None;
        }
        self.0.remove(name)
    }
}
