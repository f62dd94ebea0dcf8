//! Faults of a settings document, brought back to the fields of the form that it came from.

use std::collections::BTreeMap;

use crate::console::field::{Field, Summary};
use crate::settings::Fault;

/// The faults of one form: by the name of the field, and the rest.
#[derive(Debug, Default)]
pub struct FieldFaults {
    by_name: BTreeMap<String, String>,
    others: Vec<String>,
}

impl FieldFaults {
    /// Sorts faults for the form that edits the part of the document at the pointer `part`.
    pub fn new(faults: &[Fault], part: &str) -> Self {
        let mut sorted = Self::default();
        for fault in faults {
            match fault
                .pointer
                .strip_prefix(part)
                .filter(|rest| rest.starts_with('/'))
            {
                Some(rest) => sorted.add_to_field(rest, &fault.detail),
                None => sorted.others.push(fault.to_string()),
            }
        }
        sorted
    }

    /// A message of the console's own, for one field.
    pub fn add(&mut self, name: &str, message: &str) {
        let texts = self.by_name.entry(name.to_owned()).or_default();
        if !texts.is_empty() {
            texts.push_str(". ");
        }
        texts.push_str(message);
    }

    /// Puts each message beside its field; what no field takes stands at the head of the form.
    pub fn apply<'a>(mut self, fields: impl IntoIterator<Item = &'a mut Field>) -> Summary {
        let mut summary = Summary::default();
        let mut faulty = Vec::new();
        for field in fields {
            if let Some(message) = self.by_name.remove(&field.name) {
                field.error = message;
                faulty.push(field);
            }
        }
        summary.collect(faulty);
        let homeless = self
            .by_name
            .into_iter()
            .map(|(name, text)| format!("{name}: {text}"));
        summary.general = self.others.into_iter().chain(homeless).collect();
        summary
    }

    fn add_to_field(&mut self, rest: &str, detail: &str) {
        let mut segments = rest[1..].split('/');
        let first = unescape(segments.next().unwrap_or_default());
        let name = match (first.as_str(), segments.next()) {
            ("parameters", Some(key)) => format!("parameters.{}", unescape(key)),
            (_, Some(item)) => {
                let place = item.parse::<usize>().map_or_else(
                    |_| format!("\"{}\"", unescape(item)),
                    |index| format!("Line {}", index + 1),
                );
                return self.add(&first, &format!("{place}: {detail}"));
            }
            _ => first,
        };
        self.add(&name, &capitalised(detail));
    }
}

/// Undoes the escapes of a JSON pointer (RFC 6901, section 4).
fn unescape(segment: &str) -> String {
    segment.replace("~1", "/").replace("~0", "~")
}

/// With a capital: beside its field the message is a sentence.
fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(characters).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(pointer: &str, detail: &str) -> Fault {
        Fault {
            pointer: pointer.to_owned(),
            detail: detail.to_owned(),
        }
    }

    fn fields(names: &[&str]) -> Vec<Field> {
        names
            .iter()
            .map(|name| Field::text(name, "Label", "", "off"))
            .collect()
    }

    #[test]
    fn a_fault_finds_its_field_by_the_pointer() {
        let faults = [
            fault("/providers/1/username_attribute", "is missing"),
            fault("/providers/1/issuers/0", "must be a URL"),
            fault("/providers/1/parameters/tenant", "must be a name"),
            fault(
                "/providers/1/service_accounts/my~1app",
                "must be a username",
            ),
        ];
        let names = [
            "username_attribute",
            "issuers",
            "parameters.tenant",
            "service_accounts",
        ];
        let mut fields = fields(&names);
        let summary = FieldFaults::new(&faults, "/providers/1").apply(&mut fields);
        let errors: Vec<_> = fields.iter().map(|field| field.error.as_str()).collect();
        let expected = [
            "Is missing",
            "Line 1: must be a URL",
            "Must be a name",
            "\"my/app\": must be a username",
        ];
        assert_eq!(errors, expected);
        assert_eq!(summary.links.len(), 4);
        assert!(summary.general.is_empty());
        let focused = fields
            .iter()
            .map(|field| field.autofocus)
            .collect::<Vec<_>>();
        assert_eq!(focused, [true, false, false, false]);
    }

    #[test]
    fn a_fault_without_a_field_here_is_told_at_the_head() {
        let faults = [
            fault("/providers/10/issuers", "same issuer"),
            fault("/providers/1/unknown", "is unknown"),
            fault("", "is no document"),
        ];
        let summary = FieldFaults::new(&faults, "/providers/1").apply(&mut fields(&["issuers"]));
        assert!(summary.links.is_empty());
        assert_eq!(summary.general.len(), 3, "{:?}", summary.general);
        assert_eq!(
            summary.title(),
            "Nothing was saved: 3 entries need a correction"
        );
    }

    #[test]
    fn two_faults_of_one_field_both_stand_there() {
        let faults = [fault("/global/a/0", "one"), fault("/global/a/1", "two")];
        let mut fields = fields(&["a"]);
        FieldFaults::new(&faults, "/global").apply(&mut fields);
        assert_eq!(fields[0].error, "Line 1: one. Line 2: two");
    }
}
