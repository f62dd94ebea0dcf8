//! The latest events of this process, for whoever follows them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use tokio::sync::watch;

use super::event::Event;
use super::{caps, locked};

/// The latest events, numbered from 1 in the order in which they were collected.
#[derive(Debug)]
pub struct Latest {
    events: Mutex<VecDeque<Numbered>>,
    newest: watch::Sender<u64>,
}

/// An event with its number in this process.
#[derive(Clone, Debug, PartialEq)]
pub struct Numbered {
    /// The number.
    pub number: u64,
    /// The event.
    pub event: Arc<Event>,
}

impl Default for Latest {
    fn default() -> Self {
        Self {
            events: Mutex::default(),
            newest: watch::Sender::new(0),
        }
    }
}

impl Latest {
    pub(super) fn push(&self, new: &[Arc<Event>]) {
        if new.is_empty() {
            return;
        }
        let mut events = locked(&self.events);
        let mut number = *self.newest.borrow();
        for event in new {
            number += 1;
            if events.len() >= caps::LATEST {
                events.pop_front();
            }
            events.push_back(Numbered {
                number,
                event: Arc::clone(event),
            });
        }
        self.newest.send_replace(number);
    }

    /// The events after this number that are still kept, oldest first; after 0 all that are.
    #[must_use]
    pub fn after(&self, number: u64) -> Vec<Numbered> {
        let events = locked(&self.events);
        let begin = events.partition_point(|one| one.number <= number);
        events.range(begin..).cloned().collect()
    }

    /// Tells the number of the newest event (0: none yet), and whenever it changes.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.newest.subscribe()
    }
}
