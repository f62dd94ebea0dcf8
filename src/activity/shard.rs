//! Where decisions are counted until they are collected.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher as _, Hash as _, Hasher as _, RandomState};
use std::net::IpAddr;
use std::time::Instant;

use super::caps;
use super::event::{Event, day_of};
use super::histogram::Histogram;
use super::kept_text::cut;
use super::path::PathPrefix;
use super::record::{Outcome, Record};
use super::totals::Drops;
use super::usage::{UsageClass, UsageKey};

/// Counts since the last collection, and the first uses that are known already.
#[derive(Debug, Default)]
pub(super) struct Shard {
    taken: Taken,
    first_uses: HashSet<u64>,
    first_uses_of: i64,
}

/// What a shard hands over.
#[derive(Debug, Default)]
pub(super) struct Taken {
    /// By a keyed hash of what tells callers apart: nobody outside can make two of them meet, and by chance
    /// they don't among so few.
    rows: HashMap<u64, Row>,
    rows_of: [usize; 3],
    /// Each with its moment, since several shards' are put in order, and `at` is whole seconds.
    pub(super) events: Vec<(Instant, Event)>,
    first_uses_of: [usize; 3],
    refusals: HashMap<&'static str, usize>,
    pub(super) durations: Histogram,
    pub(super) drops: Drops,
}

/// Calls that are alike.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) key: UsageKey,
    pub(super) calls: u64,
    pub(super) last_at: i64,
}

impl Shard {
    pub(super) fn record(&mut self, record: &Record<'_>, keys: &RandomState) {
        self.taken.durations.note(record.duration);
        let class = UsageClass::of(record);
        self.taken.count(record, class, keys);
        match record.outcome {
            Outcome::Observed | Outcome::Refused => self.taken.keep_refusal(record),
            Outcome::Allowed if record.credential != "none" => {
                self.keep_first_use(record, class, keys);
            }
            Outcome::Allowed => {}
        }
    }

    pub(super) fn take(&mut self) -> Taken {
        std::mem::take(&mut self.taken)
    }

    fn keep_first_use(&mut self, record: &Record<'_>, class: UsageClass, keys: &RandomState) {
        let day = day_of(record.at);
        if day != self.first_uses_of || self.first_uses.len() >= caps::SHARD_KNOWN_FIRST_USES {
            self.first_uses.clear();
            self.first_uses_of = day;
        }
        let hash = first_use_hash(record, keys);
        if self.first_uses.contains(&hash) {
            return;
        }
        let used = &mut self.taken.first_uses_of[class as usize];
        if *used >= class.cap(&caps::SHARD_FIRST_USES) {
            // Not known, so its next use is told as its first.
            return;
        }
        *used += 1;
        self.first_uses.insert(hash);
        let event = Event::first_use(record, class);
        self.taken.events.push((Instant::now(), event));
    }
}

impl Taken {
    pub(super) fn rows(&mut self) -> impl Iterator<Item = Row> {
        self.rows.drain().map(|(_, row)| row)
    }

    fn count(&mut self, record: &Record<'_>, class: UsageClass, keys: &RandomState) {
        let path = PathPrefix::of(record.target);
        let hash = usage_hash(record, &path, keys);
        if let Some(row) = self.rows.get_mut(&hash) {
            return row.add(record.at);
        }
        let used = &mut self.rows_of[class as usize];
        if *used < class.cap(&caps::SHARD_ROWS) {
            *used += 1;
            self.rows
                .insert(hash, Row::first(UsageKey::of(record, &path), record.at));
            return;
        }
        self.drops.coarse += 1;
        self.rows
            .entry(coarse_hash(record, keys))
            .and_modify(|row| row.add(record.at))
            .or_insert_with(|| Row::first(UsageKey::coarse(record), record.at));
    }

    /// So many of each reason, so that a flood of one hides no other.
    fn keep_refusal(&mut self, record: &Record<'_>) {
        let kept = self.refusals.entry(record.reason).or_default();
        if *kept >= caps::SHARD_EVENTS_OF_A_REASON {
            self.drops.events += 1;
            return;
        }
        *kept += 1;
        self.events.push((Instant::now(), Event::of(record)));
    }
}

impl Row {
    fn first(key: UsageKey, at: i64) -> Self {
        Self {
            key,
            calls: 1,
            last_at: at,
        }
    }

    fn add(&mut self, at: i64) {
        self.calls += 1;
        self.last_at = self.last_at.max(at);
    }
}

fn usage_hash(record: &Record<'_>, path: &PathPrefix, keys: &RandomState) -> u64 {
    let mut hasher = keys.build_hasher();
    hash_coarse(record, &mut hasher);
    let vouched = record.vouched.unwrap_or_default();
    (
        cut(record.user, caps::USER),
        record.vouched.is_some(),
        cut(vouched.client_id, caps::CLIENT_ID),
        cut(vouched.issuer, caps::ISSUER),
        cut(vouched.audience, caps::AUDIENCE),
        cut(vouched.scopes, caps::SCOPES),
        record.client.map(network_part),
        path.as_bytes(),
    )
        .hash(&mut hasher);
    hasher.finish()
}

fn coarse_hash(record: &Record<'_>, keys: &RandomState) -> u64 {
    let mut hasher = keys.build_hasher();
    hash_coarse(record, &mut hasher);
    hasher.finish()
}

fn hash_coarse(record: &Record<'_>, hasher: &mut impl std::hash::Hasher) {
    (
        record.outcome,
        record.method,
        record.reason,
        record.credential,
        record.provider,
        record.exception,
    )
        .hash(hasher);
}

fn first_use_hash(record: &Record<'_>, keys: &RandomState) -> u64 {
    let agent = record.user_agent;
    keys.hash_one((
        cut(record.user, caps::USER),
        cut(
            record.vouched.unwrap_or_default().client_id,
            caps::CLIENT_ID,
        ),
        record.method,
        record.client,
        &agent[..agent.len().min(caps::USER_AGENT)],
    ))
}

/// What of an address its network keeps.
fn network_part(address: IpAddr) -> u64 {
    match address.to_canonical() {
        IpAddr::V4(one) => u64::from(one.to_bits() >> 8),
        // No global address has these bits clear, as those of IPv4 are here.
        IpAddr::V6(one) => (one.to_bits() >> 64) as u64 | 1 << 63,
    }
}
