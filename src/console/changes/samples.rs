//! Samples of the pages, all of it hostile, for the test that renders every page.

use super::history::{Diff, Paging, Recorded};
use super::page::{ChangesPage, RestorePage, RevisionPage};
use super::restore::{Outlook, Prospect};
use crate::console::page::{ChangedSetting, Frame, Moment};
use crate::settings::Fault;

fn hostile() -> String {
    "<script>alert(1)</script>".to_owned()
}

fn changes(count: usize) -> Vec<ChangedSetting> {
    let change = || ChangedSetting {
        what: hostile(),
        old: hostile(),
        new: hostile(),
    };
    std::iter::repeat_with(change).take(count).collect()
}

fn recorded(revision: i64, diff: Diff) -> Recorded {
    Recorded {
        revision,
        saved: Moment(1_790_000_000),
        by: hostile(),
        from: hostile(),
        diff,
    }
}

impl ChangesPage {
    /// Revisions of every kind, in the middle of the history.
    pub fn sample() -> Self {
        let revisions = vec![
            recorded(9, Diff::Changes(changes(20))),
            recorded(8, Diff::Changes(Vec::new())),
            recorded(7, Diff::Incomparable),
            recorded(6, Diff::Unreadable),
        ];
        let paging = Paging::of(&revisions, 12, 4);
        Self::new(Frame::sample(), revisions, 12, paging)
    }

    /// No revision yet.
    pub fn empty_sample() -> Self {
        Self::new(Frame::sample(), Vec::new(), 0, Paging::default())
    }
}

impl RevisionPage {
    /// A revision that one can go back to.
    pub fn sample() -> Self {
        Self::new(Frame::sample(), recorded(3, Diff::Changes(changes(9))), 5)
    }
}

impl RestorePage {
    fn of(outlook: Outlook) -> Self {
        let prospect = Prospect {
            revision: 3,
            seen: 5,
            outlook,
            met: Some((hostile(), Moment(1_790_000_000))),
        };
        Self::new(Frame::sample(), prospect)
    }

    /// A way back, with a warning, asked again.
    pub fn sample() -> Self {
        Self::of(Outlook::Good {
            changes: changes(2),
            without_map: vec![hostile(), hostile()],
        })
    }

    /// No way back.
    pub fn faulty_sample() -> Self {
        Self::of(Outlook::Faulty(vec![Fault {
            pointer: hostile(),
            detail: hostile(),
        }]))
    }
}
