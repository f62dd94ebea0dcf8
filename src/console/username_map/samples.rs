//! Samples of the map's pages, hostile and faulty, for the test that renders every page.

use super::import::Mode;
use super::page::{Found, Outcome, RowForm};
use super::*;
use crate::console::page::Frame;
use crate::console::providers::sample_provider;
use crate::settings::{LineFault, MapUpdate};

const HOSTILE: &str = "\"><script>alert(1)</script>";

fn subject(usernames: &[&str]) -> Subject {
    let rows = usernames
        .iter()
        .map(|username| (format!("{username}@{HOSTILE}"), (*username).to_owned()));
    Subject {
        provider: sample_provider(),
        map: Arc::new(UsernameMap::new(rows.collect())),
    }
}

fn found(rows: &[(&str, &str)]) -> Found {
    let owned = |row: &(&str, &str)| (row.0.to_owned(), row.1.to_owned());
    Found {
        search: HOSTILE.to_owned(),
        page: 2,
        pages: 3,
        count: 3 * rows.len(),
        rows: rows.iter().map(owned).collect(),
    }
}

impl UsernameMapPage {
    /// The second page of a search, and a form with both fields wrong.
    pub fn sample() -> Self {
        let mut form = RowForm::of_row(HOSTILE, HOSTILE);
        HOSTILE.clone_into(&mut form.value_error);
        HOSTILE.clone_into(&mut form.username_error);
        let found = found(&[(HOSTILE, HOSTILE), ("b", "bob")]);
        Self::new(Frame::sample(), &subject(&["a", "b"]), found, form)
    }

    /// A provider without a map.
    pub fn empty_sample() -> Self {
        Self::new(
            Frame::sample(),
            &subject(&[]),
            found(&[]),
            RowForm::default(),
        )
    }
}

impl ImportPage {
    /// A file that adds, changes and removes.
    pub fn sample() -> Self {
        let before = subject(&["a", "b"]);
        let after = [
            ("c", HOSTILE),
            ("b@\"><script>alert(1)</script>", "changed"),
        ];
        let after = after.map(|(value, username)| (value.to_owned(), username.to_owned()));
        let update = MapUpdate::replacing(&before.map, after.into());
        let outcome = Outcome::changing(&update).under(HOSTILE.to_owned());
        Self::new(Frame::sample(), &before, Mode::Replace, outcome)
    }

    /// A file with faults.
    pub fn faulty_sample() -> Self {
        let fault = LineFault {
            line: 7,
            detail: HOSTILE.to_owned(),
        };
        let outcome = Outcome::faulty(vec![fault; 200]);
        Self::new(Frame::sample(), &subject(&["a"]), Mode::Merge, outcome)
    }
}

impl RemoveMapPage {
    /// A map of two rows.
    pub fn sample() -> Self {
        Self::new(Frame::sample(), &subject(&["a", "b"]))
    }
}
