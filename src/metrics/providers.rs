//! The enabled providers: their keys, and the questions to them.

use std::fmt;

use super::encode::Encoder;
use crate::gate::GateProvider;
use crate::provider::{CallEnd, CallKind, unix_now};
use crate::settings::TokenValidation;

/// Writes what is known of each.
pub(super) fn encode(encoder: &mut Encoder<'_, '_>, providers: &[GateProvider]) -> fmt::Result {
    keys(encoder, providers)?;
    questions(encoder, providers)
}

fn keys(encoder: &mut Encoder<'_, '_>, providers: &[GateProvider]) -> fmt::Result {
    let with_keys = providers.iter().filter(|one| one.source.has_keys());
    let states: Vec<_> = with_keys
        .map(|one| (&*one.rules.id, one.source.state()))
        .collect();
    encoder.counter(
        "bearergate_key_set_fetches",
        "Fetches of a provider's key set.",
        states.iter().flat_map(|(id, state)| {
            let outcome = |name| [("provider", *id), ("outcome", name)];
            [
                (outcome("good"), state.key_fetches.good),
                (outcome("failed"), state.key_fetches.failed),
            ]
        }),
    )?;
    encoder.gauge(
        "bearergate_keys",
        "Keys of a provider that tokens may be signed with.",
        states.iter().map(|(id, state)| {
            let count = u64::try_from(state.keys.keys().len()).unwrap_or(u64::MAX);
            ([("provider", *id)], count)
        }),
    )?;
    let now = unix_now();
    encoder.gauge(
        "bearergate_keys_age_seconds",
        "Time since a provider's key set was last fetched; absent before the first time.",
        states.iter().filter_map(|(id, state)| {
            let age = now - state.key_fetches.last_good?;
            // A clock may be set back.
            Some(([("provider", *id)], age.max(0)))
        }),
    )
}

fn questions(encoder: &mut Encoder<'_, '_>, providers: &[GateProvider]) -> fmt::Result {
    let asked: Vec<_> = providers
        .iter()
        .filter_map(|one| Some((one, call_kind(one.rules.validation)?)))
        .collect();
    encoder.counter(
        "bearergate_introspection_calls",
        "Calls to a provider about a token; those not made met a limit, those abandoned had nobody left who waited.",
        asked.iter().flat_map(|&(one, kind)| {
            let labels = move |end: CallEnd| {
                [
                    ("provider", &*one.rules.id),
                    ("kind", kind.name()),
                    ("outcome", end.name()),
                ]
            };
            let counts = &one.source.inquiry.counts;
            CallEnd::ALL.map(|end| (labels(end), counts.calls(kind, end)))
        }),
    )?;
    encoder.counter(
        "bearergate_answer_cache",
        "Questions about tokens, by whether an answer in memory, or one under way for somebody else, served.",
        asked.iter().flat_map(|&(one, _)| {
            let result = |name| [("provider", &*one.rules.id), ("result", name)];
            let counts = &one.source.inquiry.counts;
            [
                (result("hit"), counts.hits()),
                (result("miss"), counts.misses()),
            ]
        }),
    )
}

const fn call_kind(validation: TokenValidation) -> Option<CallKind> {
    match validation {
        TokenValidation::Jwks => None,
        TokenValidation::Userinfo => Some(CallKind::Userinfo),
        TokenValidation::Introspection => Some(CallKind::Introspection),
    }
}
