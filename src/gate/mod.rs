//! The data plane: answers the validation endpoint from the snapshot in force.

mod answer;
mod by_asking;
mod by_keys;
mod decide;
mod handover;
mod introspect;
mod judge;
mod misconfiguration;
mod original;
mod record;
mod request_id;
mod routes;
mod sighting;
mod snapshot;
mod trial;
mod verified;
mod watch;

pub use answer::RETRY_AFTER_SECONDS;
pub use introspect::introspection_router;
pub use misconfiguration::Misconfigurations;
pub use original::{Family, Unknown};
pub use request_id::RequestId;
pub use routes::Validation;
pub use sighting::{
    MARK_HEADER, MARK_PARAMETER, Original, SeenAuthorization, SeenClient, Sighting,
};
pub use snapshot::{GateProvider, Snapshot};
pub use trial::{Explained, Trial, read_header};
pub use watch::{WATCH_LIFE, Watch, Watches};

use std::sync::Arc;

use arc_swap::ArcSwap;
use futures_util::future::join_all;

use verified::VerifiedTokens;

use crate::provider::{Fetcher, Source, Sources};
use crate::settings::{Provider, UsernameMaps};
use crate::store::StoredSettings;

/// Holds the snapshot in force. A request loads it once and sees no other revision.
#[derive(Debug)]
pub struct Gate {
    in_force: ArcSwap<Snapshot>,
    sources: Sources,
    verified: VerifiedTokens,
    watches: Watches,
    misconfigurations: Misconfigurations,
}

impl Gate {
    /// A gate with its first settings. Must be called within a tokio runtime: providers' documents
    /// begin to be fetched.
    #[must_use]
    pub fn new(stored: StoredSettings, maps: UsernameMaps, fetcher: Fetcher) -> Self {
        let sources = Sources::new(fetcher);
        let snapshot = Snapshot::compile(stored, maps, &sources, None);
        Self {
            in_force: ArcSwap::from_pointee(snapshot),
            sources,
            verified: VerifiedTokens::new(),
            watches: Watches::default(),
            misconfigurations: Misconfigurations::default(),
        }
    }

    /// The snapshot in force.
    #[must_use]
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.in_force.load_full()
    }

    /// The watches for the next validation request.
    pub fn watches(&self) -> &Watches {
        &self.watches
    }

    /// The requests that did not say what they are about.
    pub fn misconfigurations(&self) -> &Misconfigurations {
        &self.misconfigurations
    }

    /// Puts newer settings, with the username maps that belong to them, in force for the next request;
    /// what is not newer is ignored, so that it does not matter who hears of a save first.
    pub fn publish(&self, stored: StoredSettings, maps: UsernameMaps) {
        let order = |stored: &StoredSettings| (stored.generation, stored.revision);
        if order(&stored) <= order(&self.in_force.load().stored) {
            return;
        }
        let snapshot = Snapshot::compile(stored, maps, &self.sources, Some(&*self.snapshot()));
        let snapshot = Arc::new(snapshot);
        self.refresh_saved(&snapshot);
        let former = self.in_force.rcu(|current| {
            let newer = order(&snapshot.stored) > order(&current.stored);
            Arc::clone(if newer { &snapshot } else { current })
        });
        if order(&snapshot.stored) > order(&former.stored) {
            let StoredSettings {
                revision, saved_by, ..
            } = &snapshot.stored;
            tracing::info!(revision, saved_by, "new settings in force");
        }
    }

    /// Fetches anew what belongs to a provider that was saved.
    fn refresh_saved(&self, newer: &Snapshot) {
        let former = self.snapshot();
        for provider in &newer.providers {
            let settings = |of: &Snapshot| of.stored.settings.provider(&provider.rules.id).cloned();
            // A source that has just been started fetches anyway.
            if settings(&former) != settings(newer) && provider.source.state().generation > 0 {
                provider.source.refresh();
            }
        }
    }

    /// Forgets whatever was concluded or learned: verified tokens, what providers said about tokens, and their keys, which
    /// are fetched anew. Ends when they have been.
    pub async fn forget_all(&self) {
        let snapshot = self.snapshot();
        let sources = snapshot.providers.iter().map(|provider| &provider.source);
        let fetched: Vec<_> = sources
            .map(|source| {
                source.inquiry.forget();
                source.forget_keys()
            })
            .collect();
        self.verified.forget();
        join_all(fetched).await;
    }

    /// Where a provider's documents come from, for a look before the provider is saved; the first
    /// fetch is under way or done. Held until the save, it goes on into the snapshot as it is.
    pub fn source_of(&self, provider: &Provider) -> Arc<Source> {
        self.sources.of(provider)
    }
}
