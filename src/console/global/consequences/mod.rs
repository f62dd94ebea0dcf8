//! What happens to each kind of request, in words, by the switches as they stand.
//!
//! The rules are written once, here: the page holds every outcome with its conditions, and the
//! script of the side panel evaluates the same conditions as the switches are moved.

mod rules;
#[cfg(test)]
mod tests;

use time::OffsetDateTime;

use self::rules::{RULES, Rule};
use crate::console::page::Tone;
use crate::settings::Settings;

/// A kind of request with everything that can happen to it.
#[derive(Clone, Debug)]
pub struct Consequence {
    /// The kind of request.
    pub request: &'static str,
    /// The first one that holds is shown.
    pub outcomes: Vec<Outcome>,
}

/// What happens under some conditions.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What must hold, `!` for "not", separated by blanks: a switch or a fact by its name, a choice as `name=value`.
    pub when: &'static str,
    /// One sentence.
    pub text: String,
    /// Amber for what weakens the gate, red for what locks people out.
    pub tone: Tone,
    /// Whether this is the one that holds now.
    pub holds: bool,
}

/// What is no control of the form.
#[derive(Clone, Copy, Debug, Default)]
pub struct Facts {
    /// An enabled provider exists.
    pub has_provider: bool,
    /// How many exceptions let Basic through while it is disabled.
    pub exceptions: usize,
}

const HAS_PROVIDER: &str = "has_provider";
const HAS_EXCEPTIONS: &str = "has_exceptions";
/// Stands for how many exceptions there are.
const EXCEPTIONS: &str = "{exceptions}";

impl Facts {
    /// As they are now.
    pub fn of(settings: &Settings) -> Self {
        let now = OffsetDateTime::now_utc().unix_timestamp();
        let exceptions = settings.global.basic_exceptions.iter();
        Self {
            has_provider: settings.providers.iter().any(|provider| provider.enabled),
            exceptions: exceptions.filter(|one| now < one.ends_at()).count(),
        }
    }

    /// The names of those that hold.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let provider = self.has_provider.then_some(HAS_PROVIDER);
        let exceptions = (self.exceptions > 0).then_some(HAS_EXCEPTIONS);
        provider.into_iter().chain(exceptions)
    }

    /// How many exceptions there are, in words.
    pub fn exceptions_in_words(self) -> String {
        match self.exceptions {
            1 => "1 exception".to_owned(),
            count => format!("{count} exceptions"),
        }
    }
}

/// Every kind of request, with the outcome that holds for these settings of the gate.
///
/// `is_on` tells whether a control stands so; the facts hold beside them.
pub fn consequences(facts: Facts, is_on: impl Fn(&str) -> bool) -> Vec<Consequence> {
    let is_true = |name: &str| is_on(name) || facts.names().any(|fact| fact == name);
    let holds = |when: &str| {
        when.split_whitespace()
            .all(|condition| match condition.strip_prefix('!') {
                Some(name) => !is_true(name),
                None => is_true(condition),
            })
    };
    let consequence = |(request, rules): &(&'static str, &[Rule])| {
        let first = rules.iter().position(|(when, ..)| holds(when));
        let outcomes = rules
            .iter()
            .enumerate()
            .map(|(index, &(when, tone, text))| Outcome {
                when,
                text: text.replace(EXCEPTIONS, &facts.exceptions_in_words()),
                tone,
                holds: Some(index) == first,
            });
        Consequence {
            request,
            outcomes: outcomes.collect(),
        }
    };
    RULES.iter().map(consequence).collect()
}
