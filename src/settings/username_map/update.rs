//! What becomes of a map when rows change, worked out before it is saved.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::{MapDigest, UsernameMap};

/// One row that differs between two maps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowChange {
    /// The attribute's value.
    pub value: String,
    /// The username that it had; `None` for a row that is added.
    pub old: Option<String>,
    /// The username that it has; `None` for a row that is removed.
    pub new: Option<String>,
}

/// A map with rows changed, not saved yet: good only for the very map that it was made from.
#[derive(Clone, Debug)]
pub struct MapUpdate {
    base: MapDigest,
    map: Arc<UsernameMap>,
    changes: Vec<RowChange>,
}

impl MapUpdate {
    /// Puts these rows in the place of all rows.
    #[must_use]
    pub fn replacing(base: &UsernameMap, rows: BTreeMap<String, String>) -> Self {
        let changes = differences(&base.rows, &rows);
        Self {
            base: base.digest.clone(),
            map: Arc::new(UsernameMap::new(rows)),
            changes,
        }
    }

    /// Adds these rows, or gives their values other usernames; all other rows stay.
    #[must_use]
    pub fn merging(base: &UsernameMap, rows: BTreeMap<String, String>) -> Self {
        let mut merged = base.rows.clone();
        merged.extend(rows);
        Self::replacing(base, merged)
    }

    /// Sets one row, or removes it.
    #[must_use]
    pub fn of_row(base: &UsernameMap, value: &str, username: Option<&str>) -> Self {
        let mut rows = base.rows.clone();
        match username {
            Some(username) => rows.insert(value.to_owned(), username.to_owned()),
            None => rows.remove(value),
        };
        Self::replacing(base, rows)
    }

    /// The map that it was made from.
    #[must_use]
    pub fn base(&self) -> &MapDigest {
        &self.base
    }

    /// The map that it leads to.
    #[must_use]
    pub fn map(&self) -> &Arc<UsernameMap> {
        &self.map
    }

    /// The rows that differ, by value.
    #[must_use]
    pub fn changes(&self) -> &[RowChange] {
        &self.changes
    }
}

/// Walks both maps side by side: each is in the order of its values.
fn differences(old: &BTreeMap<String, String>, new: &BTreeMap<String, String>) -> Vec<RowChange> {
    let (mut old, mut new) = (old.iter().peekable(), new.iter().peekable());
    let mut changes = Vec::new();
    loop {
        let order = match (old.peek(), new.peek()) {
            (None, None) => return changes,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((one, _)), Some((other, _))) => one.cmp(other),
        };
        let before = if order.is_le() { old.next() } else { None };
        let after = if order.is_ge() { new.next() } else { None };
        let username = |row: Option<(&String, &String)>| row.map(|(_, username)| username.clone());
        if let Some((value, _)) = before.or(after)
            && before != after
        {
            changes.push(RowChange {
                value: value.clone(),
                old: username(before),
                new: username(after),
            });
        }
    }
}
