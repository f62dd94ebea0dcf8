//! The settings in force, compiled: one immutable value a revision.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::handover::Handover;
use crate::decision::claims;
use crate::decision::token::UnverifiedToken;
use crate::decision::{GateRules, ProviderRules, Story};
use crate::provider::{Source, Sources};
use crate::settings::{Secret, TokenValidation, UsernameMap, UsernameMaps};
use crate::store::StoredSettings;

static NEXT_SERIAL: AtomicU64 = AtomicU64::new(0);

/// One revision of the settings, compiled.
#[derive(Debug)]
pub struct Snapshot {
    /// Tells it from every other snapshot of this process.
    pub(super) serial: u64,
    /// The settings as they were saved.
    pub stored: StoredSettings,
    /// The username maps that belong to them.
    pub username_maps: UsernameMaps,
    /// The gate's own rules.
    pub rules: GateRules,
    /// The enabled providers, in the order in which they are asked.
    pub providers: Vec<GateProvider>,
    /// What good calls are handed over with.
    pub(super) handover: Handover,
}

/// An enabled provider: its rules, and where its keys and answers come from.
#[derive(Debug)]
pub struct GateProvider {
    /// The compiled rules.
    pub rules: ProviderRules,
    /// Discovery document, keys, userinfo.
    pub source: Arc<Source>,
    /// Who asks the provider.
    pub client: Client,
    /// How long an answer of the provider is reused.
    pub cache: Duration,
}

/// Our own registration at a provider.
#[derive(Debug)]
pub struct Client {
    /// The client id.
    pub id: String,
    /// The client secret.
    pub secret: Option<Secret>,
    /// Where the vendor says for which application a token was issued.
    pub token_info_url: Option<String>,
}

impl Snapshot {
    pub(super) fn compile(
        stored: StoredSettings,
        maps: UsernameMaps,
        sources: &Sources,
        former: Option<&Self>,
    ) -> Self {
        let enabled = stored
            .settings
            .providers
            .iter()
            .filter(|provider| provider.enabled);
        let providers = enabled
            .filter_map(|provider| {
                // Valid settings compile; of a provider that does not, no token is accepted.
                let rules = ProviderRules::compile(
                    provider,
                    username_map(&stored, &maps, &provider.id),
                )
                .inspect_err(|error| {
                    tracing::error!(provider.id, %error, "the provider's settings are damaged");
                })
                .ok()?;
                let cache = Duration::from_secs(provider.cache_seconds.into());
                let client = Client {
                    id: provider.client_id.clone(),
                    secret: provider.client_secret.clone(),
                    token_info_url: provider.token_info_url(),
                };
                Some(GateProvider {
                    client,
                    rules,
                    source: sources.of(provider),
                    cache,
                })
            })
            .collect();
        Self {
            serial: NEXT_SERIAL.fetch_add(1, Ordering::Relaxed),
            rules: GateRules::compile(&stored.settings.global),
            handover: Handover::compile(&stored.settings, former.map(|former| &former.handover)),
            providers,
            username_maps: maps,
            stored,
        }
    }

    /// When this server last handed an upstream credential over, in Unix seconds.
    #[must_use]
    pub fn last_use(&self, credential: &str) -> Option<i64> {
        self.handover.last_use(credential)
    }

    /// The enabled provider with this id.
    #[must_use]
    pub fn provider(&self, id: &str) -> Option<&GateProvider> {
        self.providers
            .iter()
            .find(|provider| &*provider.rules.id == id)
    }
}

/// The map that the revision names for a provider. One that was not handed over becomes a map without rows,
/// which lets nobody in: without a map every value would be a username.
fn username_map(
    stored: &StoredSettings,
    maps: &UsernameMaps,
    provider: &str,
) -> Option<Arc<UsernameMap>> {
    let digest = stored.username_maps.get(provider)?;
    let map = maps.of(provider).filter(|map| map.digest() == digest);
    if map.is_none() {
        tracing::error!(
            provider.id = provider,
            "the provider's username map is missing"
        );
    }
    Some(map.cloned().unwrap_or_default())
}

impl GateProvider {
    /// Whether the provider's issuer is not known, because its documents could not be read yet.
    pub(super) fn is_unknown(&self) -> bool {
        self.source.is_unknown(&self.source.state())
    }

    /// Whether audience, client and policy of a token are this provider's.
    pub(super) fn expects(&self, jwt: &UnverifiedToken<'_>) -> bool {
        claims::check_recipient(&jwt.claims, &self.rules, &mut Story::untold()).is_ok()
    }

    /// Whether the provider judges tokens that name no issuer of any provider.
    pub(super) fn is_asked_about_opaque_tokens(&self) -> bool {
        self.rules.validation != TokenValidation::Jwks && !self.source.has_issuer()
    }

    /// Waits until the first fetch of the provider's documents has ended.
    pub(super) async fn first_fetch(&self) {
        if self.source.state().generation == 0 {
            self.source.newer_than(0).await;
        }
    }
}
