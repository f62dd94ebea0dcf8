//! Where a token is got: the provider, the scopes, and the ways that lead to one.

use crate::console::Console;
use crate::console::field::{Choice, Control, Field};
use crate::console::form::Typed;
use crate::gate::{GateProvider, Snapshot};
use crate::provider::SourceState;
use crate::settings::Provider;

use super::curl;

/// The part of the page where a token is got.
#[derive(Debug)]
pub struct Lab {
    /// The enabled providers; none: there is nobody to ask.
    pub providers: Vec<Choice>,
    /// The chosen one.
    pub chosen: Option<LabProvider>,
}

/// The chosen provider's ways to a token.
#[derive(Debug)]
pub struct LabProvider {
    pub id: String,
    pub name: String,
    pub scopes: Field,
    pub callback: Field,
    /// Where a sign-in with these scopes begins.
    pub sign_in_path: String,
    /// Whether the application can get a token of its own.
    pub has_secret: bool,
    /// Each step as a line for a shell.
    pub lines: Vec<Field>,
}

/// An enabled provider, by its settings and as the gate sees it.
#[derive(Clone, Copy)]
pub struct Chosen<'a> {
    pub settings: &'a Provider,
    pub gate: &'a GateProvider,
}

impl<'a> Chosen<'a> {
    /// The enabled provider with this id.
    pub fn find(snapshot: &'a Snapshot, id: &str) -> Option<Self> {
        Some(Self {
            settings: snapshot.stored.settings.provider(id)?,
            gate: snapshot.provider(id)?,
        })
    }

    fn find_or_first(snapshot: &'a Snapshot, id: &str) -> Option<Self> {
        Self::find(snapshot, id).or_else(|| {
            let first = snapshot.providers.first()?;
            Self::find(snapshot, &first.rules.id)
        })
    }

    /// The scopes that were typed for this provider, else those of its settings.
    pub fn scopes(&self, typed: &Typed) -> String {
        let is_typed = typed.is_on("scopes") && typed.trimmed("scopes_for") == self.settings.id;
        if is_typed {
            let scopes: Vec<_> = typed.get("scopes").split_whitespace().collect();
            scopes.join(" ")
        } else {
            self.settings.scopes.join(" ")
        }
    }

    /// What is known of the provider, once its first fetch has ended.
    pub async fn state(&self) -> std::sync::Arc<SourceState> {
        let state = self.gate.source.state();
        if state.generation == 0 && self.gate.source.is_fetched() {
            return self.gate.source.newer_than(0).await;
        }
        state
    }
}

impl Lab {
    /// The lab with the provider that was chosen, else the first one.
    pub async fn new(console: &Console, snapshot: &Snapshot, typed: &Typed) -> Self {
        let chosen = Chosen::find_or_first(snapshot, typed.trimmed("provider"));
        let providers = snapshot.providers.iter().filter_map(|provider| {
            let provider = snapshot.stored.settings.provider(&provider.rules.id)?;
            Some(Choice {
                value: provider.id.clone(),
                label: provider.display_name.clone(),
                is_selected: chosen.is_some_and(|chosen| chosen.settings.id == provider.id),
            })
        });
        let providers = providers.collect();
        let chosen = match chosen {
            Some(chosen) => Some(LabProvider::new(console, snapshot, chosen, typed).await),
            None => None,
        };
        Self { providers, chosen }
    }
}

impl LabProvider {
    async fn new(
        console: &Console,
        snapshot: &Snapshot,
        chosen: Chosen<'_>,
        typed: &Typed,
    ) -> Self {
        let Chosen { settings, gate } = chosen;
        let scopes = chosen.scopes(typed);
        let callback_url = console.callback_url();
        let state = chosen.state().await;
        let lines = curl::lines(curl::Subject {
            provider: settings,
            source: &gate.source,
            state: &state,
            scopes: &scopes,
            callback_url: &callback_url,
            global: &snapshot.stored.settings.global,
        });
        Self {
            id: settings.id.clone(),
            name: settings.display_name.clone(),
            sign_in_path: sign_in_path(&settings.id, &scopes),
            scopes: scopes_field(settings, &scopes),
            callback: Field::new(
                "callback_url",
                "Callback URL",
                Control::Copy {
                    value: callback_url,
                },
            )
            .help("Must be registered at the provider, or it won't send you back."),
            has_secret: settings.client_secret.is_some(),
            lines,
        }
    }
}

fn sign_in_path(id: &str, scopes: &str) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("provider", id), ("scopes_for", id), ("scopes", scopes)])
        .finish();
    format!("/test/authorize?{query}")
}

/// OpenID's own scopes, which stand for no API.
const OPENID_SCOPES: &[&str] = &[
    "openid",
    "profile",
    "email",
    "address",
    "phone",
    "offline_access",
];

fn scopes_field(provider: &Provider, scopes: &str) -> Field {
    let mut field = Field::text("scopes", "Scopes", scopes, "off")
        .help("Separated by blanks, for this one token. The provider's form holds the usual ones.");
    let only_openid = scopes
        .split(' ')
        .filter(|scope| !scope.is_empty())
        .all(|scope| OPENID_SCOPES.contains(&scope));
    if only_openid && provider.preset.client_is_audience && provider.preset.issues_jwts {
        field.caution = format!(
            "OpenID's own scopes alone bring no access token for your API: Azure B2C gives none at \
             all. Add a scope of the API, or the application's own ID ({}).",
            provider.client_id
        );
    }
    field
}
