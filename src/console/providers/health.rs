//! How a provider is doing, in words.

use crate::console::page::{Moment, Tone};

/// What is known of a provider's key set and endpoints.
#[derive(Clone, Debug)]
pub struct Health {
    /// The colour of the state.
    pub tone: Tone,
    /// The state in a word or two.
    pub label: &'static str,
    /// What is wrong.
    pub error: Option<Trouble>,
    /// Issuer, endpoints, times.
    pub facts: Vec<Fact>,
    /// The keys of the key set.
    pub keys: Vec<KeyRow>,
}

/// Something that doesn't work, and what helps.
#[derive(Clone, Debug)]
pub struct Trouble {
    /// One sentence.
    pub what: String,
    /// What to do.
    pub cure: String,
}

/// One line of what is known.
#[derive(Clone, Debug)]
pub struct Fact {
    pub label: &'static str,
    pub value: String,
    pub moment: Option<Moment>,
}

/// A key of the key set.
#[derive(Clone, Debug)]
pub struct KeyRow {
    pub id: String,
    pub kind: String,
    pub algorithms: String,
}
