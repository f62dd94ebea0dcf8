//! How a provider is doing, in words.

use super::PATH;
use crate::console::Console;
use crate::console::page::{Moment, Tone};
use crate::provider::{FetchError, Source, SourceFault, SourceState};
use crate::settings::Provider;

/// What is known of a provider's key set and endpoints.
#[derive(Clone, Debug)]
pub struct Health {
    /// The colour of the state.
    pub tone: Tone,
    /// The state in a word or two.
    pub label: &'static str,
    /// What is wrong.
    pub error: Option<Trouble>,
    /// Issuer, endpoints, times.
    pub facts: Vec<Fact>,
    /// The keys of the key set.
    pub keys: Vec<KeyRow>,
    /// What can be done about it; nothing for a disabled provider.
    pub actions: Option<Actions>,
}

/// What can be done about a provider's documents, one click each.
#[derive(Clone, Debug)]
pub struct Actions {
    /// The provider's path, `/oauth/azure-b2c`.
    pub path: String,
    /// The provider's name, which tells equal buttons apart.
    pub name: String,
    /// Whether there are keys that could be forgotten.
    pub has_keys: bool,
    /// The issuer that the provider names now, in the place of the one in use.
    pub new_issuer: Option<String>,
}

/// Something that doesn't work, and what helps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// One sentence.
    pub what: String,
    /// What to do.
    pub cure: String,
}

/// One line of what is known.
#[derive(Clone, Debug)]
pub struct Fact {
    pub label: &'static str,
    pub value: String,
    pub moment: Option<Moment>,
}

impl Fact {
    fn new(label: &'static str, value: impl Into<String>) -> Self {
        Self {
            label,
            value: value.into(),
            moment: None,
        }
    }

    fn at(label: &'static str, moment: i64) -> Self {
        Self {
            moment: Some(Moment(moment)),
            ..Self::new(label, "")
        }
    }
}

/// A key of the key set.
#[derive(Clone, Debug)]
pub struct KeyRow {
    pub id: String,
    pub kind: String,
    pub algorithms: String,
    /// Since when it has been known here.
    pub first_seen: Moment,
    /// When it was in the key set for the last time, where it is there no longer.
    pub withdrawn: Option<Moment>,
}

/// The health of a provider, once its first fetch has ended.
pub async fn when_known(console: &Console, provider: &Provider) -> Health {
    let snapshot = console.gate.snapshot();
    let source = snapshot.provider(&provider.id).map(|one| &*one.source);
    if let Some(source) = source.filter(|source| source.state().generation == 0) {
        source.newer_than(0).await;
    }
    of(provider, source)
}

/// The health of a provider; one without a source is disabled.
pub fn of(provider: &Provider, source: Option<&Source>) -> Health {
    let discovery_url = provider.effective_discovery_url();
    let Some(source) = source else {
        let facts = discovery_url.map(|url| Fact::new("Discovery URL", url));
        return Health {
            tone: Tone::Plain,
            label: "Disabled",
            error: None,
            facts: facts.into_iter().collect(),
            keys: Vec::new(),
            actions: None,
        };
    };
    let state = source.state();
    let (tone, label) = state_in_words(&state, discovery_url.is_some());
    Health {
        tone,
        label,
        error: state.fault.as_ref().map(trouble),
        facts: facts(source, &state, discovery_url),
        keys: keys(provider, &state),
        actions: source.is_fetched().then(|| Actions {
            path: format!("{PATH}/{}", provider.id),
            name: provider.display_name.clone(),
            has_keys: source.has_keys(),
            new_issuer: state.fault.as_ref().and_then(new_issuer),
        }),
    }
}

fn new_issuer(fault: &SourceFault) -> Option<String> {
    match &fault.error {
        FetchError::IssuerChanged { found, .. } => Some(found.clone()),
        _ => None,
    }
}

fn state_in_words(state: &SourceState, is_fetched: bool) -> (Tone, &'static str) {
    match (&state.fault, state.fetched_at) {
        (Some(fault), _) if new_issuer(fault).is_some() => (Tone::Bad, "Issuer changed"),
        (Some(_), Some(_)) => (Tone::Warn, "Not refreshed"),
        (Some(_), None) => (Tone::Bad, "Unreachable"),
        (None, Some(_)) => (Tone::Good, "Healthy"),
        (None, None) if is_fetched => (Tone::Plain, "Being read"),
        (None, None) => (Tone::Plain, "Enabled"),
    }
}

fn facts(source: &Source, state: &SourceState, discovery_url: Option<String>) -> Vec<Fact> {
    let mut facts: Vec<_> = source
        .issuers(state)
        .map(|issuer| Fact::new("Issuer", issuer))
        .collect();
    facts.extend(discovery_url.map(|url| Fact::new("Discovery URL", url)));
    if let Some(discovery) = &state.discovery {
        let algorithms = discovery.algorithms.join(", ");
        let found = [
            ("Key set", discovery.jwks_uri.as_deref().unwrap_or_default()),
            ("Signs with", algorithms.as_str()),
        ];
        let found = found.into_iter().filter(|(_, value)| !value.is_empty());
        facts.extend(found.map(|(label, value)| Fact::new(label, value)));
    }
    facts.extend(
        source
            .userinfo_endpoint(state)
            .map(|url| Fact::new("Userinfo", url)),
    );
    let introspection = source.introspection_endpoint(state);
    facts.extend(introspection.map(|url| Fact::new("Introspection", url)));
    if let Some(fetched_at) = state.fetched_at {
        facts.push(Fact {
            label: "Last read",
            value: format!("· {}", counted_keys(state)),
            moment: Some(Moment(fetched_at)),
        });
    }
    if let Some(fault) = &state.fault {
        facts.push(Fact::at("Last failure", fault.at));
    }
    if state.generation > 0 && source.is_fetched() {
        facts.push(Fact::at("Next refresh", state.next_refresh));
    }
    facts.extend(
        state
            .keys
            .unusable
            .iter()
            .map(|why| Fact::new("Unusable key", why)),
    );
    facts
}

/// How many keys there are, in words.
pub fn counted_keys(state: &SourceState) -> String {
    match state.keys.keys().len() {
        0 => "no keys".to_owned(),
        1 => "1 key".to_owned(),
        count => format!("{count} keys"),
    }
}

fn keys(provider: &Provider, state: &SourceState) -> Vec<KeyRow> {
    let row = |key: &crate::decision::keys::Key| {
        let accepted = provider
            .algorithms
            .iter()
            .filter(|algorithm| key.fits(**algorithm));
        KeyRow {
            id: key.id.clone().unwrap_or_else(|| "without an id".to_owned()),
            kind: key.description.clone(),
            algorithms: accepted
                .map(|one| one.as_str())
                .collect::<Vec<_>>()
                .join(", "),
            first_seen: Moment(key.first_seen),
            withdrawn: key.is_withdrawn.then_some(Moment(key.last_seen)),
        }
    };
    state.keys.keys().iter().map(row).collect()
}

/// A failed fetch, in the administrator's words.
pub fn trouble(fault: &SourceFault) -> Trouble {
    let what = match &fault.error {
        FetchError::IssuerChanged { former, found } => {
            format!("The provider names another issuer now: {found} in place of {former}")
        }
        error => format!("The {} can't be read: {error}", fault.what),
    };
    Trouble {
        what,
        cure: format!("{} It was asked for at {}.", cure(&fault.error), fault.url),
    }
}

fn cure(error: &FetchError) -> &'static str {
    match error {
        FetchError::Url(_) => "Correct the address.",
        FetchError::IssuerChanged { .. } => {
            "Ask the provider's administrators whether the change was meant. Until you accept it, \
             tokens of the former issuer are judged as before, and those of the new one are refused."
        }
        FetchError::Connect(_) => {
            "Check the address, and that this machine may reach it: DNS, firewall, TLS certificate."
        }
        FetchError::Timeout | FetchError::Broken => {
            "Check that this machine may reach the provider, or try again later."
        }
        FetchError::Status(300..=399) => {
            "Redirects are not followed: enter the address that it leads to."
        }
        FetchError::Status(400..=499) => {
            "The provider knows no such document: check the tenant and policy, or the address."
        }
        FetchError::Status(_) => "The provider has trouble of its own: try again later.",
        FetchError::TooLong | FetchError::Content(_) => {
            "Open the address in a browser: it should show the provider's JSON document."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failed_fetch_names_cause_cure_and_address() {
        let fault = |error| SourceFault {
            what: "discovery document",
            url: "https://login.example.com/d".to_owned(),
            error,
            at: 0,
        };
        let changed = FetchError::IssuerChanged {
            former: "https://old.example.com/".to_owned(),
            found: "https://new.example.com/".to_owned(),
        };
        let told = trouble(&fault(changed)).what;
        assert!(
            told.contains("https://new.example.com/ in place of https://old.example.com/"),
            "{told}"
        );
        let cases = [
            (FetchError::Status(404), "tenant and policy"),
            (FetchError::Status(302), "Redirects"),
            (FetchError::Status(502), "try again later"),
            (FetchError::Timeout, "reach the provider"),
            (FetchError::Connect("refused".to_owned()), "firewall"),
            (
                FetchError::Content("it names no issuer".to_owned()),
                "browser",
            ),
        ];
        for (error, cure) in cases {
            let cause = error.to_string();
            let trouble = trouble(&fault(error));
            assert!(trouble.what.contains(&cause), "{trouble:?}");
            assert!(trouble.cure.contains(cure), "{trouble:?}");
            assert!(
                trouble.cure.contains("https://login.example.com/d"),
                "{trouble:?}"
            );
        }
    }
}
