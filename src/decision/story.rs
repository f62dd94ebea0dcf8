//! The story of a decision: each check with its outcome, told only to whoever asks for it.

use serde::Serialize;

use super::Refusal;

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
pub struct Story(Option<Vec<Step>>);

impl Story {
    /// A story that nobody reads: steps cost nothing.
    #[must_use]
    pub const fn untold() -> Self {
        Self(None)
    }

    /// A story that is kept.
    #[must_use]
    pub const fn told() -> Self {
        Self(Some(Vec::new()))
    }

    /// The steps so far.
    #[must_use]
    pub fn into_steps(self) -> Vec<Step> {
        self.0.unwrap_or_default()
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
        if let Some(steps) = &mut self.0 {
            steps.push(Step {
                check,
                passed,
                detail: detail(),
            });
        }
    }
}
