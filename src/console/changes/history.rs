//! From the stored revisions to what each of them changed.

use crate::console::page::{ChangedSetting, Moment};
use crate::console::username_map::Counts;
use crate::settings::Settings;
use crate::store::{Author, Entry, MapChanges};

/// One revision as the pages tell it.
#[derive(Debug)]
pub struct Recorded {
    pub revision: i64,
    pub saved: Moment,
    pub by: String,
    /// "from 192.0.2.7"; empty where that is not known.
    pub from: String,
    pub diff: Diff,
}

/// What a revision changed.
#[derive(Debug)]
pub enum Diff {
    /// These settings.
    Changes(Vec<ChangedSetting>),
    /// The revision itself can't be read.
    Unreadable,
    /// The one before it can't be read: there is nothing to compare with.
    Incomparable,
}

impl Recorded {
    /// Whether one could go back to it.
    pub fn is_readable(&self) -> bool {
        !matches!(self.diff, Diff::Unreadable)
    }
}

/// The first `count` revisions, each compared with the one before it.
pub fn recorded(entries: Vec<Entry>, count: usize) -> Vec<Recorded> {
    let diffs: Vec<_> = entries
        .iter()
        .enumerate()
        .map(|(at, entry)| diff(entry, entries.get(at + 1)))
        .collect();
    let both = entries.into_iter().zip(diffs).take(count);
    both.map(|(entry, diff)| Recorded {
        revision: entry.revision,
        saved: Moment(entry.saved_at),
        from: from(&entry.saved_from),
        by: entry.saved_by,
        diff,
    })
    .collect()
}

fn from(address: &str) -> String {
    match address {
        "" => String::new(),
        Author::CLI => "from the command line".to_owned(),
        address => format!("from {address}"),
    }
}

fn diff(entry: &Entry, former: Option<&Entry>) -> Diff {
    let Ok(stored) = &entry.stored else {
        return Diff::Unreadable;
    };
    let defaults = Settings::default();
    let before = match former {
        Some(Entry {
            stored: Ok(former), ..
        }) => &former.settings,
        None if entry.revision == 1 => &defaults,
        _ => return Diff::Incomparable,
    };
    let changes = before.changes_to(&stored.settings);
    let maps = entry.map_changes.iter();
    let maps = maps.map(|changes| map_change(changes, before, &stored.settings));
    let settings = changes.into_iter().map(ChangedSetting::from);
    Diff::Changes(settings.chain(maps).collect())
}

/// A map's change is told by the number of its rows: they are people.
fn map_change(changes: &MapChanges, before: &Settings, after: &Settings) -> ChangedSetting {
    let id = &changes.provider;
    let provider = after.provider(id).or_else(|| before.provider(id));
    let name = provider.map_or(id, |provider| &provider.display_name);
    let count = |count: i64| usize::try_from(count).unwrap_or_default();
    let counts = Counts {
        added: count(changes.added),
        changed: count(changes.changed),
        removed: count(changes.removed),
    };
    ChangedSetting {
        what: format!("{name}: Username map"),
        old: "—".to_owned(),
        new: counts.sentence(),
    }
}

/// Where the newer and the older revisions are.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Paging {
    pub newer: Option<String>,
    pub older: Option<String>,
}

impl Paging {
    /// Around the revisions that a page shows; `latest` is the newest of all, `size` what a page holds. Revisions are
    /// counted without a gap.
    pub fn of(shown: &[Recorded], latest: i64, size: i64) -> Self {
        let (Some(first), Some(last)) = (shown.first(), shown.last()) else {
            return Self {
                newer: (latest > 0).then(|| super::PATH.to_owned()),
                older: None,
            };
        };
        let link = |before: i64| match before {
            before if before > latest => super::PATH.to_owned(),
            before => format!("{}?before={before}", super::PATH),
        };
        Self {
            newer: (first.revision < latest).then(|| link(first.revision + size + 1)),
            older: (last.revision > 1).then(|| link(last.revision)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(revisions: std::ops::RangeInclusive<i64>) -> Vec<Recorded> {
        let recorded = |revision| Recorded {
            revision,
            saved: Moment(0),
            by: String::new(),
            from: String::new(),
            diff: Diff::Unreadable,
        };
        revisions.rev().map(recorded).collect()
    }

    #[test]
    fn pages_lead_to_newer_and_older_revisions() {
        let paging = |revisions, latest| {
            let paging = Paging::of(&shown(revisions), latest, 50);
            (
                paging.newer.unwrap_or_default(),
                paging.older.unwrap_or_default(),
            )
        };
        let pair = |newer: &str, older: &str| (newer.to_owned(), older.to_owned());
        assert_eq!(paging(1..=7, 7), pair("", ""));
        assert_eq!(paging(71..=120, 120), pair("", "/changes?before=71"));
        assert_eq!(paging(21..=70, 120), pair("/changes", "/changes?before=21"));
        assert_eq!(paging(1..=20, 120), pair("/changes?before=71", ""));
        let nothing = Paging::of(&[], 0, 50);
        assert_eq!(nothing, Paging::default());
        assert!(Paging::of(&[], 3, 50).newer.is_some());
    }

    #[test]
    fn a_place_is_told_in_words() {
        assert_eq!(from(""), "");
        assert_eq!(from("cli"), "from the command line");
        assert_eq!(from("192.0.2.7"), "from 192.0.2.7");
    }
}
