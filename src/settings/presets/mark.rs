//! Marks by which kinds of tokens are known.

use serde_json::{Map, Value};

/// A claim by which a kind of token is known.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    /// The claim.
    pub claim: &'static str,
    /// What it must be.
    pub value: MarkValue,
}

/// What the claim of a mark must be.
#[derive(Clone, Copy, Debug)]
pub enum MarkValue {
    /// Anything but `null`.
    Any,
    /// This text.
    Is(&'static str),
    /// A text that begins so.
    BeginsWith(&'static str),
}

impl Mark {
    pub(super) const fn any(claim: &'static str) -> Self {
        let value = MarkValue::Any;
        Self { claim, value }
    }

    pub(super) const fn is(claim: &'static str, text: &'static str) -> Self {
        let value = MarkValue::Is(text);
        Self { claim, value }
    }

    pub(super) const fn begins_with(claim: &'static str, text: &'static str) -> Self {
        let value = MarkValue::BeginsWith(text);
        Self { claim, value }
    }

    /// Whether these claims bear the mark.
    #[must_use]
    pub fn is_on(&self, claims: &Map<String, Value>) -> bool {
        let claim = claims.get(self.claim).filter(|value| !value.is_null());
        claim.is_some_and(|value| match self.value {
            MarkValue::Any => true,
            MarkValue::Is(text) => value == text,
            MarkValue::BeginsWith(text) => value.as_str().is_some_and(|one| one.starts_with(text)),
        })
    }
}
