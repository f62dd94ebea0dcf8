//! How a provider is doing, in words.

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
}

/// A key of the key set.
#[derive(Clone, Debug)]
pub struct KeyRow {
    pub id: String,
    pub kind: String,
    pub algorithms: String,
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
    }
}

fn state_in_words(state: &SourceState, is_fetched: bool) -> (Tone, &'static str) {
    match (&state.fault, state.fetched_at) {
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
    if let Some(fetched_at) = state.fetched_at {
        facts.push(Fact {
            label: "Last read",
            value: format!("· {}", counted_keys(state)),
            moment: Some(Moment(fetched_at)),
        });
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

fn counted_keys(state: &SourceState) -> String {
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
        }
    };
    state.keys.keys().iter().map(row).collect()
}

/// A failed fetch, in the administrator's words.
pub fn trouble(fault: &SourceFault) -> Trouble {
    Trouble {
        what: format!("The {} can't be read: {}", fault.what, fault.error),
        cure: format!("{} It was asked for at {}.", cure(&fault.error), fault.url),
    }
}

fn cure(error: &FetchError) -> &'static str {
    match error {
        FetchError::Url(_) => "Correct the address.",
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
