//! The story of a decision: each check with its outcome, told only to whoever asks for it.

use std::sync::Arc;

use serde::Serialize;

use super::Refusal;
use super::claims::Claims;

/// One check of a decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// What was checked.
    pub check: &'static str,
    /// Whether it let the request go on.
    pub passed: bool,
    /// What was seen, in a sentence; it may hold claims, never a credential.
    pub detail: String,
}

/// Collects the steps of a decision, or, on the validation path, nothing.
#[derive(Debug)]
pub struct Story(Option<Told>);

/// What a story has told.
#[derive(Debug, Default)]
pub struct Told {
    /// Each check in its order.
    pub steps: Vec<Step>,
    /// The provider that judged the token, or was the last to be asked.
    pub provider: Option<Arc<str>>,
    /// What the provider's userinfo endpoint answered.
    pub attributes: Option<Claims>,
}

impl Story {
    /// A story that nobody reads: steps cost nothing.
    #[must_use]
    pub const fn untold() -> Self {
        Self(None)
    }

    /// A story that is kept.
    #[must_use]
    pub fn told() -> Self {
        Self(Some(Told::default()))
    }

    /// What was told.
    #[must_use]
    pub fn end(self) -> Told {
        self.0.unwrap_or_default()
    }

    /// Keeps which provider judges the token.
    pub fn keep_provider(&mut self, provider: &Arc<str>) {
        if let Some(told) = &mut self.0 {
            told.provider = Some(Arc::clone(provider));
        }
    }

    /// Keeps the attributes that a provider answered with.
    pub fn keep_attributes(&mut self, attributes: &Claims) {
        if let Some(told) = &mut self.0 {
            told.attributes = Some(attributes.clone());
        }
    }

    /// Notes a check that let the request go on.
    pub fn pass(&mut self, check: &'static str, detail: impl FnOnce() -> String) {
        self.note(check, true, detail);
    }

    /// Notes a check that ends the decision, and gives back its refusal.
    pub fn fail<R: Into<Refusal>>(
        &mut self,
        check: &'static str,
        refusal: R,
        detail: impl FnOnce() -> String,
    ) -> Refusal {
        self.note(check, false, detail);
        refusal.into()
    }

    fn note(&mut self, check: &'static str, passed: bool, detail: impl FnOnce() -> String) {
        if let Some(told) = &mut self.0 {
            told.steps.push(Step {
                check,
                passed,
                detail: detail(),
            });
        }
    }
}
