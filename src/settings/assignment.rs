//! One value of the settings document, named by a dotted path: `global.allow_oauth1=false`.

use std::fmt;
use std::str::FromStr;

use serde_json::Value;

use super::Fault;
use super::reader::escape;

/// Puts a value in a place of a settings document.
#[derive(Clone)]
pub struct Assignment {
    path: Vec<String>,
    value: Value,
}

impl FromStr for Assignment {
    type Err = &'static str;

    /// Reads `KEY=VALUE`: a value that is no JSON is a text.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const CURE: &str =
            "give KEY=VALUE, where KEY is a dotted path as in global.allow_oauth1=false";
        let (key, value) = text.split_once('=').ok_or(CURE)?;
        let path: Vec<_> = key.split('.').map(str::to_owned).collect();
        if path.iter().any(String::is_empty) {
            return Err(CURE);
        }
        let value =
            crate::json::parse(value.as_bytes()).unwrap_or_else(|_| Value::String(value.into()));
        Ok(Self { path, value })
    }
}

impl fmt::Debug for Assignment {
    /// Without the value, which may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Assignment")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl Assignment {
    /// Changes an exported document. A step into a list is an item's `id`, or else its index, which begins with 0.
    /// Whether the member at the end of the path is known, and may have this value, is left to the document's reader.
    ///
    /// # Errors
    /// The place on the path that the document does not have.
    pub fn apply(&self, document: &mut Value) -> Result<(), Fault> {
        let mut at = document;
        let mut pointer = String::new();
        for (depth, step) in self.path.iter().enumerate() {
            let is_last = depth + 1 == self.path.len();
            let (next, name) = enter(at, step, is_last).map_err(|detail| Fault {
                pointer: format!("{pointer}/{}", escape(step)),
                detail: detail.to_owned(),
            })?;
            pointer = format!("{pointer}/{name}");
            at = next;
        }
        *at = self.value.clone();
        Ok(())
    }
}

/// The member or item that a step leads to, and its name in a JSON pointer. The last step may make a member.
fn enter<'a>(
    at: &'a mut Value,
    step: &str,
    is_last: bool,
) -> Result<(&'a mut Value, String), &'static str> {
    match at {
        Value::Object(members) => {
            if is_last && !members.contains_key(step) {
                members.insert(step.to_owned(), Value::Null);
            }
            let member = members.get_mut(step).ok_or("there is no such key")?;
            Ok((member, escape(step)))
        }
        Value::Array(items) => {
            let by_id = items.iter().position(|item| item["id"] == step);
            let index = by_id.or_else(|| step.parse().ok());
            index
                .and_then(|index| Some((items.get_mut(index)?, index.to_string())))
                .ok_or("there is no item with this id or index; set the whole list instead")
        }
        _ => Err("leads into a value that has no keys"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn changed(assignment: &str) -> Result<Value, String> {
        let mut document = json!({
            "global": { "on": true },
            "providers": [{ "id": "a", "list": ["x", "y"] }, { "id": "0" }],
        });
        let assignment: Assignment = assignment.parse().expect("it is one");
        match assignment.apply(&mut document) {
            Ok(()) => Ok(document),
            Err(fault) => Err(fault.to_string()),
        }
    }

    #[test]
    fn a_path_leads_through_keys_ids_and_indices() {
        for (assignment, pointer, value) in [
            ("global.on=false", "/global/on", json!(false)),
            ("global.new=a=b", "/global/new", json!("a=b")),
            ("global.new=", "/global/new", json!("")),
            ("global.new=\"7\"", "/global/new", json!("7")),
            ("global={}", "/global", json!({})),
            ("providers.a.list.1=z", "/providers/0/list/1", json!("z")),
            ("providers.a.list=[1]", "/providers/0/list", json!([1])),
            // An id wins over an index.
            ("providers.0.x=7", "/providers/1/x", json!(7)),
            ("providers.1.x=null", "/providers/1/x", Value::Null),
            // Two equal members are no JSON that is read in one way only.
            (
                r#"global.x={"a":1,"a":2}"#,
                "/global/x",
                json!(r#"{"a":1,"a":2}"#),
            ),
        ] {
            let document = changed(assignment).expect(assignment);
            assert_eq!(document.pointer(pointer), Some(&value), "{assignment}");
        }
    }

    #[test]
    fn a_place_that_is_not_there_is_named() {
        for (assignment, start) in [
            ("nothing.x=1", "/nothing: "),
            ("global.on.x=1", "/global/on/x: "),
            ("providers.b.enabled=true", "/providers/b: "),
            ("providers.a.list.2=z", "/providers/0/list/2: "),
            ("providers.-1=z", "/providers/-1: "),
        ] {
            let fault = changed(assignment).expect_err(assignment);
            assert!(fault.starts_with(start), "{fault}");
        }
    }

    #[test]
    fn what_is_no_assignment_is_refused_and_no_value_is_shown() {
        for wrong in ["", "global.on", "=1", "a..b=1", ".a=1", "a.=1"] {
            assert!(wrong.parse::<Assignment>().is_err(), "{wrong}");
        }
        let assignment: Assignment = "a.b=hush".parse().expect("it is one");
        assert!(!format!("{assignment:?}").contains("hush"));
    }
}
