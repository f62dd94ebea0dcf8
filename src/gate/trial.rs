//! A token or a request on trial: the console's Test page, and `check` of the command line and the management API, tell
//! the whole story.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use crate::decision::claims::Claims;
use crate::decision::token::{self, Shape};
use crate::decision::{Allowed, Decision, Refusal, Request, Step, Story, Told};
use crate::peer::{Peer, TrustedProxies};
use crate::provider::unix_now;

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

/// A decided request, and why it was decided so.
#[derive(Debug)]
pub struct Explained {
    /// The decision.
    pub decision: Decision,
    /// Each check in its order.
    pub steps: Vec<Step>,
}

/// Reads a header of a request that is to be explained.
///
/// # Errors
/// What is wrong, without the header: it may hold a credential.
pub fn read_header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), &'static str> {
    let name = name.parse().map_err(|_| "the name is no header's name")?;
    let value = HeaderValue::from_str(value)
        .map_err(|_| "the value has characters that no header can have")?;
    Ok((name, value))
}

impl Snapshot {
    /// Decides one request as a trusted proxy on this machine would have it decided. Without a target, the path and
    /// the query, a protected call is judged.
    pub async fn explain(&self, target: Option<&str>, headers: &HeaderMap) -> Explained {
        let peer = Peer::Tcp(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0));
        let client = TrustedProxies::default().client(&peer, headers.get_all("x-forwarded-for"));
        let request = Request {
            target: target.map(str::as_bytes),
            headers,
            client,
            now: unix_now(),
        };
        let mut story = Story::told();
        let decision = self.decide(request, &mut story).await;
        Explained {
            decision,
            steps: story.end().steps,
        }
    }

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
