//! What stands in a form, as text: typed by the administrator, or taken from the document.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{Kind, Spec};

/// Names of a form's controls with what stands in them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed(BTreeMap<String, String>);

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

    /// Whether a checkbox is ticked.
    pub fn is_on(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Writes what was typed into a part of a document.
    pub fn write_to<'a>(&self, specs: impl IntoIterator<Item = &'a Spec>, part: &mut Value) {
        for spec in specs {
            spec.put(part, spec.kind.value_of(self, &spec.name));
        }
    }

    /// Everything typed but secrets and the named controls, to be sent once more.
    pub fn without_secrets(&self, specs: &[Spec], others: &[&str]) -> Vec<(String, String)> {
        let is_secret = |name: &str| {
            specs
                .iter()
                .any(|spec| matches!(spec.kind, Kind::Secret) && spec.name == name)
        };
        self.0
            .iter()
            .filter(|(name, _)| !is_secret(name) && !others.contains(&name.as_str()))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }
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
