//! Samples for the test that renders every page: all that a stranger can put into a request is hostile.

use super::asked::Asked;
use super::event_row::EventRow;
use super::page::{ActivityPage, Content, Events};
use super::range::Range;
use super::series::Counts;
use crate::activity::{Drops, Event, Outcome};
use crate::console::page::Frame;
use crate::store::{Caller, Counted};

const NOW: i64 = 1_790_000_000;
const HOSTILE: &str = "\"><script>alert(1)</script>";

fn caller(credential: &str, user: &str, client_id: &str) -> Caller {
    Caller {
        credential: credential.to_owned(),
        provider: HOSTILE.to_owned(),
        user: user.to_owned(),
        client_id: client_id.to_owned(),
        is_coarse: false,
        allowed: 12_345,
        observed: 1,
        refused: 2,
        networks: 3,
        last_at: NOW,
    }
}

/// An event in which everything is hostile.
pub fn event(outcome: Outcome) -> Event {
    let hostile = || HOSTILE.to_owned();
    Event {
        at: NOW,
        outcome,
        method: HOSTILE.to_owned().into(),
        reason: HOSTILE.to_owned().into(),
        credential: HOSTILE.to_owned().into(),
        provider: hostile(),
        user: hostile(),
        client_id: hostile(),
        address: hostile(),
        user_agent: hostile(),
        http_method: hostile(),
        path: hostile(),
        request_id: hostile(),
        first_use: None,
    }
}

fn content(counted: &[Counted], callers: Vec<Caller>, events: Events) -> Content {
    Content {
        counts: Counts::of(Range::Hour.span(NOW), counted),
        callers,
        events,
        drops: Drops::default(),
        retention_days: 30,
    }
}

impl ActivityPage {
    /// Everything that the page can show.
    pub fn sample() -> Self {
        let hostile = || HOSTILE.to_owned();
        let asked = Asked {
            user: hostile(),
            client: hostile(),
            address: hostile(),
            reason: hostile(),
            request_id: hostile(),
            credential: hostile(),
            ..Asked::default()
        };
        let outcomes = Outcome::ALL.into_iter();
        let reasons = [HOSTILE, "a", "b", "c", "d", "e", "basic_disabled"];
        let counted: Vec<_> = outcomes
            .flat_map(|outcome| reasons.map(|reason| (outcome, reason)))
            .map(|(outcome, reason)| Counted {
                at: NOW,
                outcome,
                reason: reason.to_owned(),
                method: hostile(),
                credential: hostile(),
                calls: 1_000,
            })
            .collect();
        let rows = Outcome::ALL.map(|outcome| EventRow::of(&event(outcome), &asked));
        let events = Events {
            rows: rows.into(),
            older: Some(7),
        };
        let callers = vec![
            caller(HOSTILE, HOSTILE, HOSTILE),
            caller("none", "", ""),
            caller("bearer", "", HOSTILE),
        ];
        let mut content = content(&counted, callers, events);
        content.drops = Drops {
            events: 5,
            coarse: 6,
            unsaved: 7,
            missed: 8,
        };
        Self::new(Frame::sample(), asked, content)
    }

    /// Before the first decision.
    pub fn empty_sample() -> Self {
        let content = content(&[], Vec::new(), Events::default());
        Self::new(Frame::sample(), Asked::default(), content)
    }

    /// Calls, but none of the events that are asked for.
    pub fn quiet_sample() -> Self {
        let content = content(&[], vec![caller("basic", "a", "")], Events::default());
        Self::new(Frame::sample(), Asked::default(), content)
    }
}
