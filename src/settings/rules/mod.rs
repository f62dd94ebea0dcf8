//! The rules of the settings document beyond its form.

mod address;
mod exceptions;
mod global;
mod provider;
mod secrets;
mod upstream;
mod url;

pub use address::never_called;
pub use url::{UrlRule, origin};

use super::Provider;
use super::draft::{Draft, ReadContext};
use super::fault::Faults;

/// Checks a draft whose form has been read, and gives each provider and credential its stored secret.
pub(super) fn check(draft: &mut Draft, context: ReadContext<'_>, faults: &Faults) {
    global::check(&mut draft.global, faults);
    exceptions::check(&draft.basic_exceptions, faults);
    let urls = UrlRule {
        allow_http: context.allow_http_providers,
    };
    for (index, provider) in &mut draft.providers {
        let place = Place {
            index: *index,
            faults,
        };
        let has_map = context.username_maps.contains_key(&provider.id);
        provider::check(provider, urls, has_map, &place);
        secrets::keep_stored(provider, context.stored.provider(&provider.id), &place);
    }
    check_ids(&draft.providers, faults);
    check_same_issuers(&draft.providers, faults);
    upstream::check(draft, context.stored, faults);
}

/// Where a provider stands in the document.
struct Place<'a> {
    index: usize,
    faults: &'a Faults,
}

impl Place<'_> {
    fn fault(&self, member: &str, detail: impl Into<String>) {
        self.faults
            .add(format!("/providers/{}/{member}", self.index), detail);
    }
}

fn check_ids(providers: &[(usize, Provider)], faults: &Faults) {
    for (at, (index, provider)) in providers.iter().enumerate() {
        if providers[..at]
            .iter()
            .any(|(_, other)| other.id == provider.id)
        {
            let detail = format!(
                "\"{}\" is the id of another provider; ids are unique",
                provider.id
            );
            faults.add(format!("/providers/{index}/id"), detail);
        }
    }
}

/// Two enabled providers that judge the same issuer's tokens must differ in policy or audience, or
/// nobody could say which of them is asked.
fn check_same_issuers(providers: &[(usize, Provider)], faults: &Faults) {
    let enabled: Vec<_> = providers
        .iter()
        .filter(|(_, provider)| provider.enabled)
        .collect();
    for (at, (index, provider)) in enabled.iter().enumerate() {
        let twin = enabled[..at]
            .iter()
            .find(|(_, other)| share_an_issuer(other, provider) && !told_apart(other, provider));
        if let Some((_, twin)) = twin {
            let detail = format!(
                "shares an issuer with \"{}\": give the two different audiences or policies, or disable one",
                twin.id
            );
            faults.add(format!("/providers/{index}/audiences"), detail);
        }
    }
}

fn share_an_issuer(one: &Provider, other: &Provider) -> bool {
    if one.issuers.is_empty() || other.issuers.is_empty() {
        let url = one.effective_discovery_url();
        return one.issuers.is_empty()
            && other.issuers.is_empty()
            && url.is_some()
            && url == other.effective_discovery_url();
    }
    one.issuers
        .iter()
        .any(|issuer| other.issuers.contains(issuer))
}

fn told_apart(one: &Provider, other: &Provider) -> bool {
    let policies_differ = match (one.policy(), other.policy()) {
        (Some(one), Some(other)) => !one.eq_ignore_ascii_case(other),
        _ => false,
    };
    let audiences = other.effective_audiences();
    let any = one.accepts_every_audience() || other.accepts_every_audience();
    policies_differ
        || (!any
            && one
                .effective_audiences()
                .iter()
                .all(|audience| !audiences.contains(audience)))
}
