//! What stands in a form, as text: typed by the administrator, or taken from the document.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};

use super::{Kind, Spec};
use crate::console::error::Error;

/// Names of a form's controls with what stands in them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Typed(BTreeMap<String, String>);

/// Names alone: a value may be a secret.
impl fmt::Debug for Typed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.0.keys()).finish()
    }
}

impl Typed {
    /// From a posted form. Of several values of one name the last counts.
    pub fn posted(pairs: Vec<(String, String)>) -> Self {
        Self(
            pairs
                .into_iter()
                .map(|(name, value)| (name, unify_lines(&value)))
                .collect(),
        )
    }

    /// What the fields show for this part of a document.
    pub fn from_document<'a>(specs: impl IntoIterator<Item = &'a Spec>, part: &Value) -> Self {
        let texts = specs.into_iter().filter_map(|spec| {
            let value = part.pointer(&spec.pointer()).unwrap_or(&Value::Null);
            Some((spec.name.clone(), spec.kind.text_of(value)?))
        });
        Self(texts.collect())
    }

    /// What stands in a control; nothing is the empty text.
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// What stands in a control, without surrounding blanks.
    pub fn trimmed(&self, name: &str) -> &str {
        self.get(name).trim()
    }

    /// The revision that the form was opened on; `None` where the form doesn't say.
    ///
    /// # Errors
    /// When it says something else.
    pub fn revision(&self) -> Result<Option<i64>, Error> {
        match self.trimmed("revision") {
            "" => Ok(None),
            text => text
                .parse()
                .map(Some)
                .map_err(|_| Error::BadRequest("no revision")),
        }
    }

    /// Whether a checkbox is ticked.
    pub fn is_on(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Writes what was typed into a part of a document. A control that the form didn't send leaves
    /// the part as it is, but for checkboxes: those are sent only when they are ticked.
    pub fn write_to<'a>(&self, specs: impl IntoIterator<Item = &'a Spec>, part: &mut Value) {
        for spec in specs {
            if self.is_on(&spec.name) || spec.kind.is_sent_by_absence() {
                spec.put(part, spec.kind.value_of(self, &spec.name));
            }
        }
    }

    /// Everything typed but secrets and the named controls, to be sent once more.
    pub fn without_secrets(&self, specs: &[Spec], others: &[&str]) -> Vec<(String, String)> {
        let secrets: Vec<_> = secret_names(specs).collect();
        let kept = |name: &str| !secrets.contains(&name) && !others.contains(&name);
        let kept = self.0.iter().filter(|(name, _)| kept(name));
        kept.map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }

    /// Whether a secret was typed, which is never shown again.
    pub fn holds_a_secret(&self, specs: &[Spec]) -> bool {
        secret_names(specs).any(|name| !self.get(name).is_empty())
    }
}

fn secret_names(specs: &[Spec]) -> impl Iterator<Item = &str> {
    let secrets = specs
        .iter()
        .filter(|spec| matches!(spec.kind, Kind::Secret));
    secrets.map(|spec| spec.name.as_str())
}

/// Browsers send CRLF.
fn unify_lines(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// The lines that say something, without surrounding blanks.
pub(super) fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

/// `name = value` lines as an object; a line without `=` keeps an empty value, which is a fault.
pub(super) fn pairs(text: &str) -> Map<String, Value> {
    lines(text)
        .map(|line| line.split_once('=').unwrap_or((line, "")))
        .map(|(name, value)| (name.trim().to_owned(), Value::from(value.trim())))
        .collect()
}
