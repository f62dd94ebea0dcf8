//! Which credential of Confluence a good call is handed over with (`interface.md`, section 6).

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::http::HeaderValue;

use crate::decision::{Allowed, Principal};
use crate::provider::unix_now;
use crate::settings::{Serves, Settings, UpstreamCredential, fold_case, only_enabled};

/// The upstream credentials of one revision, ready to be looked up.
#[derive(Debug, Default)]
pub(super) struct Handover {
    /// By the provider's id.
    providers: HashMap<String, OfProvider>,
    everyone: Option<Credential>,
    /// When each was last handed over, in Unix seconds, by the credential's id; 0 for never.
    last_uses: HashMap<String, Arc<AtomicI64>>,
}

/// Whom of one provider which credential serves.
#[derive(Debug, Default)]
struct OfProvider {
    /// By the username in folded case.
    users: HashMap<String, Credential>,
    /// By the group's name, each with its place: of several groups the first of the list wins.
    groups: HashMap<String, (usize, Credential)>,
}

/// A credential as it is sent.
#[derive(Clone, Debug)]
struct Credential {
    authorization: HeaderValue,
    last_used: Arc<AtomicI64>,
}

/// What a 200 hands over.
#[derive(Clone, Debug)]
pub(super) struct HandedOver<'a> {
    /// The value of `Authorization`.
    pub(super) authorization: &'a HeaderValue,
    /// Whom Confluence must see, where the credential is one person's own.
    pub(super) expected_user: Option<&'a str>,
}

impl OfProvider {
    fn add(&mut self, serves: &Serves, place: usize, credential: Credential) {
        match serves {
            Serves::User { username, .. } => {
                let username = fold_case(username).into_owned();
                self.users.entry(username).or_insert(credential);
            }
            Serves::Group { group, .. } => {
                let group = self.groups.entry(group.clone());
                group.or_insert((place, credential));
            }
            Serves::Everyone => {}
        }
    }
}

impl Handover {
    /// Compiles what the settings hold; the uses of the `former` revision are counted on.
    pub(super) fn compile(settings: &Settings, former: Option<&Self>) -> Self {
        let mut handover = Self::default();
        let only = only_enabled(&settings.providers).map(|provider| provider.id.as_str());
        for (place, credential) in settings.upstream_credentials.iter().enumerate() {
            let id = &credential.id;
            let known = former.and_then(|former| former.last_uses.get(id));
            let last_used = known.map(Arc::clone).unwrap_or_default();
            let Some(ready) = ready(credential, &last_used) else {
                continue;
            };
            handover.last_uses.insert(id.clone(), last_used);
            if credential.serves == Serves::Everyone {
                handover.everyone.get_or_insert(ready);
                continue;
            }
            // Valid settings name the provider wherever there is a doubt; without it nobody is served.
            if let Some(provider) = credential.serves.provider().or(only) {
                let of_provider = handover.providers.entry(provider.to_owned()).or_default();
                of_provider.add(&credential.serves, place, ready);
            }
        }
        handover
    }

    /// What this pass is handed over with, which counts as a use.
    pub(super) fn of<'a>(&'a self, allowed: &'a Allowed) -> Option<HandedOver<'a>> {
        if !allowed.method.is_handed_over() {
            return None;
        }
        let principal = allowed.principal.as_ref()?;
        let (credential, expected_user) = self.find(principal)?;
        credential.last_used.store(unix_now(), Ordering::Relaxed);
        Some(HandedOver {
            authorization: &credential.authorization,
            expected_user,
        })
    }

    /// When the credential with this id was last handed over.
    pub(super) fn last_use(&self, id: &str) -> Option<i64> {
        let last = self.last_uses.get(id)?.load(Ordering::Relaxed);
        (last > 0).then_some(last)
    }

    /// A username wins over a group, a group over everyone.
    fn find<'a>(&self, principal: &'a Principal) -> Option<(&Credential, Option<&'a str>)> {
        let username = principal.username.as_str();
        if let Some(of_provider) = self.providers.get(&*principal.provider) {
            if let Some(own) = of_provider.users.get(&*fold_case(username)) {
                return Some((own, Some(username)));
            }
            let groups = principal.groups.iter();
            let served = groups.filter_map(|group| of_provider.groups.get(group));
            if let Some((_, shared)) = served.min_by_key(|(place, _)| *place) {
                return Some((shared, None));
            }
        }
        self.everyone.as_ref().map(|shared| (shared, None))
    }
}

fn ready(credential: &UpstreamCredential, last_used: &Arc<AtomicI64>) -> Option<Credential> {
    let text = credential.authorization.as_ref()?.expose();
    // Valid settings hold what a header can bear; what it can't is sent to nobody.
    let mut authorization = HeaderValue::from_str(text).ok()?;
    authorization.set_sensitive(true);
    Some(Credential {
        authorization,
        last_used: Arc::clone(last_used),
    })
}
