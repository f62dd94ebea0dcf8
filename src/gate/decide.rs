//! Decides one request by the snapshot in force, from memory where its token is known to be good.

use std::sync::Arc;

use super::verified::{Premises, Verified};
use super::{Gate, Snapshot};
use crate::decision::{Assessment, Decision, Request, Story, assess};

/// A decision, and whether it was remembered.
#[derive(Debug)]
pub(super) enum Decided {
    /// The token was verified, now or before.
    Verified(Arc<Verified>),
    /// Anything else.
    Otherwise(Decision),
}

impl Decided {
    /// The decision.
    pub(super) fn decision(&self) -> &Decision {
        match self {
            Self::Verified(verified) => &verified.decision,
            Self::Otherwise(decision) => decision,
        }
    }
}

impl Gate {
    /// Decides one request (`interface.md`, section 3).
    pub(super) async fn decide(&self, snapshot: &Snapshot, request: Request<'_>) -> Decided {
        // Before anything is read that the judgement rests on.
        let premises = Premises {
            snapshot: snapshot.serial,
            epoch: self.sources.epoch(),
        };
        let mut story = Story::untold();
        let token = match assess(request, &snapshot.rules, &mut story) {
            Assessment::Token(token) => token,
            Assessment::Decided(judged) => {
                return Decided::Otherwise(snapshot.in_force(judged));
            }
        };
        let Request { now, client, .. } = request;
        if let Some(known) = self.verified.find(token, premises, snapshot, now, client) {
            return Decided::Verified(known);
        }
        match snapshot.judge(token, client, &mut story).await {
            Ok(allowed) => match self.verified.keep(token, premises, snapshot, allowed) {
                Ok(verified) => Decided::Verified(verified),
                Err(allowed) => Decided::Otherwise(Decision::Allow(allowed)),
            },
            refused => Decided::Otherwise(snapshot.in_force(refused)),
        }
    }
}
