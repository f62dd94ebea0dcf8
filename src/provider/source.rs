//! One provider's discovery document and keys, as the rest of the program sees them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::sync::{Notify, watch};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::fetch::{CALL_TIMEOUT, Fetcher};
use super::inquiry::Inquiry;
use super::sources::Epoch;
use super::state::SourceState;
use super::unix_now;
use crate::settings::{Provider, TokenValidation};

/// Between two fetches that unknown keys ask for, in seconds.
const COOL_DOWN: i64 = 30;
/// How long somebody waits for a fetch: two documents, one after the other.
const PATIENCE: Duration = CALL_TIMEOUT.saturating_mul(2);

/// What of a provider's settings decides where its documents come from. Two providers, or two
/// revisions of one, share fetched documents only where all of this is equal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SourceConfig {
    pub(super) provider: String,
    pub(super) discovery_url: Option<String>,
    pub(super) jwks_uri: Option<String>,
    issuers: Vec<String>,
    userinfo_endpoint: Endpoint,
    introspection_endpoint: Endpoint,
    pub(super) needs_keys: bool,
    pub(super) key_grace: i64,
}

/// An endpoint that may be known in three ways.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Endpoint {
    by_hand: Option<String>,
    of_the_preset: Option<String>,
}

impl Endpoint {
    /// By hand wins over discovery, discovery over the preset.
    fn in_force<'a>(&'a self, discovered: Option<&'a str>) -> Option<&'a str> {
        self.by_hand
            .as_deref()
            .or(discovered)
            .or(self.of_the_preset.as_deref())
    }
}

impl SourceConfig {
    pub(super) fn of(provider: &Provider) -> Self {
        Self {
            provider: provider.id.clone(),
            discovery_url: provider.effective_discovery_url(),
            jwks_uri: provider.jwks_uri.clone(),
            issuers: provider.issuers.clone(),
            userinfo_endpoint: Endpoint {
                by_hand: provider.userinfo_endpoint.clone(),
                of_the_preset: provider.preset_userinfo_endpoint(),
            },
            introspection_endpoint: Endpoint {
                by_hand: provider.introspection_endpoint.clone(),
                of_the_preset: provider.preset_introspection_endpoint(),
            },
            needs_keys: provider.token_validation == TokenValidation::Jwks,
            key_grace: i64::from(provider.key_grace_seconds),
        }
    }

    fn needs_fetching(&self) -> bool {
        self.needs_keys || self.discovery_url.is_some()
    }
}

/// A provider as the gate sees it.
#[derive(Debug)]
pub struct Source {
    shared: Arc<Shared>,
    /// Asks the provider about tokens.
    pub inquiry: Inquiry,
    _task: Option<DropGuard>,
}

/// What a source and its task share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) config: SourceConfig,
    pub(super) fetcher: Fetcher,
    pub(super) state: ArcSwap<SourceState>,
    pub(super) epoch: Epoch,
    pub(super) generation: watch::Sender<u64>,
    pub(super) fetching: AtomicBool,
    pub(super) wanted: Notify,
    wanted_at: AtomicI64,
    /// The keys are to be dropped; the task does it, so that no fetch under way brings one back.
    pub(super) to_forget: AtomicBool,
    pub(super) forget: Notify,
}

impl Source {
    /// Starts to fetch what `config` names. Must be called within a tokio runtime.
    pub(super) fn start(config: SourceConfig, fetcher: Fetcher, epoch: Epoch) -> Self {
        let inquiry = Inquiry::new(fetcher.clone());
        let needs_fetching = config.needs_fetching();
        let shared = Arc::new(Shared {
            config,
            fetcher,
            state: ArcSwap::default(),
            epoch,
            generation: watch::Sender::default(),
            fetching: AtomicBool::new(needs_fetching),
            wanted: Notify::new(),
            wanted_at: AtomicI64::new(i64::MIN),
            to_forget: AtomicBool::new(false),
            forget: Notify::new(),
        });
        let task = needs_fetching.then(|| {
            let stop = CancellationToken::new();
            tokio::spawn(
                stop.clone()
                    .run_until_cancelled_owned(Arc::clone(&shared).keep_fresh()),
            );
            stop.drop_guard()
        });
        Self {
            shared,
            inquiry,
            _task: task,
        }
    }

    pub(super) fn config(&self) -> &SourceConfig {
        &self.shared.config
    }

    pub(super) fn fetcher(&self) -> &Fetcher {
        &self.shared.fetcher
    }

    /// Whether there is anything to fetch: a discovery document or a key set.
    #[must_use]
    pub fn is_fetched(&self) -> bool {
        self.shared.config.needs_fetching()
    }

    /// Whether keys are fetched.
    #[must_use]
    pub fn has_keys(&self) -> bool {
        self.shared.config.needs_keys
    }

    /// What is known now.
    #[must_use]
    pub fn state(&self) -> Arc<SourceState> {
        self.shared.state.load_full()
    }

    /// The issuers whose tokens this provider judges: the settings' own, else the discovery
    /// document's.
    pub fn issuers<'a>(&'a self, state: &'a SourceState) -> impl Iterator<Item = &'a str> {
        let own = self.shared.config.issuers.iter().map(String::as_str);
        let discovered = state
            .discovery
            .as_ref()
            .filter(|_| self.shared.config.issuers.is_empty());
        own.chain(discovered.map(|discovery| discovery.issuer.as_str()))
    }

    /// Whether this provider will name an issuer, now or as soon as its discovery document is read.
    #[must_use]
    pub fn has_issuer(&self) -> bool {
        let config = &self.shared.config;
        !config.issuers.is_empty() || config.discovery_url.is_some()
    }

    /// Whether nothing has been fetched yet, so that the issuer is not known.
    #[must_use]
    pub fn is_unknown(&self, state: &SourceState) -> bool {
        self.has_issuer() && self.issuers(state).next().is_none()
    }

    /// Where the userinfo endpoint is.
    #[must_use]
    pub fn userinfo_endpoint<'a>(&'a self, state: &'a SourceState) -> Option<&'a str> {
        let discovery = state.discovery.as_ref();
        let discovered = discovery.and_then(|one| one.userinfo_endpoint.as_deref());
        self.shared.config.userinfo_endpoint.in_force(discovered)
    }

    /// Where the introspection endpoint is.
    #[must_use]
    pub fn introspection_endpoint<'a>(&'a self, state: &'a SourceState) -> Option<&'a str> {
        let discovery = state.discovery.as_ref();
        let discovered = discovery.and_then(|one| one.introspection_endpoint.as_deref());
        self.shared
            .config
            .introspection_endpoint
            .in_force(discovered)
    }

    /// Fetches anew without waiting; for a save, which does not count for the cool-down.
    pub fn refresh(&self) {
        self.shared.wanted.notify_one();
    }

    /// Fetches anew, at an administrator's wish, and waits for the end. Gives what is known then.
    pub async fn refreshed(&self) -> Arc<SourceState> {
        self.fetch_after(|shared| shared.wanted.notify_one()).await
    }

    /// Drops every key at once, those in their grace too, fetches anew, and waits for the end. Until
    /// then no token of this provider passes by its signature.
    pub async fn forget_keys(&self) -> Arc<SourceState> {
        self.fetch_after(|shared| {
            shared.to_forget.store(true, Ordering::Release);
            shared.forget.notify_one();
        })
        .await
    }

    async fn fetch_after(&self, ask: impl FnOnce(&Shared)) -> Arc<SourceState> {
        let mut generation = self.shared.generation.subscribe();
        let seen = *generation.borrow_and_update();
        if self.is_fetched() {
            ask(&self.shared);
            let ended = generation.wait_for(|&generation| {
                generation != seen && !self.shared.to_forget.load(Ordering::Acquire)
            });
            let _ = tokio::time::timeout(PATIENCE, ended).await;
        }
        self.state()
    }

    /// Waits until a fetch newer than `seen` has ended: one under way, or one that this call asks
    /// for, at most one in 30 s. Gives what is known then.
    pub async fn newer_than(&self, seen: u64) -> Arc<SourceState> {
        let mut generation = self.shared.generation.subscribe();
        if *generation.borrow_and_update() == seen && self.shared.will_fetch() {
            let ended = generation.wait_for(|&generation| generation != seen);
            // Out of patience is as good as a failed fetch: the caller reads the old state.
            let _ = tokio::time::timeout(PATIENCE, ended).await;
        }
        self.state()
    }
}

impl Shared {
    /// Whether a fetch is under way, or this call may start one.
    fn will_fetch(&self) -> bool {
        if self.fetching.load(Ordering::Acquire) {
            return true;
        }
        if !self.config.needs_fetching() {
            return false;
        }
        let now = unix_now();
        let taken = self
            .wanted_at
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |last| {
                // A clock that was set back must not keep the door closed.
                (now.saturating_sub(last) >= COOL_DOWN || now < last).then_some(now)
            });
        if taken.is_ok() {
            self.fetching.store(true, Ordering::Release);
            self.wanted.notify_one();
        }
        taken.is_ok()
    }
}
