//! The background task of one provider: keeps its discovery document and keys fresh.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::fetch::FetchError;
use super::source::Shared;
use super::state::{SourceFault, SourceState};
use super::{Discovery, unix_now};
use crate::decision::keys::{KeySet, TENANT_PLACE};

/// After a good fetch.
const REFRESH_INTERVAL: Duration = Duration::from_mins(10);
/// After a failed fetch, doubled with each further one.
const FIRST_RETRY: Duration = Duration::from_secs(2);
const LAST_RETRY: Duration = Duration::from_secs(25);

impl SourceState {
    /// How long until the next fetch.
    fn delay(&self) -> Duration {
        match self.failures {
            0 => REFRESH_INTERVAL,
            failures => LAST_RETRY.min(FIRST_RETRY * 2_u32.saturating_pow(failures - 1)),
        }
    }
}

impl Shared {
    /// Fetches again and again, until the source ends.
    pub(super) async fn keep_fresh(self: Arc<Self>) {
        loop {
            self.fetching.store(true, Ordering::Release);
            self.forget_if_wanted();
            let state = tokio::select! {
                state = self.fetch() => state,
                () = self.forget.notified() => continue,
            };
            let (generation, delay) = (state.generation, state.delay());
            let former = self.state.swap(Arc::new(state));
            if self.state.load().says_other_than(&former) {
                self.epoch.pass();
            }
            self.fetching.store(false, Ordering::Release);
            self.generation.send_replace(generation);
            tokio::select! {
                () = tokio::time::sleep(delay) => {}
                () = self.wanted.notified() => {}
                () = self.forget.notified() => {}
            }
        }
    }

    fn forget_if_wanted(&self) {
        if self.to_forget.swap(false, Ordering::AcqRel) {
            let mut state = SourceState::clone(&self.state.load());
            state.keys = KeySet::default();
            self.state.store(Arc::new(state));
            self.epoch.pass();
            tracing::info!(
                provider.id = self.config.provider,
                "the keys were forgotten"
            );
        }
    }

    /// One fetch of everything; what fails leaves the old in place.
    async fn fetch(&self) -> SourceState {
        let former = self.state.load_full();
        let mut state = SourceState::clone(&former);
        state.generation += 1;
        state.fault = self.fetch_into(&mut state).await.err();
        let now = unix_now();
        match &state.fault {
            None => {
                state.failures = 0;
                state.fetched_at = Some(now);
            }
            Some(fault) => {
                state.failures = state.failures.saturating_add(1);
                tracing::warn!(
                    provider.id = self.config.provider,
                    url = fault.url,
                    "the {} could not be fetched: {}",
                    fault.what,
                    fault.error
                );
            }
        }
        if self.config.needs_keys && state.key_fetches.good == former.key_fetches.good {
            state.key_fetches.failed += 1;
        }
        state.next_refresh = now.saturating_add_unsigned(state.delay().as_secs());
        state
    }

    async fn fetch_into(&self, state: &mut SourceState) -> Result<(), SourceFault> {
        let fault = |what, url: &str| {
            let url = url.to_owned();
            move |error| SourceFault {
                what,
                url,
                error,
                at: unix_now(),
            }
        };
        let mut first_fault = None;
        if let Some(url) = &self.config.discovery_url {
            let fetched = Discovery::fetch(url, &self.fetcher).await;
            // Another issuer is reported, not followed: an administrator has to accept it.
            match fetched.and_then(|new| new.succeeding(state.discovery.as_ref())) {
                Ok(discovery) => state.discovery = Some(discovery),
                Err(error) => first_fault = Some(fault("discovery document", url)(error)),
            }
        }
        if self.config.needs_keys {
            let discovered = || state.discovery.as_ref()?.jwks_uri.as_deref();
            let url = self
                .config
                .jwks_uri
                .as_deref()
                .or_else(discovered)
                .map(ToOwned::to_owned);
            match url {
                Some(url) => {
                    let mut keys = self
                        .fetch_keys(&url)
                        .await
                        .map_err(fault("key set", &url))?;
                    let discovery = state.discovery.as_ref();
                    keys.is_shared = discovery.is_some_and(|one| one.issuer.contains(TENANT_PLACE));
                    let grace = self.config.key_grace;
                    let now = unix_now();
                    state.keys = keys.after(&state.keys, now, grace);
                    state.key_fetches.note_good(now);
                }
                None if first_fault.is_none() => {
                    let url = self.config.discovery_url.as_deref().unwrap_or_default();
                    let why = "it names no jwks_uri that may be called".to_owned();
                    first_fault = Some(fault("discovery document", url)(FetchError::Content(why)));
                }
                None => {}
            }
        }
        first_fault.map_or(Ok(()), Err)
    }

    async fn fetch_keys(&self, url: &str) -> Result<KeySet, FetchError> {
        let document = self.fetcher.document(url).await?;
        KeySet::parse(&document, unix_now()).map_err(|why| FetchError::Content(why.to_owned()))
    }
}
