//! What a provider's settings make of a token that was accepted once.

use super::verdict::{Verdict, is_in};
use crate::activity::{UsageKey, caps};
use crate::decision::Reason;
use crate::settings::{Provider, Settings, TokenValidation};

/// Judges a recorded call with a token that its provider has vouched for.
pub(super) fn judge(call: &UsageKey, settings: &Settings, today: &Settings) -> Verdict {
    let gone = |reason: Reason| {
        let mut others = settings.providers.iter();
        let another = others.any(|other| other.id != call.provider && may_judge(other, call));
        if another {
            Verdict::Untold
        } else {
            reason.into()
        }
    };
    let Some(provider) = enabled(settings, &call.provider) else {
        return gone(Reason::UnknownIssuer);
    };
    let Some(known) = enabled(today, &call.provider) else {
        return Verdict::Untold;
    };
    let issuers = &provider.issuers;
    if !call.issuer.is_empty() && !issuers.is_empty() && !issuers.contains(&call.issuer) {
        return gone(Reason::UnknownIssuer);
    }
    let checks = [
        audience(call, provider, known),
        client(call, provider),
        scopes(call, provider),
        networks(call, provider),
        what_is_not_recorded(provider, known),
    ];
    let refused = checks.iter().find(|one| matches!(one, Verdict::Refused(_)));
    let untold = checks.iter().find(|one| **one == Verdict::Untold);
    *refused.or(untold).unwrap_or(&Verdict::Passes)
}

fn enabled<'a>(settings: &'a Settings, id: &str) -> Option<&'a Provider> {
    settings.provider(id).filter(|provider| provider.enabled)
}

/// Whether the provider may be asked about a token that names no issuer of anybody.
pub(super) fn may_be_asked(provider: &Provider) -> bool {
    provider.enabled && provider.token_validation != TokenValidation::Jwks
}

/// Whether another provider could judge the call's token. An issuer that only its discovery document names is
/// not known here.
fn may_judge(provider: &Provider, call: &UsageKey) -> bool {
    provider.enabled && (provider.issuers.is_empty() || provider.issuers.contains(&call.issuer))
}

fn audience(call: &UsageKey, provider: &Provider, known: &Provider) -> Verdict {
    let accepted = provider.effective_audiences();
    if provider.accepts_every_audience() || accepted == known.effective_audiences() {
        return Verdict::Passes;
    }
    if call.audience.is_empty() || is_cut(&call.audience, caps::AUDIENCE) {
        return Verdict::Untold;
    }
    let mut stated = call.audience.split(' ');
    if stated.any(|one| accepted.iter().any(|audience| audience == one)) {
        Verdict::Passes
    } else {
        Reason::WrongAudience.into()
    }
}

fn client(call: &UsageKey, provider: &Provider) -> Verdict {
    let authorized = &provider.authorized_clients;
    if authorized.is_empty() || authorized.contains(&call.client_id) {
        Verdict::Passes
    } else if is_cut(&call.client_id, caps::CLIENT_ID) {
        Verdict::Untold
    } else {
        Reason::WrongClient.into()
    }
}

fn scopes(call: &UsageKey, provider: &Provider) -> Verdict {
    let granted: Vec<_> = call.scopes.split(' ').collect();
    let has = |scope: &String| granted.contains(&scope.as_str());
    if provider.required_scopes.iter().all(has) {
        Verdict::Passes
    } else if is_cut(&call.scopes, caps::SCOPES) {
        Verdict::Untold
    } else {
        Reason::InsufficientScope.into()
    }
}

fn networks(call: &UsageKey, provider: &Provider) -> Verdict {
    if provider.allowed_networks.is_empty() {
        return Verdict::Passes;
    }
    match is_in(&call.network, &provider.allowed_networks) {
        Some(true) => Verdict::Passes,
        Some(false) => Reason::NetworkNotAllowed.into(),
        None => Verdict::Untold,
    }
}

/// Whether a recorded text may lack its end.
fn is_cut(text: &str, cap: usize) -> bool {
    // The last character may have been longer than one byte.
    text.len() + 4 > cap
}

/// Members of which more would have to be known than is recorded: how a token is checked, and who its user is.
fn what_is_not_recorded(provider: &Provider, known: &Provider) -> Verdict {
    if provider == known {
        return Verdict::Passes;
    }
    let same = Provider {
        // These were judged above.
        issuers: provider.issuers.clone(),
        audiences: provider.audiences.clone(),
        authorized_clients: provider.authorized_clients.clone(),
        required_scopes: provider.required_scopes.clone(),
        allowed_networks: provider.allowed_networks.clone(),
        // These have no part in judging a token.
        display_name: provider.display_name.clone(),
        authorization_endpoint: provider.authorization_endpoint.clone(),
        token_endpoint: provider.token_endpoint.clone(),
        scopes: provider.scopes.clone(),
        key_grace_seconds: provider.key_grace_seconds,
        cache_seconds: provider.cache_seconds,
        ..known.clone()
    };
    if same == *provider {
        Verdict::Passes
    } else {
        Verdict::Untold
    }
}
