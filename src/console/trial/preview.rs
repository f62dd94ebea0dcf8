//! From an attribute and a transform to the Confluence username, by the decision's own rule, before
//! anything is saved.

use askama::Template;
use askama_web::WebTemplate;

use super::lab::Chosen;
use crate::console::field::{Choice, Control, Field};
use crate::console::form::Typed;
use crate::console::page::Tone;
use crate::console::providers::transform_label;
use crate::decision::Story;
use crate::decision::claims::Claims;
use crate::decision::user::{self, Vouched};
use crate::gate::Trial;
use crate::settings::{AttributePath, Provider, Stability, TokenValidation, UsernameTransform};

/// The fields of the preview, and what comes out.
#[derive(Debug)]
pub struct Preview {
    /// The attribute path.
    pub attribute: Field,
    /// What is made of its value.
    pub transform: Field,
    /// What comes out.
    pub outcome: Outcome,
}

/// What an attribute and a transform make of a token's user. Also a part of the page on its own.
#[derive(Debug, Template, WebTemplate)]
#[template(path = "components/outcome.html")]
pub struct Outcome {
    /// The value that the attribute has, where it has one.
    pub value: Option<String>,
    /// The username, or why there is none.
    pub username: Result<String, String>,
    /// The colour.
    pub tone: Tone,
    /// How it came about, a sentence each, where the value alone doesn't say it.
    pub steps: Vec<String>,
    /// How safe the attribute is as a username; empty where nothing is known.
    pub safety: &'static str,
    /// The attribute and the transform are the ones in force.
    pub is_current: bool,
}

/// What is tried: typed or clicked, else what is in force.
struct Tried<'a> {
    attribute: &'a str,
    transform: UsernameTransform,
}

/// The preview for the provider that judged a token; what was typed counts if it was typed for that
/// provider.
pub fn of(trial: &Trial, judge: Chosen<'_>, typed: &Typed) -> Option<Preview> {
    let provider = judge.settings;
    let answer = trial.told.attributes.as_ref();
    // An introspection answer describes the token itself.
    let describes_token = provider.token_validation == TokenValidation::Introspection;
    let token = answer.filter(|_| describes_token).or(trial.claims.as_ref());
    let attributes = answer.or(token)?;
    let tried = Tried::new(provider, typed);
    Some(Preview {
        attribute: Field::text("attribute", "Attribute", tried.attribute, "off")
            .help("A claim or a path, such as oid, emails[0] or user.login."),
        transform: Field::new("transform", "Transform", transforms(tried.transform)),
        outcome: tried.outcome(judge, Vouched { attributes, token }),
    })
}

impl<'a> Tried<'a> {
    fn new(provider: &'a Provider, typed: &'a Typed) -> Self {
        let is_typed = typed.trimmed("provider") == provider.id;
        let clicked = ["pick", "use_attribute"].map(|button| typed.trimmed(button));
        let candidates = clicked.into_iter().chain([typed.trimmed("attribute")]);
        let attribute = candidates
            .into_iter()
            .find(|one| is_typed && !one.is_empty());
        let transform = UsernameTransform::from_spelling(typed.trimmed("transform"));
        Self {
            attribute: attribute.unwrap_or(&provider.username_attribute),
            transform: transform
                .filter(|_| is_typed)
                .unwrap_or(provider.username_transform),
        }
    }

    fn outcome(&self, judge: Chosen<'_>, vouched: Vouched<'_>) -> Outcome {
        let rules = judge.gate.rules.clone();
        let mut story = Story::told();
        let username = rules
            .with_username(self.attribute, self.transform)
            .map_err(|error| format!("The attribute {error}."))
            .and_then(|rules| {
                user::username(vouched, &rules, &mut story)
                    .map_err(|refusal| refusal.reason.sentence().to_owned())
            });
        let base = self.attribute.split('[').next().unwrap_or_default();
        let stability = Stability::of_claim(base);
        let tone = match (&username, stability) {
            (Err(_), _) | (Ok(_), Some(Stability::Unprotected)) => Tone::Bad,
            (Ok(_), Some(Stability::Reassignable)) => Tone::Warn,
            (Ok(_), _) => Tone::Good,
        };
        let steps = story.end().steps.into_iter().map(|step| step.detail);
        let steps: Vec<_> = steps.collect();
        let says_more = username.is_err() || steps.len() > 1;
        let Provider {
            username_attribute,
            username_transform,
            ..
        } = judge.settings;
        Outcome {
            value: self.value(judge.settings, vouched.attributes),
            username,
            steps: if says_more { steps } else { Vec::new() },
            tone,
            safety: stability.map_or("", Stability::explanation),
            is_current: username_attribute == self.attribute
                && *username_transform == self.transform,
        }
    }

    fn value(&self, provider: &Provider, attributes: &Claims) -> Option<String> {
        let spellings = [
            Some(self.attribute),
            provider.preset.other_spelling(self.attribute),
        ];
        let mut paths = spellings
            .into_iter()
            .flatten()
            .filter_map(|spelling| AttributePath::parse(spelling).ok());
        let value = paths.find_map(|path| path.find(attributes).cloned())?;
        Some(
            value
                .as_str()
                .map_or_else(|| value.to_string(), ToOwned::to_owned),
        )
    }
}

fn transforms(chosen: UsernameTransform) -> Control {
    let choice = |&transform: &UsernameTransform| Choice {
        value: transform.as_str().to_owned(),
        label: transform_label(transform).to_owned(),
        is_selected: transform == chosen,
    };
    Control::Select {
        choices: UsernameTransform::ALL.iter().map(choice).collect(),
    }
}
