//! Whom a change of the settings hits: the calls that pass today and would be refused, as far as the recorded
//! ones can tell. Plain functions over values; no store, no clock.
//!
//! A recorded call is judged twice, by the settings in force and by the new ones. What is not recorded (claims, the
//! rest of a path) may leave a verdict open; such calls are counted apart instead of guessed.

mod path;
mod token;
mod verdict;

use std::collections::{BTreeSet, HashMap};

use serde::Serialize;

use crate::activity::{Outcome, Usage};
use crate::decision::credential::Kind;
use crate::settings::Settings;
use verdict::{Judge, Verdict};

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
    pub reason: &'static str,
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
}

/// The step from old to new settings, with the recorded calls that it has been shown.
pub struct Step<'a> {
    old: &'a Settings,
    new: &'a Settings,
    before: Judge<'a>,
    after: Judge<'a>,
    calls: u64,
    untold_calls: u64,
    hits: HashMap<Caller, Hit>,
}

/// User, application, kind of credential, reason.
type Caller = (String, String, String, &'static str);

impl<'a> Step<'a> {
    /// The step from `old` settings, which are in force, to `new` ones at the moment `now` (Unix seconds).
    #[must_use]
    pub fn new(old: &'a Settings, new: &'a Settings, now: i64) -> Self {
        Self {
            old,
            new,
            before: Judge::new(old, old, now),
            after: Judge::new(new, old, now),
            calls: 0,
            untold_calls: 0,
            hits: HashMap::new(),
        }
    }

    /// Shows calls that were recorded.
    pub fn see(&mut self, usage: &Usage) {
        let key = &usage.key;
        // What is refused today can't be refused by a change.
        if key.outcome == Outcome::Refused {
            return;
        }
        match (self.before.judge(key), self.after.judge(key)) {
            (Verdict::Refused(_), _) | (_, Verdict::Passes) => {}
            (_, Verdict::Refused(reason)) => self.hit(usage, reason),
            (Verdict::Passes, Verdict::Untold) => self.untold_calls += usage.calls,
            (Verdict::Untold, Verdict::Untold) => {
                if touches(self.old, self.new, &key.credential) {
                    self.untold_calls += usage.calls;
                }
            }
        }
    }

    fn hit(&mut self, usage: &Usage, reason: &'static str) {
        let key = &usage.key;
        self.calls += usage.calls;
        let credential = key.credential.clone().into_owned();
        let caller = (
            key.user.clone(),
            key.client_id.clone(),
            credential.clone(),
            reason,
        );
        let hit = self.hits.entry(caller).or_insert_with(|| Hit {
            user: key.user.clone(),
            client_id: key.client_id.clone(),
            credential,
            networks: BTreeSet::new(),
            reason,
            calls: 0,
            last_at: usage.last_at,
        });
        hit.calls += usage.calls;
        hit.last_at = hit.last_at.max(usage.last_at);
        if !key.network.is_empty() {
            hit.networks.insert(key.network.clone());
        }
    }

    /// What the step does to calls like those.
    #[must_use]
    pub fn impact(self) -> Impact {
        let mut hits: Vec<_> = self.hits.into_values().collect();
        hits.sort_by(|one, other| {
            let order = |hit: &Hit| (std::cmp::Reverse(hit.calls), hit.user.clone());
            order(one).cmp(&order(other))
        });
        Impact {
            hits,
            calls: self.calls,
            untold_calls: self.untold_calls,
        }
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
