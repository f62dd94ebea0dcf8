//! What the names of the store mean to people.

use crate::activity::Outcome;
use crate::console::page::Tone;
use crate::decision::Reason;
use crate::decision::credential::Kind;

/// What became of a request.
pub const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Allowed => "Allowed",
        Outcome::Observed => "Would be refused",
        Outcome::Refused => "Refused",
    }
}

/// How bad that is.
pub const fn tone(outcome: Outcome) -> Tone {
    match outcome {
        Outcome::Allowed => Tone::Good,
        Outcome::Observed => Tone::Warn,
        Outcome::Refused => Tone::Bad,
    }
}

/// The sentence behind a reason's code; empty for a code that this program does not know.
pub fn reason(code: &str) -> &'static str {
    let known = Reason::ALL.iter().find(|reason| reason.code() == code);
    known.map_or("", |reason| reason.sentence())
}

/// The kind of credential with this name.
pub fn credential(name: &str) -> &'static str {
    let known = Kind::ALL.into_iter().find(|kind| kind.as_str() == name);
    match known {
        Some(Kind::Nothing) => "No credential",
        Some(Kind::Bearer) => "Bearer token",
        Some(Kind::Basic) => "Basic",
        Some(Kind::OAuth1) => "OAuth 1.0",
        Some(Kind::Session) => "Browser session",
        Some(Kind::Other) | None => "Other",
    }
}
