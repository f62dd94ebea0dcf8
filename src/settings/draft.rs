//! A settings document on its way to [`Settings`]: its form is right, the rules come next.

use std::collections::BTreeMap;

use super::{BasicException, Global, MapDigest, Provider, Settings, UpstreamCredential};

/// What a document is read against.
#[derive(Clone, Copy, Debug)]
pub struct ReadContext<'a> {
    /// The settings in the store; they supply the secrets that the document leaves out.
    pub stored: &'a Settings,
    /// The providers that have a username map, by their ids.
    pub username_maps: &'a BTreeMap<String, MapDigest>,
    /// Accept `http://` provider URLs on other hosts than loopback.
    pub allow_http_providers: bool,
}

/// Settings whose form is right, before the rules.
pub(super) struct Draft {
    pub(super) global: Global,
    /// Each with its place in the document.
    pub(super) basic_exceptions: Vec<(usize, BasicException)>,
    /// Each with its place in the document, which a provider that can't be read leaves empty.
    pub(super) providers: Vec<(usize, Provider)>,
    /// Each with its place, as the providers.
    pub(super) upstream_credentials: Vec<(usize, UpstreamCredential)>,
}

impl From<Draft> for Settings {
    fn from(draft: Draft) -> Self {
        Self {
            global: Global {
                basic_exceptions: without_places(draft.basic_exceptions),
                ..draft.global
            },
            providers: without_places(draft.providers),
            upstream_credentials: without_places(draft.upstream_credentials),
        }
    }
}

fn without_places<T>(items: Vec<(usize, T)>) -> Vec<T> {
    items.into_iter().map(|(_, item)| item).collect()
}
