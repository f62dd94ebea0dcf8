//! The pages of the identity providers: what the templates get.

use askama::Template;
use askama_web::WebTemplate;

use super::fields;
use super::health::{Health, Trouble};
use crate::console::field::{Choice, Control, Field, Summary};
use crate::console::form::{FieldFaults, Spec, Typed};
use crate::console::page::{Frame, Tab};
use crate::settings::{PRESETS, Preset, Provider, Stability};

/// The list of providers with their health.
#[derive(Debug, Template, WebTemplate)]
#[template(path = "pages/providers/index.html")]
pub struct ProvidersPage {
    frame: Frame,
    revision: i64,
    providers: Vec<ListedProvider>,
}

/// A provider as the list shows it.
#[derive(Debug)]
pub struct ListedProvider {
    pub id: String,
    pub name: String,
    pub preset: &'static str,
    pub enabled: bool,
    /// Rows of its username map; none: it has no map.
    pub mapped: usize,
    pub health: Health,
}

impl ProvidersPage {
    /// The list; the title counts what is wrong.
    pub fn new(frame: Frame, revision: i64, providers: Vec<ListedProvider>) -> Self {
        let title = list_title(&providers);
        Self {
            frame: Frame {
                title,
                tab: Some(Tab::Oauth),
                ..frame
            },
            revision,
            providers,
        }
    }
}

fn list_title(providers: &[ListedProvider]) -> String {
    let all = match providers.len() {
        1 => "1 provider".to_owned(),
        count => format!("{count} providers"),
    };
    let enabled = |one: &&ListedProvider| one.enabled;
    let troubled = providers
        .iter()
        .filter(enabled)
        .filter(|one| one.health.error.is_some());
    let states = [
        ("with trouble", troubled.count()),
        (
            "disabled",
            providers.len() - providers.iter().filter(enabled).count(),
        ),
    ];
    let states = states.iter().filter(|(_, count)| *count > 0);
    let states = states.map(|(state, count)| format!("{count} {state}"));
    std::iter::once(all)
        .chain(states)
        .collect::<Vec<_>>()
        .join(", ")
}

/// The form of one provider.
#[derive(Debug, Template, WebTemplate)]
#[template(path = "pages/providers/edit.html")]
pub struct ProviderPage {
    frame: Frame,
    summary: &'static str,
    is_first: bool,
    faults: Summary,
    preset_action: String,
    presets: Vec<Choice>,
    action: String,
    revision: i64,
    preset: &'static str,
    preset_label: &'static str,
    unreachable: Option<Trouble>,
    fields: Vec<Field>,
    advanced: Vec<Field>,
    advanced_open: bool,
    delete_path: Option<String>,
    health: Option<Health>,
}

/// Whose form it is.
#[derive(Debug)]
pub enum Subject<'a> {
    /// A provider that doesn't exist yet; whether it would be the first.
    New {
        /// Whether no other provider exists.
        is_first: bool,
    },
    /// A stored one, with what is known of its health.
    Stored(&'a Provider, Option<Box<Health>>),
}

/// Everything about a provider's form that its handlers decide.
#[derive(Debug)]
pub struct ProviderForm<'a> {
    pub subject: Subject<'a>,
    pub preset: &'static Preset,
    pub typed: &'a Typed,
    pub revision: i64,
    pub faults: FieldFaults,
    pub unreachable: Option<Trouble>,
    pub callback_url: &'a str,
}

impl ProviderPage {
    /// The page with what stands in the form and what is wrong with it.
    pub fn new(frame: Frame, form: ProviderForm<'_>) -> Self {
        let ProviderForm {
            subject,
            preset,
            typed,
            ..
        } = form;
        let secret_is_set = subject
            .stored()
            .is_some_and(|one| one.client_secret.is_some());
        let field = |spec: &Spec| with_caution(spec.field(typed, secret_is_set), typed);
        let mut fields: Vec<_> = fields::main_specs(preset).iter().map(field).collect();
        fields.push(callback_field(form.callback_url));
        let mut advanced: Vec<_> = fields::advanced_specs(preset).iter().map(field).collect();
        let faults = form.faults.apply(fields.iter_mut().chain(&mut advanced));
        let is_first = matches!(subject, Subject::New { is_first: true });
        let path = format!(
            "/oauth/{}",
            subject.stored().map_or("new", |provider| &provider.id)
        );
        Self {
            frame: Frame {
                title: subject.title(),
                tab: Some(Tab::Oauth),
                ..frame
            },
            summary: if is_first {
                "Until one is enabled, no bearer token can pass."
            } else {
                ""
            },
            is_first,
            faults,
            preset_action: path.clone(),
            presets: preset_choices(preset),
            delete_path: subject.stored().map(|_| format!("{path}/delete")),
            action: path,
            revision: form.revision,
            preset: preset.id,
            preset_label: preset.label,
            unreachable: form.unreachable,
            advanced_open: advanced.iter().any(|field| !field.error.is_empty()),
            fields,
            advanced,
            health: subject.into_health(),
        }
    }
}

impl<'a> Subject<'a> {
    fn stored(&self) -> Option<&'a Provider> {
        match self {
            Self::New { .. } => None,
            Self::Stored(provider, _) => Some(provider),
        }
    }

    fn title(&self) -> String {
        match self {
            Self::New { is_first: true } => "No provider yet".to_owned(),
            Self::New { is_first: false } => "New provider".to_owned(),
            Self::Stored(provider, None) => provider.display_name.clone(),
            Self::Stored(provider, Some(health)) => {
                format!(
                    "{} is {}",
                    provider.display_name,
                    health.label.to_lowercase()
                )
            }
        }
    }

    fn into_health(self) -> Option<Health> {
        match self {
            Self::New { .. } => None,
            Self::Stored(_, health) => health.map(|health| *health),
        }
    }
}

fn preset_choices(chosen: &Preset) -> Vec<Choice> {
    let choice = |preset: &Preset| Choice {
        value: preset.id.to_owned(),
        label: preset.label.to_owned(),
        is_selected: preset.id == chosen.id,
    };
    PRESETS.iter().map(choice).collect()
}

fn callback_field(url: &str) -> Field {
    Field::new(
        "callback_url",
        "Callback URL",
        Control::Copy {
            value: url.to_owned(),
        },
    )
    .help("Register it at the provider as the application's reply (redirect) URL.")
}

/// Says aloud what is dangerous about a value.
fn with_caution(mut field: Field, typed: &Typed) -> Field {
    let value = typed.trimmed(&field.name);
    match field.name.as_str() {
        "username_attribute" => match Stability::of_claim(value.split('[').next().unwrap_or(value))
        {
            Some(Stability::Unprotected) => {
                field.caution = format!(
                    "{value} is neither unique nor protected: a user can edit it to be somebody \
                     else. oid or sub is safe."
                );
            }
            Some(Stability::Reassignable) => {
                field.caution = format!("{value} may change, or be given to somebody else later.");
            }
            Some(Stability::Stable) | None => {}
        },
        "audiences" if value == "*" => {
            "Every application's tokens are accepted, also of strangers at this provider."
                .clone_into(&mut field.caution);
        }
        _ => {}
    }
    field
}

/// The question before a provider goes.
#[derive(Debug, Template, WebTemplate)]
#[template(path = "pages/providers/delete.html")]
pub struct DeleteProviderPage {
    frame: Frame,
    id: String,
    name: String,
    consequence: &'static str,
    locks_out: bool,
    revision: i64,
}

impl DeleteProviderPage {
    /// The question; `is_last_enabled` when no other provider would be left to accept a token.
    pub fn new(frame: Frame, provider: &Provider, is_last_enabled: bool, revision: i64) -> Self {
        let title = format!("Delete {}?", provider.display_name);
        Self {
            frame: Frame {
                title,
                tab: Some(Tab::Oauth),
                ..frame
            },
            id: provider.id.clone(),
            name: provider.display_name.clone(),
            consequence: match (is_last_enabled, provider.enabled) {
                (true, _) => {
                    "It is the only enabled provider: without it no bearer token can pass."
                }
                (false, true) => "Its tokens are refused from the next request on.",
                (false, false) => "It is disabled: no request uses it now.",
            },
            locks_out: is_last_enabled,
            revision,
        }
    }
}

#[cfg(test)]
#[path = "samples.rs"]
pub mod samples;
