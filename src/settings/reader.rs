//! Walks a JSON object member by member and notes every fault instead of stopping at the first.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use super::fault::Faults;

/// One JSON object of the document, with the pointer that leads to it.
pub(super) struct Reader<'a> {
    members: &'a Map<String, Value>,
    pointer: String,
    faults: &'a Faults,
    known: RefCell<BTreeSet<&'static str>>,
}

impl<'a> Reader<'a> {
    /// `None`, with a fault, when `value` is no object.
    pub(super) fn new(value: &'a Value, pointer: &str, faults: &'a Faults) -> Option<Self> {
        let Some(members) = value.as_object() else {
            faults.add(pointer, format!("must be an object, not {}", kind(value)));
            return None;
        };
        let (pointer, known) = (pointer.to_owned(), RefCell::default());
        Some(Self {
            members,
            pointer,
            faults,
            known,
        })
    }

    pub(super) fn pointer_to(&self, name: &str) -> String {
        format!("{}/{}", self.pointer, escape(name))
    }

    pub(super) fn fault(&self, name: &str, detail: impl Into<String>) {
        self.faults.add(self.pointer_to(name), detail);
    }

    /// The member's value; a member that is asked for is a known one.
    pub(super) fn get(&self, name: &'static str) -> Option<&'a Value> {
        self.known.borrow_mut().insert(name);
        self.members.get(name)
    }

    pub(super) fn required(&self, name: &'static str, example: &str) -> Option<&'a Value> {
        let value = self.get(name);
        if value.is_none() {
            self.fault(name, format!("is missing; for example {example}"));
        }
        value
    }

    fn wrong(&self, name: &str, expected: &str, value: &Value) {
        self.fault(name, format!("must be {expected}, not {}", kind(value)));
    }

    pub(super) fn required_bool(&self, name: &'static str) -> bool {
        self.required(name, "true or false")
            .is_some_and(|value| self.as_bool(name, value, false))
    }

    pub(super) fn bool_or(&self, name: &'static str, default: bool) -> bool {
        self.get(name)
            .map_or(default, |value| self.as_bool(name, value, default))
    }

    fn as_bool(&self, name: &str, value: &Value, default: bool) -> bool {
        value.as_bool().unwrap_or_else(|| {
            self.wrong(name, "true or false", value);
            default
        })
    }

    pub(super) fn integer_or(
        &self,
        name: &'static str,
        default: u32,
        range: RangeInclusive<u32>,
    ) -> u32 {
        let Some(value) = self.get(name) else {
            return default;
        };
        let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
        number
            .filter(|number| range.contains(number))
            .unwrap_or_else(|| {
                let (low, high) = range.into_inner();
                self.fault(name, format!("must be a whole number from {low} to {high}"));
                default
            })
    }

    /// A string; absent is the default.
    pub(super) fn string_or(&self, name: &'static str, default: &str) -> String {
        self.get(name)
            .and_then(|value| self.as_string(name, value))
            .unwrap_or_else(|| default.to_owned())
    }

    /// A string or `null`; absent is `None`.
    pub(super) fn optional_string(&self, name: &'static str) -> Option<String> {
        let value = self.get(name).filter(|value| !value.is_null())?;
        self.as_string(name, value)
    }

    fn as_string(&self, name: &str, value: &Value) -> Option<String> {
        let Some(text) = value.as_str() else {
            self.wrong(name, "a string", value);
            return None;
        };
        if text.chars().any(char::is_control) {
            self.fault(name, "must not hold control characters");
            return None;
        }
        Some(text.to_owned())
    }

    /// A string that is one of an enum's spellings.
    pub(super) fn choice_or<T>(
        &self,
        name: &'static str,
        default: T,
        parse: impl Fn(&str) -> Option<T>,
        choices: &str,
    ) -> T {
        let Some(text) = self.get(name).and_then(|value| self.as_string(name, value)) else {
            return default;
        };
        parse(&text).unwrap_or_else(|| {
            self.fault(name, format!("is \"{text}\"; must be one of {choices}"));
            default
        })
    }

    /// A list of items, each made from a string; a fault of an item points to it.
    pub(super) fn list_or<T>(
        &self,
        name: &'static str,
        default: impl FnOnce() -> Vec<T>,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Vec<T> {
        let Some(value) = self.get(name) else {
            return default();
        };
        let Some(items) = value.as_array() else {
            self.wrong(name, "a list of strings", value);
            return default();
        };
        let mut list = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let path = format!("{}/{index}", self.pointer_to(name));
            match item.as_str() {
                None => self
                    .faults
                    .add(path, format!("must be a string, not {}", kind(item))),
                Some(text) if text.chars().any(char::is_control) => {
                    self.faults.add(path, "must not hold control characters");
                }
                Some(text) => match parse(text) {
                    Ok(item) => list.push(item),
                    Err(detail) => self.faults.add(path, detail),
                },
            }
        }
        list
    }

    /// A list of objects, each with its place; what can't be read is left out, with its faults.
    pub(super) fn objects_or_empty<T>(
        &self,
        name: &'static str,
        read: impl Fn(Self) -> Option<T>,
    ) -> Vec<(usize, T)> {
        let Some(value) = self.get(name) else {
            return Vec::new();
        };
        let Some(items) = value.as_array() else {
            self.wrong(name, "a list of objects", value);
            return Vec::new();
        };
        let read = |(index, item)| {
            let pointer = format!("{}/{index}", self.pointer_to(name));
            Some((index, read(Reader::new(item, &pointer, self.faults)?)?))
        };
        items.iter().enumerate().filter_map(read).collect()
    }

    /// The reader of a member that is an object and must be there.
    pub(super) fn required_object(&self, name: &'static str, example: &str) -> Option<Self> {
        let value = self.required(name, example)?;
        Reader::new(value, &self.pointer_to(name), self.faults)
    }

    /// Whether a member is there; it is a known one then.
    pub(super) fn has(&self, name: &'static str) -> bool {
        self.get(name).is_some()
    }

    /// An object of strings.
    pub(super) fn map_or_empty(
        &self,
        name: &'static str,
        check: impl Fn(&str, &str) -> Result<(), String>,
    ) -> BTreeMap<String, String> {
        let Some(value) = self.get(name) else {
            return BTreeMap::new();
        };
        let Some(members) = value.as_object() else {
            self.wrong(name, "an object of strings", value);
            return BTreeMap::new();
        };
        let mut map = BTreeMap::new();
        for (key, value) in members {
            let path = format!("{}/{}", self.pointer_to(name), escape(key));
            match value.as_str() {
                None => self
                    .faults
                    .add(path, format!("must be a string, not {}", kind(value))),
                Some(text) => match check(key, text) {
                    Ok(()) => drop(map.insert(key.clone(), text.to_owned())),
                    Err(detail) => self.faults.add(path, detail),
                },
            }
        }
        map
    }

    /// Members that nobody asked for are faults.
    pub(super) fn finish(self) {
        let known = self.known.borrow();
        for name in self
            .members
            .keys()
            .filter(|name| !known.contains(name.as_str()))
        {
            let names = known.iter().copied().collect::<Vec<_>>().join(", ");
            self.fault(name, format!("is no known key; the keys here are {names}"));
        }
    }
}

/// Escapes a member's name for a JSON pointer (RFC 6901, section 3).
pub(super) fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
