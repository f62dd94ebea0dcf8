//! Whom a change of the settings hits: the calls that pass today and would be refused, as far as the recorded
//! ones can tell. Plain functions over values; no store, no clock.
//!
//! A recorded call is judged twice, by the settings in force and by the new ones. What is not recorded (claims, the
//! rest of a path) may leave a verdict open; such calls are counted apart instead of guessed.

mod path;
mod token;
mod verdict;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::activity::{Outcome, Usage};
use crate::decision::credential::Kind;
use crate::settings::Settings;
use verdict::{Verdict, judge};

/// How many days of recorded calls an impact is told from.
pub const DAYS: i64 = 7;

/// Whom a change hits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Impact {
    /// Who would be refused, the busiest first.
    pub hits: Vec<Hit>,
    /// Calls of all of them together.
    pub calls: u64,
    /// Calls of which it cannot be told.
    pub untold_calls: u64,
}

/// Calls that would be refused, of one caller for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hit {
    /// The user; empty where none is known.
    pub user: String,
    /// The application; empty where none is known.
    pub client_id: String,
    /// The kind of credential.
    pub credential: String,
    /// The client's networks.
    pub networks: BTreeSet<String>,
    /// The code of the reason why they would be refused.
    pub reason: String,
    /// How many calls there were.
    pub calls: u64,
    /// When the last one was, in Unix seconds.
    pub last_at: i64,
}

impl Impact {
    /// Whether nobody is hit, and that is certain.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.calls == 0 && self.untold_calls == 0
    }

    /// What the step from `old` to `new` settings does to calls like the recorded ones; `now` in Unix seconds.
    #[must_use]
    pub fn of(old: &Settings, new: &Settings, recorded: &[Usage], now: i64) -> Self {
        let mut impact = Self::default();
        let mut hits = BTreeMap::new();
        // What is refused today can't be refused by a change.
        for usage in recorded
            .iter()
            .filter(|one| one.key.outcome != Outcome::Refused)
        {
            let key = &usage.key;
            let before = judge(key, old, old, now);
            match (before, judge(key, new, old, now)) {
                (Verdict::Refused(_), _) | (_, Verdict::Passes) => {}
                (_, Verdict::Refused(reason)) => {
                    impact.calls += usage.calls;
                    let caller = (&key.user, &key.client_id, &key.credential, reason);
                    let hit = hits.entry(caller).or_insert_with(|| Hit {
                        user: key.user.clone(),
                        client_id: key.client_id.clone(),
                        credential: key.credential.clone().into_owned(),
                        networks: BTreeSet::new(),
                        reason: reason.to_owned(),
                        calls: 0,
                        last_at: usage.last_at,
                    });
                    hit.calls += usage.calls;
                    hit.last_at = hit.last_at.max(usage.last_at);
                    if !key.network.is_empty() {
                        hit.networks.insert(key.network.clone());
                    }
                }
                (Verdict::Passes, Verdict::Untold) => impact.untold_calls += usage.calls,
                (Verdict::Untold, Verdict::Untold) => {
                    if touches(old, new, &key.credential) {
                        impact.untold_calls += usage.calls;
                    }
                }
            }
        }
        impact.hits = hits.into_values().collect();
        impact.hits.sort_by_key(|hit| std::cmp::Reverse(hit.calls));
        impact
    }
}

/// Whether the step changes anything of what a call with such a credential is judged by, where it could not be told
/// before either.
fn touches(old: &Settings, new: &Settings, credential: &str) -> bool {
    let (one, other) = (&old.global, &new.global);
    let paths_differ = one.context_path != other.context_path
        || one.protected_paths != other.protected_paths
        || one.public_paths != other.public_paths;
    let of = |kind: Kind| credential == kind.as_str();
    paths_differ
        || (of(Kind::Bearer) && old.providers != new.providers)
        || (of(Kind::Basic) && one.basic_exceptions != other.basic_exceptions)
        || (of(Kind::Session) && one.session_cookie_names != other.session_cookie_names)
}

#[cfg(test)]
mod tests;
