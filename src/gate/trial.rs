//! A token on trial: the console's Test page and the `check` command tell its whole story.

use crate::decision::claims::Claims;
use crate::decision::token::{self, Shape};
use crate::decision::{Allowed, Refusal, Story, Told};

use super::Snapshot;

/// What became of a token that was tried, and why.
#[derive(Debug)]
pub struct Trial {
    /// Each check, who judged, and what the provider answered.
    pub told: Told,
    /// The outcome.
    pub outcome: Result<Allowed, Refusal>,
    /// The token's own claims, where it is a JWT; verified only if the outcome is good.
    pub claims: Option<Claims>,
}

impl Snapshot {
    /// Judges a token as a protected call would be judged, also while the gate is off.
    pub async fn try_token(&self, token: &str) -> Trial {
        let mut story = Story::told();
        let outcome = self.judge(token, None, &mut story).await;
        let claims = match token::read(token) {
            Ok(Shape::Jwt(jwt)) => Some(jwt.claims),
            _ => None,
        };
        Trial {
            told: story.end(),
            outcome,
            claims,
        }
    }
}
