//! A token on trial: the console's Test page and the `check` command tell its whole story.

use crate::decision::claims::Claims;
use crate::decision::token::{self, Shape};
use crate::decision::{Allowed, Refusal, Step, Story};

use super::Snapshot;

/// What became of a token that was tried, and why.
#[derive(Debug)]
pub struct Trial {
    /// Each check in its order.
    pub steps: Vec<Step>,
    /// The outcome.
    pub outcome: Result<Allowed, Refusal>,
    /// The token's own claims, where it is a JWT; verified only if the outcome is good.
    pub claims: Option<Claims>,
    /// The userinfo answer, where the provider was asked.
    pub attributes: Option<Claims>,
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
        let (steps, attributes) = story.end();
        Trial {
            steps,
            outcome,
            claims,
            attributes,
        }
    }
}
