//! Secrets are write-only: a document that leaves one out keeps the stored one.

use std::collections::BTreeSet;

use super::super::Provider;
use super::{Place, origin};

/// Gives `provider` its stored secret where the document has none; `""` removes it.
///
/// A stored secret must not be led to another host by whoever may write settings but never read a
/// secret: with another origin among its destinations it has to be entered again.
pub(super) fn keep_stored(provider: &mut Provider, stored: Option<&Provider>, place: &Place<'_>) {
    match &provider.client_secret {
        Some(secret) if secret.expose().is_empty() => provider.client_secret = None,
        Some(_) => {}
        None => {
            let Some(stored) = stored.filter(|stored| stored.client_secret.is_some()) else {
                return;
            };
            if destinations(provider).is_subset(&destinations(stored)) {
                provider.client_secret.clone_from(&stored.client_secret);
            } else {
                place.fault(
                    "client_secret",
                    "has to be entered again: a URL that it is sent to has another origin now",
                );
            }
        }
    }
}

/// Origins of the URLs that the secret is sent to; the discovery document names the ones that are
/// not given by hand, so its own origin stands for them.
fn destinations(provider: &Provider) -> BTreeSet<Option<String>> {
    let by_hand = [&provider.token_endpoint, &provider.introspection_endpoint];
    let of_the_preset = [
        provider.effective_discovery_url(),
        provider.preset_token_endpoint(),
        provider.preset_introspection_endpoint(),
        provider.token_info_url(),
    ];
    let urls = by_hand
        .into_iter()
        .flatten()
        .chain(of_the_preset.iter().flatten());
    urls.map(|url| origin(url)).collect()
}
