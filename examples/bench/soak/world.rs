//! What is true of the settings, the keys and the providers, and so what each request must get.

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::super::answer::Answer;
use super::history::History;

/// How far the server's clock, which tells whole seconds, and ours may lie apart at a token's end.
const TICK: Duration = Duration::from_secs(1);

/// What saves change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// The claim that is the username.
    pub attribute: &'static str,
    pub is_basic_disabled: bool,
}

impl Saved {
    /// The two that saves go to and fro between.
    pub const BOTH: [Self; 2] = [
        Self {
            attribute: "given_name",
            is_basic_disabled: true,
        },
        Self {
            attribute: "family_name",
            is_basic_disabled: false,
        },
    ];
}

/// What a request must get.
#[derive(Clone, Debug)]
pub enum Expected {
    /// This, whatever happens.
    Always(Answer),
    /// The user of this number by the attribute in force, while the key with that number is.
    SignedBy { key: usize, user: usize },
    /// This until then, and `expired` after it.
    Until(Instant, Answer),
    /// This, unless the provider can't be asked.
    Asked(Answer),
    /// What the settings say about Basic.
    Basic,
}

/// What the claim of this name says of a user: each claim another name.
pub fn username(attribute: &str, user: usize) -> String {
    format!("{attribute}-{user}")
}

/// Shared by those who ask and those who change.
#[derive(Clone)]
pub struct World(Arc<Mutex<Inside>>);

pub struct Inside {
    pub saved: History<Saved>,
    /// The number of the key that the rotating provider is known to sign with.
    pub key: History<usize>,
    /// Whether the provider that is asked answers.
    pub is_up: History<bool>,
}

impl World {
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(Inside {
            saved: History::new(Saved::BOTH[0].clone()),
            key: History::new(0),
            is_up: History::new(true),
        })))
    }

    pub fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the answer to a request of this time is right.
    pub fn is_right(&self, expected: &Expected, answer: &Answer, during: &Range<Instant>) -> bool {
        let mut world = self.inside();
        match expected {
            Expected::Always(right) => answer == right,
            Expected::Asked(right) => {
                let down = Answer::refusal(503, "provider_unavailable");
                answer == right && (world.is_up.allows(during, |up| *up) || !answer.is_pass())
                    || *answer == down && world.is_up.allows(during, |up| !up)
            }
            Expected::Until(end, right) => {
                answer == right && during.start <= *end + TICK
                    || *answer == Answer::refused("expired") && during.end + TICK >= *end
            }
            Expected::Basic => world.saved.allows(during, |saved| {
                let disabled = Answer::refused("basic_disabled");
                let passed = Answer::pass("");
                *answer
                    == if saved.is_basic_disabled {
                        disabled
                    } else {
                        passed
                    }
            }),
            Expected::SignedBy { key, user } => {
                if *answer == Answer::refused("unknown_key") {
                    return world.key.allows(during, |known| known != key);
                }
                let is_user =
                    |saved: &Saved| *answer == Answer::pass(username(saved.attribute, *user));
                let is_right = world.saved.allows(during, is_user)
                    && world.key.allows(during, |known| known == key);
                // Whoever knows the new key has forgotten the old one.
                if is_right && world.key.is_latest(key) {
                    world.key.settle(key, during.end);
                }
                is_right
            }
        }
    }
}
